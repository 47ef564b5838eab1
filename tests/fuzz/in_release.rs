//! Release files with their dates and labels.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| vedetta_probes::packages::fuzz::release(bytes));
