//! Lists of packages on offer, as apt keeps them.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| vedetta_probes::packages::fuzz::list(bytes));
