//! The public key of a DKIM record, and its size.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::{PublicKey, RSAPublicKey};
use x509_parser::x509::SubjectPublicKeyInfo;

/// Bytes of an Ed25519 key (RFC 8032 section 5.1.5); DKIM writes them bare (RFC 8463 section 4.2).
const ED25519_BYTES: usize = 32;
/// Bits of an Ed25519 key.
pub(super) const ED25519_BITS: i64 = 256;

/// Base64 with its padding; stray bits in the last character are let pass, as libraries of receivers do.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

/// Bytes of the value of `p=`; spaces and folds inside are allowed (RFC 6376 section 3.2).
pub(super) fn bytes(value: &str) -> Result<Vec<u8>, String> {
    let dense: String = value.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    BASE64.decode(dense).map_err(|error| format!("p= is no base64: {error}"))
}

/// Bits of an RSA key: a SubjectPublicKeyInfo (RFC 5280), or the bare key inside it, which RFC 6376 section 3.6.1 names.
pub(super) fn rsa_bits(der: &[u8]) -> Result<i64, String> {
    let whole = |rest: &[u8]| rest.is_empty().then_some(());
    if let Ok((rest, information)) = SubjectPublicKeyInfo::from_der(der) {
        return match information.parsed() {
            Ok(PublicKey::RSA(key)) if rest.is_empty() => modulus_bits(&key),
            Ok(PublicKey::RSA(_)) => Err(format!("{} bytes too many stand after the key", rest.len())),
            Ok(
                PublicKey::EC(_)
                | PublicKey::DSA(_)
                | PublicKey::GostR3410(_)
                | PublicKey::GostR3410_2012(_)
                | PublicKey::Unknown(_),
            ) => Err("the key is said to be RSA and is of another kind".to_owned()),
            Err(_) => Err("the RSA key cannot be read".to_owned()),
        };
    }
    match RSAPublicKey::from_der(der) {
        Ok((rest, key)) if whole(rest).is_some() => modulus_bits(&key),
        Ok(_) | Err(_) => Err(format!("{} bytes that are no RSA key: cut, or pasted wrongly", der.len())),
    }
}

/// Whether the bytes are an Ed25519 key.
pub(super) fn ed25519(bytes: &[u8]) -> Result<i64, String> {
    if bytes.len() == ED25519_BYTES {
        return Ok(ED25519_BITS);
    }
    Err(format!("an Ed25519 key has {ED25519_BYTES} bytes, this one {}", bytes.len()))
}

fn modulus_bits(key: &RSAPublicKey<'_>) -> Result<i64, String> {
    let zeros = key.modulus.iter().take_while(|byte| **byte == 0).count();
    let Some(first) = key.modulus.get(zeros) else { return Err("the modulus of the RSA key is zero".to_owned()) };
    let bits = (key.modulus.len() - zeros) * 8 - first.leading_zeros() as usize;
    i64::try_from(bits).map_err(|error| error.to_string())
}
