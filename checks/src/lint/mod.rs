//! Everything that can be wrong with a pack, found before it is signed: types, sense, languages, worked cases.
//!
//! Reading refuses what is malformed at once, so a pack that cannot be read has one problem; all others are collected.

mod cases;
mod facts;
mod rules;

use std::fmt;

use crate::catalogue::ProbeCatalogue;
use crate::feed::FeedError;
use crate::judge::{CompiledCheck, usable};
use crate::pack::{Check, Pack, PackError, PackFiles, Place};

/// Most problems that are reported; the rest is cut.
pub const PROBLEMS_MAX: usize = 200;

/// One thing that is wrong with a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// File inside the pack.
    pub file: String,
    /// Line, from 1; 0 for the file as a whole.
    pub line: u64,
    /// Column in characters, from 1; 0 for the file as a whole.
    pub column: u64,
    /// The field as a path; empty for the file as a whole.
    pub field: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}: ", self.file, self.line, self.column)?;
        if !self.field.is_empty() {
            write!(formatter, "{}: ", self.field)?;
        }
        formatter.write_str(&self.message)
    }
}

impl Problem {
    fn at(place: &Place, field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            file: place.file.clone(),
            line: place.line,
            column: place.column,
            field: field.into(),
            message: message.into(),
        }
    }

    fn of_feed(error: &FeedError) -> Self {
        let (file, line, message) = match error {
            FeedError::File { file, problem } => (file, 0, problem),
            FeedError::Line { file, line, problem } => (file, *line, problem),
        };
        let place = Place { file: file.clone(), line: u64::try_from(line).unwrap_or(u64::MAX), column: 0 };
        Self::at(&place, "", message)
    }

    fn of_check(check: &Check, message: impl AsRef<str>) -> Self {
        Self::at(&check.place, check.id.as_str(), message.as_ref())
    }
}

impl From<PackError> for Problem {
    fn from(error: PackError) -> Self {
        Self::at(&error.place(), error.field(), error.problem())
    }
}

/// Everything that is wrong with a pack, in the order of its files; empty when it is good.
#[must_use]
pub fn lint(files: &PackFiles, catalogue: &ProbeCatalogue) -> Vec<Problem> {
    let pack = match Pack::parse(files) {
        Ok(pack) => pack,
        Err(error) => return vec![error.into()],
    };
    let mut problems = rules::of_pack(&pack);
    if let Some(Err(error)) = pack.feed.as_ref().map(|feed| feed.read_whole()) {
        problems.push(Problem::of_feed(&error));
    }
    for check in &pack.checks {
        lint_check(check, catalogue, &mut problems);
    }
    problems.truncate(PROBLEMS_MAX);
    problems
}

fn lint_check(check: &Check, catalogue: &ProbeCatalogue, problems: &mut Vec<Problem>) {
    problems.extend(rules::of_check(check));
    let Some(spec) = catalogue.get(&check.probe) else {
        let known: Vec<_> = catalogue.iter().map(|spec| spec.name.as_str()).collect();
        let message = format!("there is no probe `{}`; there are: {}", check.probe, known.join(", "));
        problems.push(Problem::of_check(check, message));
        return;
    };
    problems.extend(rules::of_probe(check, spec));
    let expressions = CompiledCheck::problems(check, catalogue);
    let can_run = expressions.is_empty();
    problems.extend(expressions.into_iter().map(Problem::from));
    let can_run = can_run && usable(check, catalogue).is_ok();
    // A case of a check that does not compile would only repeat the same problem.
    if let (true, Ok(compiled)) = (can_run, CompiledCheck::compile(check.clone(), catalogue)) {
        problems.extend(cases::run(&compiled, spec));
    }
}
