//! The figures of a run: each target's standing, the worst first, and what stands behind many of the failures.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use vedetta_checks::pack::Check;
use vedetta_checks::result::CheckResult;
use vedetta_checks::score::{CategoryState, Figure, Hundredths};
use vedetta_checks::verdict::{Category, Owner, Severity, Verdict};
use vedetta_checks::word::Reason;

use super::super::owners::OwnerPoints;
use super::super::posture;
use super::BatchReport;
use crate::batch::{Row, RowState};

/// How one target stands.
#[derive(Debug)]
pub struct Standing<'a> {
    /// Its row.
    pub row: &'a Row,
    /// Its figure as seen from outside; none when it was not looked at.
    pub figure: Option<Figure<String>>,
    /// What of it each owner mends, scored apart.
    pub(in crate::render) owners: OwnerPoints,
    /// Failures by severity, the worst first.
    pub failed: BTreeMap<Reverse<Severity>, usize>,
    /// Warnings.
    pub warned: usize,
    /// Checks that could not decide.
    pub unseen: usize,
    /// What to mend first: check and result.
    pub first: Option<(&'a Check, &'a CheckResult)>,
}

impl<'a> Standing<'a> {
    /// Failures of one severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.failed.get(&Reverse(severity)).copied().unwrap_or_default()
    }

    /// Points of one category: the organisation's own.
    #[must_use]
    pub fn points(&self, category: Category) -> Option<Hundredths> {
        let own = self.figure.as_ref()?.categories.iter().find(|own| own.category == category)?;
        match own.state {
            CategoryState::Measured(points) => Some(points),
            CategoryState::NoTarget
            | CategoryState::NothingApplies
            | CategoryState::NotSeen
            | CategoryState::SuppliersOnly => None,
        }
    }

    /// How many checks had something to judge.
    #[must_use]
    pub fn asked(&self) -> u32 {
        self.figure.as_ref().map_or(0, |figure| figure.coverage.asked)
    }

    /// Whether checks had something to judge, and none could.
    #[must_use]
    pub fn is_blind(&self) -> bool {
        self.figure.as_ref().is_some_and(|figure| figure.coverage.asked > 0 && figure.coverage.judged == 0)
    }

    /// Why nothing could be judged: the most frequent reason; none where something was.
    #[must_use]
    pub fn blind_reason(&self) -> Option<&'a Reason> {
        let RowState::Looked(results) = &self.row.state else { return None };
        let mut counts: BTreeMap<&Reason, usize> = BTreeMap::new();
        for result in results {
            if let Verdict::Error(why) | Verdict::NotTested(why) = &result.verdict {
                *counts.entry(&why.reason).or_default() += 1;
            }
        }
        // What only an active look could see says nothing of why this one saw nothing.
        counts.remove(&Reason::NEEDS_ACTIVE);
        counts.into_iter().max_by_key(|(_, count)| *count).map(|(reason, _)| reason).filter(|_| self.is_blind())
    }

    /// The lowest ceiling that holds.
    #[must_use]
    pub fn ceiling(&self) -> Option<u8> {
        self.figure.as_ref().and_then(|figure| figure.caps.first()).map(|hit| hit.cap.ceiling)
    }

    /// Points of what the supplier that the list names mends.
    #[must_use]
    pub fn suppliers(&self) -> Option<Hundredths> {
        self.figure.as_ref().and_then(|figure| figure.suppliers)
    }

    /// The worst come first: what caps a score, then the number of failures from the gravest on, then the points.
    fn order(&self) -> impl Ord + use<> {
        let was_looked_at = self.figure.is_some();
        let ceiling = self.ceiling().unwrap_or(u8::MAX);
        let counts = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low].map(|one| self.count(one));
        (Reverse(was_looked_at), ceiling, Reverse(counts), Reverse(self.warned), self.row.entry.line)
    }
}

/// One thing to mend, and for how many.
#[derive(Debug)]
pub struct Remedy<'a> {
    /// The check.
    pub check: &'a Check,
    /// Targets on which it fails.
    pub failed: usize,
    /// Targets on which it warns.
    pub warned: usize,
}

/// One supplier, and what it would clear.
#[derive(Debug, PartialEq, Eq)]
pub struct SupplierLine {
    /// Its name in the list, else the domain under which its servers stand.
    pub name: String,
    /// Whether the list names it.
    pub is_named: bool,
    /// Targets with something that it mends.
    pub targets: usize,
    /// Failures and warnings that it mends.
    pub findings: usize,
}

/// The figures of a run.
#[derive(Debug)]
pub struct Summary<'a> {
    /// Every target, the worst first; those that were not looked at last.
    pub standings: Vec<Standing<'a>>,
    /// What fails, the most frequent first.
    pub remedies: Vec<Remedy<'a>>,
    /// Who mends it, the most findings first.
    pub suppliers: Vec<SupplierLine>,
}

