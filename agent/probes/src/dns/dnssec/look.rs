//! What the probe says of the signatures of a domain: the standing of its zone, its keys, and single names that are bogus.

use hickory_proto::rr::{Name, RecordType};
use tokio::task::JoinSet;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::algorithms::{mnemonic, strength};
use super::chain::Standing;
use super::cryptography;
use super::names::{Canonical, ancestor};
use super::observed::Observed;
use super::problem::DnssecProblem;
use super::proof::{Proof, ProofStatus, Validator};
use super::rdata::{Key, KeyDigest, parameters};
use super::sets::Evidence;
use super::wanted;
use super::weakness::{self, problem};
use crate::ProbeContext;
use crate::dns::answers::Answer;
use crate::dns::facts::{DnssecFacts, KeyFacts, ProblemFacts};
use crate::dns::lookup::Dns;
use crate::dns::records::plain;

/// Problems of single names that are listed.
const NAME_PROBLEMS_MAX: usize = 32;

/// A name, a type and what came of proving it.
type Proved = (Name, RecordType, Result<Proof, Unknown>);

/// Looks at the signatures of the zone that holds a domain.
pub(crate) async fn look(dns: &Dns, domain: &Name, context: &ProbeContext) -> DnssecFacts {
    let validator = Validator::of(dns, context);
    // The chain to the domain is walked at once: it is the chain to its zone as well.
    let (lookup, _standing) = tokio::join!(dns.lookup(domain, RecordType::SOA), validator.standing(domain));
    let soa = validator.seen(&lookup).await;
    let zone = match &soa {
        // The start of authority is that of the zone to which the alias leads.
        _ if !lookup.aliases.is_empty() => match dns.zone_of(domain).await {
            Fact::Known(cut) => cut.zone.clone(),
            Fact::Unknown(unknown) => return unseen(&unknown),
        },
        Ok(evidence) => zone_of(domain, evidence),
        Err(unknown) => return unseen(unknown),
    };
    let (standing, keys, digests, hashing) = tokio::join!(
        validator.standing(&zone),
        seen(&validator, &zone, RecordType::DNSKEY),
        seen(&validator, &zone, RecordType::DS),
        seen(&validator, &zone, RecordType::NSEC3PARAM),
    );
    let mut seen = Seen {
        zone: zone.clone(),
        keys: Vec::new(),
        digests: Vec::new(),
        keys_unseen: None,
        hashing_unseen: None,
        unproved: None,
        observed: Observed::new(&zone, context.now),
        problems: Vec::new(),
    };
    let canonical = Canonical::of(&zone);
    for evidence in [&soa, &keys, &hashing].into_iter().flatten() {
        seen.observed.note(evidence);
    }
    match keys {
        Ok(evidence) => seen.keys = data(&evidence, &canonical, RecordType::DNSKEY, Key::parse),
        Err(unknown) => seen.keys_unseen = Some(unknown),
    }
    if let Ok(evidence) = digests {
        seen.digests = data(&evidence, &canonical, RecordType::DS, KeyDigest::parse);
    }
    match hashing {
        Ok(evidence) => {
            let found = data(&evidence, &canonical, RecordType::NSEC3PARAM, parameters);
            seen.observed.nsec3 = found.into_iter().next();
        }
        Err(unknown) => seen.hashing_unseen = Some(unknown),
    }
    let verdict = match standing {
        Standing::Secure(_) => signed(&validator, domain, context.active, &mut seen).await,
        Standing::Unsigned(unproved) => {
            let own = Canonical::of(&unproved.zone) == canonical;
            seen.unsigned(own && unproved.unsupported, &unproved.detail)
        }
        Standing::Bogus(broken) => Ok(Verdict::bogus(&Proof::bogus(&broken))),
        Standing::Unknown(unknown) => Err(unknown),
    };
    facts(verdict, seen, context)
}

/// What a name's records of a type offer.
async fn seen(validator: &Validator, name: &Name, kind: RecordType) -> Result<Evidence, Unknown> {
    validator.seen(&*validator.dns.lookup(name, kind).await).await
}

/// What was seen of the zone itself.
struct Seen {
    zone: Name,
    keys: Vec<Key>,
    digests: Vec<KeyDigest>,
    keys_unseen: Option<Unknown>,
    hashing_unseen: Option<Unknown>,
    /// Why one of the names could not be proved, which may hide what is wrong with it.
    unproved: Option<Unknown>,
    observed: Observed,
    problems: Vec<ProblemFacts>,
}

/// Status, reason, subject and detail of the facts.
struct Verdict {
    status: &'static str,
    reason: &'static str,
    subject: String,
    detail: String,
}

