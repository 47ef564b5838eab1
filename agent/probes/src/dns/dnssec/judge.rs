//! Whether one message holds, judged with the keys of one zone: no questions are asked here.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hickory_proto::rr::{Name, RecordType};
use jiff::Timestamp;
use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use super::algorithms::{is_supported, mnemonic};
use super::cryptography;
use super::denial::{Absence, Denials, Gap, Wanted};
use super::names::{Canonical, ancestor};
use super::problem::DnssecProblem;
use super::rdata::{Key, Nsec, Nsec3, Signature, target};
use super::sets::{Evidence, RecordSet, signed_bytes, subject};
use crate::dns::records::plain;

/// Signatures of one record set that are checked with one key each, whatever a stranger's zone offers (CVE-2023-50387).
const CHECKS_MAX: usize = 8;
/// Record sets of a proof of absence that are checked; an honest proof has three.
const DENIAL_SETS_MAX: usize = 8;

/// Signatures that one look checks; an honest one has about a hundred.
const LOOK_CHECKS_MAX: usize = 1_024;

/// The moment by which signatures are judged, and how many may be checked yet. Clones count together.
#[derive(Debug, Clone)]
pub(super) struct Effort {
    now: Timestamp,
    left: Arc<AtomicUsize>,
}

impl Effort {
    /// The effort of one look.
    pub(super) fn new(now: Timestamp) -> Self {
        Self { now, left: Arc::new(AtomicUsize::new(LOOK_CHECKS_MAX)) }
    }

    /// Whether one more signature may be checked; it then counts.
    fn spend(&self) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }

    /// Why nothing is proved any more: what does not hold may not have been checked.
    pub(super) fn spent(&self) -> Option<Unknown> {
        let is_spent = self.left.load(Ordering::Relaxed) == 0;
        let detail = || format!("more than {LOOK_CHECKS_MAX} signatures would have to be checked");
        is_spent.then(|| Unknown::new(Reason::TOO_LARGE, detail()))
    }
}

/// How often one record set may be checked yet.
#[derive(Debug)]
pub(super) struct Checks {
    max: usize,
    left: usize,
}

impl Checks {
    pub(super) const fn new(max: usize) -> Self {
        Self { max, left: max }
    }
}

/// A zone whose keys are proved.
#[derive(Debug, Clone)]
pub(super) struct SecureZone {
    pub(super) name: Name,
    pub(super) canonical: Canonical,
    pub(super) keys: Vec<Key>,
}

/// Why something is bogus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) problem: DnssecProblem,
    /// As `example.it DNSKEY`.
    pub(super) subject: String,
    pub(super) detail: String,
}

/// What a message that holds says.
#[derive(Debug)]
pub(super) enum Verdict {
    /// The records; the reason when they count as unsigned all the same.
    Records(Option<String>),
    /// Another name stands for this one.
    Alias(Name),
    /// There is no such name, or no such records.
    Absent(Absence),
}

/// Judges the answer to one question; aliases are followed by one step only.
pub(super) fn judge(
    zone: &SecureZone,
    name: &Name,
    kind: RecordType,
    evidence: &Evidence,
    effort: &Effort,
) -> Result<Verdict, Broken> {
    let owner = Canonical::of(name);
    if let Some(set) = evidence.answer(&owner, kind) {
        return Ok(Verdict::Records(in_answer(zone, set, evidence, effort)?));
    }
    // The names that redirect everything beneath them come before what servers derive from them (RFC 6672).
    let redirecting = evidence.answers.iter().find(|set| set.kind == RecordType::DNAME && owner.is_beneath(&set.owner));
    if let Some(set) = redirecting {
        in_answer(zone, set, evidence, effort)?;
        return redirected(name, set).map(Verdict::Alias);
    }
    if let Some(set) = evidence.answer(&owner, RecordType::CNAME) {
        in_answer(zone, set, evidence, effort)?;
        let target = set.records.first().and_then(|record| target(&record.sent));
        return target.map(Verdict::Alias).ok_or_else(|| Broken {
            problem: DnssecProblem::SignatureInvalid,
            subject: set.subject(),
            detail: "the alias cannot be read".to_owned(),
        });
    }
    absent(zone, name, kind, evidence, effort).map(Verdict::Absent)
}

/// The name that stands for `name` under a redirection (RFC 6672 section 2.2).
fn redirected(name: &Name, set: &RecordSet) -> Result<Name, Broken> {
    let kept = name.iter().count().saturating_sub(set.owner.depth());
    let target = set.records.first().and_then(|record| target(&record.sent));
    let joined = target.and_then(|target| Name::from_labels(name.iter().take(kept).chain(target.iter())).ok());
    joined.ok_or_else(|| Broken {
        problem: DnssecProblem::SignatureInvalid,
        subject: set.subject(),
        detail: "the redirection leads to no name".to_owned(),
    })
}

