//! What a server answers first: records, messages, ServerHello, alerts, and SSL 2.0.
//!
//! Beside "no panic": bytes that come one at a time are read as the same bytes that come at once.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vedetta_probes::tls::wire::{
    Alert, Decoder, Event, HandshakeType, Stranger, Version, server_hello, ssl2_server_hello,
};

fuzz_target!(|bytes: &[u8]| {
    let at_once = events(bytes, bytes.len().max(1));
    assert_eq!(at_once, events(bytes, 1), "in single bytes");
    for event in &at_once {
        match event {
            Event::Handshake { kind: HandshakeType::SERVER_HELLO, body } => look(body),
            Event::Ssl2(message) => drop(ssl2_server_hello(message)),
            Event::Handshake { .. } | Event::Alert(_) | Event::ChangeCipherSpec | Event::Record { .. } => {}
        }
    }
    // The same bytes as a bare message, so that the fuzzer need not frame them.
    look(bytes);
    let _refused = ssl2_server_hello(bytes).is_err();
    let _refused = Alert::parse(bytes).is_err();
    assert!(!Stranger::of(bytes).to_string().is_empty());
});

/// Everything that comes out before the bytes end or break the rules.
fn events(bytes: &[u8], piece: usize) -> Vec<Event> {
    let mut decoder = Decoder::default();
    let mut events = Vec::new();
    for piece in bytes.chunks(piece) {
        if decoder.push(piece).is_err() {
            break;
        }
        loop {
            match decoder.next_event() {
                Ok(Some(event)) => events.push(event),
                Ok(None) => break,
                Err(_) => return events,
            }
        }
    }
    events
}

fn look(body: &[u8]) {
    let Ok(hello) = server_hello(body) else { return };
    let known = hello.version().map(Version::number);
    assert!(known.is_none_or(|number| number == hello.version_number()));
    let _none = (hello.is_retry(), hello.group(), hello.application_protocol());
}
