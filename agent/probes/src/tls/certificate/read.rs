//! Certificates as facts. Reading only: whatever a certificate says of itself, true or not.

use std::net::IpAddr;

use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

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

/// Object identifiers of elliptic curves and the size of their keys, in bits (RFC 5480, 5639).
const CURVE_BITS: &[(&str, i64)] = &[
    ("1.2.840.10045.3.1.1", 192),
    ("1.3.132.0.33", 224),
    ("1.2.840.10045.3.1.7", 256),
    ("1.3.132.0.10", 256),
    ("1.3.132.0.34", 384),
    ("1.3.132.0.35", 521),
    ("1.3.36.3.3.2.8.1.1.7", 256),
    ("1.3.36.3.3.2.8.1.1.11", 384),
    ("1.3.36.3.3.2.8.1.1.13", 512),
];

/// Reads one certificate. What cannot be parsed at all still shows its digest.
pub(crate) fn certificate(der: &CertificateDer<'_>) -> CertificateFacts {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, der);
    let sha256 = Fact::Known(hexadecimal(digest.as_ref()));
    match X509Certificate::from_der(der) {
        Ok((_, parsed)) => read(&parsed, sha256),
        Err(error) => unreadable(&Unknown::new(Reason::CORRUPT, format!("certificate: {error}")), sha256),
    }
}

fn read(parsed: &X509Certificate<'_>, sha256: Fact<String>) -> CertificateFacts {
    let (key_kind, key_bits) = key(parsed.public_key());
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
    let extension = match parsed.subject_alternative_name() {
        Ok(extension) => extension,
        Err(error) => return Fact::unknown(Reason::CORRUPT, format!("subject alternative names: {error}")),
    };
    let general = extension.map(|extension| extension.value.general_names.as_slice()).unwrap_or_default();
    let mut names: Vec<String> = general.iter().filter_map(name).collect();
    names.sort();
    Fact::Known(names)
}

fn name(general: &GeneralName<'_>) -> Option<String> {
    if let GeneralName::DNSName(name) = general {
        return Some(name.to_ascii_lowercase());
    }
    let GeneralName::IPAddress(bytes) = general else { return None };
    let four = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
    let address = four.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from)).ok()?;
    Some(address.to_string())
}

fn key(information: &SubjectPublicKeyInfo<'_>) -> (&'static str, Fact<i64>) {
    match information.algorithm.algorithm.to_id_string().as_str() {
        "1.3.101.112" => return ("ed25519", Fact::Known(256)),
        // The key has 57 bytes (RFC 8032 section 5.2).
        "1.3.101.113" => return ("ed448", Fact::Known(456)),
        _ => {}
    }
    let no_size = |what: &str| Fact::unknown(Reason::UNREADABLE, format!("size of the public key: {what}"));
    let Ok(parsed) = information.parsed() else { return ("other", no_size("not readable")) };
    if let PublicKey::RSA(key) = &parsed {
        return ("rsa", Fact::Known(bit_length(key.modulus)));
    }
    if let PublicKey::EC(_) = &parsed {
        let curve = information.algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
        let curve = curve.map(|curve| curve.to_id_string()).unwrap_or_default();
        let bits = CURVE_BITS.iter().find(|(identifier, _)| *identifier == curve).map(|(_, bits)| *bits);
        return ("ecdsa", bits.map_or_else(|| no_size(&format!("curve `{curve}` is not known")), Fact::Known));
    }
    if let PublicKey::DSA(_) = &parsed {
        return ("dsa", no_size("not read for DSA"));
    }
    ("other", no_size("kind of key is not known"))
}

/// Length of a big-endian number without its leading zeros, in bits.
fn bit_length(number: &[u8]) -> i64 {
    let Some(start) = number.iter().position(|byte| *byte != 0) else { return 0 };
    let significant = number.get(start..).unwrap_or_default();
    let leading = significant.first().map_or(0, |byte| i64::from(byte.leading_zeros()));
    i64::try_from(significant.len()).unwrap_or(i64::MAX / 8).saturating_mul(8) - leading
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
    fn the_length_of_a_number_ignores_leading_zeros() {
        for (number, bits) in [(&[0, 0x80, 0][..], 16), (&[0x01, 0xff][..], 9), (&[0, 0][..], 0), (&[][..], 0)] {
            assert_eq!(bit_length(number), bits, "{number:?}");
        }
    }

    #[test]
    fn a_certificate_without_an_end_shows_the_last_moment() {
        // 9999-12-31T23:59:59Z, RFC 5280 section 4.1.2.5.
        assert_eq!(moment(253_402_300_799), Fact::Known(Timestamp::MAX));
    }

    #[test]
    fn bytes_that_are_no_certificate_still_show_their_digest() {
        let facts = certificate(&CertificateDer::from(vec![0x30, 0x82, 0xff]));
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
            let _cut = certificate(&CertificateDer::from(whole[..position].to_vec()));
            for bits in [0x01, 0x80, 0xff] {
                let mut damaged = whole.clone();
                damaged[position] ^= bits;
                let facts = certificate(&CertificateDer::from(damaged));
                assert!(facts.sha256.known().is_some());
            }
        }
    }
}