impl Verdict {
    fn of(status: &'static str, detail: impl Into<String>) -> Self {
        Self { status, reason: "", subject: String::new(), detail: detail.into() }
    }

    fn bogus(proof: &Proof) -> Self {
        Self {
            status: "bogus",
            reason: proof.reason.map_or("", DnssecProblem::word),
            subject: proof.subject.clone(),
            detail: proof.detail.clone(),
        }
    }

    /// What is wrong, as a problem.
    fn problem(&self) -> ProblemFacts {
        ProblemFacts { problem: self.reason.to_owned(), subject: self.subject.clone(), detail: self.detail.clone() }
    }
}

impl Seen {
    /// A zone whose chain ends without a fault: not signed, or signed for nobody.
    fn unsigned(&mut self, unsupported: bool, detail: &str) -> Result<Verdict, Unknown> {
        if let Some(unknown) = &self.keys_unseen {
            return Err(unknown.clone());
        }
        let zone = plain(&self.zone);
        if unsupported {
            self.problems.push(problem(DnssecProblem::UnsupportedAlgorithm, format!("{zone} DS"), detail));
            return Ok(Verdict::of("unsigned", detail));
        }
        let is_signed = !self.keys.is_empty() && !self.observed.algorithms.is_empty();
        if is_signed && self.digests.is_empty() {
            self.problems.push(problem(DnssecProblem::NoDs, format!("{zone} DS"), detail));
            return Ok(Verdict::of("no_ds", detail));
        }
        Ok(Verdict::of("unsigned", if is_signed { detail } else { "" }))
    }
}

/// The zone whose start of authority came with the answer; the domain itself when none did.
fn zone_of(domain: &Name, evidence: &Evidence) -> Name {
    let owner = Canonical::of(domain);
    let found = evidence.sets().find(|set| set.kind == RecordType::SOA && owner.is_within(&set.owner));
    found.map_or_else(|| domain.clone(), |set| ancestor(domain, set.owner.depth()))
}

fn data<T>(evidence: &Evidence, owner: &Canonical, kind: RecordType, read: impl Fn(&[u8]) -> Option<T>) -> Vec<T> {
    let set = evidence.answer(owner, kind);
    set.into_iter().flat_map(|set| &set.records).filter_map(|record| read(&record.sent)).collect()
}

/// Looks at the names of a zone whose keys are proved. The domain's own records decide; those of other names are problems.
async fn signed(validator: &Validator, domain: &Name, active: bool, seen: &mut Seen) -> Result<Verdict, Unknown> {
    let mut own = prove(validator, wanted::of_domain(&seen.zone, domain)).await;
    if !lacks_some(validator, &own).await {
        own.extend(prove(validator, vec![wanted::missing_type(&seen.zone)]).await);
    }
    let others = prove(validator, wanted::of_neighbours(validator, &seen.zone).await).await;
    note(validator, own.iter().chain(&others), seen).await;
    if active {
        wanted::walk(validator, &seen.zone, &mut seen.observed).await;
    }
    let known: Vec<(Name, RecordType)> =
        own.iter().chain(&others).map(|(name, kind, _)| (name.clone(), *kind)).collect();
    let revealed = prove(validator, wanted::of_revealed(&seen.observed, &seen.zone, &known, active)).await;
    note(validator, revealed.iter(), seen).await;
    let mut verdict = None;
    let failed = unproved(validator, own.iter()).await;
    seen.unproved = unproved(validator, own.iter().chain(&others).chain(&revealed)).await;
    for (name, kind, outcome) in &own {
        let Some(proof) = outcome.as_ref().ok().filter(|proof| proof.status == ProofStatus::Bogus) else { continue };
        // What is there and cannot be read says more than what is not there and cannot be proved.
        let lookup = validator.dns.lookup(name, *kind).await;
        let is_there = matches!(lookup.answer, Answer::Records(_));
        if !is_there && !lookup.aliases.is_empty() {
            // What is missing where an alias leads to is missing in another's zone.
            continue;
        }
        verdict = match verdict {
            Some((_, true)) => verdict,
            Some((_, false)) if !is_there => verdict,
            Some((_, false)) | None => Some((Verdict::bogus(proof), is_there)),
        };
    }
    let verdict = match verdict {
        Some((bogus, _)) => Some(bogus),
        None => unproved_absence(validator, &seen.zone, &others).await,
    };
    seen.problems.extend(name_problems(verdict.as_ref(), own.iter().chain(&others).chain(&revealed)));
    match (verdict, failed) {
        (Some(bogus), _) => Ok(bogus),
        // What could not be seen may be what does not hold.
        (None, Some(unknown)) => Err(unknown),
        (None, None) => Ok(Verdict::of("secure", "")),
    }
}

