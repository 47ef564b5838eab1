//! The certificates that a server sends: what each says, what is wrong with them, and whether they are trusted.
//!
//! rustls-webpki gives the verdict (`trusted`); our own search for the way to a root gives the reasons (`problems`). The
//! reasons are kept apart on purpose: each is judged on its own, so that an expired certificate that is signed with SHA-1
//! shows both words and a good chain with one defect shows exactly one.
//!
//! # Which words stand for one cause
//! - Self-signed: `self_signed` alone, never `untrusted_root`, `incomplete_chain` or `leaf_is_ca` beside it (programs mark
//!   such certificates as authorities by habit). Handed in as a root, it is nobody's problem.
//! - No subject alternative names, but the right common name: `no_subject_alt_name` alone; the common name of another
//!   server: `name_mismatch` too.
//! - The issuer was not sent: `incomplete_chain` or `untrusted_root`, never both; `missing` says by which hints.
//! - A private root that nobody was told to trust and that was sent along: `untrusted_root` alone. `root_in_chain` is about
//!   a certificate that every client has already; this one no client has.
//! - A trusted root between the others: `root_in_chain`, and `chain_order` when it stands before the certificate it certifies.
//! - Weak keys and digests count for the server's own certificate and the intermediates; a root's own signature is never
//!   checked by anybody. They never make a way to a root end early.
//! - Expired and ending soon exclude each other; expired and issued for too long do not.
//!
//! # Where rustls-webpki is more lenient than these words
//! It trusts all of these, so `trusted` stays true beside the word (each line is a case in `tests/certificates/lenient.rs`):
//! - `weak_key_rsa_512`, `weak_key_rsa_1024`, `weak_key_ec`, `weak_key_dsa` of the server's own certificate: the key that signs
//!   the handshake is not looked at;
//! - `validity_over_398_days`, `expires_within_14_days`: dates are only compared with now;
//! - `no_subject_alt_name`, `name_mismatch`: the name is a question of its own, and the common name is never read;
//! - `must_staple_without_staple`, `expired_staple`, `bad_staple`: the extension is unknown to it, and it reads no OCSP;
//! - `chain_order`, `root_in_chain`: it takes certificates in any order and leaves out what it does not need;
//! - `issuer_expired` for a root that was handed in, and `path_length_exceeded` by such a root: of a root only name, key and
//!   name constraints count;
//! - `serial_not_positive`: serial numbers are read leniently;
//! - `key_usage_without_tls`, `issuer_key_usage`: key usage is not looked at, of nobody;
//! - `self_signed` without a way out does not exist for it: a self-signed certificate that is handed in as a root is trusted.
//!
//! `revoked` and `issuer_revoked` are ours too; there `trusted` becomes false, since a revoked certificate does not hold.
//!
//! # What clients cannot check
//! Ed448, brainpool curves, SHA-224 and DSA have no code in the library or in browsers: an issuer that signs so leads to
//! `unsupported_signature` when nothing else is wrong, and `trusted` is false. A server's own key of that kind under an
//! ordinary issuer is trusted. MD5 and RSA below 1024 bits are not checked but taken by names, so that only the weakness
//! shows.
//!
//! Read in this order: [`examine`], `examined` (what is asked in which order), `problem` (the words), `leaf`, `path`, `issuers`,
//! `missing`, `order`, `trust`, then `staple` and `lists`
//! (revocation), `read` (certificates as facts).

mod anchors;
mod constraints;
mod der;
mod examined;
mod issuers;
mod key;
mod leaf;
mod lists;
mod missing;
mod names;
mod order;
mod path;
mod problem;
mod read;
mod revocation;
mod signature;
mod staple;
mod trust;
mod verdict;

pub use lists::RevocationLists;
pub use problem::Problem;
pub use read::read;
pub use revocation::Staple;

use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, ServerName};
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;
use x509_parser::prelude::{FromDer, X509Certificate};

use self::examined::Examined;
use super::facts::{CertificateFacts, CertificateSetFacts};

