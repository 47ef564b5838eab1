//! What came of a check, for people and programs.

pub mod batch;
mod html;
mod json;
mod letter;
mod outline;
mod owners;
mod place;
mod posture;
mod step;
mod table;
pub(crate) mod texts;

use jiff::Timestamp;
use vedetta_checks::language::Language;
use vedetta_checks::pack::{Check, Pack};
use vedetta_checks::result::CheckResult;

use crate::engine::Unassigned;
use crate::packs::PackSet;

pub use json::report_to_json;
pub use letter::letter;
pub use outline::{Line, Outline};

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Plain text for a person at the keyboard.
    Table,
    /// For programs; the shape is a contract.
    Json,
    /// One page to print and hand on.
    Html,
}

/// What came of one check run.
#[derive(Debug)]
pub struct Report<'a> {
    /// Name of the host, for people.
    pub host_name: &'a str,
    /// The packs that judged.
    pub packs: &'a PackSet,
    /// The results.
    pub results: &'a [CheckResult],
    /// Whether this host is a workstation: what is only counted there has no part in the score.
    pub is_workstation: bool,
    /// Whether this process looked with the rights of root: then asking for them is no advice.
    pub is_root: bool,
    /// Checks without a target.
    pub unassigned: Vec<Unassigned>,
    /// When.
    pub at: Timestamp,
    /// Language of the reader.
    pub language: Language,
}

/// A report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The page's template failed.
    #[error("cannot write the page: {0}")]
    Html(#[from] askama::Error),
    /// JSON failed.
    #[error("cannot write JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// CSV failed.
    #[error("cannot write CSV: {0}")]
    Csv(#[from] csv::Error),
}

impl<'a> Report<'a> {
    /// The check and pack that a result came from.
    #[must_use]
    pub fn check_of(&self, result: &CheckResult) -> Option<(&'a Pack, &'a Check)> {
        self.packs.check_of(result)
    }

    /// The results that make the score.
    fn scored(&self) -> impl Iterator<Item = &'a CheckResult> {
        let is_scored = |result: &&CheckResult| !(self.is_workstation && crate::counts::is_counted(result, self.packs));
        self.results.iter().filter(is_scored)
    }
}

/// Writes a report.
///
/// # Errors
/// [`RenderError`] when a template or JSON fails.
pub fn render(report: &Report<'_>, format: Format) -> Result<String, RenderError> {
    match format {
        Format::Table => Ok(table::render(&Outline::of(report))),
        Format::Json => Ok(format!("{}\n", serde_json::to_string_pretty(&report_to_json(report))?)),
        Format::Html => html::render(&Outline::of(report)),
    }
}

#[cfg(test)]
mod tests;
