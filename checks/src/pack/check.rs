//! What one check is, once its file was read.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::catalogue::Reach;
use crate::language::Localised;
use crate::target::TargetKind;
use crate::verdict::{Category, Effort, Owner, Severity};
use crate::word::{CapName, CheckId, ClauseId, EvidenceLabel, ProbeName, Reason};

use super::case::Case;
use super::error::Place;
use super::param::Param;

/// One declared expectation: which facts, which clauses, which words for people.
#[derive(Debug, Clone)]
pub struct Check {
    /// Stable id, readable after "waive": `tls.certificate.expiry`.
    pub id: CheckId,
    /// The probe whose facts it judges.
    pub probe: ProbeName,
    /// Least version of that probe; an older one answers "not tested: agent too old".
    pub probe_version: u32,
    /// Least version of the check language.
    pub language: u32,
    /// What the probe is pointed at.
    pub target: TargetKind,
    /// How far it goes towards a target that is not this host.
    pub reach: Reach,
    /// How bad a failure is.
    pub severity: Severity,
    /// Part of the posture.
    pub category: Category,
    /// Who can usually mend it, unless the asset names its own supplier.
    pub owner_default: Owner,
    /// How much work the mend usually is.
    pub effort: Effort,
    /// What leaves a workstation of its answer.
    pub workstation: OnWorkstation,
    /// The cap on the score that a failure sets.
    pub cap: Option<CapName>,
    /// What is expected, in one line.
    pub title: Localised,
    /// Why it matters.
    pub why: Localised,
    /// How to mend it.
    pub fix: Localised,
    /// CEL over `host` only; false makes the check not applicable.
    pub applies_when: Option<Expression>,
    /// The clauses in their order of decision: `not_applicable`, `not_tested`, `fail`, `warn`.
    pub clauses: Vec<Clause>,
    /// What is said when no clause is true.
    pub pass_message: Localised,
    /// Values that an organisation may change within the range given here.
    pub params: Vec<Param>,
    /// The facts that a result carries.
    pub evidence: Vec<EvidenceField>,
    /// What is taken out of the evidence beside home folders, which always are.
    pub redact: Vec<RedactRule>,
    /// How often it runs.
    pub every: Duration,
    /// Longest time for the probe.
    pub timeout: Duration,
    /// Control ids in open catalogues.
    pub maps: Vec<ControlReference>,
    /// Further reading.
    pub references: Vec<String>,
    /// Worked cases, run by lint.
    pub cases: Vec<Case>,
    /// Where the check starts in its file.
    pub place: Place,
}

/// What an organisation gets of a check's answer on a workstation, where the host is the person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnWorkstation {
    /// A result, as from a server.
    #[default]
    Result,
    /// One more in a count of the organisation: no host, no evidence, no history, no part in the score. The person at the
    /// keyboard still sees the whole answer.
    Count,
}

/// The text of one CEL expression with its place, so that an error in it can be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    /// The text.
    pub text: String,
    /// Where it starts.
    pub place: Place,
    /// The field that holds it: `[0].fail[1].when`.
    pub field: String,
}

/// Which verdict a clause gives, in the order of decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClauseKind {
    /// The check means nothing here.
    NotApplicable,
    /// What decides cannot be trusted or seen.
    NotTested,
    /// It is bad.
    Fail,
    /// It will be bad, or is partly bad.
    Warn,
}

impl ClauseKind {
    /// Every kind, in the order of decision.
    pub const ALL: [Self; 4] = [Self::NotApplicable, Self::NotTested, Self::Fail, Self::Warn];

    /// The kind as the word of packs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotApplicable => "not_applicable",
            Self::NotTested => "not_tested",
            Self::Fail => "fail",
            Self::Warn => "warn",
        }
    }
}

/// One clause: the first true one decides.
#[derive(Debug, Clone)]
pub struct Clause {
    /// Id inside the check.
    pub id: ClauseId,
    /// The verdict it gives.
    pub kind: ClauseKind,
    /// CEL over the facts of the probe, `params`, `host` and `now`.
    pub when: Expression,
    /// What is said when it is true.
    pub message: Localised,
    /// Why, as a word, for the two kinds that are not judged.
    pub reason: Option<Reason>,
}

/// One fact of the evidence.
#[derive(Debug, Clone)]
pub struct EvidenceField {
    /// Its label.
    pub label: EvidenceLabel,
    /// CEL for its value.
    pub expression: Expression,
    /// Its name for readers.
    pub title: Localised,
}

/// What is taken out of every text of the evidence.
#[derive(Debug, Clone)]
pub struct RedactRule {
    /// Regular expression of what is taken out.
    pub pattern: String,
    /// What stands there instead.
    pub with: String,
}

/// One control of a catalogue that the check gives evidence for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlReference {
    /// The catalogue: `absc`, `fncs`, `csf`, `cis`, `nis2`.
    pub namespace: String,
    /// The control's id in it.
    pub id: String,
    /// Where the mapping was read.
    pub source: String,
    /// Day of that source.
    pub date: jiff::civil::Date,
    /// Whether a person compared it with the official text; otherwise it is shown with "da verificare".
    pub verified: bool,
}

impl Check {
    /// One clause by its id.
    #[must_use]
    pub fn clause(&self, id: &ClauseId) -> Option<&Clause> {
        self.clauses.iter().find(|clause| clause.id == *id)
    }
}
