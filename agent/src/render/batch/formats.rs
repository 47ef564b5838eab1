//! The same for programs and spreadsheets; both shapes are contracts.

use serde_json::{Value, json};
use vedetta_checks::language::Language;
use vedetta_checks::verdict::Severity;
use vedetta_checks::word::Reason;

use super::super::RenderError;
use super::super::json::owned_result;
use super::super::posture::{figure_to_json, points};
use super::{BatchReport, Standing, Summary};
use crate::batch::RowState;

/// Version of the shape.
const SCHEMA: u32 = 1;

/// The run as JSON: one entry a line of the list, the worst first, with its results as `check --format json` has them.
#[must_use]
pub fn to_json(report: &BatchReport<'_>) -> Value {
    let summary = Summary::of(report);
    let remedies: Vec<Value> = summary
        .remedies
        .iter()
        .map(|own| json!({ "check": own.check.id.as_str(), "failed": own.failed, "warned": own.warned }))
        .collect();
    let suppliers: Vec<Value> = summary
        .suppliers
        .iter()
        .map(|own| json!({ "name": own.name, "named": own.is_named, "targets": own.targets, "findings": own.findings }))
        .collect();
    json!({
        "schema": SCHEMA,
        "at": report.at.to_string(),
        "targets": summary.standings.iter().map(|standing| target(report, standing)).collect::<Vec<_>>(),
        "remedies": remedies,
        "suppliers": suppliers,
        "repeated_lines": report.repeated,
    })
}

fn state(state: &RowState) -> &'static str {
    match state {
        RowState::Looked(_) => "looked",
        RowState::Excluded => "excluded",
        RowState::BrokenOff => "broken_off",
    }
}

fn target(report: &BatchReport<'_>, standing: &Standing<'_>) -> Value {
    let row = standing.row;
    let results = match &row.state {
        RowState::Looked(results) => results.iter().map(|result| owned_result(report.packs, result)).collect(),
        RowState::Excluded | RowState::BrokenOff => Vec::new(),
    };
    json!({
        "line": row.entry.line,
        "target": row.entry.target.to_string(),
        "organisation": row.entry.organisation,
        "supplier": row.entry.supplier,
        "mail_supplier_seen": row.suppliers.mail,
        "dns_supplier_seen": row.suppliers.names,
        "state": state(&row.state),
        "not_seen_because": standing.blind_reason().map(Reason::as_str),
        "first": standing.first.map(|(check, _)| check.id.to_string()),
        "posture": standing.figure.as_ref().map(|figure| figure_to_json(figure, standing.owners, report.packs)),
        "results": results,
    })
}

/// The run as CSV, for a spreadsheet: one line a target, the worst first, semicolons where Italian is asked for.
///
/// # Errors
/// [`RenderError::Csv`] when the writer fails.
pub fn to_csv(report: &BatchReport<'_>) -> Result<String, RenderError> {
    let delimiter = match report.language {
        Language::It => b';',
        Language::En => b',',
    };
    let summary = Summary::of(report);
    let categories = summary.categories();
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    let mut titles = vec!["organisation", "target", "state"];
    titles.extend(categories.iter().map(|category| category.word()));
    titles.extend([
        "suppliers",
        "critical",
        "high",
        "medium",
        "low",
        "warnings",
        "not_seen",
        "first",
        "cap",
        "not_seen_because",
    ]);
    writer.write_record(&titles)?;
    for standing in &summary.standings {
        let entry = &standing.row.entry;
        let mut cells =
            vec![entry.organisation.clone(), entry.target.to_string(), state(&standing.row.state).to_owned()];
        let figure = |value| points(value, report.language);
        cells.extend(categories.iter().map(|own| standing.points(*own).map_or_else(String::new, figure)));
        cells.push(standing.suppliers().map_or_else(String::new, figure));
        let severities = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];
        cells.extend(severities.map(|severity| standing.count(severity).to_string()));
        cells.extend([standing.warned.to_string(), standing.unseen.to_string()]);
        cells.push(standing.first.map_or_else(String::new, |(check, _)| check.id.to_string()));
        cells.push(standing.ceiling().map_or_else(String::new, |ceiling| ceiling.to_string()));
        cells.push(standing.blind_reason().map_or_else(String::new, ToString::to_string));
        // A cell that a spreadsheet would take for a formula is not handed to it as one.
        let cells =
            cells.into_iter().map(|cell| if cell.starts_with(['=', '+', '@']) { format!("'{cell}") } else { cell });
        writer.write_record(cells)?;
    }
    let bytes = writer.into_inner().map_err(|error| RenderError::Csv(error.into_error().into()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
