//! Whether the answer to any question holds, aliases followed, from the trust anchor down.

use std::str::FromStr;
use std::sync::Arc;

use hickory_proto::rr::{Name, RecordType};
use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::chain::{SharedChains, Standing};
use super::judge::{Broken, Effort, SecureZone, Verdict, judge, signers};
use super::names::Canonical;
use super::problem::DnssecProblem;
use super::rdata::KeyDigest;
use super::sets::{Evidence, subject};
use crate::ProbeContext;
use crate::dns::answers::Answer;
use crate::dns::client::{Question, Transport};
use crate::dns::facts::DsFacts;
use crate::dns::lookup::{Dns, Lookup, TrustAnchors};

/// Aliases that are followed, one after the other; resolvers follow about as many.
const ALIASES_MAX: usize = 12;
/// Addresses of a zone's servers that are asked themselves when a resolver may have left something out.
const SERVERS_MAX: usize = 6;

/// Whether an answer holds, and why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Whether it holds.
    pub status: ProofStatus,
    /// Why it is bogus; none when it is not.
    pub reason: Option<DnssecProblem>,
    /// The name and record type that are bogus, as `example.it DNSKEY`; empty when nothing is.
    pub subject: String,
    /// What exactly was seen, for a person: what is bogus, or where the chain ends when it is unsigned; may be empty.
    pub detail: String,
}

/// Whether an answer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProofStatus {
    /// Proved from the trust anchor down, also when the answer is that there is nothing.
    Secure,
    /// A zone on the way is not signed, or its parent holds no digest of its keys, or resolvers do not know its algorithm.
    Unsigned,
    /// Validating resolvers refuse to answer.
    Bogus,
}

/// Proves answers; what it learns of zones is shared by the whole run. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Validator {
    pub(super) dns: Dns,
    pub(super) effort: Effort,
    /// Whether answers come through a resolver, which may leave signatures out, or hide what does not hold.
    pub(super) through_resolver: bool,
    pub(super) chains: SharedChains,
    anchors: TrustAnchors,
}

/// A message judged with the keys of a zone.
pub(super) struct Judged {
    pub(super) verdict: Result<Verdict, Broken>,
    pub(super) evidence: Evidence,
}

/// One step of a proof.
enum Link {
    /// The answer ends here.
    End(Proof),
    /// It holds, and another name stands for this one.
    Alias(Name),
}

impl Validator {
    /// The validator of a run.
    pub(crate) fn of(dns: &Dns, context: &ProbeContext) -> Self {
        Self {
            dns: dns.clone(),
            effort: Effort::new(context.now),
            through_resolver: dns.has_resolver(),
            chains: context.chains.clone(),
            anchors: context.trust_anchors.clone(),
        }
    }

    /// Whether the answer to this question holds; an answer that there is no such name or record is proved as well.
    ///
    /// # Errors
    /// Why it could not be seen: a server that fails or stays silent proves nothing.
    pub(crate) async fn validate(&self, name: &Name, kind: RecordType) -> Result<Proof, Unknown> {
        let mut name = name.clone();
        for _alias in 0..ALIASES_MAX {
            match self.link(&name, kind).await? {
                Link::End(proof) => return Ok(proof),
                Link::Alias(target) => name = target,
            }
        }
        Err(Unknown::new(Reason::TOO_LARGE, format!("more than {ALIASES_MAX} aliases lead to {name}")))
    }

    async fn link(&self, name: &Name, kind: RecordType) -> Result<Link, Unknown> {
        let evidence = self.told(name, kind).await?;
        let mut refused = None;
        for signer in signers(name, kind, &evidence) {
            match self.standing(&signer).await {
                Standing::Secure(zone) if Canonical::of(&signer) == zone.canonical => {
                    let judged = self.judged(&zone, name, kind, evidence.clone()).await?;
                    if judged.verdict.is_ok() {
                        return Ok(judged.link());
                    }
                    refused = Some(judged);
                    break;
                }
                Standing::Secure(_) => {}
                Standing::Unsigned(unproved) => return Ok(Link::End(Proof::unsigned(&unproved.detail))),
                Standing::Bogus(broken) => return Ok(Link::End(Proof::bogus(&broken))),
                Standing::Unknown(unknown) => return Err(unknown),
            }
        }
        // Nobody says who signs, or whoever says so does not: the chain down to the name itself tells who should.
        let whole = if kind == RecordType::DS { name.base_name() } else { name.clone() };
        match (self.standing(&whole).await, refused) {
            (Standing::Secure(zone), _) => self.judged(&zone, name, kind, evidence).await.map(Judged::link),
            (Standing::Unsigned(unproved), _) => Ok(Link::End(Proof::unsigned(&unproved.detail))),
            // That nobody can prove whether a zone begins at the name says less than what was seen of the name itself.
            (Standing::Bogus(broken), Some(refused)) if broken.subject == subject(name, RecordType::DS) => {
                Ok(refused.link())
            }
            (Standing::Bogus(broken), _) => Ok(Link::End(Proof::bogus(&broken))),
            (Standing::Unknown(_), Some(refused)) => Ok(refused.link()),
            (Standing::Unknown(unknown), None) => Err(unknown),
        }
    }

