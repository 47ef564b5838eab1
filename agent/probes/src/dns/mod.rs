//! Probe `dns`: what the DNS says of one domain.
//!
//! Every question is asked at once, each with a deadline of its own, so that one slow record set costs no other. Each record
//! set is known (and may be empty) or unknown with its reason.
//!
//! Read in this order: [`facts`] (what it may say), `client` (one question to one server), [`lookup`] (what any resolver would
//! find), `answers` and `records` (replies as facts), `delegation`, `zone` and `dnssec` (the three parts of a look).
//! `resolver` serves the other probes, which only need addresses.

pub(crate) mod answers;
pub mod client;
pub(crate) mod delegation;
pub(crate) mod dnssec;
pub mod facts;
pub mod lookup;
pub(crate) mod records;
pub(crate) mod resolver;
pub(crate) mod zone;

pub use delegation::problem::{DelegationProblem, ServerProblem};
pub use dnssec::{DnssecProblem, Proof, ProofStatus, SharedChains, prove};
pub use zone::problem::ZoneProblem;

use std::sync::Arc;
use std::time::Duration;

use hickory_proto::rr::{Name, RecordType};
use vedetta_checks::catalogue::{Observation, ProbeError, ProbeSpec, Reach};
use vedetta_checks::fact::Fact;
use vedetta_checks::target::{DomainName, Target, TargetKind};
use vedetta_checks::word::{ProbeName, Reason};

use crate::tls::connect::Deadline;
use crate::{Observing, Probe, ProbeContext};
use answers::Answer;
use delegation::DelegationLook;
use facts::{DnsFacts, PointerFacts};
use lookup::{Dns, Lookup};

/// Name of the probe in packs.
pub const NAME: ProbeName = ProbeName::from_static("dns");
/// Longest time for a whole look.
const DEADLINE: Duration = Duration::from_secs(30);

/// The probe; see the module.
#[derive(Debug, Clone, Copy)]
pub struct DnsProbe;

impl Probe for DnsProbe {
    fn spec(&self) -> ProbeSpec {
        ProbeSpec {
            name: NAME,
            version: 2,
            summary: "Delegation, name servers, DNSSEC, CAA and records of a domain that dangle.",
            target: TargetKind::Domain,
            reach: Reach::Passive,
            deadline: DEADLINE,
            observation: ProbeSpec::schema_of::<DnsFacts>(),
        }
    }

    fn observe<'a>(&'a self, target: &'a Target, context: &'a ProbeContext) -> Observing<'a> {
        Box::pin(async move {
            let Target::Domain(domain) = target else {
                return Err(ProbeError::new("choose the target", Reason::DOES_NOT_APPLY, target.to_string()));
            };
            let facts = look(domain, context).await?;
            Ok(Observation::new(NAME, target.clone(), context.now, facts))
        })
    }
}

