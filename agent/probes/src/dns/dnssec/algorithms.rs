//! Algorithms and digests of DNSSEC: their numbers and names (IANA), and what is advised of them.
//!
//! Advice as of November 2025: RFC 9904 (registries replace RFC 8624), RFC 9905 (SHA-1) and RFC 9906 (GOST).

/// How a signature is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// RSA with PKCS #1 padding and SHA-1 (RFC 3110, RFC 5155).
    RsaSha1,
    /// RSA with SHA-256 (RFC 5702).
    RsaSha256,
    /// RSA with SHA-512 (RFC 5702).
    RsaSha512,
    /// ECDSA on P-256 with SHA-256 (RFC 6605).
    EcdsaP256,
    /// ECDSA on P-384 with SHA-384 (RFC 6605).
    EcdsaP384,
    /// Ed25519 (RFC 8080).
    Ed25519,
    /// Ed448 (RFC 8080).
    Ed448,
}

/// What is known of one algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Algorithm {
    /// Its number (IANA).
    pub(super) number: u8,
    /// Its mnemonic (IANA).
    pub(super) mnemonic: &'static str,
    /// How it is checked; none when resolvers do not, and a zone signed so counts as unsigned (RFC 4035 section 5.2).
    pub(super) method: Option<Method>,
    /// Whether zones must no longer be signed with it.
    pub(super) weak: bool,
}

const fn known(number: u8, mnemonic: &'static str, method: Option<Method>, weak: bool) -> Algorithm {
    Algorithm { number, mnemonic, method, weak }
}

/// From weak to strong. DSA, RSA/MD5 and GOST are checked by no resolver of today.
const ALGORITHMS: [Algorithm; 14] = [
    known(1, "RSAMD5", None, true),
    known(3, "DSA", None, true),
    known(6, "DSA-NSEC3-SHA1", None, true),
    known(12, "ECC-GOST", None, true),
    known(5, "RSASHA1", Some(Method::RsaSha1), true),
    known(7, "RSASHA1-NSEC3-SHA1", Some(Method::RsaSha1), true),
    known(17, "SM2SM3", None, false),
    known(23, "ECC-GOST12", None, false),
    known(8, "RSASHA256", Some(Method::RsaSha256), false),
    known(10, "RSASHA512", Some(Method::RsaSha512), false),
    known(13, "ECDSAP256SHA256", Some(Method::EcdsaP256), false),
    known(14, "ECDSAP384SHA384", Some(Method::EcdsaP384), false),
    known(15, "ED25519", Some(Method::Ed25519), false),
    known(16, "ED448", Some(Method::Ed448), false),
];

/// What is known of an algorithm; `None` for a number that IANA gave to nothing else.
pub(super) fn algorithm(number: u8) -> Option<&'static Algorithm> {
    ALGORITHMS.iter().find(|algorithm| algorithm.number == number)
}

/// Its mnemonic, or its number in words.
pub(super) fn mnemonic(number: u8) -> String {
    algorithm(number).map_or_else(|| format!("ALGORITHM{number}"), |known| known.mnemonic.to_owned())
}

/// Its place from weak to strong, for choosing the strongest of several; unknown ones come first.
pub(super) fn strength(number: u8) -> usize {
    ALGORITHMS.iter().position(|algorithm| algorithm.number == number).map_or(0, |place| place + 1)
}

/// Whether its signatures can be checked.
pub(super) fn is_supported(number: u8) -> bool {
    algorithm(number).is_some_and(|known| known.method.is_some())
}

/// Digest that the parent zone holds of a key (RFC 4034 section 5.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Digest {
    /// SHA-1: must no longer be published (RFC 9905).
    Sha1,
    /// SHA-256 (RFC 4509).
    Sha256,
    /// SHA-384 (RFC 6605).
    Sha384,
}

/// The digest of a number; `None` for those that resolvers do not know (GOST among them).
pub(super) fn digest(number: u8) -> Option<Digest> {
    match number {
        1 => Some(Digest::Sha1),
        2 => Some(Digest::Sha256),
        4 => Some(Digest::Sha384),
        _ => None,
    }
}
