//! One check: from the shape of its file to the check, with the rules that no probe is needed for.

use std::time::Duration;

use jiff::Timestamp;
use regex::RegexBuilder;

use crate::evidence::FACTS_MAX;
use crate::language::Localised;
use crate::target::TargetKind;

use super::case::{CASE_NOW, Case, CaseSeen, Expectation};
use super::check::{Check, Clause, ClauseKind, ControlReference, EvidenceField, Expression, OnWorkstation, RedactRule};
use super::error::PackError;
use super::param::{Param, ParamRange};
use super::raw::{RawCase, RawCheck, RawClause, RawEvidence, RawParam, RawRedaction, RawReference, RawVerdict};
use super::read::{LINE_BYTES_MAX, PROSE_BYTES_MAX, TITLE_BYTES_MAX, day, line, localised};
use super::source::{Path, Source};
use super::template::{TEMPLATE_BYTES_MAX, labels};

/// Most clauses in one check.
const CLAUSES_MAX: usize = 16;
/// Most cases, params, control ids or references in one check.
const ITEMS_MAX: usize = 64;
/// Longest expression, in bytes.
pub(crate) const EXPRESSION_BYTES_MAX: usize = 2 * 1024;
/// Largest compiled regular expression, in bytes.
pub(crate) const REGEX_BYTES_MAX: usize = 256 * 1024;
/// Shortest and longest interval between two runs.
pub(super) const EVERY: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(31 * 86_400));
/// Shortest and longest time for a probe.
pub(super) const TIMEOUT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(300));

pub(super) fn check(source: &Source, path: &Path<'_>, raw: RawCheck) -> Result<Check, PackError> {
    localised(source, &path.key("title"), &raw.title, TITLE_BYTES_MAX)?;
    localised(source, &path.key("why"), &raw.why, PROSE_BYTES_MAX)?;
    localised(source, &path.key("fix"), &raw.fix, PROSE_BYTES_MAX)?;
    let evidence = evidence(source, &path.key("evidence"), raw.evidence)?;
    template(source, &path.key("pass"), &raw.pass, &evidence)?;
    let groups = [
        (ClauseKind::NotApplicable, raw.not_applicable),
        (ClauseKind::NotTested, raw.not_tested),
        (ClauseKind::Fail, raw.fail),
        (ClauseKind::Warn, raw.warn),
    ];
    let clauses = clauses(source, path, groups, &evidence)?;
    let applies_when = match raw.applies_when {
        Some(text) => Some(expression(source, &path.key("applies_when"), text)?),
        None => None,
    };
    for (index, text) in raw.references.iter().enumerate() {
        line(source, &path.key("references").item(index), text)?;
    }
    Ok(Check {
        id: raw.id,
        probe: raw.probe,
        probe_version: raw.probe_version,
        language: raw.language,
        target: raw.target,
        reach: raw.reach,
        severity: raw.severity,
        category: raw.category,
        owner_default: raw.owner_default,
        effort: raw.effort,
        workstation: workstation(source, path, raw.workstation, raw.target)?,
        cap: raw.cap,
        title: raw.title,
        why: raw.why,
        fix: raw.fix,
        applies_when,
        clauses,
        pass_message: raw.pass,
        params: params(source, &path.key("params"), raw.params)?,
        evidence,
        redact: redact(source, &path.key("redact"), raw.redact)?,
        every: duration(source, &path.key("every"), &raw.every, EVERY)?,
        timeout: duration(source, &path.key("timeout"), &raw.timeout, TIMEOUT)?,
        maps: maps(source, &path.key("maps"), raw.maps)?,
        references: raw.references,
        cases: cases(source, &path.key("cases"), raw.cases)?,
        place: source.place(path),
    })
}

/// Only what a host says of itself is of a person: a site or a domain is nobody's desk.
fn workstation(
    source: &Source,
    path: &Path<'_>,
    asked: OnWorkstation,
    target: TargetKind,
) -> Result<OnWorkstation, PackError> {
    match (asked, target) {
        (OnWorkstation::Count, TargetKind::Endpoint | TargetKind::Domain | TargetKind::Ports) => {
            let problem = "only a check whose target is `host` can be a count on workstations";
            Err(source.error(&path.key("workstation"), problem))
        }
        (OnWorkstation::Count, TargetKind::Host) | (OnWorkstation::Result, _) => Ok(asked),
    }
}

