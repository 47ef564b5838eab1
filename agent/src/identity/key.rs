//! Keys, made on this host and never leaving it, and the requests that ask for their certificates.

use rcgen::{CertificateParams, DistinguishedName, KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData as _};
use serde::{Deserialize, Serialize};

use super::IdentityError;

/// A key whose certificate was asked for and has not come yet.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PendingKey {
    /// Private key, PKCS #8 PEM.
    pub key: String,
    /// The request, PKCS #10 DER: sent again as it is, so that renewing twice is renewing once.
    pub request: Vec<u8>,
}

/// A new key (ECDSA P-256) with its certificate request (PKCS #10). The request names nobody: the collector takes the
/// public key alone.
///
/// # Errors
/// [`IdentityError::Key`] when the host gives no randomness.
pub fn new_key() -> Result<PendingKey, IdentityError> {
    let failed = |error: rcgen::Error| IdentityError::Key(error.to_string());
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
    let mut params = CertificateParams::new(Vec::new()).map_err(failed)?;
    params.distinguished_name = DistinguishedName::new();
    let request = params.serialize_request(&key).map_err(failed)?;
    Ok(PendingKey { key: key.serialize_pem(), request: request.der().to_vec() })
}

/// The public key's bytes as they stand in a certificate.
pub(super) fn public_key(pem: &str) -> Result<Vec<u8>, IdentityError> {
    let key = KeyPair::from_pem(pem).map_err(|error| IdentityError::Key(error.to_string()))?;
    Ok(key.der_bytes().to_vec())
}
