//! Whether the servers of a zone say the same: version of the zone, name servers, and single names.

use std::collections::BTreeMap;
use std::net::IpAddr;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{RData, RecordType};

use super::problem::ZoneProblem;
use crate::dns::client::Reply;
use crate::dns::delegation::Surveyed;
use crate::dns::delegation::compare::problem;
use crate::dns::delegation::survey::{Outcome, Sample, is_authoritative};
use crate::dns::facts::ProblemFacts;
use crate::dns::records::{self, plain};

/// What each server said, by what was said.
type Said = BTreeMap<String, Vec<String>>;

/// What the servers say differently, sorted.
pub(crate) fn problems(surveyed: &Surveyed) -> Vec<ProblemFacts> {
    let mut found = Vec::new();
    let zone = plain(&surveyed.zone);
    let mut serials = Said::new();
    let mut names = Said::new();
    let mut samples: BTreeMap<&Sample, Said> = BTreeMap::new();
    let name_servers = Sample { name: surveyed.zone.clone(), kind: RecordType::NS };
    for survey in &surveyed.surveys {
        let who = who(surveyed, survey.address);
        if let Some(soa) = survey.start_of_authority(&surveyed.zone) {
            serials.entry(soa.serial.to_string()).or_default().push(who.clone());
        }
        note(&mut names, &name_servers, &survey.name_servers, &who);
        for (sample, outcome) in &survey.samples {
            note(samples.entry(sample).or_default(), sample, outcome, &who);
        }
    }
    found.extend(difference(ZoneProblem::SerialDiffers, &zone, &serials));
    found.extend(difference(ZoneProblem::NameServersDiffer, &zone, &names));
    for (sample, said) in &samples {
        let subject = format!("{} {}", plain(&sample.name), sample.kind);
        found.extend(difference(ZoneProblem::AnswersDiffer, &subject, said));
    }
    found
}

fn note(said: &mut Said, sample: &Sample, outcome: &Outcome, who: &str) {
    if let Some(reply) = outcome.as_ref().ok().filter(|reply| is_authoritative(reply)) {
        said.entry(shown(sample, reply)).or_default().push(who.to_owned());
    }
}

fn difference(what: ZoneProblem, subject: &str, said: &Said) -> Option<ProblemFacts> {
    let tell = |(answer, servers): (&String, &Vec<String>)| format!("{answer} at {}", servers.join(", "));
    (said.len() > 1).then(|| problem(what.word(), subject, said.iter().map(tell).collect::<Vec<_>>().join("; ")))
}

/// A server as its names and its address.
pub(super) fn who(surveyed: &Surveyed, address: IpAddr) -> String {
    let of_it = surveyed.names.iter().filter(|(_, addresses)| addresses.contains(&address));
    let names: Vec<String> = of_it.map(|(name, _)| plain(name)).collect();
    if names.is_empty() { address.to_string() } else { format!("{} ({address})", names.join(", ")) }
}

/// The records of one answer, sorted, so that two servers with the same set say the same.
fn shown(sample: &Sample, reply: &Reply) -> String {
    if reply.code() == ResponseCode::NXDomain {
        return "no such name".to_owned();
    }
    let of_it = reply.message.answers.iter().filter(|record| record.name == sample.name);
    let wanted = of_it.filter(|record| [sample.kind, RecordType::CNAME].contains(&record.record_type()));
    let mut texts: Vec<String> = wanted.map(|record| text(&record.data)).collect();
    texts.sort_unstable();
    texts.dedup();
    if texts.is_empty() { "nothing".to_owned() } else { texts.join(" and ") }
}

fn text(record: &RData) -> String {
    if let RData::CNAME(target) = record {
        return format!("alias of {}", plain(&target.0));
    }
    let mail = records::mail_server(record).map(|server| format!("{} {}", server.preference, server.exchange));
    let rule = records::authority_rule(record).map(|rule| format!("{} {}", rule.tag, rule.value));
    let quoted = records::text(record).map(|text| format!("\"{text}\""));
    let known = records::address(record).or(records::name_server(record)).or(mail).or(rule).or(quoted);
    known.unwrap_or_else(|| record.to_string())
}
