//! A result as JSON, in the one shape that outsiders rely on: `check --format json`, the agent's outbox, what the
//! collector says that it stored. It changes only by adding fields.
//!
//! Times are RFC 3339 in UTC. A fact that was not visible is null, and `unknown` says why under its label.

use serde_json::{Map, Value, json};

use crate::evidence::{Evidence, EvidenceValue};
use crate::result::{AssetReference, CheckResult};
use crate::word::ClauseId;

/// A result; `asset` is `host` or the id of the grant.
#[must_use]
pub fn result_to_json(result: &CheckResult) -> Value {
    let asset = match result.asset {
        AssetReference::OwnHost => "host".to_owned(),
        AssetReference::Granted(grant) => grant.to_string(),
    };
    let (evidence, unknown) = evidence_to_json(&result.evidence);
    let why = result.verdict.reason();
    json!({
        "check": result.check.as_str(),
        "pack": result.pack.to_string(),
        "asset": asset,
        "target": result.target.to_string(),
        "vantage": result.vantage.word(),
        "verdict": result.verdict.word(),
        "reason": why.map(|why| why.reason.as_str()),
        "detail": why.map(|why| why.detail.as_str()),
        "clause": result.clause.as_ref().map(ClauseId::as_str),
        "evidence": evidence,
        "unknown": unknown,
        "observed_at": result.observed_at.to_string(),
    })
}

/// The evidence by label, and beside it why a fact is null.
#[must_use]
pub fn evidence_to_json(evidence: &Evidence) -> (Value, Value) {
    let (mut known, mut unknown) = (Map::new(), Map::new());
    for (label, value) in evidence.iter() {
        let value = match value {
            EvidenceValue::Bool(value) => json!(value),
            EvidenceValue::Int(value) => json!(value),
            EvidenceValue::Text(value) => json!(value),
            EvidenceValue::Time(value) => json!(value.to_string()),
            EvidenceValue::List { items, total } => json!({ "items": items, "total": total }),
            EvidenceValue::Unknown(why) => {
                unknown.insert(label.to_string(), json!({ "reason": why.reason.as_str(), "detail": why.detail }));
                Value::Null
            }
        };
        known.insert(label.to_string(), value);
    }
    (Value::Object(known), Value::Object(unknown))
}
