//! What a suite does, read from its registered name.

use super::names::{cipher_of, exchange_of, mac_of, mode_of};

/// How the two sides come to a common secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyExchange {
    /// Not at all (`TLS_NULL_WITH_NULL_NULL`).
    Null,
    /// Encrypted to the server's RSA key.
    Rsa,
    /// Finite field, with the key in the certificate.
    Dh,
    /// Finite field, with a fresh key.
    Dhe,
    /// Elliptic curve, with the key in the certificate.
    Ecdh,
    /// Elliptic curve, with a fresh key.
    Ecdhe,
    /// A key that both sides have beforehand (RFC 4279).
    Psk,
    /// The same, with RSA.
    RsaPsk,
    /// The same, with a fresh finite-field key.
    DhePsk,
    /// The same, with a fresh elliptic-curve key (RFC 5489).
    EcdhePsk,
    /// Kerberos (RFC 2712).
    Krb5,
    /// Password (RFC 5054).
    Srp,
    /// Password (RFC 8492).
    EccPassword,
    /// GOST R 34.10 (RFC 9189) .
    Gost,
    /// SM2, encrypted to the server's key (GB/T 38636).
    Sm2,
    /// TLS 1.3 chooses it apart from the suite; always fresh where no old key is reused.
    Separate,
    /// None, authenticated only (RFC 9150); the key exchange is TLS 1.3's.
    SeparateIntegrityOnly,
}

/// How the server proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Authentication {
    /// Not at all: anybody in between can read along.
    Anonymous,
    /// RSA certificate.
    Rsa,
    /// DSA certificate.
    Dss,
    /// Elliptic-curve certificate: ECDSA, Ed25519 or Ed448.
    Ecdsa,
    /// The key that both sides have.
    Psk,
    /// Kerberos.
    Krb5,
    /// The password.
    Password,
    /// GOST certificate.
    Gost,
    /// SM2 certificate.
    Sm2,
    /// TLS 1.3 chooses it apart from the suite.
    Separate,
}

/// The cipher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cipher {
    /// None: everything can be read.
    Null,
    /// RC4 (RFC 7465 forbids it).
    Rc4,
    /// RC2.
    Rc2,
    /// Single DES.
    Des,
    /// Triple DES.
    TripleDes,
    /// IDEA.
    Idea,
    /// SEED.
    Seed,
    /// AES.
    Aes,
    /// Camellia.
    Camellia,
    /// ARIA.
    Aria,
    /// `ChaCha20`.
    ChaCha20,
    /// SM4.
    Sm4,
    /// GOST 28147-89.
    Gost28147,
    /// Magma.
    Magma,
    /// Kuznyechik.
    Kuznyechik,
    /// AEGIS.
    Aegis,
}

/// How the cipher is used on records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// No cipher.
    Null,
    /// Key stream, MAC apart.
    Stream,
    /// Blocks in a chain, MAC apart.
    Cbc,
    /// Encryption and authentication in one.
    Aead,
}

/// What protects records from change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mac {
    /// Nothing.
    Null,
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SM3.
    Sm3,
    /// A GOST code.
    Gost,
    /// The cipher itself.
    Aead,
}

/// What a suite does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SuiteAttributes {
    /// Key exchange.
    pub key_exchange: KeyExchange,
    /// Authentication of the server.
    pub authentication: Authentication,
    /// Cipher.
    pub cipher: Cipher,
    /// Mode of the cipher.
    pub mode: Mode,
    /// Bits of the key that are secret: 40 and 56 for export suites; 112 bits of strength count as 168 for triple DES.
    pub key_bits: u16,
    /// Bits of a block; 0 for a key stream and without cipher.
    pub block_bits: u16,
    /// Protection of records.
    pub mac: Mac,
    /// Whether it was weakened on purpose for export.
    pub export: bool,
    /// Whether the tag is cut to 8 bytes (`CCM_8`).
    pub short_tag: bool,
}