impl<'a> Summary<'a> {
    /// The figures of a report.
    #[must_use]
    pub fn of(report: &'a BatchReport<'a>) -> Self {
        let mut standings: Vec<Standing<'a>> = report.rows.iter().map(|row| standing(report, row)).collect();
        standings.sort_by_key(|standing| standing.order());
        Self { standings, remedies: remedies(report), suppliers: suppliers(report) }
    }

    /// The categories that have a figure for a target at least.
    #[must_use]
    pub fn categories(&self) -> Vec<Category> {
        let has = |category: &Category| self.standings.iter().any(|standing| standing.points(*category).is_some());
        Category::ALL.into_iter().filter(has).collect()
    }
}

fn standing<'a>(report: &'a BatchReport<'a>, row: &'a Row) -> Standing<'a> {
    let mut standing = Standing {
        row,
        figure: None,
        owners: OwnerPoints::default(),
        failed: BTreeMap::new(),
        warned: 0,
        unseen: 0,
        first: None,
    };
    let RowState::Looked(results) = &row.state else { return standing };
    // A supplier that the list names has its own line; the default owner of a check does not make one.
    let has_supplier = !row.entry.supplier.is_empty();
    let figures = posture::of(report.packs, results, has_supplier, report.at);
    let figure = figures.posture.outside;
    standing.owners = figures.outside;
    for (check, result) in checked(report, results) {
        match &result.verdict {
            Verdict::Fail => *standing.failed.entry(Reverse(check.severity)).or_default() += 1,
            Verdict::Warn => standing.warned += 1,
            Verdict::Error(_) | Verdict::NotTested(_) => standing.unseen += 1,
            Verdict::Pass | Verdict::NotApplicable(_) => {}
        }
    }
    standing.first = figure.fixes.first().and_then(|fix| {
        checked(report, results).find(|(check, result)| check.id == fix.check && fix.targets.contains(&result.target))
    });
    standing.figure = Some(figure);
    standing
}

/// Every result of every row that was looked at, with its check.
fn all<'a>(report: &'a BatchReport<'a>) -> impl Iterator<Item = (&'a Row, &'a Check, &'a CheckResult)> {
    report.rows.iter().flat_map(move |row| {
        let results = match &row.state {
            RowState::Looked(results) => results.as_slice(),
            RowState::Excluded | RowState::BrokenOff => &[],
        };
        checked(report, results).map(move |(check, result)| (row, check, result))
    })
}

fn checked<'a>(
    report: &'a BatchReport<'a>,
    results: &'a [CheckResult],
) -> impl Iterator<Item = (&'a Check, &'a CheckResult)> {
    results.iter().filter_map(|result| Some((report.packs.check_of(result)?.1, result)))
}

fn remedies<'a>(report: &'a BatchReport<'a>) -> Vec<Remedy<'a>> {
    let mut by_check: BTreeMap<&str, Remedy<'a>> = BTreeMap::new();
    for (_, check, result) in all(report) {
        let (failed, warned) = match result.verdict {
            Verdict::Fail => (1, 0),
            Verdict::Warn => (0, 1),
            Verdict::Pass | Verdict::NotApplicable(_) | Verdict::Error(_) | Verdict::NotTested(_) => continue,
        };
        let remedy = by_check.entry(check.id.as_str()).or_insert(Remedy { check, failed: 0, warned: 0 });
        remedy.failed += failed;
        remedy.warned += warned;
    }
    let mut remedies: Vec<Remedy<'a>> = by_check.into_values().collect();
    remedies.sort_by_key(|own| Reverse((own.failed, own.check.severity, own.warned)));
    remedies
}

fn suppliers(report: &BatchReport<'_>) -> Vec<SupplierLine> {
    let mut by_name: BTreeMap<(String, bool), (BTreeSet<String>, usize)> = BTreeMap::new();
    for (row, check, result) in all(report) {
        let is_wrong = matches!(result.verdict, Verdict::Fail | Verdict::Warn);
        if !is_wrong || check.owner_default != Owner::Supplier {
            continue;
        }
        let Some(name) = supplier(row, check.category) else { continue };
        let (targets, findings) = by_name.entry(name).or_default();
        targets.insert(result.target.to_string());
        *findings += 1;
    }
    let line = |((name, is_named), (targets, findings)): ((String, bool), (BTreeSet<String>, usize))| SupplierLine {
        name,
        is_named,
        targets: targets.len(),
        findings,
    };
    let mut lines: Vec<SupplierLine> = by_name.into_iter().map(line).collect();
    lines.sort_by_key(|line| Reverse((line.findings, line.targets)));
    lines
}

/// Who mends what is wrong in a category: as the list says, else whose servers they are.
fn supplier(row: &Row, category: Category) -> Option<(String, bool)> {
    if !row.entry.supplier.is_empty() {
        return Some((row.entry.supplier.clone(), true));
    }
    let found = match category {
        Category::Mail => &row.suppliers.mail,
        Category::Dns => &row.suppliers.names,
        Category::Tls
        | Category::Web
        | Category::Patch
        | Category::Services
        | Category::Host
        | Category::Software
        | Category::Governance => return None,
    };
    found.clone().map(|name| (name, false))
}
