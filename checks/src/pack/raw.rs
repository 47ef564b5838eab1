//! The shape of the files of a pack, exactly as people write them. The JSON Schema comes from these types.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::catalogue::Reach;
use crate::language::Localised;
use crate::target::TargetKind;
use crate::verdict::{Category, Effort, Owner, Severity};
use crate::word::{CapName, CheckId, ClauseId, EvidenceLabel, PackId, ProbeName, Reason};

use super::check::OnWorkstation;

/// The file `pack.yaml`: what the pack is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPack {
    /// Id of the pack: `patch`.
    pub id: PackId,
    /// What the pack brings: checks, or known vulnerabilities.
    #[serde(default)]
    pub kind: RawKind,
    /// Rises with every published change.
    pub version: u32,
    /// Version of the check language that the pack was written for: 1.
    pub language: u32,
    /// Name of the pack.
    pub title: Localised,
    /// Who publishes it.
    pub publisher: String,
    /// Day of publication: `2026-11-21`.
    pub published: String,
    /// Last day on which a signed copy is accepted: `2028-11-21`.
    pub expires: String,
    /// Ceilings on the score that checks of this pack can set.
    #[serde(default)]
    pub caps: Vec<RawCap>,
    /// Ids of checks that were given up: they are never used again.
    #[serde(default)]
    pub retired: Vec<CheckId>,
}

/// What a pack brings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RawKind {
    /// Checks, in YAML files.
    #[default]
    Checks,
    /// Known vulnerabilities, in packed files that `vedetta-collector feed build` writes.
    Feed,
}

/// A ceiling on the score while a check fails.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCap {
    /// Name that checks use.
    pub name: CapName,
    /// Highest score while it holds, 0 to 100.
    #[schemars(range(max = 100))]
    pub ceiling: u8,
    /// What it is, for readers.
    pub title: Localised,
}

/// One check. Any file but `pack.yaml` is a list of these.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCheck {
    /// Stable id, readable after "waive": `tls.certificate.expiry`.
    pub id: CheckId,
    /// The probe whose facts it judges.
    pub probe: ProbeName,
    /// Least version of that probe.
    #[serde(default = "one")]
    pub probe_version: u32,
    /// Least version of the check language; an older agent answers "not tested: agent too old".
    #[serde(default = "one")]
    pub language: u32,
    /// What the probe is pointed at.
    pub target: TargetKind,
    /// How far it goes towards a target that is not this host.
    #[serde(default = "passive")]
    pub reach: Reach,
    /// How bad a failure is.
    pub severity: Severity,
    /// Part of the posture.
    pub category: Category,
    /// Who can usually mend it.
    pub owner_default: Owner,
    /// How much work the mend usually is.
    pub effort: Effort,
    /// What leaves a workstation of its answer: its `result` as from a server, or one more in a `count` of the organisation.
    #[serde(default)]
    pub workstation: OnWorkstation,
    /// The cap that a failure sets, by its name in pack.yaml.
    #[serde(default)]
    pub cap: Option<CapName>,
    /// What is expected, in one line.
    pub title: Localised,
    /// Why it matters, in one or two sentences.
    pub why: Localised,
    /// How to mend it, step by step.
    pub fix: Localised,
    /// CEL over `host` only: when it is false the check does not apply.
    #[serde(default)]
    pub applies_when: Option<String>,
    /// Clauses that make the check not applicable, in order.
    #[serde(default)]
    pub not_applicable: Vec<RawClause>,
    /// Clauses that make it not tested, in order.
    #[serde(default)]
    pub not_tested: Vec<RawClause>,
    /// Clauses that make it fail, in order.
    #[serde(default)]
    pub fail: Vec<RawClause>,
    /// Clauses that make it warn, in order.
    #[serde(default)]
    pub warn: Vec<RawClause>,
    /// What is said when no clause is true.
    pub pass: Localised,
    /// Values that an organisation may change within the range given here.
    #[serde(default)]
    pub params: BTreeMap<String, RawParam>,
    /// The facts that a result carries, at most 16.
    pub evidence: Vec<RawEvidence>,
    /// What is taken out of the evidence beside home folders, which always are.
    #[serde(default)]
    pub redact: Vec<RawRedaction>,
    /// How often it runs: `15m`, `6h`, `1d`.
    pub every: String,
    /// Longest time for the probe: `10s`.
    pub timeout: String,
    /// Control ids in catalogues such as `absc` and `fncs`.
    pub maps: Vec<RawReference>,
    /// Addresses or titles of further reading.
    #[serde(default)]
    pub references: Vec<String>,
    /// Worked cases: at least one pass, one fail and one where something was not visible.
    pub cases: Vec<RawCase>,
}

