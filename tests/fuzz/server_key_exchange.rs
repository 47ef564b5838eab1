//! ServerKeyExchange of every kind of suite, and the messages around it. The first two bytes choose suite and version.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vedetta_probes::tls::wire::{
    Parameters, SuiteId, Version, certificate_request, known_prime, new_session_ticket, server_key_exchange,
};

fuzz_target!(|bytes: &[u8]| {
    let [suite, version, body @ ..] = bytes else { return };
    let version = Version::ALL[usize::from(*version) % Version::ALL.len()];
    // Ids that stand for each kind of key exchange: RSA, export, DHE, anonymous, ECDHE, PSK and its kin, SRP.
    const SUITES: [u16; 12] =
        [0x0003, 0x0008, 0x0033, 0x0034, 0xC013, 0xC02B, 0x008C, 0x0090, 0x0094, 0xC035, 0xC01D, 0xC01E];
    let suite = SuiteId(SUITES[usize::from(*suite) % SUITES.len()]);
    if let Some(attributes) = suite.attributes() {
        if let Ok(exchange) = server_key_exchange(body, attributes, version) {
            assert!(exchange.bits().is_none_or(|bits| bits <= body.len() * 8));
            if let Parameters::FiniteField { prime, .. } = &exchange.parameters {
                let _unknown = known_prime(prime).is_none();
            }
        }
    }
    let _refused = certificate_request(body, version).is_err();
    let _refused = new_session_ticket(body).is_err();
});
