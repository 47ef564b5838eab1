//! Which suites our client can finish a handshake with, and what they need.

use super::hash::Hash;
use super::keys::Derivation;
use super::protection::{Bulk, Shape};
use crate::tls::wire::{Cipher, KeyExchange, Mac, Mode, SuiteAttributes, SuiteId, Version};

/// How the premaster secret comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exchange {
    /// Encrypted to the server's RSA key.
    Rsa,
    /// Fresh keys in a finite field.
    FiniteField,
    /// Fresh keys on a curve.
    Curve,
}

/// What finishing a handshake with a suite takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Recipe {
    /// Key exchange.
    pub(crate) exchange: Exchange,
    /// Keys and cipher.
    pub(crate) shape: Shape,
    /// Derivation of secrets.
    pub(crate) derivation: Derivation,
}

/// The recipe of a suite in a version up to TLS 1.2; `None` for one that our client lacks: block ciphers other than AES,
/// keys known beforehand, keys shortened for export.
pub(crate) fn recipe(id: SuiteId, suite: SuiteAttributes, version: Version) -> Option<Recipe> {
    if suite.export {
        return None;
    }
    let exchange = match suite.key_exchange {
        KeyExchange::Rsa => Exchange::Rsa,
        KeyExchange::Dhe => Exchange::FiniteField,
        KeyExchange::Ecdhe => Exchange::Curve,
        KeyExchange::Null
        | KeyExchange::Dh
        | KeyExchange::Ecdh
        | KeyExchange::Psk
        | KeyExchange::RsaPsk
        | KeyExchange::DhePsk
        | KeyExchange::EcdhePsk
        | KeyExchange::Krb5
        | KeyExchange::Srp
        | KeyExchange::EccPassword
        | KeyExchange::Gost
        | KeyExchange::Sm2
        | KeyExchange::Separate
        | KeyExchange::SeparateIntegrityOnly => return None,
    };
    let name = id.name()?;
    let shape = Shape { bulk: bulk(suite, name)?, key_bytes: usize::from(suite.key_bits) / 8, mac: mac(suite.mac)? };
    let derivation = match version {
        Version::Ssl3 => Derivation::Ssl3,
        Version::Tls10 | Version::Tls11 => Derivation::Both,
        // RFC 5246 section 5: SHA-256 unless the suite says more.
        Version::Tls12 if name.ends_with("SHA384") => Derivation::One(Hash::Sha384),
        Version::Tls12 => Derivation::One(Hash::Sha256),
        Version::Ssl2 | Version::Tls13 => return None,
    };
    Some(Recipe { exchange, shape, derivation })
}

fn bulk(suite: SuiteAttributes, name: &str) -> Option<Bulk> {
    match (suite.cipher, suite.mode) {
        (Cipher::Null, _) => Some(Bulk::Null),
        (Cipher::Rc4, _) => Some(Bulk::Rc4),
        (Cipher::Aes, Mode::Cbc) => Some(Bulk::AesCbc),
        (Cipher::Aes, Mode::Aead) if name.contains("_GCM") => Some(Bulk::AesGcm),
        (Cipher::Aes, Mode::Aead) => Some(Bulk::AesCcm(if suite.short_tag { 8 } else { 16 })),
        // The drafts before RFC 7905 made their nonces otherwise.
        (Cipher::ChaCha20, _) if !name.starts_with("OLD_") => Some(Bulk::ChaCha20),
        _ => None,
    }
}

/// The hash of the MAC; `None` inside where the cipher protects by itself, `None` outside where we lack it.
#[expect(clippy::option_option, reason = "no MAC and no such MAC are two things")]
fn mac(mac: Mac) -> Option<Option<Hash>> {
    match mac {
        Mac::Md5 => Some(Some(Hash::Md5)),
        Mac::Sha1 => Some(Some(Hash::Sha1)),
        Mac::Sha256 => Some(Some(Hash::Sha256)),
        Mac::Sha384 => Some(Some(Hash::Sha384)),
        Mac::Aead => Some(None),
        Mac::Null | Mac::Sm3 | Mac::Gost => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(id: u16, version: Version) -> Option<Recipe> {
        let id = SuiteId(id);
        recipe(id, id.attributes().expect("listed"), version)
    }

    #[test]
    fn the_common_suites_have_a_recipe() {
        let cases = [
            (0xC02F, Version::Tls12, Exchange::Curve, Bulk::AesGcm, 16, None),
            (0xCCAA, Version::Tls12, Exchange::FiniteField, Bulk::ChaCha20, 32, None),
            (0xC028, Version::Tls12, Exchange::Curve, Bulk::AesCbc, 32, Some(Hash::Sha384)),
            (0xC0A0, Version::Tls12, Exchange::Rsa, Bulk::AesCcm(8), 16, None),
            (0x002F, Version::Tls10, Exchange::Rsa, Bulk::AesCbc, 16, Some(Hash::Sha1)),
            (0x0004, Version::Ssl3, Exchange::Rsa, Bulk::Rc4, 16, Some(Hash::Md5)),
            (0x003B, Version::Tls12, Exchange::Rsa, Bulk::Null, 0, Some(Hash::Sha256)),
        ];
        for (id, version, exchange, bulk, key_bytes, mac) in cases {
            let recipe = of(id, version).expect("a recipe");
            assert_eq!((recipe.exchange, recipe.shape), (exchange, Shape { bulk, key_bytes, mac }), "{id:04X}");
        }
    }

    #[test]
    fn what_our_client_lacks_has_none() {
        for id in [0x0003, 0x0009, 0x000A, 0x0041, 0x008C, 0xC001, 0xCC13] {
            assert_eq!(of(id, Version::Tls12), None, "{id:04X}");
        }
    }

    #[test]
    fn the_derivation_follows_the_version_and_the_suite() {
        for (id, version, derivation) in [
            (0x002F, Version::Ssl3, Derivation::Ssl3),
            (0x002F, Version::Tls11, Derivation::Both),
            (0x002F, Version::Tls12, Derivation::One(Hash::Sha256)),
            (0xC030, Version::Tls12, Derivation::One(Hash::Sha384)),
        ] {
            assert_eq!(of(id, version).map(|recipe| recipe.derivation), Some(derivation), "{id:04X}");
        }
    }
}
