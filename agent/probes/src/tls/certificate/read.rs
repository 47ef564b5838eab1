//! Certificates as facts. Reading only: whatever a certificate says of itself, true or not.

use jiff::Timestamp;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::key::{Key, key};
use super::names::{PresentedName, presented};
use crate::tls::facts::CertificateFacts;

/// Object identifiers of signature algorithms and their words (RFC 3279, 4055, 5758, 8410).
const SIGNATURE_WORDS: &[(&str, &str)] = &[
    ("1.2.840.113549.1.1.2", "md2_rsa"),
    ("1.2.840.113549.1.1.4", "md5_rsa"),
    ("1.2.840.113549.1.1.5", "sha1_rsa"),
    ("1.2.840.113549.1.1.10", "rsa_pss"),
    ("1.2.840.113549.1.1.11", "sha256_rsa"),
    ("1.2.840.113549.1.1.12", "sha384_rsa"),
    ("1.2.840.113549.1.1.13", "sha512_rsa"),
    ("1.2.840.113549.1.1.14", "sha224_rsa"),
    ("1.2.840.10040.4.3", "sha1_dsa"),
    ("2.16.840.1.101.3.4.3.2", "sha256_dsa"),
    ("1.2.840.10045.4.1", "sha1_ecdsa"),
    ("1.2.840.10045.4.3.1", "sha224_ecdsa"),
    ("1.2.840.10045.4.3.2", "sha256_ecdsa"),
    ("1.2.840.10045.4.3.3", "sha384_ecdsa"),
    ("1.2.840.10045.4.3.4", "sha512_ecdsa"),
    ("1.3.101.112", "ed25519"),
    ("1.3.101.113", "ed448"),
];

/// Reads one certificate in DER, true or not: what cannot be parsed at all still shows its digest. Never panics, whatever
/// the bytes.
#[must_use]
pub fn read(der: &[u8]) -> CertificateFacts {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, der);
    let sha256 = Fact::Known(hexadecimal(digest.as_ref()));
    match X509Certificate::from_der(der) {
        Ok((_, parsed)) => told(&parsed, sha256),
        Err(error) => unreadable(&Unknown::new(Reason::CORRUPT, format!("certificate: {error}")), sha256),
    }
}

fn told(parsed: &X509Certificate<'_>, sha256: Fact<String>) -> CertificateFacts {
    let (key_kind, key_bits) = strength(&key(parsed.public_key()));
    let algorithm = parsed.signature_algorithm.algorithm.to_id_string();
    let known = SIGNATURE_WORDS.iter().find(|(identifier, _)| *identifier == algorithm);
    let is_ca = match parsed.basic_constraints() {
        Ok(constraints) => Fact::Known(constraints.is_some_and(|extension| extension.value.ca)),
        Err(error) => Fact::unknown(Reason::CORRUPT, format!("basic constraints: {error}")),
    };
    CertificateFacts {
        subject: Fact::Known(parsed.subject().to_string()),
        issuer: Fact::Known(parsed.issuer().to_string()),
        names: names(parsed),
        serial: Fact::Known(hexadecimal(parsed.raw_serial())),
        not_before: moment(parsed.validity().not_before.timestamp()),
        not_after: moment(parsed.validity().not_after.timestamp()),
        key_kind: Fact::Known(key_kind.to_owned()),
        key_bits,
        signature_algorithm: Fact::Known(known.map_or(algorithm.clone(), |(_, word)| (*word).to_owned())),
        is_ca,
        self_signed: Fact::Known(parsed.subject().as_raw() == parsed.issuer().as_raw()),
        sha256,
    }
}

fn unreadable(why: &Unknown, sha256: Fact<String>) -> CertificateFacts {
    let text = || Fact::Unknown(why.clone());
    CertificateFacts {
        subject: text(),
        issuer: text(),
        names: Fact::Unknown(why.clone()),
        serial: text(),
        not_before: Fact::Unknown(why.clone()),
        not_after: Fact::Unknown(why.clone()),
        key_kind: text(),
        key_bits: Fact::Unknown(why.clone()),
        signature_algorithm: text(),
        is_ca: Fact::Unknown(why.clone()),
        self_signed: Fact::Unknown(why.clone()),
        sha256,
    }
}

/// Host names and addresses; other kinds of names (mail, URI) say nothing of a server.
fn names(parsed: &X509Certificate<'_>) -> Fact<Vec<String>> {
    if let Err(error) = parsed.subject_alternative_name() {
        return Fact::unknown(Reason::CORRUPT, format!("subject alternative names: {error}"));
    }
    let mut names: Vec<String> = presented(parsed).map(shown).collect();
    names.sort();
    Fact::Known(names)
}

fn shown(name: PresentedName<'_>) -> String {
    match name {
        PresentedName::Dns(name) => name.to_ascii_lowercase(),
        PresentedName::Address(address) => address.to_string(),
    }
}

/// Kind and size of a key, in bits.
fn strength(key: &Key) -> (&'static str, Fact<i64>) {
    let no_size = |what: &str| Fact::unknown(Reason::UNREADABLE, format!("size of the public key: {what}"));
    match key {
        Key::Rsa(bits) => ("rsa", Fact::Known(*bits)),
        Key::Ec(Ok(bits)) => ("ecdsa", Fact::Known(*bits)),
        Key::Ec(Err(curve)) => ("ecdsa", no_size(&format!("curve `{curve}` is not known"))),
        Key::Ed25519 => ("ed25519", Fact::Known(256)),
        // The key has 57 bytes (RFC 8032 section 5.2).
        Key::Ed448 => ("ed448", Fact::Known(456)),
        Key::Dsa => ("dsa", no_size("not read for DSA")),
        Key::Other => ("other", no_size("not readable, or of an unknown kind")),
    }
}

/// A moment of a certificate; one beyond the clock's range shows as the last or first moment that it can hold.
fn moment(seconds: i64) -> Fact<Timestamp> {
    let nearest = if seconds > 0 { Timestamp::MAX } else { Timestamp::MIN };
    Fact::Known(Timestamp::from_second(seconds).unwrap_or(nearest))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_without_an_end_shows_the_last_moment() {
        // 9999-12-31T23:59:59Z, RFC 5280 section 4.1.2.5.
        assert_eq!(moment(253_402_300_799), Fact::Known(Timestamp::MAX));
    }

    #[test]
    fn bytes_that_are_no_certificate_still_show_their_digest() {
        let facts = read(&[0x30, 0x82, 0xff]);
        assert!(facts.subject.known().is_none() && facts.not_after.known().is_none());
        assert!(facts.sha256.known().is_some_and(|digest| digest.len() == 64));
    }

    #[test]
    fn a_damaged_certificate_is_read_without_a_panic() {
        let key = rcgen::KeyPair::generate().expect("key");
        let whole = rcgen::CertificateParams::new(["a.example".to_owned(), "192.0.2.1".to_owned()])
            .and_then(|params| params.self_signed(&key))
            .expect("certificate");
        let whole = whole.der().to_vec();
        for position in 0..whole.len() {
            let _cut = read(&whole[..position]);
            for bits in [0x01, 0x80, 0xff] {
                let mut damaged = whole.clone();
                damaged[position] ^= bits;
                let facts = read(&damaged);
                assert!(facts.sha256.known().is_some());
            }
        }
    }
}
