//! Runs the worked cases of a check and looks whether they show enough of it.

use crate::catalogue::{Observation, ProbeError, ProbeSpec};
use crate::evidence::EvidenceValue;
use crate::fact::{Fact, Unknown};
use crate::judge::{CompiledCheck, HOST_FACTS, HostFacts, Judgement};
use crate::pack::case::{Case, CaseSeen};
use crate::pack::node::{Entry, NodeKind};
use crate::pack::{Check, ClauseKind, Params};
use crate::target::{DomainName, Endpoint, Ports, Server, Target, TargetKind};
use crate::value::{Record, Value};
use crate::word::Reason;

use super::{Problem, facts};

/// Runs every case; each that comes out otherwise is a problem, and so is every kind of case that is missing.
pub(super) fn run(compiled: &CompiledCheck, spec: &ProbeSpec) -> Vec<Problem> {
    let check = compiled.check();
    let mut problems = Vec::new();
    let mut shows_unknown = false;
    for case in &check.cases {
        match judge(compiled, spec, case) {
            Err(problem) => problems.push(problem),
            Ok((judgement, had_unknown)) => {
                shows_unknown |= had_unknown && judgement.verdict.word() == "not_tested";
                problems.extend(compare(case, &judgement));
            }
        }
    }
    problems.extend(missing(check, shows_unknown));
    problems
}

/// Judges one case; the second answer is whether a fact, or the whole look, was out of sight.
fn judge(compiled: &CompiledCheck, spec: &ProbeSpec, case: &Case) -> Result<(Judgement, bool), Problem> {
    let check = compiled.check();
    let host = host(case)?;
    let params = params(check, case)?;
    match &case.seen {
        CaseSeen::Error(reason) => {
            let error = ProbeError::new("case", reason.clone(), "");
            Ok((compiled.judge(Err(&error), &host, &params), true))
        }
        CaseSeen::Facts(node) => {
            let path = format!("{}.observation", case.field);
            let facts = facts::record(node, &spec.observation, &path, &case.place.file)?;
            let has_unknown = facts.values().any(facts::has_unknown);
            let observation =
                Observation { probe: spec.name.clone(), target: target(spec.target), observed_at: case.now, facts };
            Ok((compiled.judge(Ok(&observation), &host, &params), has_unknown))
        }
    }
}

fn compare(case: &Case, judgement: &Judgement) -> Vec<Problem> {
    let report = |message: String| vec![Problem::at(&case.place, &case.field, message)];
    if let Some(path) = not_given(judgement) {
        return report(format!("case `{}`: the check reads `{path}`, which the case does not give", case.name));
    }
    let reason = judgement.verdict.reason().map(|why| &why.reason);
    let expect = &case.expect;
    let is_as_expected = judgement.verdict.word() == expect.verdict
        && judgement.clause == expect.clause
        && reason == expect.reason.as_ref();
    if is_as_expected {
        return Vec::new();
    }
    let words = |verdict: &str, clause: Option<&str>, reason: Option<&str>| {
        let clause = clause.map_or_else(String::new, |clause| format!(", clause {clause}"));
        let reason = reason.map_or_else(String::new, |reason| format!(", reason {reason}"));
        format!("{verdict}{clause}{reason}")
    };
    let clause = judgement.clause.as_ref();
    let found = words(judgement.verdict.word(), clause.map(|id| id.as_str()), reason.map(Reason::as_str));
    let wanted =
        words(expect.verdict, expect.clause.as_ref().map(|id| id.as_str()), expect.reason.as_ref().map(Reason::as_str));
    report(format!("case `{}`: it says {wanted}; it comes out as {found}", case.name))
}

/// The field that a case left out although the check reads it.
fn not_given(judgement: &Judgement) -> Option<String> {
    let is_left_out = |why: &&Unknown| why.reason == Reason::NOT_GIVEN;
    let of_evidence = judgement.evidence.iter().find_map(|(_, value)| match value {
        EvidenceValue::Unknown(why) => Some(why).filter(is_left_out),
        EvidenceValue::Bool(_)
        | EvidenceValue::Int(_)
        | EvidenceValue::Text(_)
        | EvidenceValue::Time(_)
        | EvidenceValue::List { .. } => None,
    });
    judgement.verdict.reason().filter(is_left_out).or(of_evidence).map(|why| why.detail.clone())
}

