//! DMARC records.
//!
//! Beside "no panic": only what begins with the version is a record, and a part of all messages is less than all.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vedetta_probes::mail::dmarc::parse;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let Some(record) = parse(&text) else { return };
    assert!(text.starts_with(['v', 'V']) && text.contains("DMARC1"));
    assert!(record.percent.is_none_or(|percent| percent < 100));
    assert_eq!(parse(&text).as_ref(), Some(&record));
});
