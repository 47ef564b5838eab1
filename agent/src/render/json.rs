//! The contract of `check --format json`: `{schema, host, packs, results, unassigned, posture, coverage}`.
//!
//! The shape changes only by adding. A fact of the evidence that was not visible is null, and its reason stands in
//! `unknown` under its label. Times are RFC 3339, UTC.

use serde_json::{Value, json};
use vedetta_checks::contract::result_to_json;
use vedetta_checks::pack::trust::Trust;

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
