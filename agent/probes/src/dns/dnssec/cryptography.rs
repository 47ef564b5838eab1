//! Checking one signature with one key, and making digests of keys.

use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, RsaParameters,
    RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use num_bigint::BigUint;

use super::algorithms::{self, Digest, Method};
use super::ed448;
use super::names::Canonical;
use super::rdata::{Key, KeyDigest};

/// Largest RSA modulus, in bits: what a stranger's zone may make us compute.
const RSA_BITS_MAX: usize = 8_192;
/// Modulus below which the provider refuses and we compute ourselves, in bits.
const RSA_BITS_OF_PROVIDER_MIN: usize = 1_024;
/// Largest RSA exponent, in bits; resolvers take no larger one either.
const RSA_EXPONENT_BITS_MAX: usize = 33;
/// Uncompressed point on a curve (SEC 1 section 2.3.3), as the provider wants it and DNSSEC does not write it.
const UNCOMPRESSED: u8 = 4;

/// Whether the signature of these bytes is the key's.
pub(super) fn holds(key: &Key, signed: &[u8], signature: &[u8]) -> bool {
    let Some(method) = algorithms::algorithm(key.algorithm).and_then(|known| known.method) else { return false };
    match method {
        Method::RsaSha1 => rsa(key, &SHA1, signed, signature),
        Method::RsaSha256 => rsa(key, &SHA2_256, signed, signature),
        Method::RsaSha512 => rsa(key, &SHA2_512, signed, signature),
        Method::EcdsaP256 => with_provider(&ECDSA_P256_SHA256_FIXED, &point(key), signed, signature),
        Method::EcdsaP384 => with_provider(&ECDSA_P384_SHA384_FIXED, &point(key), signed, signature),
        Method::Ed25519 => with_provider(&ED25519, &key.public, signed, signature),
        Method::Ed448 => ed448::holds(&key.public, signed, signature),
    }
}

/// Whether the digest is the key's: over the name of the zone and the record's own bytes (RFC 4034 section 5.1.4).
pub(super) fn is_digest_of(digest: &KeyDigest, zone: &Canonical, key: &Key) -> bool {
    let algorithm = match algorithms::digest(digest.kind) {
        Some(Digest::Sha1) => &SHA1_FOR_LEGACY_USE_ONLY,
        Some(Digest::Sha256) => &SHA256,
        Some(Digest::Sha384) => &SHA384,
        None => return false,
    };
    let mut bytes = zone.wire();
    bytes.extend_from_slice(&key.rdata);
    digest::digest(algorithm, &bytes).as_ref() == digest.digest.as_slice()
}

/// Size of a key in bits; `None` when it cannot be read.
pub(super) fn bits(key: &Key) -> Option<usize> {
    match algorithms::algorithm(key.algorithm)?.mnemonic {
        "RSAMD5" | "RSASHA1" | "RSASHA1-NSEC3-SHA1" | "RSASHA256" | "RSASHA512" => {
            rsa_parts(&key.public).map(|(_exponent, modulus)| bit_length(modulus))
        }
        "ECDSAP256SHA256" => Some(256),
        "ECDSAP384SHA384" => Some(384),
        // DSA: 64 bytes more with each step of T (RFC 2536 section 2).
        "DSA" | "DSA-NSEC3-SHA1" => key.public.first().map(|step| 512 + 64 * usize::from(*step)),
        _ => Some(key.public.len() * 8),
    }
}

/// Whether the key's size is that of an RSA modulus.
pub(super) fn is_rsa(key: &Key) -> bool {
    algorithms::mnemonic(key.algorithm).starts_with("RSA")
}

/// Hash of an RSA signature: the provider's parameters, and the head of the block for keys that the provider refuses.
struct Hash {
    parameters: &'static RsaParameters,
    algorithm: &'static digest::Algorithm,
    /// `DigestInfo` without the digest (RFC 8017 section 9.2, note 1).
    head: &'static [u8],
}

const SHA1: Hash = Hash {
    parameters: &RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
    algorithm: &SHA1_FOR_LEGACY_USE_ONLY,
    head: &[0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14],
};
const SHA2_256: Hash = Hash {
    parameters: &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    algorithm: &SHA256,
    head: &[
        0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
        0x20,
    ],
};
const SHA2_512: Hash = Hash {
    parameters: &RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
    algorithm: &SHA512,
    head: &[
        0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04,
        0x40,
    ],
};

fn with_provider(
    algorithm: &'static dyn VerificationAlgorithm,
    public: &[u8],
    signed: &[u8],
    signature: &[u8],
) -> bool {
    UnparsedPublicKey::new(algorithm, public).verify(signed, signature).is_ok()
}

/// A point as the provider reads it (RFC 6605 section 4 leaves the first byte out).
fn point(key: &Key) -> Vec<u8> {
    let mut point = vec![UNCOMPRESSED];
    point.extend_from_slice(&key.public);
    point
}

fn rsa(key: &Key, hash: &Hash, signed: &[u8], signature: &[u8]) -> bool {
    let Some((exponent, modulus)) = rsa_parts(&key.public) else { return false };
    let bits = bit_length(modulus);
    if bits > RSA_BITS_MAX || bit_length(exponent) > RSA_EXPONENT_BITS_MAX {
        return false;
    }
    if bits < RSA_BITS_OF_PROVIDER_MIN {
        return rsa_of_any_size(exponent, modulus, hash, signed, signature);
    }
    RsaPublicKeyComponents { n: modulus, e: exponent }.verify(hash.parameters, signed, signature).is_ok()
}

