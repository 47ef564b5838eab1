//! The walk as facts, and the verdict.

use hickory_proto::rr::RecordType;
use vedetta_checks::fact::{DETAIL_BYTES_MAX, Fact, Unknown, clean_text};
use vedetta_checks::word::Reason;

use super::gather::Seen;
use super::judge::{Walk, policies};
use super::problem::{SpfProblem, Weight};
use super::term::Qualifier;
use super::tree::{Defect, Node, Rest};
use super::{LOOKUPS_MAX, VOID_LOOKUPS_MAX};
use crate::dns::answers::Answer;
use crate::dns::facts::ProblemFacts;
use crate::mail::facts::SpfFacts;

/// So many public addresses of IPv4 that strangers are among those who pass: one in 256 of all there are (a /8).
const STRANGERS_FOUR: i64 = 1 << 24;
/// So many networks of IPv6 (/64) that strangers are among those who pass: a /24, a hundred times what a provider gets.
const STRANGERS_SIX: i64 = 1 << 40;

/// The facts of a policy from what was fetched.
pub(super) fn facts(seen: &Seen, root: &str) -> SpfFacts {
    let found = match seen.answer(root, RecordType::TXT) {
        Some(Answer::Records(found)) => policies(found),
        Some(Answer::NoRecords | Answer::NoName) => Vec::new(),
        Some(Answer::Failed(unknown)) => return unseen(unknown),
        None => return unseen(&Unknown::new(Reason::NAME_NOT_FOUND, "the DNS holds no such name")),
    };
    match found.as_slice() {
        [] => without_record("none", found, Vec::new()),
        [only] => of_record(seen, root, only),
        several => {
            let problem = SpfProblem::SeveralRecords.at(root, format!("{root}: {} SPF records", several.len()));
            without_record("permerror", found, vec![problem])
        }
    }
}

fn of_record(seen: &Seen, root: &str, text: &str) -> SpfFacts {
    let mut walk = Walk::new(seen, root);
    let node = walk.record(text, root);
    let mut defects = std::mem::take(&mut walk.defects);
    limits(&walk, &node, root, text, &mut defects);
    let is_open = strangers(&node, root, text, &mut defects);
    remainder(&node, &mut defects);
    let worst = defects.iter().map(|defect| defect.problem.weight()).max().unwrap_or(Weight::Note);
    let failed = walk.unread.as_ref().or(walk.unresolved.as_ref());
    let verdict = match (worst, failed) {
        _ if node.stranger.passes_by().is_some() => Fact::Known("dangerous"),
        (Weight::Permanent, _) => Fact::Known("permerror"),
        _ if is_open => Fact::Known("dangerous"),
        (_, Some(unknown)) => Fact::Unknown(unknown.clone()),
        (Weight::Dangerous, None) => Fact::Known("dangerous"),
        (Weight::Weak, None) => Fact::Known("weak"),
        (Weight::Note, None) => Fact::Known("ok"),
    };
    let known = |count: u64, failed: Option<&Unknown>| match failed {
        None => Fact::Known(i64::try_from(count).unwrap_or(i64::MAX)),
        Some(unknown) => Fact::Unknown(unknown.clone()),
    };
    let sized = |size: i64| failed.map_or(Fact::Known(size), |unknown| Fact::Unknown(unknown.clone()));
    SpfFacts {
        verdict: verdict.map(str::to_owned),
        records: Fact::Known(vec![text.to_owned()]),
        all: all(&node.rest),
        lookups: known(node.cost.lookups, walk.unread.as_ref()),
        void_lookups: known(node.cost.voids, failed),
        addresses: sized(node.passes.addresses()),
        networks_v6: sized(node.passes.networks_of_six()),
        problems: Fact::Known(problems(defects)),
        includes: Fact::Known(walk.includes),
    }
}

/// The limits of RFC 7208 section 4.6.4, over the whole tree.
fn limits(walk: &Walk<'_>, node: &Node, root: &str, text: &str, defects: &mut Vec<Defect>) {
    let mut tell = |problem, term: &str, domain: &str, note: String| {
        defects.push(Defect { problem, term: term.to_owned(), domain: domain.to_owned(), note });
    };
    if node.cost.lookups > LOOKUPS_MAX {
        let note = format!("{} look-ups, at most {LOOKUPS_MAX}", node.cost.lookups);
        tell(SpfProblem::TooManyLookups, node.exceeds.as_deref().unwrap_or(text), root, note);
    }
    if node.cost.voids > VOID_LOOKUPS_MAX {
        for (term, domain) in &walk.voids {
            let note = format!("finds nothing; {} such look-ups, at most {VOID_LOOKUPS_MAX}", node.cost.voids);
            tell(SpfProblem::TooManyVoidLookups, term, domain, note);
        }
    }
}

