//! Walks the tree of records that was fetched, each record once: what it costs, who passes, and what is wrong.

use std::collections::BTreeMap;

use hickory_proto::rr::{RData, RecordType};
use vedetta_checks::fact::Unknown;

use super::gather::{Seen, target};
use super::hosts::{ADDRESSES_MAX, BROAD_BITS_FOUR, BROAD_BITS_SIX};
use super::macros::{Letter, MacroString};
use super::networks::Networks;
use super::problem::SpfProblem;
use super::record::{Record, Redirect};
use super::term::{Directive, Mechanism, Qualifier};
use super::tree::{Cost, Defect, Node, Progress, Rest, Stranger};
use super::{names, record};
use crate::dns::answers::Answer;
use crate::dns::records;

/// Bytes of a DNS answer that travel in one datagram everywhere (DNS flag day 2020).
const DATAGRAM_BYTES_MAX: usize = 1_232;

/// Where a domain's policy leads.
enum Reached {
    Node(Node),
    Missing {
        is_void: bool,
    },
    /// A record that does not count, or a loop; the defect is told.
    Broken,
    Unread(Unknown),
    /// Beyond the limit of questions.
    Unasked,
}

/// The walk.
pub(super) struct Walk<'a> {
    pub(super) seen: &'a Seen,
    root: &'a str,
    nodes: BTreeMap<String, Option<Node>>,
    /// Domains that are included or redirected to, as reached.
    pub(super) includes: Vec<String>,
    /// What is wrong.
    pub(super) defects: Vec<Defect>,
    /// Terms whose question finds nothing.
    pub(super) voids: Vec<(String, String)>,
    /// Why a record of the tree could not be read.
    pub(super) unread: Option<Unknown>,
    /// Why an address could not be found.
    pub(super) unresolved: Option<Unknown>,
    /// Addresses of hosts that may still be counted.
    pub(super) addresses_left: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(seen: &'a Seen, root: &'a str) -> Self {
        Self {
            seen,
            root,
            nodes: BTreeMap::new(),
            includes: Vec::new(),
            defects: Vec::new(),
            voids: Vec::new(),
            unread: None,
            unresolved: None,
            addresses_left: ADDRESSES_MAX,
        }
    }

    /// Walks one record. The caller has found that it is the domain's only one.
    pub(super) fn record(&mut self, text: &str, domain: &str) -> Node {
        self.nodes.insert(domain.to_owned(), None);
        let (record, errors) = record::read(record::terms_of(text).unwrap_or_default());
        for error in &errors {
            let problem = if error.term.is_ascii() { SpfProblem::Syntax } else { SpfProblem::NotAscii };
            self.tell(problem, &error.term, domain, error.problem);
        }
        self.measure(text, domain);
        let mut progress = Progress::default();
        if !errors.is_empty() {
            progress.stranger_is(Stranger::Broken);
        }
        for directive in record.reachable() {
            self.directive(directive, domain, &mut progress);
            progress.measured_at(&directive.term);
        }
        let rest = self.rest(&record, domain, &mut progress);
        if let Some(redirect) = record.redirect_in_force() {
            progress.measured_at(&redirect.term);
        }
        self.ignored(&record, domain);
        progress.flush();
        let Progress { cost, passes, stranger, exceeds, .. } = progress;
        let node = Node { cost, passes, stranger: stranger.unwrap_or(Stranger::Unmatched), rest, exceeds };
        self.nodes.insert(domain.to_owned(), Some(node.clone()));
        node
    }

    pub(super) fn tell(&mut self, problem: SpfProblem, term: &str, domain: &str, note: impl Into<String>) {
        let (term, domain) = (term.to_owned(), domain.to_owned());
        self.defects.push(Defect { problem, term, domain, note: note.into() });
    }

    fn directive(&mut self, directive: &Directive, domain: &str, progress: &mut Progress) {
        let Directive { term, mechanism, .. } = directive;
        progress.cost = progress.cost.plus(Cost { lookups: u64::from(mechanism.asks()), voids: 0 });
        let uses_reverse = |spec: &MacroString| spec.uses(Letter::Validated);
        if matches!(mechanism, Mechanism::Ptr(_)) || mechanism.domain().is_some_and(uses_reverse) {
            self.tell(SpfProblem::UsesPtr, term, domain, "");
        }
        let name = target(mechanism.domain(), domain, self.root);
        match (mechanism, name) {
            (Mechanism::All, _) => self.everybody(directive, domain, progress),
            (Mechanism::Include(_), Some(name)) => self.include(directive, &name, domain, progress),
            (Mechanism::A(_, lengths), Some(name)) => {
                let found = self.addresses(&name, term, domain);
                if found.as_ref().is_some_and(Vec::is_empty) {
                    self.void(term, domain, progress);
                }
                self.hosts(&found.unwrap_or_default(), *lengths, directive, domain, progress);
            }
            (Mechanism::Mx(_, lengths), Some(name)) => {
                let found = self.exchangers(&name, term, domain, progress);
                self.hosts(&found, *lengths, directive, domain, progress);
            }
            (Mechanism::Exists(_), Some(name)) => match self.seen.answer(&name, RecordType::A) {
                Some(Answer::Records(_)) => self.everybody(directive, domain, progress),
                Some(Answer::NoRecords | Answer::NoName) => self.void(term, domain, progress),
                Some(Answer::Failed(unknown)) => self.unresolved(unknown.clone(), term, domain),
                None => {}
            },
            (Mechanism::Ip4(address, bits), _) => {
                self.network(&Networks::of_four(*address, *bits), *bits, BROAD_BITS_FOUR, directive, domain, progress);
            }
            (Mechanism::Ip6(address, bits), _) => {
                self.network(&Networks::of_six(*address, *bits), *bits, BROAD_BITS_SIX, directive, domain, progress);
            }
            // Who matches these depends on the sender.
            (
                Mechanism::Ptr(_) | Mechanism::Include(_) | Mechanism::A(..) | Mechanism::Mx(..) | Mechanism::Exists(_),
                _,
            ) => {}
        }
    }

    /// A term that everybody matches.
    fn everybody(&self, directive: &Directive, domain: &str, progress: &mut Progress) {
        progress.stranger_is(match directive.qualifier {
            Qualifier::Pass => {
                let (term, domain) = (directive.term.clone(), domain.to_owned());
                Stranger::Passes { term, domain, cost: progress.cost }
            }
            Qualifier::Fail | Qualifier::SoftFail | Qualifier::Neutral => Stranger::Decided,
        });
    }

    fn include(&mut self, directive: &Directive, name: &str, domain: &str, progress: &mut Progress) {
        let term = &directive.term;
        let Some(node) = self.descend(name, term, domain, progress) else { return };
        let before = progress.cost;
        progress.cost = before.plus(node.cost);
        match node.stranger {
            Stranger::Passes { term, domain, cost } => progress.stranger_is(match directive.qualifier {
                Qualifier::Pass => Stranger::Passes { term, domain, cost: before.plus(cost) },
                Qualifier::Fail | Qualifier::SoftFail | Qualifier::Neutral => Stranger::Decided,
            }),
            Stranger::Broken => progress.stranger_is(Stranger::Broken),
            Stranger::Decided | Stranger::Unmatched => {}
        }
        progress.matches(&node.passes, directive.qualifier);
    }

    /// The record of a domain that a term leads to; none when there is no record that counts, which is told.
    fn descend(&mut self, name: &str, term: &str, domain: &str, progress: &mut Progress) -> Option<Node> {
        if name != self.root && !self.includes.iter().any(|known| known == name) {
            self.includes.push(name.to_owned());
        }
        let told = match self.reach(name, term, domain) {
            Reached::Node(node) => return Some(node),
            Reached::Missing { is_void } => {
                if is_void {
                    self.void(term, domain, progress);
                }
                self.tell(SpfProblem::IncludeWithoutRecord, term, domain, format!("{name} has no SPF record"));
                Stranger::Broken
            }
            Reached::Unread(unknown) => {
                self.tell(SpfProblem::LookupFailed, term, domain, unknown.detail.clone());
                self.unread.get_or_insert(unknown);
                Stranger::Broken
            }
            Reached::Broken | Reached::Unasked => Stranger::Broken,
        };
        progress.stranger_is(told);
        None
    }

    fn reach(&mut self, name: &str, term: &str, domain: &str) -> Reached {
        match self.nodes.get(name) {
            Some(Some(node)) => return Reached::Node(node.clone()),
            Some(None) => {
                self.tell(SpfProblem::Loop, term, domain, "");
                return Reached::Broken;
            }
            None => {}
        }
        if names::policy_question(name).is_none() {
            return Reached::Missing { is_void: false };
        }
        let found = match self.seen.answer(name, RecordType::TXT) {
            None => return Reached::Unasked,
            Some(Answer::Failed(unknown)) => return Reached::Unread(unknown.clone()),
            Some(Answer::NoRecords | Answer::NoName) => return Reached::Missing { is_void: true },
            Some(Answer::Records(found)) => found,
        };
        let policies = policies(found);
        match policies.as_slice() {
            [] => Reached::Missing { is_void: false },
            [only] => Reached::Node(self.record(only, name)),
            several => {
                self.tell(
                    SpfProblem::SeveralRecords,
                    term,
                    domain,
                    format!("{name} has {} SPF records", several.len()),
                );
                Reached::Broken
            }
        }
    }

    fn rest(&mut self, record: &Record, domain: &str, progress: &mut Progress) -> Rest {
        if let Some(Directive { term, qualifier, mechanism: Mechanism::All }) = record.reachable().last() {
            return Rest::All { qualifier: *qualifier, term: term.clone(), domain: domain.to_owned() };
        }
        let Some(Redirect { term, domain: spec }) = record.redirect_in_force() else {
            return Rest::Silent { domain: domain.to_owned() };
        };
        progress.cost = progress.cost.plus(Cost { lookups: 1, voids: 0 });
        if spec.uses(Letter::Validated) {
            self.tell(SpfProblem::UsesPtr, term, domain, "");
        }
        let Some(name) = target(Some(spec), domain, self.root) else {
            self.tell(SpfProblem::DependsOnSender, term, domain, "");
            return Rest::Depends;
        };
        let unread_before = self.unread.clone();
        let Some(node) = self.descend(&name, term, domain, progress) else {
            return match (&self.unread, unread_before) {
                (Some(unknown), None) => Rest::Unread(unknown.clone()),
                (Some(_) | None, _) => Rest::Missing,
            };
        };
        let before = progress.cost;
        progress.cost = before.plus(node.cost);
        progress.stranger_is(match node.stranger {
            Stranger::Passes { term, domain, cost } => Stranger::Passes { term, domain, cost: before.plus(cost) },
            other @ (Stranger::Decided | Stranger::Broken | Stranger::Unmatched) => other,
        });
        progress.matches(&node.passes, Qualifier::Pass);
        node.rest
    }

    fn ignored(&mut self, record: &Record, domain: &str) {
        for directive in record.ignored() {
            self.tell(SpfProblem::IgnoredTerms, &directive.term, domain, "behind `all`");
        }
        for term in &record.mistaken {
            self.tell(SpfProblem::IgnoredTerms, term, domain, "written with `=`, a modifier that nobody knows");
        }
        if let (Some(redirect), None) = (&record.redirect, record.redirect_in_force()) {
            self.tell(SpfProblem::IgnoredTerms, &redirect.term, domain, "beside `all`");
        }
    }

    pub(super) fn void(&mut self, term: &str, domain: &str, progress: &mut Progress) {
        progress.cost.voids = progress.cost.voids.saturating_add(1);
        self.voids.push((term.to_owned(), domain.to_owned()));
    }

    pub(super) fn unresolved(&mut self, unknown: Unknown, term: &str, domain: &str) {
        self.tell(SpfProblem::LookupFailed, term, domain, unknown.detail.clone());
        self.unresolved.get_or_insert(unknown);
    }

    /// Whether the text records of the name fit a datagram (RFC 7208 section 3.4): the question, and each record with its
    /// header and the lengths of its strings.
    fn measure(&mut self, text: &str, domain: &str) {
        const MESSAGE_BYTES: usize = 12 + 11 + 6;
        const RECORD_BYTES: usize = 12;
        let Some(Answer::Records(found)) = self.seen.answer(domain, RecordType::TXT) else { return };
        let strings = |data: &RData| {
            let RData::TXT(text) = data else { return 0 };
            text.txt_data.iter().map(|part| part.len() + 1).sum()
        };
        let bytes: usize = found.iter().map(|data| RECORD_BYTES + strings(data)).sum();
        let bytes = bytes + MESSAGE_BYTES + domain.len();
        if bytes > DATAGRAM_BYTES_MAX {
            let note = format!("the answer has {bytes} bytes, of which {} are the record", text.len());
            self.tell(SpfProblem::RecordTooLong, "v=spf1", domain, note);
        }
    }
}

/// The texts that are SPF records.
pub(super) fn policies(found: &[RData]) -> Vec<String> {
    found.iter().filter_map(records::text).filter(|text| record::terms_of(text).is_some()).collect()
}