    /// Judges a reply with the keys of a zone. What a resolver may have left out is asked of the zone's own servers first.
    pub(super) async fn judged(
        &self,
        zone: &Arc<SecureZone>,
        name: &Name,
        kind: RecordType,
        evidence: Evidence,
    ) -> Result<Judged, Unknown> {
        let judged = self.weighed(zone, name, kind, evidence).await?;
        match &judged.verdict {
            Err(broken)
                if (self.through_resolver || judged.evidence.is_plain) && broken.problem.may_be_the_resolver() =>
            {
                let evidence = Box::pin(self.direct(&zone.name, name, kind)).await?;
                self.weighed(zone, name, kind, evidence).await
            }
            Ok(_) | Err(_) => Ok(judged),
        }
    }

    /// Judges what was given.
    async fn weighed(
        &self,
        zone: &Arc<SecureZone>,
        name: &Name,
        kind: RecordType,
        evidence: Evidence,
    ) -> Result<Judged, Unknown> {
        let (zone, name, effort) = (Arc::clone(zone), name.clone(), self.effort.clone());
        let is_laborious = evidence.is_laborious();
        let work = move || Judged { verdict: judge(&zone, &name, kind, &evidence, &effort), evidence };
        let judged = if is_laborious { apart(work).await? } else { work() };
        match self.effort.spent() {
            Some(spent) if judged.verdict.is_err() => Err(spent),
            Some(_) | None => Ok(judged),
        }
    }

    /// What a reply offers; the reason when there is none.
    #[expect(clippy::unused_self, reason = "reads as the other ways to evidence do")]
    pub(super) fn evidence(&self, lookup: &Lookup) -> Result<Evidence, Unknown> {
        match (&lookup.answer, &lookup.reply) {
            (Answer::Failed(unknown), _) => Err(unknown.clone()),
            (Answer::Records(_) | Answer::NoRecords | Answer::NoName, Some(reply)) => Ok(Evidence::of(reply)),
            (Answer::Records(_) | Answer::NoRecords | Answer::NoName, None) => {
                Err(Unknown::new(Reason::PROBE_FAILED, format!("{}: the reply was not kept", lookup.name)))
            }
        }
    }

    /// What a reply offers; where a resolver failed, what the servers of the name's zone say, for some hide what does not hold
    /// even from those who want to check it themselves.
    ///
    /// # Errors
    /// Why there is no reply.
    pub(super) async fn seen(&self, lookup: &Lookup) -> Result<Evidence, Unknown> {
        match self.evidence(lookup) {
            Err(unknown) if self.through_resolver && unknown.reason == Reason::SERVER_FAILURE => {
                // Digests of a zone's keys stand in the zone above.
                let Lookup { name, kind, .. } = lookup;
                let start = if *kind == RecordType::DS { name.base_name() } else { name.clone() };
                let Fact::Known(cut) = Box::pin(self.dns.zone_of(&start)).await else { return Err(unknown) };
                Box::pin(self.direct(&cut.zone, name, *kind)).await.map_err(|_| unknown)
            }
            seen => seen,
        }
    }

    /// What is said of the name itself: where the reply is of another name, to which aliases lead, the first alias.
    ///
    /// # Errors
    /// Why there is no reply.
    pub(super) async fn told(&self, name: &Name, kind: RecordType) -> Result<Evidence, Unknown> {
        let lookup = self.dns.lookup(name, kind).await;
        let evidence = self.seen(&lookup).await;
        let is_of_name = evidence.as_ref().is_ok_and(|evidence| evidence.speaks_of(&Canonical::of(name)));
        if lookup.aliases.is_empty() || is_of_name {
            return evidence;
        }
        self.seen(&*self.dns.lookup(name, RecordType::CNAME).await).await
    }

