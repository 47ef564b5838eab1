//! What services answer to one harmless question.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| vedetta_probes::services::ask::fuzz(bytes));
