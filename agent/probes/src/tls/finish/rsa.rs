//! RSA towards a server whose certificate carries an RSA key: a block of ours, encrypted exactly as it is.

use aws_lc_rs::rand;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey as Parsed;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::modular;

/// Shortest modulus that holds a premaster secret with its padding (RFC 8017 section 7.2.1: 48 + 11 bytes).
const MODULUS_BYTES_MIN: usize = 48 + 11;

/// An RSA public key out of a certificate.
#[derive(Debug, Clone)]
pub(crate) struct PublicKey {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl PublicKey {
    /// The key of a certificate in DER; `None` when it is no RSA key, or one that no block fits into.
    pub(crate) fn of_certificate(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        Self::of_key_info(certificate.public_key())
    }

    fn of_key_info(info: &SubjectPublicKeyInfo<'_>) -> Option<Self> {
        let Ok(Parsed::RSA(key)) = info.parsed() else { return None };
        let modulus = modular::strip(key.modulus).to_vec();
        let usable = (MODULUS_BYTES_MIN..=modular::MODULUS_BYTES_MAX).contains(&modulus.len());
        usable.then(|| Self { modulus, exponent: modular::strip(key.exponent).to_vec() })
    }

    /// Length of the modulus, and so of every encrypted block, in bytes.
    pub(crate) fn length(&self) -> usize {
        self.modulus.len()
    }

    /// Encrypts a block as it is, without adding any padding.
    pub(crate) fn encrypt_block(&self, block: &[u8]) -> Option<Vec<u8>> {
        modular::power(block, &self.exponent, &self.modulus)
    }

    /// Encrypts a message with the padding of RFC 8017 section 7.2.1.
    pub(crate) fn encrypt(&self, message: &[u8]) -> Option<Vec<u8>> {
        let mut block = vec![0, 2];
        block.extend(padding(self.length().checked_sub(message.len() + 3)?));
        block.push(0);
        block.extend_from_slice(message);
        self.encrypt_block(&block)
    }
}

/// Random bytes without a zero among them.
pub(crate) fn padding(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    // Without random numbers the padding is constant, which the server cannot tell.
    let _ = rand::fill(&mut bytes);
    bytes.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = 1);
    bytes
}
