//! The pattern of registered names: key exchange, `_WITH_`, cipher, MAC.

use super::attributes::{Authentication, Cipher, KeyExchange, Mac, Mode};

/// The key exchange and the authentication, from what stands before `_WITH_`.
pub(super) fn exchange_of(exchange: &str, protection: &str) -> Option<(KeyExchange, Authentication)> {
    use {Authentication as A, KeyExchange as K};
    let plain = exchange.split("_EXPORT").next().unwrap_or(exchange).trim_end_matches("_FIPS");
    Some(match plain {
        "" if protection.starts_with("SHA") => (K::SeparateIntegrityOnly, A::Separate),
        "" => (K::Separate, A::Separate),
        "NULL" => (K::Null, A::Anonymous),
        "RSA" => (K::Rsa, A::Rsa),
        "DH_RSA" => (K::Dh, A::Rsa),
        "DH_DSS" => (K::Dh, A::Dss),
        "DHE_RSA" => (K::Dhe, A::Rsa),
        "DHE_DSS" => (K::Dhe, A::Dss),
        "DH_anon" => (K::Dhe, A::Anonymous),
        "ECDH_RSA" => (K::Ecdh, A::Rsa),
        "ECDH_ECDSA" => (K::Ecdh, A::Ecdsa),
        "ECDHE_RSA" => (K::Ecdhe, A::Rsa),
        "ECDHE_ECDSA" => (K::Ecdhe, A::Ecdsa),
        "ECDHE_SM2" => (K::Ecdhe, A::Sm2),
        "ECDH_anon" => (K::Ecdhe, A::Anonymous),
        "PSK" => (K::Psk, A::Psk),
        "RSA_PSK" => (K::RsaPsk, A::Rsa),
        "DHE_PSK" | "PSK_DHE" => (K::DhePsk, A::Psk),
        "ECDHE_PSK" => (K::EcdhePsk, A::Psk),
        "KRB5" => (K::Krb5, A::Krb5),
        "SRP_SHA" => (K::Srp, A::Password),
        "SRP_SHA_RSA" => (K::Srp, A::Rsa),
        "SRP_SHA_DSS" => (K::Srp, A::Dss),
        "ECCPWD" => (K::EccPassword, A::Password),
        "ECC_SM2" => (K::Sm2, A::Sm2),
        _ if plain.starts_with("GOSTR341112_256") && protection.contains("MGM") => (K::Separate, A::Separate),
        _ if plain.starts_with("GOSTR34") => (K::Gost, A::Gost),
        _ => return None,
    })
}

/// The cipher with the bits of its key and of its block; the first that matches counts.
pub(super) fn cipher_of(protection: &str) -> Option<(Cipher, u16, u16)> {
    const CIPHERS: &[(&str, Cipher, u16, u16)] = &[
        ("NULL", Cipher::Null, 0, 0),
        ("RC4_40", Cipher::Rc4, 40, 0),
        ("RC4_56", Cipher::Rc4, 56, 0),
        ("RC4_64", Cipher::Rc4, 64, 0),
        ("RC4_128", Cipher::Rc4, 128, 0),
        ("RC2_CBC_40", Cipher::Rc2, 40, 64),
        ("RC2_CBC_56", Cipher::Rc2, 56, 64),
        ("RC2_CBC_128", Cipher::Rc2, 128, 64),
        ("DES_CBC_40", Cipher::Des, 40, 64),
        ("DES40", Cipher::Des, 40, 64),
        ("DES_CBC", Cipher::Des, 56, 64),
        ("3DES_EDE", Cipher::TripleDes, 168, 64),
        ("IDEA", Cipher::Idea, 128, 64),
        ("SEED", Cipher::Seed, 128, 128),
        ("AES_128", Cipher::Aes, 128, 128),
        ("AES_256", Cipher::Aes, 256, 128),
        ("CAMELLIA_128", Cipher::Camellia, 128, 128),
        ("CAMELLIA_256", Cipher::Camellia, 256, 128),
        ("ARIA_128", Cipher::Aria, 128, 128),
        ("ARIA_256", Cipher::Aria, 256, 128),
        ("CHACHA20", Cipher::ChaCha20, 256, 0),
        ("SM4", Cipher::Sm4, 128, 128),
        ("28147", Cipher::Gost28147, 256, 64),
        ("MAGMA", Cipher::Magma, 256, 64),
        ("KUZNYECHIK", Cipher::Kuznyechik, 256, 128),
        ("AEGIS_128L", Cipher::Aegis, 128, 128),
        ("AEGIS_256", Cipher::Aegis, 256, 128),
        ("SHA256_SHA256", Cipher::Null, 0, 0),
        ("SHA384_SHA384", Cipher::Null, 0, 0),
    ];
    let found = CIPHERS.iter().find(|(start, ..)| protection.starts_with(start))?;
    Some((found.1, found.2, found.3))
}

/// The mode of the cipher.
pub(super) fn mode_of(protection: &str, cipher: Cipher) -> Mode {
    const AEAD: [&str; 5] = ["_GCM", "_CCM", "POLY1305", "_MGM", "AEGIS"];
    if cipher == Cipher::Null {
        Mode::Null
    } else if AEAD.iter().any(|mark| protection.contains(mark)) {
        Mode::Aead
    } else if protection.contains("CBC") {
        Mode::Cbc
    } else {
        Mode::Stream
    }
}

/// What protects records, from the last word.
pub(super) fn mac_of(protection: &str, mode: Mode) -> Option<Mac> {
    const ENDS: &[(&str, Mac)] = &[
        ("MD5", Mac::Md5),
        ("SHA", Mac::Sha1),
        ("SHA256", Mac::Sha256),
        ("SHA384", Mac::Sha384),
        ("SM3", Mac::Sm3),
        ("IMIT", Mac::Gost),
        ("OMAC", Mac::Gost),
        ("GOSTR3411", Mac::Gost),
        ("NULL", Mac::Null),
    ];
    if mode == Mode::Aead {
        return Some(Mac::Aead);
    }
    let end = protection.rsplit('_').next()?;
    ENDS.iter().find(|(word, _)| *word == end).map(|(_, mac)| *mac)
}