/// Why one of these could not be proved; a failure where aliases lead to is another's.
async fn unproved<'a>(validator: &Validator, proved: impl Iterator<Item = &'a Proved>) -> Option<Unknown> {
    for (name, kind, outcome) in proved {
        if let Err(unknown) = outcome
            && validator.dns.lookup(name, *kind).await.aliases.is_empty()
        {
            return Some(unknown.clone());
        }
    }
    None
}

/// Whether one of the answers is that there are no such records, so that a proof of absence was seen.
async fn lacks_some(validator: &Validator, proved: &[Proved]) -> bool {
    for (name, kind, _) in proved {
        if matches!(validator.dns.lookup(name, *kind).await.answer, Answer::NoRecords) {
            return true;
        }
    }
    false
}

/// The verdict on a zone that cannot prove that a name does not exist: validating resolvers then take nothing for missing, and
/// fail where they should answer that there is no such name. A wildcard that answers for every name must be proved to apply.
async fn unproved_absence(validator: &Validator, zone: &Name, others: &[Proved]) -> Option<Verdict> {
    let missing = wanted::missing_name(zone)?;
    let (name, kind, outcome) = others.iter().find(|(name, ..)| *name == missing)?;
    let proof = outcome.as_ref().ok().filter(|proof| proof.status == ProofStatus::Bogus)?;
    let lookup = validator.dns.lookup(name, *kind).await;
    let is_answered = !lookup.aliases.is_empty() || matches!(lookup.answer, Answer::Records(_));
    let of_proofs = [Some(DnssecProblem::DenialMissing), Some(DnssecProblem::DenialInvalid)];
    // The records of a wildcard are those of one name; what an alias leads to is another's.
    let is_own = !is_answered
        || (of_proofs.contains(&proof.reason) && proof.subject.starts_with(&format!("{} ", plain(&missing))));
    is_own.then(|| Verdict::bogus(proof))
}

/// Proves each, all at once.
async fn prove(validator: &Validator, wanted: Vec<(Name, RecordType)>) -> Vec<Proved> {
    let mut tasks = JoinSet::new();
    for (at, (name, kind)) in wanted.into_iter().enumerate() {
        let validator = validator.clone();
        tasks.spawn(async move {
            let outcome = validator.validate(&name, kind).await;
            (at, (name, kind, outcome))
        });
    }
    let mut proved: Vec<(usize, Proved)> = tasks.join_all().await;
    proved.sort_by_key(|(at, _)| *at);
    proved.into_iter().map(|(_, proved)| proved).collect()
}

async fn note<'a>(validator: &Validator, proved: impl Iterator<Item = &'a Proved>, seen: &mut Seen) {
    for (name, kind, _) in proved {
        // Asked already: the answer is kept.
        let lookup = validator.dns.lookup(name, *kind).await;
        if let Ok(evidence) = validator.evidence(&lookup) {
            seen.observed.note(&evidence);
        }
    }
}

/// That of the verdict, one problem for each bogus answer, and one for all proofs of absence: a zone's proofs fail together.
fn name_problems<'a>(verdict: Option<&Verdict>, proved: impl Iterator<Item = &'a Proved>) -> Vec<ProblemFacts> {
    let mut problems: Vec<ProblemFacts> = verdict.map(Verdict::problem).into_iter().collect();
    for proof in proved.filter_map(|(_, _, outcome)| outcome.as_ref().ok()) {
        let Some(reason) = proof.reason else { continue };
        let of_proofs = [DnssecProblem::DenialMissing.word(), DnssecProblem::DenialInvalid.word()];
        let same = |known: &ProblemFacts| {
            let alike = of_proofs.contains(&reason.word()) && of_proofs.contains(&known.problem.as_str());
            alike || (known.problem == reason.word() && known.subject == proof.subject)
        };
        if problems.len() < NAME_PROBLEMS_MAX && !problems.iter().any(same) {
            problems.push(problem(reason, proof.subject.clone(), proof.detail.clone()));
        }
    }
    problems
}

