//! From the premaster secret to the keys of a connection, and the `Finished` message, from SSL 3.0 to TLS 1.2.

use super::hash::Hash;
use super::hash::Hash::{Md5, Sha1};
use crate::tls::finish::modular;

/// Length of the master secret, in bytes.
const MASTER_BYTES: usize = 48;
/// Length of `Finished` from TLS 1.0 on, in bytes.
const VERIFY_BYTES: usize = 12;

/// How a version derives secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Derivation {
    /// SSL 3.0 (RFC 6101 sections 5.6.9, 6.1 and 6.2.2).
    Ssl3,
    /// TLS 1.0 and 1.1: MD5 and SHA-1 together (RFC 2246 section 5).
    Both,
    /// TLS 1.2 with the hash of the suite (RFC 5246 section 5).
    One(Hash),
}

impl Derivation {
    /// The master secret; `session_hash` is given where it is bound to the handshake (RFC 7627).
    pub(crate) fn master(self, premaster: &[u8], randoms: &Randoms, session_hash: Option<&[u8]>) -> Vec<u8> {
        match (self, session_hash) {
            (Self::Ssl3, _) => letters(premaster, &[&randoms.client, &randoms.server], MASTER_BYTES),
            (_, Some(hash)) => self.expand(premaster, b"extended master secret", &[hash], MASTER_BYTES),
            (_, None) => self.expand(premaster, b"master secret", &[&randoms.client, &randoms.server], MASTER_BYTES),
        }
    }

    /// The keys of both directions.
    pub(crate) fn key_block(self, master: &[u8], randoms: &Randoms, length: usize) -> Vec<u8> {
        let seed: [&[u8]; 2] = [&randoms.server, &randoms.client];
        match self {
            Self::Ssl3 => letters(master, &seed, length),
            Self::Both | Self::One(_) => self.expand(master, b"key expansion", &seed, length),
        }
    }

    /// The hash of the handshake so far, as `Finished` and the binding of the master secret take it.
    pub(crate) fn handshake_hash(self, handshake: &[u8]) -> Vec<u8> {
        match self {
            Self::Ssl3 | Self::Both => [Md5.digest(&[handshake]), Sha1.digest(&[handshake])].concat(),
            Self::One(hash) => hash.digest(&[handshake]),
        }
    }

    /// The content of the client's `Finished`.
    pub(crate) fn client_finished(self, master: &[u8], handshake: &[u8]) -> Vec<u8> {
        match self {
            Self::Ssl3 => {
                let part = |hash: Hash, pad: usize| {
                    let inner = hash.digest(&[handshake, b"CLNT", master, &vec![0x36; pad]]);
                    hash.digest(&[master, &vec![0x5C; pad], &inner])
                };
                [part(Md5, 48), part(Sha1, 40)].concat()
            }
            Self::Both | Self::One(_) => {
                self.expand(master, b"client finished", &[&self.handshake_hash(handshake)], VERIFY_BYTES)
            }
        }
    }

    fn expand(self, secret: &[u8], label: &[u8], seed: &[&[u8]], length: usize) -> Vec<u8> {
        let seed = [&[label], seed].concat().concat();
        match self {
            Self::One(hash) => stretch(hash, secret, &seed, length),
            Self::Ssl3 | Self::Both => {
                // Both halves share the middle byte of an odd secret.
                let half = secret.len().div_ceil(2);
                let (left, _) = secret.split_at(half);
                let (_, right) = secret.split_at(secret.len() - half);
                let (one, other) = (stretch(Md5, left, &seed, length), stretch(Sha1, right, &seed, length));
                one.iter().zip(other).map(|(one, other)| one ^ other).collect()
            }
        }
    }
}

/// The random numbers of both greetings.
#[derive(Debug, Clone)]
pub(crate) struct Randoms {
    /// The client's.
    pub(crate) client: [u8; 32],
    /// The server's.
    pub(crate) server: [u8; 32],
}

/// `P_hash` of RFC 5246 section 5.
fn stretch(hash: Hash, secret: &[u8], seed: &[u8], length: usize) -> Vec<u8> {
    let mut stretched = Vec::with_capacity(length + hash.length());
    let mut chain = hash.mac(secret, &[seed]);
    while stretched.len() < length {
        stretched.extend(hash.mac(secret, &[&chain, seed]));
        chain = hash.mac(secret, &[&chain]);
    }
    stretched.truncate(length);
    stretched
}

/// The derivation of SSL 3.0: `A`, `BB`, `CCC` ... before the secret.
fn letters(secret: &[u8], seed: &[&[u8]], length: usize) -> Vec<u8> {
    let mut derived = Vec::new();
    for (letter, count) in (b'A'..=b'Z').zip(1..) {
        if derived.len() >= length {
            break;
        }
        let inner = Sha1.digest(&[&[vec![letter; count].as_slice(), secret], seed].concat());
        derived.extend(Md5.digest(&[secret, &inner]));
    }
    derived.truncate(length);
    modular::pad(&derived, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_derivation_of_tls_1_2_is_that_of_the_provider() {
        let secret = aws_lc_rs::tls_prf::Secret::new(&aws_lc_rs::tls_prf::P_SHA256, &[42; 32]).expect("a secret");
        let expected = secret.derive(b"client finished", &[7; 32], 100).expect("100 bytes");
        let derived = Derivation::One(Hash::Sha256).expand(&[42; 32], b"client finished", &[&[7; 32]], 100);
        assert_eq!(derived, expected.as_ref());
    }

    #[test]
    fn the_letters_of_ssl_3_give_as_much_as_is_asked() {
        assert_eq!(letters(b"secret", &[b"seed"], 104).len(), 104);
    }
}
