//! Probe `dns`: what the DNS says of one domain.
//!
//! Every question is asked at once, through one resolver, each with a deadline of its own, so that one slow record set
//! costs no other. Each record set is known (and may be empty) or unknown with its reason.
//!
//! Read in this order: [`facts`] (what it may say), `answers` (a question and its answer), `records` (records as facts),
//! `spf` and `dmarc` (mail policy), `resolver` (whom we ask).

mod answers;
mod dmarc;
pub mod facts;
mod records;
pub(crate) mod resolver;
mod spf;

use std::time::Duration;

use hickory_proto::rr::RecordType;
use vedetta_checks::catalogue::{Observation, ProbeError, ProbeSpec, Reach};
use vedetta_checks::fact::Fact;
use vedetta_checks::target::{DomainName, Target, TargetKind};
use vedetta_checks::word::{ProbeName, Reason};

use crate::{Observing, Probe, ProbeContext};
use answers::{Answer, ask};
use facts::DnsFacts;

/// Name of the probe in packs.
pub const NAME: ProbeName = ProbeName::from_static("dns");
/// Longest time for a whole look.
const DEADLINE: Duration = Duration::from_secs(10);
/// Longest wait for the answer to one question, with its repetition.
const QUESTION_TIME_MAX: Duration = Duration::from_secs(5);

/// The probe; see the module.
#[derive(Debug, Clone, Copy)]
pub struct DnsProbe;

impl Probe for DnsProbe {
    fn spec(&self) -> ProbeSpec {
        ProbeSpec {
            name: NAME,
            version: 1,
            summary: "Addresses, name servers, mail servers, SPF, DMARC, CAA and DNSSEC records of a domain.",
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
    let resolver = resolver::resolver(context)?;
    let name = resolver::question_name(domain)?;
    // A label more can make the name too long for the DNS: then nothing can stand there.
    let dmarc_name = name.prepend_label("_dmarc").ok();
    // A tenth is left, so that the slowest question ends as a fact and not with the whole look.
    let time_max = QUESTION_TIME_MAX.min(context.deadline.mul_f32(0.9));
    let question = |kind: RecordType| ask(&resolver, &name, kind, time_max);
    let dmarc_question = async {
        match &dmarc_name {
            Some(name) => ask(&resolver, name, RecordType::TXT, time_max).await,
            None => Answer::NoName,
        }
    };
    let (a, aaaa, ns, soa, mx, txt, caa, ds, dmarc) = tokio::join!(
        question(RecordType::A),
        question(RecordType::AAAA),
        question(RecordType::NS),
        question(RecordType::SOA),
        question(RecordType::MX),
        question(RecordType::TXT),
        question(RecordType::CAA),
        question(RecordType::DS),
        dmarc_question,
    );
    let exists = existence(&[&a, &aaaa, &ns, &soa, &mx, &txt, &caa, &ds]);
    let txt = txt.facts(records::text, String::clone);
    let mx = mx.facts(records::mail_server, |server| (server.preference, server.exchange.clone()));
    let spf = txt.clone().map(|texts| spf::select(&texts));
    let dmarc = dmarc.facts(records::text, String::clone).map(|texts| dmarc::select(&texts));
    let dmarc_record = dmarc.clone().map(|records| single(&records).map(dmarc::read));
    Ok(DnsFacts {
        exists,
        a: a.facts(records::address, String::clone),
        aaaa: aaaa.facts(records::address, String::clone),
        ns: ns.facts(records::name_server, String::clone),
        soa: soa.facts(records::start_of_authority, |soa| soa.primary.clone()),
        null_mx: mx.clone().map(|servers| matches!(servers.as_slice(), [only] if only.exchange == ".")),
        mx,
        txt,
        caa: caa.facts(records::authority_rule, |rule| (rule.tag.clone(), rule.value.clone(), rule.critical)),
        ds: ds.facts(records::key_digest, |ds| (ds.key_tag, ds.algorithm, ds.digest_type, ds.digest.clone())),
        spf_valid: spf.clone().map(|records| single(&records).is_some_and(spf::is_valid)),
        spf_all: spf.clone().map(|records| single(&records).map_or("missing", spf::all_word).to_owned()),
        spf,
        dmarc,
        dmarc_valid: dmarc_record.clone().map(|record| record.is_some_and(|record| record.is_valid)),
        dmarc_policy: dmarc_record.clone().map(|record| record.map_or("missing", |record| record.policy).to_owned()),
        dmarc_subdomain_policy: dmarc_record
            .clone()
            .map(|record| record.map_or("missing", |record| record.subdomain_policy).to_owned()),
        dmarc_testing: dmarc_record.clone().map(|record| record.is_some_and(|record| record.is_testing)),
        dmarc_reports: dmarc_record.map(|record| record.is_some_and(|record| record.has_reports)),
    })
}

/// The one record; several count as none (RFC 7208 section 4.5, RFC 9989).
fn single(records: &[String]) -> Option<&str> {
    match records {
        [only] => Some(only.as_str()),
        [] | [_, _, ..] => None,
    }
}

/// Whether the name exists: one answer with or without records says yes, a single "no such name" says no.
fn existence(answers: &[&Answer]) -> Fact<bool> {
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
