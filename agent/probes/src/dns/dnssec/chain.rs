//! The chain of trust: from a trust anchor down to the zone of a name, each zone proved once in a run.

use std::sync::Arc;

use hickory_proto::rr::{Name, RecordType};
use tokio::sync::OnceCell;
use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use super::Validator;
use super::algorithms::{Digest, digest, is_supported, mnemonic};
use super::cryptography::is_digest_of;
use super::judge::{Broken, Checks, Effort, SecureZone, Verdict, check_within};
use super::names::{Canonical, ancestor};
use super::problem::DnssecProblem;
use super::proof::apart;
use super::rdata::{Key, KeyDigest};
use super::sets::{Evidence, subject};
use crate::dns::client::memory::Memory;

/// Labels of a name that are walked through: a reverse name of IPv6 has 34.
const LABELS_MAX: usize = 40;
/// Digests of keys of one zone that are tried.
const DIGESTS_MAX: usize = 16;
/// Keys of one zone that are taken; an honest zone has fewer than ten.
const KEYS_MAX: usize = 32;

/// Signatures of the keys of one zone that are checked, whatever digests and keys there are (CVE-2023-50387).
const KEY_CHECKS_MAX: usize = 16;
/// Most names of which a run keeps how far they can be trusted.
const CHAINS_MAX: usize = 16_384;

/// Zones that were proved in a run, by the name that was asked for; empty at the start of a run.
#[derive(Debug, Clone)]
pub struct SharedChains(Arc<Memory<Name, Arc<OnceCell<Standing>>>>);

/// How far the zone of a name can be trusted.
#[derive(Debug, Clone)]
pub(super) enum Standing {
    /// Its keys are proved.
    Secure(Arc<SecureZone>),
    /// It is proved that nothing can be proved.
    Unsigned(Arc<Unproved>),
    /// The chain is broken.
    Bogus(Arc<Broken>),
    /// It could not be seen.
    Unknown(Unknown),
}

/// Where a chain ends without a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unproved {
    /// The first zone, from the root down, that cannot be proved; names beneath an unsigned gap count as one.
    pub(super) zone: Name,
    /// Whether digests are there, of which nothing can be checked.
    pub(super) unsupported: bool,
    /// Why, for a person.
    pub(super) detail: String,
}

impl Default for SharedChains {
    fn default() -> Self {
        Self(Arc::new(Memory::new(CHAINS_MAX)))
    }
}

impl SharedChains {
    fn cell(&self, name: &Name) -> Arc<OnceCell<Standing>> {
        self.0.get_or(name, Arc::default)
    }
}

impl Validator {
    /// The standing of the deepest zone at or above a name.
    pub(super) async fn standing(&self, name: &Name) -> Standing {
        let depth = name.iter().count();
        if depth > LABELS_MAX {
            return Standing::Unknown(Unknown::new(
                Reason::TOO_LARGE,
                format!("{name} has more than {LABELS_MAX} labels"),
            ));
        }
        let mut standing = Standing::Unknown(Unknown::new(
            Reason::PROBE_FAILED,
            "no trust anchor is given for the root or a zone above the name",
        ));
        for depth in 0..=depth {
            let name = ancestor(name, depth);
            let cell = self.chains.cell(&name);
            let found = cell.get_or_try_init(|| async {
                let found = Box::pin(self.below(standing.clone(), &name)).await;
                // What a look had no time or strength to see is for the next one to see.
                let is_at_end = self.dns.is_out_of_time() || self.effort.spent().is_some();
                let is_cut_short = is_at_end && matches!(found, Standing::Unknown(_));
                if is_cut_short { Err(found) } else { Ok(found) }
            });
            standing = found.await.map_or_else(|cut_short| cut_short, Standing::clone);
        }
        standing
    }

    /// The standing of one name, given that of the name above.
    async fn below(&self, above: Standing, name: &Name) -> Standing {
        let anchors = self.anchors_of(name);
        if !anchors.is_empty() {
            return self.enter(name, &anchors).await;
        }
        match above {
            Standing::Secure(zone) => self.delegated(zone, name).await,
            other @ (Standing::Unsigned(_) | Standing::Bogus(_) | Standing::Unknown(_)) => other,
        }
    }

