//! Key exchange groups of TLS 1.3: those of the library, and ours for those that it lacks, by their IANA names.
//!
//! A server that takes one rare group only still has a certificate to show. The groups here are for looking, not for
//! secrecy: they need not run in constant time.

mod curve448;
mod finite_field;
mod hybrid;
mod secp521;

use aws_lc_rs::kem;
use rustls::crypto::SupportedKxGroup;
use rustls::crypto::aws_lc_rs::kx_group;
use rustls::{NamedGroup, PeerMisbehaved, ffdhe_groups};

use finite_field::FiniteField;
use hybrid::Encapsulation;

/// Every group by its IANA name, in the order in which a current client prefers them.
static GROUPS: [(&str, &dyn SupportedKxGroup); 14] = [
    ("X25519MLKEM768", kx_group::X25519MLKEM768),
    ("x25519", kx_group::X25519),
    ("secp256r1", kx_group::SECP256R1),
    ("secp384r1", kx_group::SECP384R1),
    ("secp521r1", &secp521::Secp521r1),
    ("SecP256r1MLKEM768", kx_group::SECP256R1MLKEM768),
    ("SecP384r1MLKEM1024", &Encapsulation::SECP384R1_MLKEM1024),
    ("MLKEM512", &Encapsulation::MLKEM512),
    ("MLKEM768", kx_group::MLKEM768),
    ("MLKEM1024", kx_group::MLKEM1024),
    ("x448", &curve448::X448),
    ("ffdhe2048", &FiniteField { name: NamedGroup::FFDHE2048, group: ffdhe_groups::FFDHE2048 }),
    ("ffdhe3072", &FiniteField { name: NamedGroup::FFDHE3072, group: ffdhe_groups::FFDHE3072 }),
    ("ffdhe4096", &FiniteField { name: NamedGroup::FFDHE4096, group: ffdhe_groups::FFDHE4096 }),
];

/// The groups to offer to a server of which `accepted` is known: those alone, the server's first choice first; every
/// group of ours where nothing is known.
pub(crate) fn offered(accepted: &[String]) -> Vec<&'static dyn SupportedKxGroup> {
    let known: Vec<_> = accepted.iter().filter_map(|name| group(name)).collect();
    if known.is_empty() { GROUPS.iter().map(|(_, group)| *group).collect() } else { known }
}

/// The group of an IANA name, if there is a way to speak it.
pub(crate) fn group(name: &str) -> Option<&'static dyn SupportedKxGroup> {
    GROUPS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, group)| *group)
}

/// The server's share has the wrong length or is no member of its group.
const BAD_SHARE: rustls::Error = rustls::Error::PeerMisbehaved(PeerMisbehaved::InvalidKeyShare);
/// The system gave no random numbers, or the library no key.
const NO_KEY: rustls::Error = rustls::Error::FailedToGetRandomBytes;

/// ML-KEM of the smallest size, which the library knows without offering it (draft-ietf-tls-mlkem).
const ML_KEM_512: &kem::Algorithm<kem::AlgorithmId> = &kem::ML_KEM_512;
/// ML-KEM of the largest size.
const ML_KEM_1024: &kem::Algorithm<kem::AlgorithmId> = &kem::ML_KEM_1024;