    /// What one of the zone's own servers says.
    ///
    /// # Errors
    /// That none of them answers.
    pub(super) async fn direct(&self, zone: &Name, name: &Name, kind: RecordType) -> Result<Evidence, Unknown> {
        let question = Question::to_authority(name, kind);
        let cut = match Box::pin(self.dns.zone_of(zone)).await {
            Fact::Known(cut) => cut,
            Fact::Unknown(unknown) => return Err(unknown),
        };
        let mut reason = Unknown::new(Reason::SERVER_FAILURE, format!("no server of {zone} could be asked"));
        for address in self.dns.server_addresses(&cut).await.into_iter().take(SERVERS_MAX) {
            match self.dns.ask(address, &question).await {
                Ok(reply) if reply.message.metadata.authoritative => {
                    let evidence = Evidence::of(&reply);
                    if !evidence.is_plain {
                        return Ok(evidence);
                    }
                    // The client asks a late server in the plainest form at last; over a connection it is asked in full.
                    let asked = Question { transport: Transport::Tcp, ..question.clone() };
                    let over_tcp = self.dns.ask(address, &asked).await;
                    return Ok(over_tcp.map_or(evidence, |reply| Evidence::of(&reply)));
                }
                Ok(_) => {}
                Err(unknown) => reason = unknown,
            }
        }
        Err(reason)
    }

    /// Digests of keys of this zone that are believed without proof.
    pub(super) fn anchors_of(&self, zone: &Name) -> Vec<KeyDigest> {
        let nearest = self.anchors.nearest(zone).filter(|(anchored, _)| Canonical::of(anchored) == Canonical::of(zone));
        nearest.into_iter().flat_map(|(_, digests)| digests).filter_map(digest_of).collect()
    }
}

/// Does what takes long apart from the tasks that wait for replies.
///
/// # Errors
/// That it could not be done.
pub(super) async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Unknown> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Unknown::new(Reason::PROBE_FAILED, format!("signatures could not be checked: {error}")))
}

/// Proves the answer to one question; the type by its mnemonic or as `TYPE4711` (RFC 3597).
///
/// # Errors
/// The name or type that is none, or why the answer could not be seen.
pub async fn prove(name: &str, kind: &str, context: &ProbeContext) -> Result<Proof, ProbeError> {
    let malformed = |detail: String| ProbeError::new("read the question", Reason::NAME_NOT_FOUND, detail);
    let mut name = Name::from_ascii(name).map_err(|error| malformed(format!("{name}: {error}")))?;
    name.set_fqdn(true);
    let by_number = kind.strip_prefix("TYPE").and_then(|number| number.parse::<u16>().ok());
    let kind = match by_number {
        Some(number) => RecordType::from(number),
        None => RecordType::from_str(kind).map_err(|error| malformed(format!("{kind}: {error}")))?,
    };
    let dns = Dns::of(context)?;
    let outcome = Validator::of(&dns, context).validate(&name, kind).await;
    outcome.map_err(|unknown| ProbeError::new("prove the answer", unknown.reason, unknown.detail))
}

/// A digest out of its facts; `None` when its numbers or digits are none.
fn digest_of(facts: &DsFacts) -> Option<KeyDigest> {
    let digits = facts.digest.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    Some(KeyDigest {
        tag: u16::try_from(facts.key_tag).ok()?,
        algorithm: u8::try_from(facts.algorithm).ok()?,
        kind: u8::try_from(facts.digest_type).ok()?,
        digest: digits.collect::<Option<_>>()?,
    })
}

impl Judged {
    fn link(self) -> Link {
        Link::End(match self.verdict {
            Err(broken) => Proof::bogus(&broken),
            Ok(Verdict::Alias(target)) => return Link::Alias(target),
            Ok(Verdict::Records(insecure)) => insecure.map_or_else(Proof::secure, |reason| Proof::unsigned(&reason)),
            Ok(Verdict::Absent(absence)) => {
                absence.insecure.map_or_else(Proof::secure, |reason| Proof::unsigned(&reason))
            }
        })
    }
}

impl Proof {
    fn secure() -> Self {
        Self { status: ProofStatus::Secure, reason: None, subject: String::new(), detail: String::new() }
    }

    fn unsigned(detail: &str) -> Self {
        Self { status: ProofStatus::Unsigned, reason: None, subject: String::new(), detail: detail.to_owned() }
    }

    pub(super) fn bogus(broken: &Broken) -> Self {
        Self {
            status: ProofStatus::Bogus,
            reason: Some(broken.problem),
            subject: broken.subject.clone(),
            detail: broken.detail.clone(),
        }
    }
}
