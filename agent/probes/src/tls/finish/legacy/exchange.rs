//! The client's side of a key exchange up to TLS 1.2: what is sent, and the premaster secret.

use aws_lc_rs::agreement::{Algorithm, ECDH_P256, ECDH_P384, ECDH_P521, PrivateKey, UnparsedPublicKey, X25519, agree};

use crate::tls::finish::{chance, modular, rsa};
use crate::tls::wire::Version;

/// Length of a premaster secret that the client chooses, in bytes (RFC 5246 section 7.4.7.1).
const PREMASTER_BYTES: usize = 48;
/// Length of our exponent in finite-field Diffie-Hellman, in bytes.
const EXPONENT_BYTES: usize = 32;

/// What a key exchange gives.
#[derive(Debug)]
pub(crate) struct Exchanged {
    /// Content of `ClientKeyExchange`.
    pub(crate) message: Vec<u8>,
    /// The secret.
    pub(crate) premaster: Vec<u8>,
}

/// Encrypts a secret of ours to the key of the server's certificate; `None` when that is no usable RSA key.
pub(crate) fn rsa(offered: Version, certificate: &[u8], version: Version) -> Option<Exchanged> {
    let mut premaster = chance::random::<PREMASTER_BYTES>();
    premaster.iter_mut().zip(offered.number().to_be_bytes()).for_each(|(place, byte)| *place = byte);
    let encrypted = rsa::PublicKey::of_certificate(certificate)?.encrypt(&premaster)?;
    // SSL 3.0 sends it without its length (RFC 5246 section 7.4.7.1 tells the story).
    let message = if version == Version::Ssl3 { encrypted } else { prefixed_short(&encrypted)? };
    Some(Exchanged { message, premaster: premaster.to_vec() })
}

/// Agrees on a curve; `None` for a curve that we do not have or a point that is not on it.
pub(crate) fn curve(group: u16, point: &[u8]) -> Option<Exchanged> {
    let algorithm = algorithm(group)?;
    let key = PrivateKey::generate(algorithm).ok()?;
    let share = key.compute_public_key().ok()?.as_ref().to_vec();
    let premaster = agree(&key, UnparsedPublicKey::new(algorithm, point), (), |secret| Ok(secret.to_vec())).ok()?;
    let message = [&[u8::try_from(share.len()).ok()?][..], &share].concat();
    Some(Exchanged { message, premaster })
}

/// Curves that [`curve`] has, by their numbers in the registry, the quickest first.
pub(crate) const CURVES: [u16; 4] = [29, 23, 24, 25];

fn algorithm(group: u16) -> Option<&'static Algorithm> {
    match group {
        23 => Some(&ECDH_P256),
        24 => Some(&ECDH_P384),
        25 => Some(&ECDH_P521),
        29 => Some(&X25519),
        _ => None,
    }
}

/// Agrees in the server's finite-field group; `None` for a group that is none.
pub(crate) fn finite_field(prime: &[u8], generator: &[u8], share: &[u8]) -> Option<Exchanged> {
    let exponent = chance::random::<EXPONENT_BYTES>();
    let ours = modular::power(generator, &exponent, prime)?;
    let secret = modular::power(share, &exponent, prime)?;
    // Leading zeros do not count up to TLS 1.2 (RFC 5246 section 8.1.2).
    Some(Exchanged { message: prefixed_short(&ours)?, premaster: modular::strip(&secret).to_vec() })
}

fn prefixed_short(content: &[u8]) -> Option<Vec<u8>> {
    Some([&u16::try_from(content.len()).ok()?.to_be_bytes()[..], content].concat())
}
