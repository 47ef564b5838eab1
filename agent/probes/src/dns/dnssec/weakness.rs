//! What is weak in keys, digests and hashing that hold all the same.

use hickory_proto::rr::Name;

use super::algorithms::{Digest, algorithm, digest, is_supported, mnemonic};
use super::cryptography::{self, is_digest_of};
use super::names::Canonical;
use super::observed::Observed;
use super::problem::DnssecProblem;
use super::rdata::{Hashing, Key, KeyDigest};
use crate::dns::facts::ProblemFacts;
use crate::dns::records::plain;

/// Shortest RSA key that is still advised, in bits (NIST SP 800-57 part 1: 112 bits of strength).
const RSA_BITS_MIN: usize = 2_048;

/// A problem as a fact.
pub(super) fn problem(problem: DnssecProblem, subject: impl Into<String>, detail: impl Into<String>) -> ProblemFacts {
    ProblemFacts { problem: problem.word().to_owned(), subject: subject.into(), detail: detail.into() }
}

/// What is weak in the keys of a zone.
pub(super) fn of_keys(zone: &str, keys: &[Key]) -> Vec<ProblemFacts> {
    let subject = format!("{zone} DNSKEY");
    let mut problems = Vec::new();
    let mut weak: Vec<u8> = keys.iter().map(|key| key.algorithm).collect();
    weak.sort_unstable();
    weak.dedup();
    weak.retain(|number| algorithm(*number).is_some_and(|known| known.weak));
    for number in weak {
        let detail = format!("{} must no longer sign zones (RFC 9904, RFC 9905)", mnemonic(number));
        problems.push(problem(DnssecProblem::WeakAlgorithm, subject.clone(), detail));
    }
    for key in keys {
        if key.is_revoked() {
            let detail = format!("key {} is revoked and should leave the zone", key.tag);
            problems.push(problem(DnssecProblem::RevokedKey, subject.clone(), detail));
        }
        let bits = cryptography::bits(key).filter(|bits| cryptography::is_rsa(key) && *bits < RSA_BITS_MIN);
        if let Some(bits) = bits {
            let detail = format!("RSA key {} has {bits} bits, less than {RSA_BITS_MIN}", key.tag);
            problems.push(problem(DnssecProblem::ShortKey, subject.clone(), detail));
        }
    }
    problems
}

/// What is weak in the digests that the parent zone holds, or names no key.
pub(super) fn of_digests(zone: &str, digests: &[KeyDigest], keys: &[Key]) -> Vec<ProblemFacts> {
    let subject = format!("{zone} DS");
    let mut problems = Vec::new();
    let better = |other: &KeyDigest| !matches!(digest(other.kind), Some(Digest::Sha1) | None);
    let alone = !digests.iter().any(better);
    for found in digests {
        if digest(found.kind) == Some(Digest::Sha1) {
            let beside = if alone { "and no better one" } else { "beside a better one" };
            let detail = format!("SHA-1 digest of key {}, {beside} (RFC 9905)", found.tag);
            problems.push(problem(DnssecProblem::Sha1Digest, subject.clone(), detail));
        }
        let has_key = keys.is_empty() || keys.iter().any(|key| key.algorithm == found.algorithm);
        if is_supported(found.algorithm) && !has_key {
            let detail =
                format!("the parent zone announces {}, with which no key of the zone signs", mnemonic(found.algorithm));
            problems.push(problem(DnssecProblem::AlgorithmMismatch, subject.clone(), detail));
        }
    }
    problems.dedup();
    problems
}

/// Digests of a zone that holds all the same, to which no key belongs any more.
pub(super) fn of_stale_digests(zone: &Name, digests: &[KeyDigest], keys: &[Key]) -> Vec<ProblemFacts> {
    let (owner, subject) = (Canonical::of(zone), format!("{} DS", plain(zone)));
    let mut problems = Vec::new();
    for found in digests {
        let tag = found.tag;
        let mut of_algorithm = keys.iter().filter(|key| key.algorithm == found.algorithm).peekable();
        if of_algorithm.peek().is_none() {
            // Said as an algorithm without a key already, or nobody's to check.
            continue;
        }
        let of_tag: Vec<&Key> = of_algorithm.filter(|key| key.tag == tag).collect();
        if of_tag.is_empty() {
            let detail = format!("the parent zone holds a digest of key {tag}, which the zone does not have");
            problems.push(problem(DnssecProblem::KeyMismatch, subject.clone(), detail));
        } else if digest(found.kind).is_some() && !of_tag.iter().any(|key| is_digest_of(found, &owner, key)) {
            let detail = format!("a digest of key {tag} that the parent zone holds is not that of the key");
            problems.push(problem(DnssecProblem::DigestMismatch, subject.clone(), detail));
        }
    }
    problems
}

/// What RFC 9276 section 3.1 says of how names are hashed.
pub(super) fn of_hashing(zone: &str, hashing: &Hashing) -> Vec<ProblemFacts> {
    let subject = format!("{zone} NSEC3PARAM");
    let mut problems = Vec::new();
    if hashing.iterations > 0 {
        let limit = super::nsec3::ITERATIONS_MAX;
        let consequence = if hashing.iterations > limit {
            format!("; resolvers take more than {limit} as unsigned")
        } else {
            String::new()
        };
        let detail =
            format!("{} additional iterations, where 0 are advised{consequence} (RFC 9276)", hashing.iterations);
        problems.push(problem(DnssecProblem::Nsec3Iterations, subject.clone(), detail));
    }
    if !hashing.salt.is_empty() {
        let detail = format!("a salt of {} bytes, where none is advised (RFC 9276)", hashing.salt.len());
        problems.push(problem(DnssecProblem::Nsec3Salt, subject, detail));
    }
    problems
}

/// Whether the first of the signatures ends too soon.
pub(super) fn of_ends(observed: &Observed, now: jiff::Timestamp) -> Option<ProblemFacts> {
    let (end, subject) = observed.first_end.as_ref()?;
    let left = end.duration_since(now);
    if left.is_negative() || left >= observed.renewal_margin() {
        return None;
    }
    let hours = left.as_hours();
    let detail = format!("signature ends {end}, in {} days and {} hours", hours / 24, hours % 24);
    Some(problem(DnssecProblem::ExpiresSoon, subject.clone(), detail))
}