/// Checks a set of the answer, and that its wildcard applies when it comes from one.
fn in_answer(
    zone: &SecureZone,
    set: &RecordSet,
    evidence: &Evidence,
    effort: &Effort,
) -> Result<Option<String>, Broken> {
    let signature = check(set, &zone.canonical, &zone.keys, effort)?;
    let labels = usize::from(signature.labels);
    if labels >= set.owner.depth() - usize::from(set.owner.is_wildcard()) {
        return Ok(None);
    }
    let denials = denials(zone, evidence, &set.subject(), effort)?;
    let proof = denials.wildcard(&zone.canonical, &set.owner, labels);
    proof.map(|absence| absence.insecure).map_err(|gap| gap.broken(set.subject()))
}

fn absent(
    zone: &SecureZone,
    name: &Name,
    kind: RecordType,
    evidence: &Evidence,
    effort: &Effort,
) -> Result<Absence, Broken> {
    let wanted = if evidence.no_name { Wanted::NoName } else { Wanted::NoRecords };
    let denials = denials(zone, evidence, &subject(name, kind), effort)?;
    let proof = denials.absence(&zone.canonical, &Canonical::of(name), kind, wanted);
    proof.map_err(|gap| gap.broken(subject(name, kind)))
}

impl Gap {
    fn broken(self, subject: String) -> Broken {
        match self {
            Self::Missing => Broken {
                problem: DnssecProblem::DenialMissing,
                subject,
                detail: "no NSEC or NSEC3 record proves the answer".to_owned(),
            },
            Self::Invalid(detail) => Broken { problem: DnssecProblem::DenialInvalid, subject, detail },
        }
    }
}

/// The proofs of a message; a proof whose own signature does not hold makes the message bogus.
fn denials(zone: &SecureZone, evidence: &Evidence, subject: &str, effort: &Effort) -> Result<Denials, Broken> {
    let mut denials = Denials::default();
    let proofs = evidence.sets().filter(|set| matches!(set.kind, RecordType::NSEC | RecordType::NSEC3));
    for set in proofs.filter(|set| set.owner.is_within(&zone.canonical)).take(DENIAL_SETS_MAX) {
        check(set, &zone.canonical, &zone.keys, effort).map_err(|broken| of_proof(broken, subject))?;
        for record in &set.records {
            if set.kind == RecordType::NSEC {
                denials.nsec.extend(Nsec::parse(&set.name, &record.sent));
            } else {
                denials.nsec3.extend(Nsec3::parse(&set.name, &record.sent));
            }
        }
    }
    Ok(denials)
}

/// What a broken proof makes of the answer: a date stays what it is, everything else is a proof that does not hold.
fn of_proof(broken: Broken, subject: &str) -> Broken {
    if matches!(broken.problem, DnssecProblem::SignatureExpired | DnssecProblem::SignatureNotYetValid) {
        return broken;
    }
    Broken {
        problem: DnssecProblem::DenialInvalid,
        subject: subject.to_owned(),
        detail: format!("{}: {}", broken.subject, broken.detail),
    }
}

/// Checks a record set with the keys of a zone: the signature that holds, or why none does.
fn check<'a>(set: &'a RecordSet, zone: &Canonical, keys: &[Key], effort: &Effort) -> Result<&'a Signature, Broken> {
    check_within(set, zone, keys, effort, &mut Checks::new(CHECKS_MAX))
}

/// As [`check`], with so many checks at most. Of several signatures that do not hold, the one that came furthest gives the reason.
pub(super) fn check_within<'a>(
    set: &'a RecordSet,
    zone: &Canonical,
    keys: &[Key],
    effort: &Effort,
    checks: &mut Checks,
) -> Result<&'a Signature, Broken> {
    let broken = |(_, problem, detail)| Broken { problem, subject: set.subject(), detail };
    let mut furthest = (0, DnssecProblem::SignatureMissing, "no signature, though its zone is signed".to_owned());
    for signature in &set.signatures {
        match check_one(set, signature, zone, keys, effort, checks) {
            Ok(()) => return Ok(signature),
            Err(failure) if failure.0 > furthest.0 => furthest = failure,
            Err(_) => {}
        }
    }
    Err(broken(furthest))
}

/// How far a check came, why it ended there, and what was seen.
type Failure = (u8, DnssecProblem, String);

