//! The shapes of the API.

use serde_json::{Map, Value, json};
use vedetta_checks::evidence::EvidenceValue;
use vedetta_checks::score::{CategoryState, Figure, Grade, Total};
use vedetta_core::asset::AssetKey;
use vedetta_core::organisation::Organisation;
use vedetta_core::posture::OrganisationView;
use vedetta_core::result::CurrentResult;

/// One organisation.
pub(super) fn organisation(node: &Organisation, view: &OrganisationView) -> Value {
    json!({
        "id": node.id.to_string(),
        "kind": node.kind.word(),
        "name": node.name,
        "istat_code": node.istat_code,
        "cadastral_code": node.cadastral_code,
        "ipa_code": node.ipa_code,
        "demonstration": node.is_demonstration,
        "parents": node.parents.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "inside": figure(&view.inside.figure),
        "outside": figure(&view.outside.figure),
        "complete": view.is_complete,
        "open_findings": view.findings.len(),
        "left_with_open_failures": view.left_with_open_failures,
        "last_received": view.last_received.map(|then| then.to_string()),
        "rules": view.rules.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
    })
}

/// One figure: score and coverage together, and why there is no score.
fn figure(figure: &Figure<AssetKey>) -> Value {
    let (score, grade, state) = match figure.total {
        Total::Score { points, grade, .. } => (Some(points.0), Some(letter(grade)), "scored"),
        Total::TooFewCategories { .. } => (None, None, "too_few_categories"),
        Total::CoverageTooLow => (None, None, "coverage_too_low"),
        Total::NeverMeasured => (None, None, "never_measured"),
    };
    let coverage = &figure.coverage;
    let perimeter = coverage.perimeter.map(|part| json!({ "measured": part.measured, "declared": part.declared }));
    json!({
        "state": state,
        "score_hundredths": score,
        "grade": grade,
        "caps": figure.caps.iter()
            .map(|hit| json!({ "name": hit.cap.name.as_str(), "ceiling": hit.cap.ceiling }))
            .collect::<Vec<_>>(),
        "coverage": {
            "share_hundredths": coverage.share.0,
            "judged": coverage.judged,
            "asked": coverage.asked,
            "perimeter": perimeter,
            "oldest": coverage.oldest.map(|then| then.to_string()),
            "newest": coverage.newest.map(|then| then.to_string()),
        },
        "categories": figure.categories.iter()
            .map(|one| {
                let (score, state) = category(one.state);
                json!({ "category": one.category.word(), "state": state, "score_hundredths": score })
            })
            .collect::<Vec<_>>(),
    })
}

const fn letter(grade: Grade) -> &'static str {
    match grade {
        Grade::A => "A",
        Grade::B => "B",
        Grade::C => "C",
        Grade::D => "D",
        Grade::E => "E",
    }
}

const fn category(state: CategoryState) -> (Option<u32>, &'static str) {
    match state {
        CategoryState::Measured(points) => (Some(points.0), "measured"),
        CategoryState::NoTarget => (None, "no_target"),
        CategoryState::NothingApplies => (None, "nothing_applies"),
        CategoryState::NotSeen => (None, "not_seen"),
        CategoryState::SuppliersOnly => (None, "suppliers_only"),
    }
}

/// One current result.
pub(super) fn result(current: &CurrentResult) -> Value {
    let verdict = &current.result.verdict;
    let facts: Map<String, Value> =
        current.result.evidence.iter().map(|(label, value)| (label.to_string(), fact(value))).collect();
    json!({
        "asset": current.key.asset.asset.to_string(),
        "check": current.key.check.as_str(),
        "target": current.key.target.to_string(),
        "vantage": current.key.vantage.word(),
        "verdict": verdict.word(),
        "reason": verdict.reason().map(|why| json!({ "code": why.reason.as_str(), "detail": why.detail })),
        "clause": current.result.clause.as_ref().map(ToString::to_string),
        "evidence": facts,
        "pack": current.result.pack.to_string(),
        "since": current.since.to_string(),
        "observed_at": current.result.observed_at.to_string(),
        "confirmed_at": current.confirmed_at.to_string(),
        "received_at": current.received_at.to_string(),
    })
}

fn fact(value: &EvidenceValue) -> Value {
    match value {
        EvidenceValue::Bool(yes) => json!(yes),
        EvidenceValue::Int(number) => json!(number),
        EvidenceValue::Text(text) => json!(text),
        EvidenceValue::Time(moment) => json!(moment.to_string()),
        EvidenceValue::List { items, total } => json!({ "items": items, "total": total }),
        EvidenceValue::Unknown(why) => json!({ "unknown": why.reason.as_str(), "detail": why.detail }),
    }
}
