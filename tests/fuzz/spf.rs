//! SPF records.
//!
//! Beside "no panic": a record that holds goes on holding with one more modifier that nobody knows (RFC 7208 section 6).
#![no_main]

use libfuzzer_sys::fuzz_target;
use vedetta_probes::mail::spf::{SyntaxError, parse};

/// Longer records may have as many terms as are read, and one more would be too many.
const BYTES_MAX: usize = 1_000;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    match parse(&text) {
        Ok(_) => {
            assert!(text.get(..6).is_some_and(|version| version.eq_ignore_ascii_case("v=spf1")));
            if text.len() < BYTES_MAX {
                assert!(parse(&format!("{text} unheard-of=1")).is_ok());
            }
        }
        Err(SyntaxError::Term { term, problem }) => assert!(text.contains(&term) && !problem.is_empty()),
        Err(SyntaxError::Version) => {}
    }
});