fn expression(source: &Source, path: &Path<'_>, text: String) -> Result<Expression, PackError> {
    if text.trim().is_empty() || text.len() > EXPRESSION_BYTES_MAX {
        return Err(source.error(path, format!("an expression has 1 to {EXPRESSION_BYTES_MAX} bytes")));
    }
    Ok(Expression { text, place: source.place(path), field: path.to_string() })
}

fn clauses(
    source: &Source,
    path: &Path<'_>,
    groups: [(ClauseKind, Vec<RawClause>); 4],
    evidence: &[EvidenceField],
) -> Result<Vec<Clause>, PackError> {
    let mut clauses: Vec<Clause> = Vec::new();
    for (kind, group) in groups {
        let list = path.key(kind.word());
        for (index, raw) in group.into_iter().enumerate() {
            let item = list.item(index);
            if clauses.iter().any(|earlier| earlier.id == raw.id) {
                return Err(source.error(&item.key("id"), format!("the clause `{}` stands twice", raw.id)));
            }
            if clauses.len() >= CLAUSES_MAX {
                return Err(source.error(&item, format!("a check has at most {CLAUSES_MAX} clauses")));
            }
            let wants_reason = matches!(kind, ClauseKind::NotApplicable | ClauseKind::NotTested);
            if wants_reason != raw.reason.is_some() {
                let problem = if wants_reason {
                    "a clause of this kind names its reason as a word"
                } else {
                    "only `not_applicable` and `not_tested` have a reason; a verdict that is judged has a message"
                };
                return Err(source.error(&item.key("reason"), problem));
            }
            template(source, &item.key("message"), &raw.message, evidence)?;
            let when = expression(source, &item.key("when"), raw.when)?;
            clauses.push(Clause { id: raw.id, kind, when, message: raw.message, reason: raw.reason });
        }
    }
    if !clauses.iter().any(|clause| matches!(clause.kind, ClauseKind::Fail | ClauseKind::Warn)) {
        return Err(source.error(&path.key("fail"), "the check can never fail: it needs a `fail` or a `warn` clause"));
    }
    Ok(clauses)
}

fn template(source: &Source, path: &Path<'_>, text: &Localised, evidence: &[EvidenceField]) -> Result<(), PackError> {
    localised(source, path, text, TEMPLATE_BYTES_MAX)?;
    for (key, text) in [("it", &text.it), ("en", &text.en)] {
        let labels = labels(text).map_err(|problem| source.error(&path.key(key), problem))?;
        for label in labels {
            if !evidence.iter().any(|field| field.label.as_str() == label) {
                let problem = format!("`{{{label}}}` names no label of the evidence");
                return Err(source.error(&path.key(key), problem));
            }
        }
    }
    Ok(())
}

fn evidence(source: &Source, path: &Path<'_>, raw: Vec<RawEvidence>) -> Result<Vec<EvidenceField>, PackError> {
    if raw.is_empty() || raw.len() > FACTS_MAX {
        return Err(
            source.error(path, format!("a check returns 1 to {FACTS_MAX} facts, so that a reader can follow it"))
        );
    }
    let mut fields: Vec<EvidenceField> = Vec::new();
    for (index, raw) in raw.into_iter().enumerate() {
        let item = path.item(index);
        if fields.iter().any(|earlier| earlier.label == raw.label) {
            return Err(source.error(&item.key("label"), format!("the label `{}` stands twice", raw.label)));
        }
        localised(source, &item.key("title"), &raw.title, TITLE_BYTES_MAX)?;
        let expression = expression(source, &item.key("value"), raw.value)?;
        fields.push(EvidenceField { label: raw.label, expression, title: raw.title });
    }
    Ok(fields)
}

fn params(
    source: &Source,
    path: &Path<'_>,
    raw: std::collections::BTreeMap<String, RawParam>,
) -> Result<Vec<Param>, PackError> {
    few(source, path, raw.len())?;
    let mut params = Vec::new();
    for (name, raw) in raw {
        let item = path.key(&name);
        crate::word::check_word("param", &name).map_err(|error| source.error(&item, error.to_string()))?;
        let (range, title) = match raw {
            RawParam::Int { default, min, max, title } => (ParamRange::Int { default, min, max }, title),
            RawParam::Bool { default, title } => (ParamRange::Bool { default }, title),
            RawParam::Text { default, one_of, title } => (ParamRange::Text { default, one_of }, title),
        };
        localised(source, &item.key("title"), &title, TITLE_BYTES_MAX)?;
        if !range.allows(&range.default_value()) {
            return Err(source.error(&item.key("default"), "the default lies outside its own range"));
        }
        params.push(Param { name, range, title });
    }
    Ok(params)
}