/// The kinds of case that a check must have and has not.
fn missing(check: &Check, shows_unknown: bool) -> Vec<Problem> {
    let has = |verdict: &str| check.cases.iter().any(|case| case.expect.verdict == verdict);
    let mut problems = Vec::new();
    let mut report = |message: String| problems.push(Problem::of_check(check, message));
    if !has("pass") {
        report("there is no case that passes".to_owned());
    }
    let can_fail = check.clauses.iter().any(|clause| clause.kind == ClauseKind::Fail);
    if !has(if can_fail { "fail" } else { "warn" }) {
        report("there is no case that fails".to_owned());
    }
    if !shows_unknown {
        report(
            "there is no case where something was not visible (a fact `{unknown: reason}`, verdict not_tested)"
                .to_owned(),
        );
    }
    let can_be_out =
        check.applies_when.is_some() || check.clauses.iter().any(|clause| clause.kind == ClauseKind::NotApplicable);
    if can_be_out && !has("not_applicable") {
        report("there is no case that is not applicable".to_owned());
    }
    for clause in &check.clauses {
        if !check.cases.iter().any(|case| case.expect.clause.as_ref() == Some(&clause.id)) {
            report(format!("no case reaches the clause `{}`; it may never be true", clause.id));
        }
    }
    problems
}

/// An ordinary Linux server, with what the case says otherwise.
fn host(case: &Case) -> Result<Record, Problem> {
    let known = |text: &str| Fact::Known(text.to_owned());
    let mut host = HostFacts {
        os_family: "linux".to_owned(),
        distribution: known("debian"),
        version_id: known("12"),
        is_root: true,
        is_container: Fact::Known(false),
        role: known("server"),
    }
    .into_record();
    if let Some(node) = &case.host {
        let path = format!("{}.host", case.field);
        let given = facts::record(node, &HOST_FACTS, &path, &case.place.file)?;
        let is_given = |value: &Value| !matches!(value, Value::Unknown(why) if why.reason == Reason::NOT_GIVEN);
        host.extend(given.into_iter().filter(|(_, value)| is_given(value)));
    }
    Ok(host)
}

fn params(check: &Check, case: &Case) -> Result<Params, Problem> {
    let mut changed = Vec::new();
    if let Some(node) = &case.params {
        let path = format!("{}.params", case.field);
        let NodeKind::Map(entries) = &node.kind else {
            return Err(facts::wrong(node, &path, &case.place.file, "a map of params is needed here"));
        };
        for Entry { key: name, value, .. } in entries {
            let read = match &value.kind {
                NodeKind::Bool(value) => Value::Bool(*value),
                NodeKind::Int(value) => Value::Int(*value),
                NodeKind::Text(value) => Value::Text(value.clone()),
                NodeKind::List(_) | NodeKind::Map(_) => {
                    return Err(facts::wrong(value, &path, &case.place.file, "a param is one value"));
                }
            };
            changed.push((name.clone(), read));
        }
    }
    Params::with(check, changed).map_err(|error| Problem::at(&case.place, &case.field, error.to_string()))
}

/// A target of the right kind: cases never depend on which.
fn target(kind: TargetKind) -> Target {
    let name = || DomainName::parse("www.example.it").ok();
    match kind {
        TargetKind::Host => Target::Host,
        TargetKind::Domain => name().map_or(Target::Host, Target::Domain),
        TargetKind::Ports => {
            name().map_or(Target::Host, |name| Target::Ports(Ports { server: Server::Name(name), ports: Vec::new() }))
        }
        TargetKind::Endpoint => name().map_or(Target::Host, |name| {
            Target::Endpoint(Endpoint {
                server: Server::Name(name),
                port: 443,
                server_name: None,
                address: None,
                starttls: None,
            })
        }),
    }
}
