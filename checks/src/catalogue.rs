//! Which probes exist and what each can see: all that the check language needs to know about a probe.
//!
//! The agent's probes crate builds the one catalogue; lint, documentation and the generated schema read it.

use std::time::Duration;

use jiff::Timestamp;

use crate::fact::Unknown;
use crate::target::{Target, TargetKind};
use crate::value::{FieldType, Observable, Record, RecordType, Value};
use crate::word::{ProbeName, Reason};

/// How far a probe goes towards a target that is not this host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// What any browser, mail server or resolver does.
    Passive,
    /// Crafted, malformed or log-in-like: needs a recorded authorisation.
    Active,
}

/// What one probe is, for rules and readers.
#[derive(Debug, Clone)]
pub struct ProbeSpec {
    /// Its name in packs: `tls`.
    pub name: ProbeName,
    /// Rises when the observation gains fields; a check may ask for a least version.
    pub version: u32,
    /// One sentence on what it looks at.
    pub summary: &'static str,
    /// What it is pointed at.
    pub target: TargetKind,
    /// How far it goes.
    pub reach: Reach,
    /// Longest time it takes, unless the check allows less.
    pub deadline: Duration,
    /// What it answers.
    pub observation: RecordType,
}

impl ProbeSpec {
    /// The schema of the facts `F`, for [`ProbeSpec::observation`].
    #[must_use]
    pub fn schema_of<F: Observable>() -> RecordType {
        match F::field_type() {
            FieldType::Record(record) => record,
            other @ (FieldType::Bool | FieldType::Int | FieldType::Text | FieldType::Time | FieldType::List(_)) => {
                RecordType {
                    fields: vec![crate::value::Field {
                        name: "value",
                        summary: "",
                        kind: other,
                        may_be_unknown: F::MAY_BE_UNKNOWN,
                    }],
                }
            }
        }
    }
}

/// The probes that a program has compiled in.
#[derive(Debug, Clone, Default)]
pub struct ProbeCatalogue {
    probes: Vec<ProbeSpec>,
}

impl ProbeCatalogue {
    /// A catalogue of the given probes.
    #[must_use]
    pub const fn new(probes: Vec<ProbeSpec>) -> Self {
        Self { probes }
    }

    /// One probe by its name.
    #[must_use]
    pub fn get(&self, name: &ProbeName) -> Option<&ProbeSpec> {
        self.probes.iter().find(|probe| probe.name == *name)
    }

    /// Every probe, in the order of registration.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &ProbeSpec> {
        self.probes.iter()
    }
}

/// The facts that one probe saw of one target at one moment. Never a judgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Which probe looked.
    pub probe: ProbeName,
    /// At what.
    pub target: Target,
    /// When, by the host's clock or the clock handed in.
    pub observed_at: Timestamp,
    /// What it saw, by field.
    pub facts: Record,
}

impl Observation {
    /// An observation from declared facts.
    #[must_use]
    pub fn new(probe: ProbeName, target: Target, observed_at: Timestamp, facts: impl Observable) -> Self {
        let facts = match facts.into_value() {
            Value::Record(record) => record,
            other @ (Value::Bool(_)
            | Value::Int(_)
            | Value::Text(_)
            | Value::Time(_)
            | Value::List(_)
            | Value::Unknown(_)) => Record::from([("value".into(), other)]),
        };
        Self { probe, target, observed_at, facts }
    }
}

/// Why a probe saw nothing at all: looking failed at one stage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{stage}: {reason} ({detail})")]
pub struct ProbeError {
    /// What was attempted: `connect`, `handshake`, `read`.
    pub stage: &'static str,
    /// Why it failed, as a word.
    pub reason: Reason,
    /// On what exactly, and what the system said; at most 256 bytes.
    pub detail: String,
}

impl ProbeError {
    /// An error with its detail cut and cleaned to the limits.
    #[must_use]
    pub fn new(stage: &'static str, reason: Reason, detail: impl AsRef<str>) -> Self {
        Self { stage, reason, detail: crate::fact::clean_text(detail.as_ref(), crate::fact::DETAIL_BYTES_MAX) }
    }

    /// The same as the reason of a verdict.
    #[must_use]
    pub fn to_unknown(&self) -> Unknown {
        Unknown::new(self.reason.clone(), format!("{}: {}", self.stage, self.detail))
    }
}