impl SuiteAttributes {
    /// What a suite of that name does; `None` when the name does not follow the registry's pattern.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let bare = name.trim_start_matches("OLD_");
        let bare = bare.strip_prefix("TLS_").or_else(|| bare.strip_prefix("SSL_"))?;
        let (exchange, protection) = bare.split_once("_WITH_").unwrap_or(("", bare));
        let (key_exchange, authentication) = exchange_of(exchange, protection)?;
        let (cipher, key_bits, block_bits) = cipher_of(protection)?;
        let mode = mode_of(protection, cipher);
        Some(Self {
            key_exchange,
            authentication,
            cipher,
            mode,
            key_bits,
            block_bits,
            mac: mac_of(protection, mode)?,
            export: exchange.contains("EXPORT"),
            short_tag: protection.contains("CCM_8"),
        })
    }

    /// Whether past traffic stays secret when the server's key is lost.
    #[must_use]
    pub const fn forward_secrecy(&self) -> bool {
        match self.key_exchange {
            KeyExchange::Dhe
            | KeyExchange::Ecdhe
            | KeyExchange::DhePsk
            | KeyExchange::EcdhePsk
            | KeyExchange::EccPassword
            | KeyExchange::Srp
            | KeyExchange::Separate
            | KeyExchange::SeparateIntegrityOnly => true,
            KeyExchange::Null
            | KeyExchange::Rsa
            | KeyExchange::Dh
            | KeyExchange::Ecdh
            | KeyExchange::Psk
            | KeyExchange::RsaPsk
            | KeyExchange::Krb5
            | KeyExchange::Gost
            | KeyExchange::Sm2 => false,
        }
    }

    /// Whether nobody proves who the server is.
    #[must_use]
    pub fn anonymous(&self) -> bool {
        self.authentication == Authentication::Anonymous
    }

    /// Whether nothing is encrypted.
    #[must_use]
    pub fn null(&self) -> bool {
        self.cipher == Cipher::Null
    }

    /// Whether the cipher runs over blocks in a chain.
    #[must_use]
    pub fn cbc(&self) -> bool {
        self.mode == Mode::Cbc
    }

    /// Whether encryption and authentication are one.
    #[must_use]
    pub fn aead(&self) -> bool {
        self.mode == Mode::Aead
    }

    /// Whether the key exchange runs over an elliptic curve that the two sides agree on.
    #[must_use]
    pub fn uses_curve(&self) -> bool {
        matches!(self.key_exchange, KeyExchange::Ecdhe | KeyExchange::EcdhePsk)
    }

    /// Whether the key exchange runs over a finite field that the server sends.
    #[must_use]
    pub fn uses_finite_field(&self) -> bool {
        matches!(self.key_exchange, KeyExchange::Dhe | KeyExchange::DhePsk)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> SuiteAttributes {
        SuiteAttributes::of_name(name).expect(name)
    }

    #[test]
    fn export_suites_have_short_keys() {
        for (name, bits) in [
            ("TLS_RSA_EXPORT_WITH_RC4_40_MD5", 40),
            ("TLS_KRB5_EXPORT_WITH_DES_CBC_40_SHA", 40),
            ("TLS_DHE_DSS_EXPORT1024_WITH_DES_CBC_SHA", 56),
        ] {
            assert!(of(name).export, "{name}");
            assert_eq!(of(name).key_bits, bits, "{name}");
        }
        assert!(!of("TLS_RSA_WITH_RC4_128_MD5").export);
    }

    #[test]
    fn fresh_keys_give_forward_secrecy() {
        for (name, expected) in [
            ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", true),
            ("TLS_DH_anon_WITH_AES_128_CBC_SHA", true),
            ("TLS_AES_128_GCM_SHA256", true),
            ("TLS_ECDH_RSA_WITH_AES_128_CBC_SHA", false),
            ("TLS_DH_RSA_WITH_AES_128_CBC_SHA", false),
            ("TLS_RSA_PSK_WITH_AES_128_CBC_SHA", false),
        ] {
            assert_eq!(of(name).forward_secrecy(), expected, "{name}");
        }
    }

    #[test]
    fn cipher_block_and_mode_are_read() {
        for (name, cipher, block, mode, mac) in [
            ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", Cipher::TripleDes, 64, Mode::Cbc, Mac::Sha1),
            ("SSL_RSA_FIPS_WITH_DES_CBC_SHA", Cipher::Des, 64, Mode::Cbc, Mac::Sha1),
            ("TLS_AES_128_CCM_8_SHA256", Cipher::Aes, 128, Mode::Aead, Mac::Aead),
            ("TLS_RSA_WITH_NULL_SHA256", Cipher::Null, 0, Mode::Null, Mac::Sha256),
            ("TLS_RSA_WITH_RC4_128_MD5", Cipher::Rc4, 0, Mode::Stream, Mac::Md5),
            ("TLS_GOSTR341001_WITH_28147_CNT_IMIT", Cipher::Gost28147, 64, Mode::Stream, Mac::Gost),
        ] {
            let suite = of(name);
            assert_eq!((suite.cipher, suite.block_bits, suite.mode, suite.mac), (cipher, block, mode, mac), "{name}");
        }
    }

    #[test]
    fn a_name_of_another_pattern_is_no_suite() {
        for name in ["", "TLS_", "RSA", "TLS_RSA_WITH_", "TLS_FOO_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_128_CBC_FOO"]
        {
            assert_eq!(SuiteAttributes::of_name(name), None, "{name}");
        }
    }
}
