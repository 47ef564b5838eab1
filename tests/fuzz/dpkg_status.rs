//! Installed packages as dpkg keeps them: `/var/lib/dpkg/status`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| vedetta_probes::packages::fuzz::status(bytes));
