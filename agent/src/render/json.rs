//! The contract of `check --format json`: `{schema, host, packs, results, unassigned, posture, coverage}`.
//!
//! The shape changes only by adding. A fact of the evidence that was not visible is null, and its reason stands in
//! `unknown` under its label. Times are RFC 3339, UTC.

use serde_json::{Map, Value, json};
use vedetta_checks::evidence::{Evidence, EvidenceValue};
use vedetta_checks::pack::trust::Trust;
use vedetta_checks::result::{AssetReference, CheckResult};

use super::{Report, posture};

/// Version of the shape.
pub(super) const SCHEMA: u32 = 1;

/// A report as JSON.
#[must_use]
pub fn report_to_json(report: &Report<'_>) -> Value {
    let packs: Vec<Value> = report
        .packs
        .packs
        .iter()
        .map(|ready| {
            let pack = ready.compiled.pack();
            let (trust, key) = match &ready.trust {
                Trust::Embedded => ("embedded", Value::Null),
                Trust::Signed { key_id } => ("signed", json!(key_id)),
                Trust::Local => ("local", Value::Null),
            };
            json!({ "id": pack.id.as_str(), "version": pack.version, "digest": pack.digest.to_string(), "trust": trust, "key": key })
        })
        .collect();
    let unassigned: Vec<&str> = report.unassigned.iter().map(|unassigned| unassigned.check.as_str()).collect();
    let figures = posture::of(report);
    json!({
        "schema": SCHEMA,
        "host": { "name": report.host_name, "agent_version": env!("CARGO_PKG_VERSION") },
        "at": report.at.to_string(),
        "packs": packs,
        "results": report.results.iter().map(result_to_json).collect::<Vec<_>>(),
        "unassigned": unassigned,
        "posture": {
            "inside": posture::figure_to_json(&figures.inside),
            "outside": posture::figure_to_json(&figures.outside),
        },
        "coverage": {
            "inside": posture::coverage_to_json(&figures.inside.coverage),
            "outside": posture::coverage_to_json(&figures.outside.coverage),
        },
    })
}

pub(crate) fn result_to_json(result: &CheckResult) -> Value {
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
        "clause": result.clause.as_ref().map(vedetta_checks::word::ClauseId::as_str),
        "evidence": evidence,
        "unknown": unknown,
        "observed_at": result.observed_at.to_string(),
    })
}

pub(crate) fn evidence_to_json(evidence: &Evidence) -> (Value, Value) {
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