fn check_one(
    set: &RecordSet,
    signature: &Signature,
    zone: &Canonical,
    keys: &[Key],
    effort: &Effort,
    checks: &mut Checks,
) -> Result<(), Failure> {
    let now = effort.now;
    let (tag, algorithm) = (signature.tag, signature.algorithm);
    if Canonical::of(&signature.signer) != *zone {
        let signer = plain(&signature.signer);
        return Err((1, DnssecProblem::WrongSigner, format!("signed in the name of `{signer}`, not of its own zone")));
    }
    if !is_supported(algorithm) {
        let detail = format!("signed with {} alone, which is not checked any more", mnemonic(algorithm));
        return Err((2, DnssecProblem::AlgorithmMismatch, detail));
    }
    let (begin, end) = (instant(signature.inception, now), instant(signature.expiration, now));
    if end < now {
        return Err((4, DnssecProblem::SignatureExpired, format!("signature of key {tag} ended {end}")));
    }
    if begin > now {
        return Err((4, DnssecProblem::SignatureNotYetValid, format!("signature of key {tag} begins {begin}")));
    }
    let of_tag: Vec<&Key> = keys.iter().filter(|key| key.tag == tag && key.signs_zones()).collect();
    if of_tag.is_empty() {
        let detail = format!("signed by key {tag}, which is not among the keys of the zone");
        return Err((3, DnssecProblem::KeyMismatch, detail));
    }
    let name = mnemonic(algorithm);
    let fitting: Vec<&Key> = of_tag.into_iter().filter(|key| key.algorithm == algorithm).collect();
    if fitting.is_empty() {
        return Err((
            3,
            DnssecProblem::AlgorithmMismatch,
            format!("signed with {name}, which is not key {tag}'s algorithm"),
        ));
    }
    let signed = signed_bytes(set, signature);
    for key in fitting {
        if checks.left == 0 || !effort.spend() {
            let detail = format!("none of the first {} signatures fits the records", checks.max);
            return Err((6, DnssecProblem::SignatureInvalid, detail));
        }
        checks.left -= 1;
        if signed.as_deref().is_some_and(|signed| cryptography::holds(key, signed, &signature.signature)) {
            return Ok(());
        }
    }
    let detail = format!("signature of key {tag} ({name}) does not fit the records");
    Err((5, DnssecProblem::SignatureInvalid, detail))
}

/// The moment that a signature names, in the 68 years around now (RFC 4034 section 3.1.5).
pub(super) fn instant(seconds: u32, now: Timestamp) -> Timestamp {
    let current = now.as_second();
    let low = u32::try_from(current.rem_euclid(1 << 32)).unwrap_or_default();
    let distance = i32::from_be_bytes(seconds.wrapping_sub(low).to_be_bytes());
    Timestamp::from_second(current + i64::from(distance)).unwrap_or(now)
}

/// Names of zones that sign what the message says of a question, the deepest first: those at or above the name.
pub(super) fn signers(name: &Name, kind: RecordType, evidence: &Evidence) -> Vec<Name> {
    let owner = Canonical::of(name);
    let of_answer = evidence.answers.iter().filter(|set| {
        let at_name = set.owner == owner && (set.kind == kind || set.kind == RecordType::CNAME);
        at_name || (set.kind == RecordType::DNAME && owner.is_beneath(&set.owner))
    });
    let mut found: Vec<&RecordSet> = of_answer.collect();
    if found.is_empty() {
        let proofs = [RecordType::NSEC, RecordType::NSEC3, RecordType::SOA];
        found.extend(evidence.authorities.iter().filter(|set| proofs.contains(&set.kind)));
    }
    let mut depths: Vec<usize> = found
        .iter()
        .flat_map(|set| &set.signatures)
        .map(|signature| Canonical::of(&signature.signer))
        .filter(|signer| if kind == RecordType::DS { owner.is_beneath(signer) } else { owner.is_within(signer) })
        .map(|signer| signer.depth())
        .collect();
    depths.sort_unstable_by(|left, right| right.cmp(left));
    depths.dedup();
    depths.into_iter().map(|depth| ancestor(name, depth)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checks_of_a_look_come_to_an_end_for_all_that_share_them() {
        let effort = Effort::new(Timestamp::UNIX_EPOCH);
        let other = effort.clone();
        assert!((0..LOOK_CHECKS_MAX).all(|_| other.spent().is_none() && effort.spend()));
        assert!(!other.spend());
        assert_eq!(effort.spent().map(|unknown| unknown.reason), Some(Reason::TOO_LARGE));
    }
}
