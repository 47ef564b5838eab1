//! DNS messages as any server may send them.
//!
//! Beside "no panic": typed and raw records stand entry by entry, and canonical data is canonical.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vedetta_probes::dns::client::wire::{MESSAGE_BYTES_MAX, parse};

fuzz_target!(|bytes: &[u8]| {
    let Ok(parsed) = parse(bytes) else { return };
    assert!(bytes.len() <= MESSAGE_BYTES_MAX);
    let (typed, raw) = (&parsed.message, &parsed.raw);
    let sections = [
        (&typed.answers, &raw.answers),
        (&typed.authorities, &raw.authorities),
        (&typed.additionals, &raw.additionals),
    ];
    for (typed, raw) in sections {
        assert_eq!(typed.len(), raw.len());
        for (typed, raw) in typed.iter().zip(raw) {
            assert_eq!(typed.name, raw.name);
            assert_eq!(typed.record_type(), raw.kind);
            let canonical = raw.canonical();
            let mut again = raw.clone();
            again.rdata.clone_from(&canonical);
            assert_eq!(again.canonical(), canonical);
        }
    }
});