    /// The standing of a name in a zone whose keys are proved: it may begin a zone of its own.
    async fn delegated(&self, zone: Arc<SecureZone>, name: &Name) -> Standing {
        let judged = match self.told(name, RecordType::DS).await {
            Ok(evidence) => self.judged(&zone, name, RecordType::DS, evidence).await,
            Err(unknown) => Err(unknown),
        };
        let judged = match judged {
            Ok(judged) => judged,
            Err(unknown) => return Standing::Unknown(unknown),
        };
        let unproved =
            |detail: String| Standing::Unsigned(Arc::new(Unproved { zone: name.clone(), unsupported: false, detail }));
        match judged.verdict {
            Err(broken) => Standing::Bogus(Arc::new(broken)),
            Ok(Verdict::Records(Some(reason))) => unproved(reason),
            Ok(Verdict::Records(None)) => {
                let set = judged.evidence.answer(&Canonical::of(name), RecordType::DS);
                let digests: Vec<KeyDigest> = set
                    .into_iter()
                    .flat_map(|set| &set.records)
                    .filter_map(|record| KeyDigest::parse(&record.sent))
                    .take(DIGESTS_MAX)
                    .collect();
                self.enter(name, &digests).await
            }
            // A name that stands for another begins no zone.
            Ok(Verdict::Alias(_)) => Standing::Secure(zone),
            Ok(Verdict::Absent(absence)) => match absence.insecure {
                Some(reason) => unproved(reason),
                None if absence.delegation => unproved(format!(
                    "`{}` holds no digest of the keys of `{}`",
                    crate::dns::records::plain(&zone.name),
                    crate::dns::records::plain(name)
                )),
                None => Standing::Secure(zone),
            },
        }
    }

    /// The standing of a zone whose keys have these digests.
    async fn enter(&self, name: &Name, digests: &[KeyDigest]) -> Standing {
        let usable = usable(digests);
        if usable.is_empty() {
            let mut kinds: Vec<String> = digests
                .iter()
                .map(|found| format!("{} with digest type {}", mnemonic(found.algorithm), found.kind))
                .collect();
            kinds.dedup();
            let detail = format!("resolvers check none of: {}", kinds.join(", "));
            return Standing::Unsigned(Arc::new(Unproved { zone: name.clone(), unsupported: true, detail }));
        }
        let lookup = self.dns.lookup(name, RecordType::DNSKEY).await;
        let evidence = match self.seen(&lookup).await {
            Ok(evidence) => evidence,
            Err(unknown) => return Standing::Unknown(unknown),
        };
        let is_plain = evidence.is_plain;
        let mut entered = self.proved(name, &usable, evidence).await;
        if let Ok(Err(broken)) = &entered
            && (self.through_resolver || is_plain)
            && broken.problem.may_be_the_resolver()
        {
            entered = match Box::pin(self.direct(name, name, RecordType::DNSKEY)).await {
                Ok(evidence) => self.proved(name, &usable, evidence).await,
                Err(unknown) => Err(unknown),
            };
        }
        match entered {
            Ok(Ok(zone)) => Standing::Secure(Arc::new(zone)),
            Ok(Err(broken)) => Standing::Bogus(Arc::new(broken)),
            Err(unknown) => Standing::Unknown(unknown),
        }
    }

    /// The zone with its keys, or why they are not proved.
    async fn proved(
        &self,
        name: &Name,
        digests: &[KeyDigest],
        evidence: Evidence,
    ) -> Result<Result<SecureZone, Broken>, Unknown> {
        let (name, digests, effort) = (name.clone(), digests.to_vec(), self.effort.clone());
        let is_laborious = evidence.is_laborious();
        let work = move || proved(&name, &digests, &evidence, &effort);
        let entered = if is_laborious { apart(work).await? } else { work() };
        match self.effort.spent() {
            Some(spent) if entered.is_err() => Err(spent),
            Some(_) | None => Ok(entered),
        }
    }
}

