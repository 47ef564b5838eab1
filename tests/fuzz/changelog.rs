//! Changelogs of installed packages, packed.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| vedetta_probes::packages::fuzz_changelog(bytes));