fn redact(source: &Source, path: &Path<'_>, raw: Vec<RawRedaction>) -> Result<Vec<RedactRule>, PackError> {
    few(source, path, raw.len())?;
    for (index, rule) in raw.iter().enumerate() {
        let item = path.item(index);
        let built = RegexBuilder::new(&rule.pattern).size_limit(REGEX_BYTES_MAX).build();
        built.map_err(|error| source.error(&item.key("pattern"), one_line(&error.to_string())))?;
    }
    Ok(raw.into_iter().map(|rule| RedactRule { pattern: rule.pattern, with: rule.with }).collect())
}

fn maps(source: &Source, path: &Path<'_>, raw: Vec<RawReference>) -> Result<Vec<ControlReference>, PackError> {
    few(source, path, raw.len())?;
    if raw.is_empty() {
        return Err(source.error(path, "a check names at least one control that it gives evidence for"));
    }
    let mut maps = Vec::new();
    for (index, raw) in raw.into_iter().enumerate() {
        let item = path.item(index);
        crate::word::check_word("namespace", &raw.namespace)
            .map_err(|error| source.error(&item.key("namespace"), error.to_string()))?;
        line(source, &item.key("id"), &raw.id)?;
        line(source, &item.key("source"), &raw.source)?;
        let date = day(source, &item.key("date"), &raw.date)?;
        let RawReference { namespace, id, source: read_in, verified, .. } = raw;
        maps.push(ControlReference { namespace, id, source: read_in, date, verified });
    }
    Ok(maps)
}

fn cases(source: &Source, path: &Path<'_>, raw: Vec<RawCase>) -> Result<Vec<Case>, PackError> {
    few(source, path, raw.len())?;
    let mut cases: Vec<Case> = Vec::new();
    for (index, raw) in raw.into_iter().enumerate() {
        let item = path.item(index);
        line(source, &item.key("name"), &raw.name)?;
        if cases.iter().any(|earlier| earlier.name == raw.name) {
            return Err(source.error(&item.key("name"), format!("the case `{}` stands twice", raw.name)));
        }
        let now = raw.now.as_deref().unwrap_or(CASE_NOW);
        let now: Timestamp = now
            .parse()
            .map_err(|_| source.error(&item.key("now"), format!("`{now}` is no moment; write it as {CASE_NOW}")))?;
        let seen = match (source.node(&item.key("observation")), raw.error) {
            (Some(facts), None) => CaseSeen::Facts(facts.clone()),
            (None, Some(reason)) => CaseSeen::Error(reason),
            (Some(_), Some(_)) | (None, None) => {
                return Err(source.error(&item, "a case has either an `observation` or an `error`"));
            }
        };
        let expect = Expectation {
            verdict: verdict_word(raw.expect.verdict),
            clause: raw.expect.clause,
            reason: raw.expect.reason,
        };
        let host = source.node(&item.key("host")).cloned();
        let params = source.node(&item.key("params")).cloned();
        let (place, field) = (source.place(&item), item.to_string());
        cases.push(Case { name: raw.name, now, seen, host, params, expect, place, field });
    }
    Ok(cases)
}

const fn verdict_word(verdict: RawVerdict) -> &'static str {
    match verdict {
        RawVerdict::Pass => "pass",
        RawVerdict::Warn => "warn",
        RawVerdict::Fail => "fail",
        RawVerdict::NotApplicable => "not_applicable",
        RawVerdict::Error => "error",
        RawVerdict::NotTested => "not_tested",
    }
}

/// Reads `15m`, `6h`, `1d` or `10s`.
pub(super) fn duration(
    source: &Source,
    path: &Path<'_>,
    text: &str,
    (least, most): (Duration, Duration),
) -> Result<Duration, PackError> {
    let seconds = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400)].into_iter().find_map(|(unit, seconds)| {
        let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
        number.checked_mul(seconds)
    });
    let duration = seconds.map(Duration::from_secs);
    duration.filter(|duration| (least..=most).contains(duration)).ok_or_else(|| {
        let (least, most) = (least.as_secs(), most.as_secs());
        source.error(path, format!("`{text}`: write a time such as 30s, 15m, 6h or 1d, from {least}s to {most}s"))
    })
}

fn few(source: &Source, path: &Path<'_>, count: usize) -> Result<(), PackError> {
    if count > ITEMS_MAX {
        return Err(source.error(path, format!("at most {ITEMS_MAX} of these fit into one check")));
    }
    Ok(())
}

fn one_line(text: &str) -> String {
    crate::fact::clean_text(text.lines().last().unwrap_or_default(), LINE_BYTES_MAX)
}
