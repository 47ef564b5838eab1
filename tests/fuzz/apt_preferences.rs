//! Preferences of apt, and the choice that they lead to.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| vedetta_probes::packages::fuzz::preferences(bytes));
