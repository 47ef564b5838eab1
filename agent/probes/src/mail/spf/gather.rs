//! Fetches everything that a policy names, with every record that it includes: each answer leads to the next questions at
//! once, so that the whole takes as long as its longest chain.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hickory_proto::rr::{RData, RecordType};
use tokio::task::JoinSet;

use super::macros::{Letter, MacroString};
use super::record::Record;
use super::term::Mechanism;
use super::{NAMES_MAX, names, record};
use crate::dns::answers::Answer;
use crate::dns::lookup::{Dns, Lookup};
use crate::dns::records;

/// Questions for one policy. One within the RFC's limits needs 250 at most; what lies beyond is over those limits anyway.
const QUESTIONS_MAX: usize = 512;
/// Records of one policy; one within the RFC's limits has eleven. It bounds the depth of the walk too.
const RECORDS_MAX: usize = 64;

/// What was asked and answered, by name and type.
#[derive(Debug, Default)]
pub(super) struct Seen(BTreeMap<(String, RecordType), Answer>);

impl Seen {
    /// The answer; none when it was not asked for, beyond the limit.
    pub(super) fn answer(&self, name: &str, kind: RecordType) -> Option<&Answer> {
        self.0.get(&(name.to_owned(), kind))
    }
}

/// The questions so far, within the limits.
#[derive(Default)]
struct Asked {
    questions: BTreeSet<(String, RecordType)>,
    records: usize,
}

impl Asked {
    /// Whether the question is new and may be asked.
    fn is_new(&mut self, name: &str, kind: RecordType) -> bool {
        let is_record = kind == RecordType::TXT;
        let is_within = self.questions.len() < QUESTIONS_MAX && (!is_record || self.records < RECORDS_MAX);
        let is_new = is_within && self.questions.insert((name.to_owned(), kind));
        self.records += usize::from(is_new && is_record);
        is_new
    }
}

/// Asks for the policy of a domain and for whatever it leads to.
pub(super) async fn gather(dns: &Dns, root: &str) -> Seen {
    let mut seen = Seen::default();
    let mut wanted: Vec<(String, RecordType)> = vec![(root.to_owned(), RecordType::TXT)];
    let mut asked = Asked::default();
    let mut looks: JoinSet<(String, Arc<Lookup>)> = JoinSet::new();
    loop {
        for (name, kind) in wanted.drain(..) {
            if !asked.is_new(&name, kind) {
                continue;
            }
            let Some(question) = names::question(&name) else { continue };
            let dns = dns.clone();
            looks.spawn(async move { (name, dns.lookup(&question, kind).await) });
        }
        let Some(done) = looks.join_next().await else { return seen };
        let Ok((name, lookup)) = done else { continue };
        wanted = followed(&lookup.answer, &name, lookup.kind, root);
        seen.0.insert((name, lookup.kind), lookup.answer.clone());
    }
}

/// The questions that an answer leads to.
fn followed(answer: &Answer, name: &str, kind: RecordType, root: &str) -> Vec<(String, RecordType)> {
    let Answer::Records(found) = answer else { return Vec::new() };
    let mut wanted = Vec::new();
    for data in found.iter().take(if kind == RecordType::MX { NAMES_MAX } else { found.len() }) {
        if let RData::MX(mx) = data {
            let exchanger = names::plain(&names::text(&mx.exchange));
            wanted.extend([(exchanger.clone(), RecordType::A), (exchanger, RecordType::AAAA)]);
        }
        if kind == RecordType::TXT
            && let Some(text) = records::text(data)
            && let Some(terms) = record::terms_of(&text)
        {
            wanted.extend(questions(&record::read(terms).0, name, root));
        }
    }
    wanted
}

/// The questions of one record. Names that depend on the sender are left out.
fn questions(record: &Record, domain: &str, root: &str) -> Vec<(String, RecordType)> {
    let mut wanted = Vec::new();
    for directive in record.reachable() {
        let Some(name) = target(directive.mechanism.domain(), domain, root) else { continue };
        match directive.mechanism {
            Mechanism::Include(_) => wanted.push((name, RecordType::TXT)),
            Mechanism::A(..) => wanted.extend([(name.clone(), RecordType::A), (name, RecordType::AAAA)]),
            Mechanism::Mx(..) => wanted.push((name, RecordType::MX)),
            Mechanism::Exists(_) => wanted.push((name, RecordType::A)),
            Mechanism::All | Mechanism::Ptr(_) | Mechanism::Ip4(..) | Mechanism::Ip6(..) => {}
        }
    }
    if let Some(redirect) = record.redirect_in_force() {
        wanted.extend(target(Some(&redirect.domain), domain, root).map(|name| (name, RecordType::TXT)));
    }
    wanted
}

/// The name that a term means for every sender of the root domain; none when it depends on the sender.
pub(super) fn target(spec: Option<&MacroString>, domain: &str, root: &str) -> Option<String> {
    let Some(spec) = spec else { return Some(domain.to_owned()) };
    let name = spec.name(|letter| match letter {
        Letter::Domain => Some(domain.to_owned()),
        Letter::SenderDomain => Some(root.to_owned()),
        Letter::Sender
        | Letter::LocalPart
        | Letter::Address
        | Letter::Validated
        | Letter::Family
        | Letter::Helo
        | Letter::Client
        | Letter::Receiver
        | Letter::Time => None,
    });
    name.map(|name| names::plain(&name))
}

#[cfg(test)]
impl Seen {
    /// A world in which nothing exists but these records: `name TYPE data`, one a line; `FAIL` as data is a silent server.
    pub(super) fn of_world(world: &str, root: &str) -> Self {
        let (mut seen, mut asked) = (Self::default(), Asked::default());
        let mut wanted = vec![(root.to_owned(), RecordType::TXT)];
        while let Some((name, kind)) = wanted.pop() {
            if !asked.is_new(&name, kind) || names::question(&name).is_none() {
                continue;
            }
            let answer = world_answer(world, &name, kind);
            wanted.extend(followed(&answer, &name, kind, root));
            seen.0.insert((name, kind), answer);
        }
        seen
    }
}

#[cfg(test)]
fn world_answer(world: &str, name: &str, kind: RecordType) -> Answer {
    use hickory_proto::rr::rdata::{A, AAAA, MX, TXT};
    let mut exists = false;
    let mut found = Vec::new();
    for line in world.lines().map(str::trim_start).filter(|line| !line.is_empty()) {
        let (owner, rest) = line.split_once(' ').expect(line);
        let (kind_here, data) = rest.split_once(' ').expect(line);
        exists |= owner == name;
        if owner != name || kind_here != kind.to_string() {
            continue;
        }
        if data == "FAIL" {
            return Answer::Failed(vedetta_checks::fact::Unknown::new(vedetta_checks::word::Reason::TIMEOUT, line));
        }
        found.push(match kind_here {
            "TXT" => RData::TXT(TXT::new(vec![data.to_owned()])),
            "A" => RData::A(A(data.parse().expect(line))),
            "AAAA" => RData::AAAA(AAAA(data.parse().expect(line))),
            "MX" => RData::MX(MX::new(10, names::question(data).unwrap_or_else(hickory_proto::rr::Name::root))),
            _ => panic!("{line}"),
        });
    }
    match (found.is_empty(), exists) {
        (false, _) => Answer::Records(found),
        (true, true) => Answer::NoRecords,
        (true, false) => Answer::NoName,
    }
}
