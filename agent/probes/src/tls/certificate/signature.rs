//! Whether a signature was made by a key, and when that cannot be told.
//!
//! Wider than the verdict on purpose: SHA-1 and RSA keys from 1024 bits are checked too, so that a certificate of old
//! times shows its weakness alone and not a broken path. What the provider has no code for (MD5, RSA below 1024 bits,
//! DSA, Ed448, brainpool) is taken by its names and keys only.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA1_ASN1, ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P256_SHA512_ASN1,
    ECDSA_P256K1_SHA256_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA512_ASN1,
    ECDSA_P521_SHA1_ASN1, ECDSA_P521_SHA256_ASN1, ECDSA_P521_SHA384_ASN1, ECDSA_P521_SHA512_ASN1, ED25519,
    RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA384, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};
use x509_parser::prelude::X509Certificate;
use x509_parser::signature_algorithm::RsaSsaPssParams;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use super::key::{Key, key};

/// Object identifier of `rsaEncryption`.
const RSA: &str = "1.2.840.113549.1.1.1";
/// Object identifier of `id-ecPublicKey`.
const EC: &str = "1.2.840.10045.2.1";
/// Object identifier of `RSASSA-PSS` (RFC 4055).
const PSS: &str = "1.2.840.113549.1.1.10";

/// What came out of checking one signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signature {
    /// The key made it.
    Good,
    /// The key did not make it, or it was damaged.
    Bad,
    /// There is no code here for the algorithm or the size of the key.
    CannotTell,
}

/// Something signed, as it stands on the wire.
pub(super) struct Signed<'a> {
    /// The bytes that the signature covers.
    pub(super) content: &'a [u8],
    pub(super) algorithm: &'a AlgorithmIdentifier<'a>,
    pub(super) signature: &'a [u8],
}

impl<'a> Signed<'a> {
    /// A certificate as something that its issuer signed.
    pub(super) fn certificate(certificate: &'a X509Certificate<'a>) -> Self {
        Self {
            content: certificate.tbs_certificate.as_ref(),
            algorithm: &certificate.signature_algorithm,
            signature: &certificate.signature_value.data,
        }
    }

    /// Whether the key of `information` signed it.
    pub(super) fn by(&self, information: &SubjectPublicKeyInfo<'_>) -> Signature {
        let word = self.algorithm.algorithm.to_id_string();
        let holder = information.algorithm.algorithm.to_id_string();
        if !fits(&word, &holder) {
            return Signature::Bad;
        }
        let curve = information.algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
        let curve = curve.map(|curve| curve.to_id_string()).unwrap_or_default();
        let Some(algorithm) = algorithm(&word, self.algorithm, &curve) else { return Signature::CannotTell };
        let least = if PROVIDER_FROM_2048.contains(&word.as_str()) { 2048 } else { 1024 };
        if let Key::Rsa(bits) = key(information)
            && !(least..=8192).contains(&bits)
        {
            return Signature::CannotTell;
        }
        match UnparsedPublicKey::new(algorithm, &information.subject_public_key.data)
            .verify(self.content, self.signature)
        {
            Ok(()) => Signature::Good,
            Err(_unspecified) => Signature::Bad,
        }
    }
}

/// Algorithms that the provider checks from 2048 bits only: SHA-384 with RSA, and RSA-PSS.
const PROVIDER_FROM_2048: &[&str] = &["1.2.840.113549.1.1.12", PSS];

/// Whether a key of this kind can make signatures of that algorithm at all.
fn fits(algorithm: &str, holder: &str) -> bool {
    let family = match algorithm {
        PSS => return [RSA, PSS].contains(&holder),
        rsa if rsa.starts_with("1.2.840.113549.1.1.") => RSA,
        ecdsa if ecdsa.starts_with("1.2.840.10045.4.") => EC,
        // One identifier for the key and its signatures (RFC 8410).
        edwards if edwards.starts_with("1.3.101.") => edwards,
        _unknown => return true,
    };
    holder == family
}

fn algorithm(
    word: &str,
    identifier: &AlgorithmIdentifier<'_>,
    curve: &str,
) -> Option<&'static dyn VerificationAlgorithm> {
    const P256: &str = "1.2.840.10045.3.1.7";
    const P384: &str = "1.3.132.0.34";
    const P521: &str = "1.3.132.0.35";
    const P256K1: &str = "1.3.132.0.10";
    Some(match (word, curve) {
        ("1.2.840.113549.1.1.5", _) => &RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        ("1.2.840.113549.1.1.11", _) => &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        ("1.2.840.113549.1.1.12", _) => &RSA_PKCS1_2048_8192_SHA384,
        ("1.2.840.113549.1.1.13", _) => &RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        // The provider, as TLS does, takes a salt as long as the digest only (RFC 8446 section 4.2.3).
        (PSS, _) => match (pss_digest(identifier)?.as_str(), pss_salt(identifier)?) {
            ("2.16.840.1.101.3.4.2.1", 32) => &RSA_PSS_2048_8192_SHA256,
            ("2.16.840.1.101.3.4.2.2", 48) => &RSA_PSS_2048_8192_SHA384,
            ("2.16.840.1.101.3.4.2.3", 64) => &RSA_PSS_2048_8192_SHA512,
            _other => return None,
        },
        ("1.2.840.10045.4.1", P256) => &ECDSA_P256_SHA1_ASN1,
        ("1.2.840.10045.4.1", P521) => &ECDSA_P521_SHA1_ASN1,
        ("1.2.840.10045.4.3.2", P256) => &ECDSA_P256_SHA256_ASN1,
        ("1.2.840.10045.4.3.3", P256) => &ECDSA_P256_SHA384_ASN1,
        ("1.2.840.10045.4.3.4", P256) => &ECDSA_P256_SHA512_ASN1,
        ("1.2.840.10045.4.3.2", P384) => &ECDSA_P384_SHA256_ASN1,
        ("1.2.840.10045.4.3.3", P384) => &ECDSA_P384_SHA384_ASN1,
        ("1.2.840.10045.4.3.4", P384) => &ECDSA_P384_SHA512_ASN1,
        ("1.2.840.10045.4.3.2", P521) => &ECDSA_P521_SHA256_ASN1,
        ("1.2.840.10045.4.3.3", P521) => &ECDSA_P521_SHA384_ASN1,
        ("1.2.840.10045.4.3.4", P521) => &ECDSA_P521_SHA512_ASN1,
        ("1.2.840.10045.4.3.2", P256K1) => &ECDSA_P256K1_SHA256_ASN1,
        ("1.3.101.112", _) => &ED25519,
        _other => return None,
    })
}

/// The digest that an RSA-PSS signature names; SHA-1 when it names none (RFC 4055 section 3.1).
pub(super) fn pss_digest(identifier: &AlgorithmIdentifier<'_>) -> Option<String> {
    let parameters = RsaSsaPssParams::try_from(identifier.parameters.as_ref()?).ok()?;
    Some(parameters.hash_algorithm_oid().to_id_string())
}

/// The length of the salt of an RSA-PSS signature, in bytes.
fn pss_salt(identifier: &AlgorithmIdentifier<'_>) -> Option<u32> {
    RsaSsaPssParams::try_from(identifier.parameters.as_ref()?).ok().map(|parameters| parameters.salt_length())
}
