//! Policies of MTA-STS, as a web server may send them.
//!
//! Beside "no panic": limits hold, and a policy lists the names that it spells out.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vedetta_probes::mail::mta_sts::{MAX_AGE_MAX, PATTERNS_MAX, parse};

fuzz_target!(|bytes: &[u8]| {
    let policy = parse(bytes);
    assert!(policy.mx.len() <= PATTERNS_MAX);
    if !policy.faults.is_empty() {
        return;
    }
    assert!(policy.mode.is_some() && policy.max_age.is_some_and(|age| age <= MAX_AGE_MAX));
    for pattern in &policy.mx {
        match pattern.strip_prefix("*.") {
            Some(parent) => assert!(policy.lists(&format!("mail.{parent}"))),
            None => assert!(policy.lists(pattern)),
        }
    }
});
