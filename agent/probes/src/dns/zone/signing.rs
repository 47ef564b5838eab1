//! Whether the servers of a zone sign alike: one that serves an old or unsigned copy breaks the zone for those who check
//! signatures, at random, while the others serve it well.

use std::collections::{BTreeMap, BTreeSet};

use hickory_proto::rr::{Name, RData, RecordType};
use jiff::Timestamp;

use super::drift::who;
use super::problem::ZoneProblem;
use crate::dns::client::Reply;
use crate::dns::delegation::Surveyed;
use crate::dns::delegation::compare::problem;
use crate::dns::delegation::survey::{Outcome, is_authoritative};
use crate::dns::facts::ProblemFacts;

/// Keys of a zone, as the data of its DNSKEY records.
type Keys = BTreeSet<Vec<u8>>;

/// How one server signs.
#[derive(Debug, Clone)]
struct Signing {
    /// The server, for a person.
    who: String,
    /// Its keys.
    keys: Keys,
    /// When its signatures ended, and of which records; none while they hold.
    ended: Option<(Timestamp, RecordType)>,
    /// Whether the keys or the start of authority stand there without a signature.
    unsigned: bool,
}

/// Servers that sign otherwise than others.
pub(super) fn problems(surveyed: &Surveyed) -> Vec<ProblemFacts> {
    let servers: Vec<Signing> = surveyed
        .surveys
        .iter()
        .filter_map(|survey| {
            let keys = heard(&survey.keys)?;
            let start = heard(&survey.signed).filter(|reply| holds(reply, &surveyed.zone, RecordType::SOA))?;
            Some(signing(who(surveyed, survey.address), &surveyed.zone, keys, start, surveyed.now))
        })
        .collect();
    let some_sign = servers.iter().any(|server| !server.unsigned);
    let some_hold = servers.iter().any(|server| !server.unsigned && server.ended.is_none());
    let usual = usual_keys(&servers);
    let told = servers.iter().filter_map(|server| {
        let detail = match server.ended {
            _ if server.unsigned => some_sign.then(|| "it gives no signatures, other servers do".to_owned()),
            Some((moment, kind)) => some_hold.then(|| {
                let day = moment.strftime("%Y-%m-%d");
                format!("its signatures of {kind} ended on {day}, those of other servers hold")
            }),
            None => usual
                .as_ref()
                .is_some_and(|usual| *usual != server.keys)
                .then(|| "it gives other keys than other servers".to_owned()),
        };
        Some(problem(ZoneProblem::SignaturesDiffer.word(), &server.who, detail?))
    });
    told.collect()
}

/// The keys that most of the servers give whose signatures hold; of as many, those of the first server.
fn usual_keys(servers: &[Signing]) -> Option<Keys> {
    let mut numbers: BTreeMap<&Keys, usize> = BTreeMap::new();
    let mut usual: Option<&Keys> = None;
    let good = servers.iter().filter(|server| !server.unsigned && server.ended.is_none());
    for server in good.clone() {
        *numbers.entry(&server.keys).or_default() += 1;
    }
    for server in good {
        if usual.is_none_or(|usual| numbers.get(usual) < numbers.get(&server.keys)) {
            usual = Some(&server.keys);
        }
    }
    usual.cloned()
}

fn heard(outcome: &Outcome) -> Option<&Reply> {
    outcome.as_ref().ok().map(AsRef::as_ref).filter(|reply| is_authoritative(reply))
}

fn holds(reply: &Reply, zone: &Name, kind: RecordType) -> bool {
    reply.message.answers.iter().any(|record| record.name == *zone && record.record_type() == kind)
}

fn signing(who: String, zone: &Name, keys: &Reply, start: &Reply, now: Timestamp) -> Signing {
    let both = [(keys, RecordType::DNSKEY), (start, RecordType::SOA)];
    let ends = both.map(|(reply, kind)| (last_end(reply, zone, kind, now), kind));
    let ended = ends.into_iter().filter_map(|(end, kind)| Some((end?, kind))).filter(|(end, _)| *end < now).min();
    Signing {
        who,
        keys: data(keys, zone, RecordType::DNSKEY),
        ended,
        unsigned: ends.iter().any(|(end, _)| end.is_none()),
    }
}

fn data(reply: &Reply, zone: &Name, kind: RecordType) -> Keys {
    let of_zone = reply.message.answers.iter().filter(|record| record.name == *zone);
    let raw = of_zone.filter_map(|record| {
        let RData::Unknown { code, rdata } = &record.data else { return None };
        (*code == kind).then(|| rdata.anything.clone())
    });
    raw.collect()
}

/// When the last of the signatures over a record set ends (RFC 4034 section 3.1); none without a signature.
fn last_end(reply: &Reply, zone: &Name, kind: RecordType, now: Timestamp) -> Option<Timestamp> {
    let signatures = data(reply, zone, RecordType::RRSIG);
    let ends = signatures.iter().filter_map(|rdata| {
        let &[c0, c1, _, _, _, _, _, _, e0, e1, e2, e3, ..] = rdata.as_slice() else { return None };
        let covers = u16::from_be_bytes([c0, c1]) == u16::from(kind);
        covers.then(|| moment(u32::from_be_bytes([e0, e1, e2, e3]), now)).flatten()
    });
    ends.max()
}

/// The moment that 32 bits of seconds mean, which is the one nearest to now (RFC 4034 section 3.1.5).
fn moment(seconds: u32, now: Timestamp) -> Option<Timestamp> {
    let [.., a, b, c, d] = now.as_second().to_be_bytes();
    let distance = i32::from_be_bytes(seconds.wrapping_sub(u32::from_be_bytes([a, b, c, d])).to_be_bytes());
    Timestamp::from_second(now.as_second().checked_add(i64::from(distance))?).ok()
}
