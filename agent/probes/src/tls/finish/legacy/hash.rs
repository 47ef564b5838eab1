//! The hashes of TLS up to 1.2, and HMAC (RFC 2104) over them; MD5 stands beside those of the provider.

use aws_lc_rs::digest::{self, Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384};
use md5::{Digest, Md5};

/// A hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
}

impl Hash {
    /// Length of the result, in bytes.
    pub(crate) const fn length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
        }
    }

    /// Length of the block that HMAC fills with the key, in bytes.
    const fn block(self) -> usize {
        match self {
            Self::Md5 | Self::Sha1 | Self::Sha256 => 64,
            Self::Sha384 => 128,
        }
    }

    /// The hash of the parts one behind the other.
    pub(crate) fn digest(self, parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Md5 => {
                let mut context = Md5::new();
                parts.iter().for_each(|part| context.update(part));
                context.finalize().to_vec()
            }
            Self::Sha1 => provided(&SHA1_FOR_LEGACY_USE_ONLY, parts),
            Self::Sha256 => provided(&SHA256, parts),
            Self::Sha384 => provided(&SHA384, parts),
        }
    }

    /// HMAC of the parts one behind the other.
    pub(crate) fn mac(self, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        let mut block = if key.len() > self.block() { self.digest(&[key]) } else { key.to_vec() };
        block.resize(self.block(), 0);
        let inner_key: Vec<u8> = block.iter().map(|byte| byte ^ 0x36).collect();
        let outer_key: Vec<u8> = block.iter().map(|byte| byte ^ 0x5C).collect();
        let inner = self.digest(&[&[inner_key.as_slice()], parts].concat());
        self.digest(&[&outer_key, &inner])
    }
}

fn provided(algorithm: &'static Algorithm, parts: &[&[u8]]) -> Vec<u8> {
    let mut context = digest::Context::new(algorithm);
    parts.iter().for_each(|part| context.update(part));
    context.finish().as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::hmac;

    use super::*;

    #[test]
    fn hmac_is_that_of_the_provider() {
        for key in [&b"Jefe"[..], &[0xAA; 200]] {
            let expected = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA384, key), b"what do ya want");
            assert_eq!(Hash::Sha384.mac(key, &[b"what do ", b"ya want"]), expected.as_ref());
        }
    }

    #[test]
    fn hmac_md5_is_that_of_rfc_2104() {
        let expected = [0x75, 0x0c, 0x78, 0x3e, 0x6a, 0xb0, 0xb5, 0x03, 0xea, 0xa8, 0x6e, 0x31, 0x0a, 0x5d, 0xb7, 0x38];
        assert_eq!(Hash::Md5.mac(b"Jefe", &[b"what do ya want for nothing?"]), expected);
    }
}
