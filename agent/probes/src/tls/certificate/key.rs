//! Public keys and signature algorithms that are too weak, as words.

use x509_parser::prelude::X509Certificate;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use super::problem::Problem;
use super::signature::pss_digest;

/// RSA keys up to this size go under `weak_key_rsa_512`: nearer to 512 bits, which one person factors in hours.
const RSA_512_BITS_MAX: i64 = 767;
/// Smallest RSA key in use today, in bits (CA/Browser Forum, Baseline Requirements section 6.1.5).
const RSA_BITS_MIN: i64 = 2048;
/// Smallest elliptic-curve key that withstands 112 bits of work (NIST SP 800-57 part 1, table 2).
const EC_BITS_MIN: i64 = 224;

/// Object identifiers of elliptic curves and the size of their keys, in bits (RFC 5480, SEC 2, RFC 5639).
const CURVE_BITS: &[(&str, i64)] = &[
    ("1.3.132.0.6", 112),
    ("1.3.132.0.28", 128),
    ("1.3.132.0.8", 160),
    ("1.3.132.0.31", 192),
    ("1.2.840.10045.3.1.1", 192),
    ("1.3.132.0.32", 224),
    ("1.3.132.0.33", 224),
    ("1.2.840.10045.3.1.7", 256),
    ("1.3.132.0.10", 256),
    ("1.3.132.0.34", 384),
    ("1.3.132.0.35", 521),
    ("1.3.36.3.3.2.8.1.1.1", 160),
    ("1.3.36.3.3.2.8.1.1.3", 192),
    ("1.3.36.3.3.2.8.1.1.5", 224),
    ("1.3.36.3.3.2.8.1.1.7", 256),
    ("1.3.36.3.3.2.8.1.1.9", 320),
    ("1.3.36.3.3.2.8.1.1.11", 384),
    ("1.3.36.3.3.2.8.1.1.13", 512),
];

/// A public key as far as its strength goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    /// RSA and the bits of its modulus.
    Rsa(i64),
    /// An elliptic curve and its bits, when the curve is known; otherwise its object identifier.
    Ec(Result<i64, String>),
    /// Ed25519 (RFC 8410).
    Ed25519,
    /// Ed448 (RFC 8410).
    Ed448,
    /// DSA.
    Dsa,
    /// Another kind, or not readable.
    Other,
}

/// What kind of key it is, and how large.
pub(super) fn key(information: &SubjectPublicKeyInfo<'_>) -> Key {
    match information.algorithm.algorithm.to_id_string().as_str() {
        "1.3.101.112" => return Key::Ed25519,
        "1.3.101.113" => return Key::Ed448,
        "1.2.840.10040.4.1" => return Key::Dsa,
        // RSA keys that may make RSASSA-PSS signatures only (RFC 4055): the same structure under its own identifier.
        "1.2.840.113549.1.1.10" => return pss_key(information),
        _other => {}
    }
    match information.parsed() {
        Ok(PublicKey::RSA(key)) => Key::Rsa(bit_length(key.modulus)),
        Ok(PublicKey::EC(_)) => {
            let curve = information.algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
            let curve = curve.map(|curve| curve.to_id_string()).unwrap_or_default();
            let known = CURVE_BITS.iter().find(|(identifier, _)| *identifier == curve);
            Key::Ec(known.map(|(_, bits)| *bits).ok_or(curve))
        }
        Ok(PublicKey::DSA(_) | PublicKey::GostR3410(_) | PublicKey::GostR3410_2012(_) | PublicKey::Unknown(_))
        | Err(_) => Key::Other,
    }
}

fn pss_key(information: &SubjectPublicKeyInfo<'_>) -> Key {
    use super::der::{Elements, INTEGER, SEQUENCE, inside};
    let modulus = inside(&information.subject_public_key.data, SEQUENCE)
        .and_then(|numbers| Elements::new(numbers).tagged(INTEGER));
    modulus.map_or(Key::Other, |modulus| Key::Rsa(bit_length(modulus.value)))
}

/// The word for a key that is too weak to rely on.
pub(super) fn weak_key(information: &SubjectPublicKeyInfo<'_>) -> Option<Problem> {
    match key(information) {
        Key::Rsa(..=RSA_512_BITS_MAX) => Some(Problem::WeakKeyRsa512),
        Key::Rsa(..RSA_BITS_MIN) => Some(Problem::WeakKeyRsa1024),
        Key::Ec(Ok(..EC_BITS_MIN)) => Some(Problem::WeakKeyEc),
        Key::Dsa => Some(Problem::WeakKeyDsa),
        Key::Rsa(_) | Key::Ec(_) | Key::Ed25519 | Key::Ed448 | Key::Other => None,
    }
}

/// The word for a signature whose digest has been broken.
pub(super) fn weak_signature(certificate: &X509Certificate<'_>) -> Option<Problem> {
    digest_is_weak(&certificate.signature_algorithm)
}

fn digest_is_weak(algorithm: &AlgorithmIdentifier<'_>) -> Option<Problem> {
    match algorithm.algorithm.to_id_string().as_str() {
        // MD2, MD4 and MD5 with RSA, the last in two spellings.
        "1.2.840.113549.1.1.2" | "1.2.840.113549.1.1.3" | "1.2.840.113549.1.1.4" | "1.3.14.3.2.3" => {
            Some(Problem::WeakSignatureMd5)
        }
        // SHA-1 with RSA (two spellings), DSA (two spellings) and ECDSA.
        "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" | "1.2.840.10040.4.3" | "1.3.14.3.2.27" | "1.2.840.10045.4.1" => {
            Some(Problem::WeakSignatureSha1)
        }
        "1.2.840.113549.1.1.10" => match pss_digest(algorithm)?.as_str() {
            "1.3.14.3.2.26" => Some(Problem::WeakSignatureSha1),
            _other => None,
        },
        _other => None,
    }
}

/// Length of a big-endian number without its leading zeros, in bits.
pub(super) fn bit_length(number: &[u8]) -> i64 {
    let Some(start) = number.iter().position(|byte| *byte != 0) else { return 0 };
    let significant = number.get(start..).unwrap_or_default();
    let leading = significant.first().map_or(0, |byte| i64::from(byte.leading_zeros()));
    i64::try_from(significant.len()).unwrap_or(i64::MAX / 8).saturating_mul(8) - leading
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
}
