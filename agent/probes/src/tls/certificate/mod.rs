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
//! Read in this order: `examine` here, `problem` (the words), `leaf`, `path`, `issuers`, `missing`, then `staple` and `lists`
//! (revocation), `read` (certificates as facts).

mod anchors;
mod constraints;
mod der;
mod issuers;
mod key;
mod leaf;
mod lists;
mod missing;
mod names;
mod path;
mod problem;
mod read;
mod revocation;
mod signature;
mod staple;
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

use self::anchors::Anchors;
use self::path::{End, Way};
use self::problem::Problems;
use self::revocation::Revocation;
use super::facts::CertificateSetFacts;

/// Most certificates of one chain that are looked at; a server of today sends two or three.
const CERTIFICATES_MAX: usize = 32;
/// The word of `trust` for certificates that are trusted; every other word says why they are not.
const TRUSTED: &str = "trusted";

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

fn unseen(chain: Vec<super::facts::CertificateFacts>, why: &Unknown) -> CertificateSetFacts {
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

/// What came out of looking at one chain.
struct Examined {
    problems: Problems,
    trust: Result<&'static str, Unknown>,
    revocation: &'static str,
}

impl Examined {
    fn new(
        chain: &[CertificateDer<'static>],
        leaf: &X509Certificate<'_>,
        others: &[Option<X509Certificate<'_>>],
        around: &Known<'_>,
    ) -> Self {
        let now = around.now;
        let anchors = Anchors::new(around.extra_roots);
        let sent: Vec<&X509Certificate<'_>> = others.iter().flatten().collect();
        let verdict = verdict::verdict(chain, &anchors.trusted(), now);
        let is_self_signed = path::is_self_signed(leaf);
        let mut problems = leaf::problems(leaf, is_self_signed, around.name, now);
        problems.add_if(sent.len() < others.len(), Problem::Malformed);
        let way = path::best(leaf, &sent, &anchors, |way| issuers::faults(way, leaf, now).len());
        if is_self_signed {
            problems.add_if(!anchors.holds(leaf), Problem::SelfSigned);
        } else {
            problems.extend(issuers::faults(&way, leaf, now).iter());
            problems.extend(end_of(&way, &anchors).filter(|_| verdict.is_err()));
            problems.extend(order(leaf, &sent, &way, &anchors).iter());
        }
        let revocation = Revocation::of(leaf, &way, around);
        problems.extend(revocation.problems.iter());
        if let Err(error) = &verdict
            && !problems.iter().any(|problem| problem.trust_word().is_some())
        {
            problems.add(verdict::word(error));
        }
        let trust = trust(verdict.is_ok(), &problems);
        let trust = match anchors.unreadable {
            // With that root it might have been trusted.
            Some((position, why)) if trust != TRUSTED => {
                let detail = format!("additional trusted certificate {position}: {why}");
                Err(Unknown::new(Reason::UNREADABLE, detail))
            }
            Some(_) | None => Ok(trust),
        };
        Self { problems, trust, revocation: revocation.word }
    }

    fn told(
        self,
        chain: Vec<super::facts::CertificateFacts>,
        leaf: &X509Certificate<'_>,
        around: &Known<'_>,
    ) -> CertificateSetFacts {
        let trust = match self.trust {
            Ok(word) => Fact::Known(word.to_owned()),
            Err(why) => Fact::Unknown(why),
        };
        CertificateSetFacts {
            key_type: chain.first().map_or_else(
                || Fact::unknown(Reason::NOT_FOUND, "the server sent no certificate"),
                |leaf| leaf.key_kind.clone(),
            ),
            chain,
            problems: trust.clone().map(|_word| self.problems.words()),
            trusted: trust.clone().map(|word| word == TRUSTED),
            trust,
            name_matches: match around.name {
                Some(name) => Fact::Known(names::matches(leaf, name)),
                None => Fact::unknown(Reason::DOES_NOT_APPLY, "no particular name is expected of a file"),
            },
            must_staple: Fact::Known(leaf::must_staple(leaf)),
            revocation: Fact::Known(self.revocation.to_owned()),
            timestamps: leaf::timestamps(leaf),
        }
    }
}

/// The word for a way that ends elsewhere than at a trusted root.
fn end_of(way: &Way<'_, '_>, anchors: &Anchors<'_>) -> Option<Problem> {
    match &way.end {
        End::Anchor(_) => None,
        End::ForeignRoot => Some(Problem::UntrustedRoot),
        End::NotSent { last, is_namesake } => Some(missing::word(last, way.issuers.is_empty(), *is_namesake, anchors)),
        End::BadSignature => Some(Problem::BadSignature),
    }
}

/// `chain_order` and `root_in_chain`. A certificate is in its place when it certifies one before it, so that cross-signed
/// issuers may stand side by side (RFC 8446 section 4.4.2). Where the way breaks off, what was sent instead has no place:
/// only the order of what leads there is judged.
fn order(
    leaf: &X509Certificate<'_>,
    sent: &[&X509Certificate<'_>],
    way: &Way<'_, '_>,
    anchors: &Anchors<'_>,
) -> Problems {
    let mut problems = Problems::default();
    let is_whole = matches!(way.end, End::Anchor(_) | End::ForeignRoot);
    let mut before = vec![leaf];
    for one in sent {
        let is_repeated = before.iter().any(|earlier| earlier.as_raw() == one.as_raw());
        let certifies = before.iter().any(|earlier| earlier.issuer().as_raw() == one.subject().as_raw());
        let counts = is_whole || way.issuers.iter().any(|issuer| std::ptr::eq(*issuer, *one));
        problems.add_if(is_repeated || (counts && !certifies), Problem::ChainOrder);
        let is_own_root = one.subject().as_raw() == one.issuer().as_raw();
        problems.add_if(is_own_root && anchors.holds(one), Problem::RootInChain);
        before.push(one);
    }
    problems
}

/// The word of `trust`: the defect that weighs most; the dates of the server's own certificate come last, since they stand
/// in its facts anyway.
fn trust(is_accepted: bool, problems: &Problems) -> &'static str {
    const REVOKED: &[Problem] = &[Problem::Revoked, Problem::IssuerRevoked];
    /// Whatever a client stumbles over first.
    const FIRST: &[Problem] = &[
        Problem::Malformed,
        Problem::DuplicateExtension,
        Problem::SelfSigned,
        Problem::UntrustedRoot,
        Problem::IncompleteChain,
        Problem::BadSignature,
        Problem::WeakSignatureMd5,
        Problem::WeakSignatureSha1,
        Problem::UnsupportedSignature,
        Problem::LeafIsCa,
        Problem::EkuWithoutServerAuth,
        Problem::IssuerNotCa,
        Problem::IssuerKeyUsage,
        Problem::IssuerEkuWithoutServerAuth,
        Problem::NameConstraintViolation,
        Problem::PathLengthExceeded,
        Problem::UnsupportedCriticalExtension,
        Problem::IssuerExpired,
        Problem::IssuerNotYetValid,
        Problem::Revoked,
        Problem::IssuerRevoked,
        Problem::Expired,
        Problem::NotYetValid,
    ];
    if is_accepted {
        let revoked = REVOKED.iter().find(|problem| problems.has(**problem));
        return revoked.and_then(|problem| problem.trust_word()).unwrap_or(TRUSTED);
    }
    let first = FIRST.iter().copied().find(|problem| problems.has(*problem));
    first.into_iter().chain(problems.iter()).find_map(Problem::trust_word).unwrap_or("invalid")
}