async fn look(domain: &DomainName, context: &ProbeContext) -> Result<DnsFacts, ProbeError> {
    let dns = Dns::of(context)?;
    let name = resolver::question_name(domain)?;
    let deadline = Deadline::start(context.deadline);
    let (sets, (delegation, ptr), names, dnssec) = tokio::join!(
        record_sets(&dns, &name),
        servers(&dns, &name, context, deadline),
        zone::names(&dns, &name, context, deadline),
        dnssec::look(&dns, &name, context),
    );
    let RecordSets { a, aaaa, ns, soa, mx, txt, caa, ds } = &sets;
    let exists = existence(&[a, aaaa, ns, soa, mx, txt, caa, ds].map(|lookup| &lookup.answer));
    let mx = mx.answer.facts(records::mail_server, |server| (server.preference, server.exchange.clone()));
    let zone_problems = zone::problems(&delegation, &names);
    let mut problems = delegation::found(&delegation);
    problems.extend(zone_problems.known().cloned().unwrap_or_default());
    problems.extend(zone::dangling::found(&names.dangling));
    problems.extend(dnssec.problems.known().into_iter().flatten().cloned());
    let rules = names.rules;
    Ok(DnsFacts {
        exists,
        a: a.answer.facts(records::address, String::clone),
        aaaa: aaaa.answer.facts(records::address, String::clone),
        ns: ns.answer.facts(records::name_server, String::clone),
        soa: soa.answer.facts(records::start_of_authority, |soa| soa.primary.clone()),
        null_mx: mx.clone().map(|servers| matches!(servers.as_slice(), [only] if only.exchange == ".")),
        mx,
        txt: txt.answer.facts(records::text, String::clone),
        caa: caa.answer.facts(records::authority_rule, |rule| (rule.tag.clone(), rule.value.clone(), rule.critical)),
        ds: ds.answer.facts(records::key_digest, |ds| (ds.key_tag, ds.algorithm, ds.digest_type, ds.digest.clone())),
        issuers: rules.clone().map(|rules| rules.issuers),
        caa_found_at: rules.clone().map(|rules| rules.found_at),
        issuance: rules.clone().map(|rules| rules.issuance.word().to_owned()),
        wildcard_issuance: rules.clone().map(|rules| rules.wildcard_issuance.word().to_owned()),
        wildcard_issuers: rules.clone().map(|rules| rules.wildcard_issuers),
        issue_reports: rules.map(|rules| rules.reports),
        zone: delegation.zone,
        parent: delegation.parent,
        name_servers: delegation.name_servers,
        name_server_networks: delegation.networks,
        delegation_problems: delegation.problems,
        zone_problems,
        wildcard: names.wildcard,
        dangling: names.dangling,
        ptr,
        dnssec,
        problems,
        queries: i64::try_from(dns.queries()).unwrap_or(i64::MAX),
    })
}

/// The record sets of a name.
struct RecordSets {
    a: Arc<Lookup>,
    aaaa: Arc<Lookup>,
    ns: Arc<Lookup>,
    soa: Arc<Lookup>,
    mx: Arc<Lookup>,
    txt: Arc<Lookup>,
    caa: Arc<Lookup>,
    ds: Arc<Lookup>,
}

async fn record_sets(dns: &Dns, name: &Name) -> RecordSets {
    let (a, aaaa, ns, soa, mx, txt, caa, ds) = tokio::join!(
        dns.lookup(name, RecordType::A),
        dns.lookup(name, RecordType::AAAA),
        dns.lookup(name, RecordType::NS),
        dns.lookup(name, RecordType::SOA),
        dns.lookup(name, RecordType::MX),
        dns.lookup(name, RecordType::TXT),
        dns.lookup(name, RecordType::CAA),
        dns.lookup(name, RecordType::DS),
    );
    RecordSets { a, aaaa, ns, soa, mx, txt, caa, ds }
}

/// The servers of the zone, and then the reverse names of theirs and of the domain's own addresses.
async fn servers(
    dns: &Dns,
    name: &Name,
    context: &ProbeContext,
    deadline: Deadline,
) -> (DelegationLook, Fact<Vec<PointerFacts>>) {
    let delegation = delegation::look(dns, name, context, deadline).await;
    let pointers = zone::reverse(dns, name, &delegation, deadline).await;
    (delegation, pointers)
}

/// Whether the name exists: one answer with or without records says yes, a single "no such name" says no.
pub(crate) fn existence(answers: &[&Answer]) -> Fact<bool> {
    let mut denied = false;
    let mut failed = None;
    for answer in answers {
        match answer {
            Answer::Records(_) | Answer::NoRecords => return Fact::Known(true),
            Answer::NoName => denied = true,
            Answer::Failed(unknown) => failed = failed.or(Some(unknown)),
        }
    }
    match failed {
        Some(unknown) if !denied => Fact::Unknown(unknown.clone()),
        Some(_) | None => Fact::Known(false),
    }
}
