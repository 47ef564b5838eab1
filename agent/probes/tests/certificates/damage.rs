//! Whatever bytes a server sends: they are read without a panic, and quickly.

use std::time::{Duration, Instant};

use rcgen::SerialNumber;
use rustls_pki_types::CertificateDer;
use vedetta_probes::tls::certificate::Problem;

use crate::authority::{Authority, der, issued, leaf, now};
use crate::case::Case;

/// Bytes between two places that are damaged: every place would take minutes without optimisation.
const STRIDE: usize = 5;
/// Longest time for one chain without optimisation: some 140 roots and 200 signatures.
const EXAMINATION_SECONDS_MAX: u64 = 10;

#[test]
fn damaged_and_cut_certificates_are_examined_without_a_panic() {
    let authority = Authority::new();
    let chain = authority.chain(|_| {});
    for (number, whole) in chain.iter().enumerate() {
        for place in (0..whole.len()).step_by(STRIDE) {
            for damaged in [whole[..place].to_vec(), flipped(whole, place, 0x01), flipped(whole, place, 0xff)] {
                let mut sent = chain.clone();
                sent[number] = damaged.into();
                let facts = authority.sends("damaged", sent).examined();
                assert_eq!(facts.chain.len(), chain.len());
                assert!(facts.problems.known().is_some_and(|words| !words.is_empty()), "{number} at {place}");
            }
        }
    }
}

#[test]
fn damaged_staples_are_examined_without_a_panic() {
    let authority = Authority::new();
    // OCSPResponse { successful, id-pkix-ocsp-basic, BasicOCSPResponse with empty parts }
    let response = b"\x30\x1f\x0a\x01\x00\xa0\x1a\x30\x18\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x01\x04\x0b\x30\x09\x30\x02\x05\x00\x30\x00\x03\x01\x00";
    for place in 0..response.len() {
        for damaged in [response[..place].to_vec(), flipped(response, place, 0x01), flipped(response, place, 0x80)] {
            let facts = authority.case("damaged", |_| {}).stapled(damaged).examined();
            assert!(facts.revocation.known().is_some_and(|word| word == "unknown"), "at {place}");
        }
    }
}

#[test]
fn a_hostile_chain_of_one_name_ends() {
    let root = Authority::new().root;
    let mut chain: Vec<CertificateDer<'static>> = Vec::new();
    let first = issued("Authority", &root, |_| {});
    let mut last = issued("Authority", &first, |_| {});
    for serial in 1..31_u64 {
        let next = issued("Authority", &last, |params| params.serial_number = Some(SerialNumber::from(serial)));
        chain.push(der(&next));
        last = next;
    }
    chain.insert(0, leaf(&last, |_| {}));
    let begun = Instant::now();
    let facts = Case::new("one name", chain, Authority::new().root.der(), now()).examined();
    assert!(begun.elapsed() < Duration::from_secs(EXAMINATION_SECONDS_MAX), "{:?}", begun.elapsed());
    assert_eq!(facts.trusted.known(), Some(&false));
}

#[test]
fn every_problem_has_a_word_of_its_own() {
    for (place, problem) in Problem::ALL.iter().enumerate() {
        let word = problem.word();
        assert!(word.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_'));
        assert!(Problem::ALL[..place].iter().all(|earlier| earlier.word() != word), "{word} stands twice");
    }
}

fn flipped(whole: &[u8], place: usize, bits: u8) -> Vec<u8> {
    let mut damaged = whole.to_vec();
    damaged[place] ^= bits;
    damaged
}
