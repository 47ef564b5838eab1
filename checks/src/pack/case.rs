//! Worked cases of a check: facts and what must come out of them. Lint runs them; they teach the reader as well.

use jiff::Timestamp;

use crate::word::{ClauseId, Reason};

use super::error::Place;
use super::node::Node;

/// When a case looks, unless it says so: a fixed day, so that cases never age.
pub const CASE_NOW: &str = "2026-01-01T00:00:00Z";

/// One worked case.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it shows.
    pub name: String,
    /// The moment of the observation.
    pub now: Timestamp,
    /// What the probe answers.
    pub seen: CaseSeen,
    /// Facts of the host that differ from an ordinary Linux host, as written.
    pub host: Option<Node>,
    /// Params that differ from their defaults, as written.
    pub params: Option<Node>,
    /// What must come out.
    pub expect: Expectation,
    /// Where it stands in its file.
    pub place: Place,
    /// Its field: `[0].cases[2]`.
    pub field: String,
}

/// What the probe answers in a case.
#[derive(Debug, Clone)]
pub enum CaseSeen {
    /// Facts as written; lint types them by the probe's schema.
    Facts(Node),
    /// The reason why it could not look.
    Error(Reason),
}

/// What must come out of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// The verdict as its word: `pass`, `warn`, `fail`, `not_applicable`, `error`, `not_tested`.
    pub verdict: &'static str,
    /// The clause that decides.
    pub clause: Option<ClauseId>,
    /// The reason of a verdict that is not judged.
    pub reason: Option<Reason>,
}