/// PKCS #1 version 1.5 (RFC 8017 section 8.2.2) for the short keys that the provider refuses and resolvers take.
fn rsa_of_any_size(exponent: &[u8], modulus: &[u8], hash: &Hash, signed: &[u8], signature: &[u8]) -> bool {
    let digest = digest::digest(hash.algorithm, signed);
    let length = hash.head.len() + digest.as_ref().len();
    let number = BigUint::from_bytes_be(modulus);
    let value = BigUint::from_bytes_be(signature);
    let Some(filled) = modulus.len().checked_sub(length + 3).filter(|filled| *filled >= 8) else { return false };
    if signature.len() != modulus.len() || value >= number || !number.bit(0) {
        return false;
    }
    let mut block = vec![0, 1];
    block.resize(filled + 2, 0xff);
    block.push(0);
    block.extend_from_slice(hash.head);
    block.extend_from_slice(digest.as_ref());
    value.modpow(&BigUint::from_bytes_be(exponent), &number) == BigUint::from_bytes_be(&block)
}

/// Exponent and modulus of an RSA key, without leading zeros (RFC 3110 section 2).
fn rsa_parts(public: &[u8]) -> Option<(&[u8], &[u8])> {
    let (exponent, modulus) = match public.split_first_chunk::<3>() {
        Some((&[0, high, low], rest)) => rest.split_at_checked(usize::from(u16::from_be_bytes([high, low])))?,
        Some(_) | None => {
            let (length, rest) = public.split_first()?;
            rest.split_at_checked(usize::from(*length))?
        }
    };
    let (exponent, modulus) = (stripped(exponent), stripped(modulus));
    (!exponent.is_empty() && !modulus.is_empty()).then_some((exponent, modulus))
}

fn stripped(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}

fn bit_length(number: &[u8]) -> usize {
    let unused = number.first().map_or(0, |first| first.leading_zeros() as usize);
    number.len() * 8 - unused
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hexadecimal: &str) -> Vec<u8> {
        let digit = |at: usize| u8::from_str_radix(&hexadecimal[at..at + 2], 16).expect("two digits");
        (0..hexadecimal.len()).step_by(2).map(digit).collect()
    }

    fn key(algorithm: u8, public: &[u8]) -> Key {
        let head = [1, 1, 3, algorithm];
        Key::parse(&[&head, public].concat()).expect("a key")
    }

    /// A modulus of 512 bits and a signature of `message` that OpenSSL made with it; the exponent is 65 537.
    const MODULUS: &str = "9c8a6c4dbe1253d2517521b33a927692b8c10eba99379fb862bd0f1065fdb2643dcf9e7602ff292324874fa6cbd3eb0db5f2440d6ab61a4a5015e302dbbc55cb";
    const SIGNATURE: &str = "5ced8d6ace3c82b79bda399916dfdc927694883091eb87d311cdb1e11f37f13f1491e244529532ea8ee31d7a863b9b3ba4d84afcc5c2f055719c7417e8562ca3";

    #[test]
    fn a_key_too_short_for_the_provider_is_checked_all_the_same() {
        let key = key(8, &[vec![3, 1, 0, 1], bytes(MODULUS)].concat());
        assert_eq!(bits(&key), Some(512));
        assert!(holds(&key, b"message", &bytes(SIGNATURE)));
        assert!(!holds(&key, b"massage", &bytes(SIGNATURE)));
        assert!(!holds(&key, b"message", &bytes(SIGNATURE)[1..]));
    }

    #[test]
    fn an_exponent_may_have_a_long_length() {
        let key = key(8, &[vec![0, 0, 3, 1, 0, 1], bytes(MODULUS)].concat());
        assert!(holds(&key, b"message", &bytes(SIGNATURE)));
    }

    #[test]
    fn hostile_keys_hold_nothing() {
        for algorithm in [0, 1, 5, 7, 8, 10, 13, 14, 15, 16, 253] {
            for public in
                [&[][..], &[0], &[0, 0, 0], &[0, 255, 255, 1], &[1, 1], &[1, 1, 0], &[1, 1, 2], &[7; 57], &[0xff; 64]]
            {
                let key = key(algorithm, public);
                let _bits = bits(&key);
                assert!(!holds(&key, b"message", &[1; 64]), "{algorithm} {public:?}");
                assert!(!holds(&key, b"message", &[]), "{algorithm} {public:?}");
            }
        }
    }

    /// RFC 4034 section 5.4.
    #[test]
    fn the_example_of_a_digest_fits_its_key() {
        use base64::Engine as _;
        let public = "AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvxegXd/\
                      M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==";
        let public = base64::engine::general_purpose::STANDARD.decode(public).expect("base 64");
        let rdata = [&[1, 0, 3, 5], public.as_slice()].concat();
        let key = Key::parse(&rdata).expect("a key");
        assert_eq!(key.tag, 60_485);
        let digest = bytes("2bb183af5f22588179a53b0a98631fad1a292118");
        let digest = KeyDigest { tag: 60_485, algorithm: 5, kind: 1, digest };
        let zone = hickory_proto::rr::Name::from_ascii("dskey.example.com.").expect("a name");
        assert!(is_digest_of(&digest, &Canonical::of(&zone), &key));
    }
}
