//! The head of an HTTP response.
//!
//! Beside "no panic": the end of a head is found wherever the look for it begins, and what a head says keeps its limits.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vedetta_probes::http::head::{FIELDS_MAX, end, may_be_head, parse};

fuzz_target!(|bytes: &[u8]| {
    let found = end(bytes, 0);
    if let Some(end_of_head) = found {
        assert!(end_of_head <= bytes.len());
        assert_eq!(end(bytes, end_of_head - 1), found, "looked for from its last byte");
    }
    let Ok(head) = parse(&bytes[..found.unwrap_or(bytes.len())]) else { return };
    assert!((100..=999).contains(&head.status));
    assert!(head.fields.len() <= FIELDS_MAX);
    assert!(head.problems.is_sorted());
    for (name, value) in &head.fields {
        assert_eq!(*name, name.to_ascii_lowercase());
        assert!(head.all(name).any(|other| other == value));
        assert!(head.first(name).is_some());
        assert!(head.members(name).all(|member| !member.is_empty()));
    }
    let _taken_for_one = may_be_head(bytes);
});