/// One clause: the first true one decides.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawClause {
    /// Id inside the check.
    pub id: ClauseId,
    /// CEL over the facts of the probe, `params`, `host` and `now`.
    pub when: String,
    /// What is said when it is true; `{label}` stands for a fact of the evidence.
    pub message: Localised,
    /// Why, as a word, for `not_applicable` and `not_tested`.
    #[serde(default)]
    pub reason: Option<Reason>,
}

/// One value that an organisation may change.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum RawParam {
    /// A whole number.
    Int {
        /// Value unless changed.
        default: i64,
        /// Least value.
        min: i64,
        /// Greatest value.
        max: i64,
        /// What it is, for readers.
        title: Localised,
    },
    /// Yes or no.
    Bool {
        /// Value unless changed.
        default: bool,
        /// What it is, for readers.
        title: Localised,
    },
    /// One of some texts.
    Text {
        /// Value unless changed.
        default: String,
        /// The texts that are allowed.
        one_of: Vec<String>,
        /// What it is, for readers.
        title: Localised,
    },
}

/// One fact of the evidence.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawEvidence {
    /// Its label; it ends in its unit where there is one.
    pub label: EvidenceLabel,
    /// CEL for its value.
    pub value: String,
    /// Its name for readers.
    pub title: Localised,
}

/// What is taken out of the evidence.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawRedaction {
    /// Regular expression of what is taken out.
    pub pattern: String,
    /// What stands there instead.
    pub with: String,
}

/// One control of a catalogue.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawReference {
    /// The catalogue: `absc`, `fncs`, `csf`, `cis`, `nis2`.
    pub namespace: String,
    /// The control's id in it.
    pub id: String,
    /// Where the mapping was read.
    pub source: String,
    /// Day of that source: `2017-05-05`.
    pub date: String,
    /// Whether a person compared it with the official text.
    pub verified: bool,
}

/// One worked case.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCase {
    /// What the case shows: `expires_in_29_days`.
    pub name: String,
    /// When the probe looked; 2026-01-01 unless given.
    #[serde(default)]
    pub now: Option<String>,
    /// The facts, field by field as the probe declares them; `{unknown: reason}` for what was not visible.
    #[serde(default)]
    #[schemars(with = "Option<BTreeMap<String, serde_json::Value>>")]
    #[expect(dead_code, reason = "taken from the tree of places, untyped until the probe is known")]
    pub observation: Option<serde::de::IgnoredAny>,
    /// Instead of facts: the reason why the probe could not look.
    #[serde(default)]
    pub error: Option<Reason>,
    /// Facts of the host that differ from an ordinary Linux host.
    #[serde(default)]
    #[schemars(with = "Option<BTreeMap<String, serde_json::Value>>")]
    #[expect(dead_code, reason = "taken from the tree of places, untyped until the probe is known")]
    pub host: Option<serde::de::IgnoredAny>,
    /// Params that differ from their defaults.
    #[serde(default)]
    #[schemars(with = "Option<BTreeMap<String, serde_json::Value>>")]
    #[expect(dead_code, reason = "taken from the tree of places, untyped until the probe is known")]
    pub params: Option<serde::de::IgnoredAny>,
    /// What must come out.
    pub expect: RawExpectation,
}

/// What must come out of a case.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawExpectation {
    /// The verdict.
    pub verdict: RawVerdict,
    /// The clause that decides, if one does.
    #[serde(default)]
    pub clause: Option<ClauseId>,
    /// The reason, for a verdict that is not judged.
    #[serde(default)]
    pub reason: Option<Reason>,
}

/// A verdict as the word of the contracts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RawVerdict {
    /// As it should be.
    Pass,
    /// Soon or partly a problem.
    Warn,
    /// Bad.
    Fail,
    /// The check means nothing there.
    NotApplicable,
    /// Looking failed.
    Error,
    /// It was not looked at, or what decides was not visible.
    NotTested,
}

const fn one() -> u32 {
    1
}

const fn passive() -> Reach {
    Reach::Passive
}
