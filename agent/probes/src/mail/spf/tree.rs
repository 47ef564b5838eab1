//! What the walk knows of one record with everything below it, and what it gathers on the way.

use vedetta_checks::fact::Unknown;

use super::networks::Networks;
use super::problem::SpfProblem;
use super::term::Qualifier;
use super::{LOOKUPS_MAX, VOID_LOOKUPS_MAX};

/// One defect, with the term and the domain in whose record it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Defect {
    pub(super) problem: SpfProblem,
    pub(super) term: String,
    pub(super) domain: String,
    pub(super) note: String,
}

/// What a stranger meets: a sender that no network, host or reverse name of the policy names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stranger {
    /// It passes, by this term of this domain, after so many look-ups and void ones.
    Passes { term: String, domain: String, cost: Cost },
    /// A term that everybody matches says something else.
    Decided,
    /// An error ends the evaluation.
    Broken,
    /// Nothing matches.
    Unmatched,
}

/// Look-ups, as the RFC counts them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) lookups: u64,
    pub(super) voids: u64,
}

impl Cost {
    pub(super) fn plus(self, other: Self) -> Self {
        Self { lookups: self.lookups.saturating_add(other.lookups), voids: self.voids.saturating_add(other.voids) }
    }

    const fn is_over(self) -> bool {
        self.lookups > LOOKUPS_MAX || self.voids > VOID_LOOKUPS_MAX
    }
}

/// What is said of everybody whom no other term names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rest {
    /// By `all`.
    All { qualifier: Qualifier, term: String, domain: String },
    /// Nothing: neither `all` nor redirect in the record of this domain.
    Silent { domain: String },
    /// A redirect to a domain without a record that counts.
    Missing,
    /// A redirect whose target depends on the sender.
    Depends,
    /// A redirect whose target could not be looked up.
    Unread(Unknown),
}

/// One record with everything below it.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) cost: Cost,
    pub(super) passes: Networks,
    pub(super) stranger: Stranger,
    pub(super) rest: Rest,
    /// The term of this record with which the look-ups are too many.
    pub(super) exceeds: Option<String>,
}

/// The state of one record's walk: who was matched before, who passes.
#[derive(Default)]
pub(super) struct Progress {
    pub(super) cost: Cost,
    matched: Networks,
    pub(super) passes: Networks,
    batch: Vec<Networks>,
    batch_passes: bool,
    pub(super) stranger: Option<Stranger>,
    pub(super) exceeds: Option<String>,
}

impl Progress {
    /// Those who match a term; a run of terms with the same meaning is added at once, since a set costs its whole length.
    pub(super) fn matches(&mut self, networks: &Networks, qualifier: Qualifier) {
        if self.batch_passes != (qualifier == Qualifier::Pass) {
            self.flush();
            self.batch_passes = qualifier == Qualifier::Pass;
        }
        self.batch.push(networks.clone());
    }

    pub(super) fn flush(&mut self) {
        let batch = Networks::union(&std::mem::take(&mut self.batch));
        if self.batch_passes {
            self.passes.add(&batch.without(&self.matched));
        }
        self.matched.add(&batch);
    }

    pub(super) fn measured_at(&mut self, term: &str) {
        if self.cost.lookups > LOOKUPS_MAX {
            self.exceeds.get_or_insert_with(|| term.to_owned());
        }
    }

    pub(super) fn stranger_is(&mut self, stranger: Stranger) {
        self.stranger.get_or_insert(stranger);
    }
}

impl Stranger {
    /// The term that lets everybody pass, when it is reached before a limit ends the evaluation.
    pub(super) fn passes_by(&self) -> Option<(&str, &str)> {
        match self {
            Self::Passes { term, domain, cost } if !cost.is_over() => Some((term, domain)),
            Self::Passes { .. } | Self::Decided | Self::Broken | Self::Unmatched => None,
        }
    }
}