/// The digests that can be checked; those of SHA-1 only where there is no better one (RFC 4509 section 3).
fn usable(digests: &[KeyDigest]) -> Vec<KeyDigest> {
    let known = |found: &&KeyDigest| digest(found.kind).is_some() && is_supported(found.algorithm);
    let mut usable: Vec<KeyDigest> = digests.iter().filter(known).cloned().collect();
    if usable.iter().any(|found| digest(found.kind) != Some(Digest::Sha1)) {
        usable.retain(|found| digest(found.kind) != Some(Digest::Sha1));
    }
    usable
}

/// The zone with its keys, when one of them has one of the digests and signs them all; else why not.
fn proved(name: &Name, digests: &[KeyDigest], evidence: &Evidence, effort: &Effort) -> Result<SecureZone, Broken> {
    let canonical = Canonical::of(name);
    let broken = |problem, detail| Broken { problem, subject: subject(name, RecordType::DNSKEY), detail };
    let Some(set) = evidence.answer(&canonical, RecordType::DNSKEY) else {
        let detail = "the parent zone holds digests of keys, and the zone shows no keys".to_owned();
        return Err(broken(DnssecProblem::KeysMissing, detail));
    };
    let keys: Vec<Key> = set.records.iter().filter_map(|record| Key::parse(&record.sent)).take(KEYS_MAX).collect();
    let mut checks = Checks::new(KEY_CHECKS_MAX);
    let mut reason = None;
    for digest in digests {
        let entry = match fitting(digest, &canonical, &keys) {
            Ok(entry) => entry,
            Err((problem, detail)) => {
                reason.get_or_insert_with(|| broken(problem, detail));
                continue;
            }
        };
        match check_within(set, &canonical, std::slice::from_ref(entry), effort, &mut checks) {
            Ok(_signature) => {
                let keys = keys.into_iter().filter(Key::signs_zones).collect();
                return Ok(SecureZone { name: name.clone(), canonical, keys });
            }
            // A key that fits was found: why its signature does not hold says more than a digest without a key.
            Err(found) => reason = Some(unsigned_by(found, entry, set)),
        }
    }
    Err(reason
        .unwrap_or_else(|| broken(DnssecProblem::KeyMismatch, "the parent zone's digests name no key".to_owned())))
}

/// Where keys are signed, but not by the one of which the parent holds the digest, its own signature is what is missing.
fn unsigned_by(found: Broken, entry: &Key, set: &super::sets::RecordSet) -> Broken {
    let signs = set.signatures.iter().any(|signature| signature.tag == entry.tag);
    if signs || set.signatures.is_empty() {
        return found;
    }
    let tag = entry.tag;
    let detail = format!("the keys are not signed by key {tag}, of which the parent zone holds the digest");
    Broken { problem: DnssecProblem::SignatureMissing, subject: found.subject, detail }
}

/// The key of which the parent holds this digest; else what is different.
fn fitting<'a>(digest: &KeyDigest, zone: &Canonical, keys: &'a [Key]) -> Result<&'a Key, (DnssecProblem, String)> {
    let tag = digest.tag;
    let of_tag: Vec<&Key> = keys.iter().filter(|key| key.tag == tag && key.signs_zones()).collect();
    if of_tag.is_empty() {
        let tags: Vec<String> = keys.iter().map(|key| key.tag.to_string()).collect();
        let detail = format!("the parent zone names key {tag}; the zone has {}", tags.join(", "));
        return Err((DnssecProblem::KeyMismatch, detail));
    }
    let mut of_algorithm = of_tag.into_iter().filter(|key| key.algorithm == digest.algorithm).peekable();
    if of_algorithm.peek().is_none() {
        let detail = format!("the parent zone names key {tag} as {}, which it is not", mnemonic(digest.algorithm));
        return Err((DnssecProblem::AlgorithmMismatch, detail));
    }
    of_algorithm.find(|key| is_digest_of(digest, zone, key)).ok_or_else(|| {
        let detail = format!("the digest of key {tag} that the parent zone holds is not that of the key");
        (DnssecProblem::DigestMismatch, detail)
    })
}
