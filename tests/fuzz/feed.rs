//! The bundle of known vulnerabilities, and the files that it is built from.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| vedetta_checks::feed::fuzz(bytes));