/// Most certificates of one chain that are looked at; a server of today sends two or three.
const CERTIFICATES_MAX: usize = 32;

/// What is known around the certificates of one look.
#[derive(Debug, Clone, Copy)]
pub struct Examination<'a> {
    /// Name or address that the server's own certificate should carry.
    pub name: &'a ServerName<'a>,
    /// The moment that counts as now, for every date.
    pub now: Timestamp,
    /// Roots that are trusted beside Mozilla's.
    pub extra_roots: &'a [CertificateDer<'static>],
    /// What the server sent of the revocation state.
    pub staple: Staple<'a>,
    /// Revocation lists of this host.
    pub revocation_lists: &'a RevocationLists,
}

/// Says everything of one chain in the order sent, the server's own certificate first. Opens nothing and asks nobody.
#[must_use]
pub fn examine(chain: &[CertificateDer<'static>], around: &Examination<'_>) -> CertificateSetFacts {
    let Examination { name, now, extra_roots, staple, revocation_lists } = *around;
    let known = Known { name: Some(name), now: now.as_second(), extra_roots, staple, revocation_lists };
    examine_with(chain, &known)
}

/// Says of the certificates in a file what can be said without a connection: nothing of the expected name, nothing of a
/// staple.
#[must_use]
pub fn examine_file(
    chain: &[CertificateDer<'static>],
    now: Timestamp,
    extra_roots: &[CertificateDer<'static>],
    revocation_lists: &RevocationLists,
) -> CertificateSetFacts {
    let known = Known { name: None, now: now.as_second(), extra_roots, staple: Staple::NotSeen, revocation_lists };
    examine_with(chain, &known)
}

/// What is known around the certificates, whether from a connection or from a file.
struct Known<'a> {
    name: Option<&'a ServerName<'a>>,
    /// Seconds since 1970.
    now: i64,
    extra_roots: &'a [CertificateDer<'static>],
    staple: Staple<'a>,
    revocation_lists: &'a RevocationLists,
}

fn examine_with(chain: &[CertificateDer<'static>], around: &Known<'_>) -> CertificateSetFacts {
    let chain = chain.get(..CERTIFICATES_MAX).unwrap_or(chain);
    let facts = chain.iter().map(|certificate| read(certificate)).collect();
    let parsed: Vec<Option<X509Certificate<'_>>> = chain.iter().map(|certificate| parse(certificate)).collect();
    match parsed.split_first() {
        Some((Some(leaf), others)) => Examined::new(chain, leaf, others, around).told(facts, leaf, around),
        Some((None, _)) => {
            let mut told = unseen(facts, &Unknown::new(Reason::CORRUPT, "the server's certificate is not readable"));
            told.problems = Fact::Known(vec![Problem::Malformed.word().to_owned()]);
            told.trusted = Fact::Known(false);
            told.trust = Fact::Known("malformed".to_owned());
            told
        }
        None => unseen(facts, &Unknown::new(Reason::NOT_FOUND, "the server sent no certificate")),
    }
}

/// A certificate without anything after it.
fn parse(certificate: &[u8]) -> Option<X509Certificate<'_>> {
    X509Certificate::from_der(certificate).ok().filter(|(rest, _)| rest.is_empty()).map(|(_, parsed)| parsed)
}

fn unseen(chain: Vec<CertificateFacts>, why: &Unknown) -> CertificateSetFacts {
    CertificateSetFacts {
        key_type: chain.first().map_or_else(|| Fact::Unknown(why.clone()), |leaf| leaf.key_kind.clone()),
        chain,
        problems: Fact::Unknown(why.clone()),
        trusted: Fact::Unknown(why.clone()),
        trust: Fact::Unknown(why.clone()),
        name_matches: Fact::Unknown(why.clone()),
        must_staple: Fact::Unknown(why.clone()),
        revocation: Fact::Unknown(why.clone()),
        timestamps: Fact::Unknown(why.clone()),
    }
}
