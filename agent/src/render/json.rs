//! The contract of `check --format json`: `{schema, host, packs, feed, results, unassigned, posture, coverage}`.
//!
//! The shape changes only by adding. A fact of the evidence that was not visible is null, and its reason stands in
//! `unknown` under its label. Times are RFC 3339, UTC. Beside what `vedetta_checks::contract` says of a result:
//!
//! - `owner` of each result, and of each of `posture.*.fixes`: who usually mends it, `comune` or `supplier`, as the check says.
//! - `posture.*.owners`, `{comune, supplier}`: the mean of the measured categories over the checks of that owner alone, from
//!   0 to 100; null where nothing of that owner was measured. The total does not follow from them.
//! - `posture.*.suppliers`: the mean of what a named supplier runs, which is not in the total; null where none is named, as
//!   always on a host. A list of targets (`check --targets`) names suppliers.

use serde_json::{Value, json};
use vedetta_checks::contract::result_to_json;
use vedetta_checks::pack::trust::Trust;
use vedetta_checks::result::CheckResult;

use super::{Report, posture};
use crate::packs::PackSet;

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
    let feed = report.packs.feed.as_ref().map(|ready| {
        let (published, is_signed) = (ready.feed.feed().published().to_string(), ready.feed.is_signed());
        json!({ "id": ready.id, "version": ready.version, "digest": ready.digest.to_string(), "published": published, "signed": is_signed })
    });
    let unassigned: Vec<&str> = report.unassigned.iter().map(|unassigned| unassigned.check.as_str()).collect();
    let figures = posture::of(report.packs, report.scored(), false, report.at);
    let (inside, outside) = (&figures.posture.inside, &figures.posture.outside);
    json!({
        "schema": SCHEMA,
        "host": { "name": report.host_name, "agent_version": env!("CARGO_PKG_VERSION") },
        "at": report.at.to_string(),
        "packs": packs,
        "feed": feed,
        "results": report.results.iter().map(|result| owned_result(report.packs, result)).collect::<Vec<_>>(),
        "unassigned": unassigned,
        "posture": {
            "inside": posture::figure_to_json(inside, figures.inside, report.packs),
            "outside": posture::figure_to_json(outside, figures.outside, report.packs),
        },
        "coverage": {
            "inside": posture::coverage_to_json(&inside.coverage),
            "outside": posture::coverage_to_json(&outside.coverage),
        },
    })
}

/// A result with who mends it.
pub(super) fn owned_result(packs: &PackSet, result: &CheckResult) -> Value {
    let mut json = result_to_json(result);
    if let (Some(fields), Some((_, check))) = (json.as_object_mut(), packs.check_of(result)) {
        fields.insert("owner".to_owned(), json!(check.owner_default));
    }
    json
}