/// Whether strangers pass: everybody, or by networks too large.
fn strangers(node: &Node, root: &str, text: &str, defects: &mut Vec<Defect>) -> bool {
    if let Some((term, domain)) = node.stranger.passes_by() {
        let (term, domain) = (term.to_owned(), domain.to_owned());
        defects.push(Defect { problem: SpfProblem::PassAll, term, domain, note: String::new() });
    }
    let addresses = node.passes.public_addresses();
    let is_open = addresses >= STRANGERS_FOUR || node.passes.networks_of_six() >= STRANGERS_SIX;
    if is_open && !defects.iter().any(|defect| defect.problem == SpfProblem::BroadNetwork) {
        let note = format!("{addresses} addresses pass in all");
        let (term, domain) = (text.to_owned(), root.to_owned());
        defects.push(Defect { problem: SpfProblem::BroadNetwork, term, domain, note });
    }
    is_open
}

/// What is said of everybody else.
fn remainder(node: &Node, defects: &mut Vec<Defect>) {
    let (problem, term, domain) = match &node.rest {
        Rest::All { qualifier: Qualifier::Neutral, term, domain } => (SpfProblem::NeutralAll, term.as_str(), domain),
        Rest::Silent { domain } => (SpfProblem::NoAll, "v=spf1", domain),
        Rest::All { .. } | Rest::Missing | Rest::Depends | Rest::Unread(_) => return,
    };
    let (term, domain) = (term.to_owned(), domain.clone());
    defects.push(Defect { problem, term, domain, note: String::new() });
}

fn all(rest: &Rest) -> Fact<String> {
    match rest {
        Rest::All { qualifier, .. } => Fact::Known(qualifier.sign().to_owned()),
        Rest::Silent { .. } => Fact::Known("none".to_owned()),
        Rest::Missing => Fact::Known("missing".to_owned()),
        Rest::Depends => Fact::unknown(Reason::DOES_NOT_APPLY, "the redirect depends on the sender"),
        Rest::Unread(unknown) => Fact::Unknown(unknown.clone()),
    }
}

/// Sorted by weight, the worst first, then by word; each once.
fn problems(mut defects: Vec<Defect>) -> Vec<ProblemFacts> {
    defects.sort_by_key(|defect| std::cmp::Reverse(defect.problem.weight()));
    let mut told: Vec<ProblemFacts> = Vec::new();
    for defect in defects {
        let detail = match defect.note.as_str() {
            "" => defect.domain,
            note => format!("{}: {note}", defect.domain),
        };
        let problem = defect.problem.at(clean_text(&defect.term, DETAIL_BYTES_MAX), detail);
        if !told.contains(&problem) {
            told.push(problem);
        }
    }
    told
}

fn without_record(verdict: &str, records: Vec<String>, problems: Vec<ProblemFacts>) -> SpfFacts {
    let mut records = records;
    records.sort();
    SpfFacts {
        verdict: Fact::Known(verdict.to_owned()),
        records: Fact::Known(records),
        all: Fact::Known("missing".to_owned()),
        lookups: Fact::Known(0),
        void_lookups: Fact::Known(0),
        addresses: Fact::Known(0),
        networks_v6: Fact::Known(0),
        includes: Fact::Known(Vec::new()),
        problems: Fact::Known(problems),
    }
}

/// Nothing could be told, for one reason.
pub(crate) fn unseen(unknown: &Unknown) -> SpfFacts {
    fn so<T>(unknown: &Unknown) -> Fact<T> {
        Fact::Unknown(unknown.clone())
    }
    SpfFacts {
        verdict: so(unknown),
        records: so(unknown),
        all: so(unknown),
        lookups: so(unknown),
        void_lookups: so(unknown),
        addresses: so(unknown),
        networks_v6: so(unknown),
        includes: so(unknown),
        problems: so(unknown),
    }
}
