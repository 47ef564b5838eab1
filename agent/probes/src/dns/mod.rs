//! Probe `dns`: what the DNS says of one domain.
//!
//! Every question is asked at once, each with a deadline of its own, so that one slow record set costs no other. Each record
//! set is known (and may be empty) or unknown with its reason.
//!
//! Read in this order: [`facts`] (what it may say), `client` (one question to one server), [`lookup`] (what any resolver would
//! find), `answers` and `records` (replies as facts), `delegation`, `zone` and `dnssec` (the three parts of a look).
//! `resolver` serves the other probes, which only need addresses.

pub(crate) mod answers;
pub(crate) mod client;
pub(crate) mod delegation;
pub(crate) mod dnssec;
pub mod facts;
pub mod lookup;
pub(crate) mod records;
pub(crate) mod resolver;
pub(crate) mod zone;

use std::time::Duration;

use hickory_proto::rr::RecordType;
use vedetta_checks::catalogue::{Observation, ProbeError, ProbeSpec, Reach};
use vedetta_checks::fact::Fact;
use vedetta_checks::target::{DomainName, Target, TargetKind};
use vedetta_checks::word::{ProbeName, Reason};

use crate::{Observing, Probe, ProbeContext};
use answers::Answer;
use lookup::Dns;
use facts::DnsFacts;

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
    let (a, aaaa, ns, soa, mx, txt, caa, ds) = tokio::join!(
        dns.lookup(&name, RecordType::A),
        dns.lookup(&name, RecordType::AAAA),
        dns.lookup(&name, RecordType::NS),
        dns.lookup(&name, RecordType::SOA),
        dns.lookup(&name, RecordType::MX),
        dns.lookup(&name, RecordType::TXT),
        dns.lookup(&name, RecordType::CAA),
        dns.lookup(&name, RecordType::DS),
    );
    let exists = existence(&[&a, &aaaa, &ns, &soa, &mx, &txt, &caa, &ds].map(|lookup| &lookup.answer));
    let mx = mx.answer.facts(records::mail_server, |server| (server.preference, server.exchange.clone()));
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
        issuers: unseen(),
        caa_found_at: unseen(),
        zone: unseen(),
        parent: unseen(),
        name_servers: unseen(),
        name_server_networks: unseen(),
        delegation_problems: unseen(),
        zone_problems: unseen(),
        wildcard: unseen(),
        dangling: unseen(),
        ptr: unseen(),
        dnssec: facts::DnssecFacts {
            status: unseen(),
            reason: unseen(),
            subject: unseen(),
            detail: unseen(),
            algorithm: unseen(),
            algorithm_name: unseen(),
            keys: unseen(),
            signatures_end: unseen(),
            denial: unseen(),
            nsec3_iterations: unseen(),
            problems: unseen(),
        },
        problems: Vec::new(),
        queries: 0,
    })
}

fn unseen<T>() -> Fact<T> {
    Fact::unknown(Reason::PROBE_FAILED, "not looked at")
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