fn facts(verdict: Result<Verdict, Unknown>, seen: Seen, context: &ProbeContext) -> DnssecFacts {
    let Seen { zone: apex, keys, digests, keys_unseen, hashing_unseen, unproved, observed, mut problems } = seen;
    let zone = plain(&apex);
    let is_signed = !keys.is_empty() || !observed.algorithms.is_empty();
    let algorithm = strongest(&observed, &keys);
    if let Ok(verdict) = &verdict {
        if verdict.status == "bogus" && !problems.iter().any(|known| known.subject == verdict.subject) {
            problems.push(verdict.problem());
        }
        if verdict.status == "secure" {
            problems.extend(weakness::of_ends(&observed, context.now));
            problems.extend(weakness::of_stale_digests(&apex, &digests, &keys));
        }
    }
    problems.extend(weakness::of_keys(&zone, &keys));
    problems.extend(weakness::of_digests(&zone, &digests, &keys));
    problems.extend(observed.nsec3.iter().flat_map(|hashing| weakness::of_hashing(&zone, hashing)));
    problems.sort_by(|left, right| {
        (&left.problem, &left.subject, &left.detail).cmp(&(&right.problem, &right.subject, &right.detail))
    });
    problems.dedup();
    let seen_keys = |known: Fact<_>| keys_unseen.clone().map_or(known, Fact::Unknown);
    let said = |read: &dyn Fn(&Verdict) -> String| match &verdict {
        Ok(verdict) => Fact::Known(read(verdict)),
        Err(unknown) => Fact::Unknown(unknown.clone()),
    };
    let denial = if observed.nsec3.is_some() {
        "nsec3"
    } else if observed.nsec {
        "nsec"
    } else {
        ""
    };
    DnssecFacts {
        status: said(&|verdict| verdict.status.to_owned()),
        reason: said(&|verdict| verdict.reason.to_owned()),
        subject: said(&|verdict| verdict.subject.clone()),
        detail: said(&|verdict| verdict.detail.clone()),
        algorithm: algorithm.map_or_else(|| absent(keys_unseen.as_ref(), 0), |number| Fact::Known(i64::from(number))),
        algorithm_name: algorithm
            .map_or_else(|| absent(keys_unseen.as_ref(), String::new()), |number| Fact::Known(mnemonic(number))),
        signatures_end: match &observed.first_end {
            Some((end, _)) => Fact::Known(*end),
            None => Fact::unknown(Reason::DOES_NOT_APPLY, "no signature was seen"),
        },
        denial: if is_signed { Fact::Known(denial.to_owned()) } else { absent(keys_unseen.as_ref(), String::new()) },
        nsec3_iterations: match (&observed.nsec3, &hashing_unseen) {
            (Some(hashing), _) => Fact::Known(i64::from(hashing.iterations)),
            (None, Some(unknown)) if is_signed && !observed.nsec => Fact::Unknown(unknown.clone()),
            (None, _) => Fact::Known(0),
        },
        problems: match verdict.as_ref().err().or(unproved.as_ref()) {
            Some(unknown) if problems.is_empty() => Fact::Unknown(unknown.clone()),
            Some(_) | None => Fact::Known(problems),
        },
        keys: seen_keys(Fact::Known(key_facts(&keys, &observed))),
    }
}

/// A value that says "none", unless the keys could not be seen.
fn absent<T>(unseen: Option<&Unknown>, none: T) -> Fact<T> {
    unseen.map_or(Fact::Known(none), |unknown| Fact::Unknown(unknown.clone()))
}

/// The strongest algorithm that signs; where no signature was seen, that of the keys.
fn strongest(observed: &Observed, keys: &[Key]) -> Option<u8> {
    let of_signatures = observed.algorithms.iter().copied().max_by_key(|number| strength(*number));
    of_signatures.or_else(|| keys.iter().map(|key| key.algorithm).max_by_key(|number| strength(*number)))
}

fn key_facts(keys: &[Key], observed: &Observed) -> Vec<KeyFacts> {
    let mut facts: Vec<KeyFacts> = keys
        .iter()
        .map(|key| KeyFacts {
            tag: i64::from(key.tag),
            algorithm: i64::from(key.algorithm),
            bits: cryptography::bits(key)
                .and_then(|bits| i64::try_from(bits).ok())
                .map_or_else(|| Fact::unknown(Reason::CORRUPT, format!("key {} cannot be read", key.tag)), Fact::Known),
            secure_entry_point: key.is_secure_entry_point(),
            revoked: key.is_revoked(),
            signs_keys: observed.key_signers.contains(&(key.tag, key.algorithm)),
        })
        .collect();
    facts.sort_by_key(|key| (key.tag, key.algorithm));
    facts
}

fn unseen(unknown: &Unknown) -> DnssecFacts {
    DnssecFacts {
        status: Fact::Unknown(unknown.clone()),
        reason: Fact::Unknown(unknown.clone()),
        subject: Fact::Unknown(unknown.clone()),
        detail: Fact::Unknown(unknown.clone()),
        algorithm: Fact::Unknown(unknown.clone()),
        algorithm_name: Fact::Unknown(unknown.clone()),
        keys: Fact::Unknown(unknown.clone()),
        signatures_end: Fact::Unknown(unknown.clone()),
        denial: Fact::Unknown(unknown.clone()),
        nsec3_iterations: Fact::Unknown(unknown.clone()),
        problems: Fact::Unknown(unknown.clone()),
    }
}
