//! Key records of DKIM.
//!
//! Beside "no panic": a key that is fine has no fault and a size, and whatever is not fine says why.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vedetta_probes::mail::dkim::{Verdict, parse};

fuzz_target!(|bytes: &[u8]| {
    let key = parse(&String::from_utf8_lossy(bytes));
    assert!(key.bits.is_none_or(|bits| bits > 0));
    match key.verdict {
        Verdict::Ok => assert!(key.bits.is_some()),
        Verdict::Weak | Verdict::Testing | Verdict::Invalid | Verdict::Revoked => assert!(!key.problems.is_empty()),
    }
});
