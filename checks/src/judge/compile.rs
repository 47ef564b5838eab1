//! A pack made ready to judge: every expression parsed, typed and bound to the probes that the program has.

use crate::catalogue::{ProbeCatalogue, ProbeSpec};
use crate::fact::Unknown;
use crate::pack::{Check, Expression as Text, LANGUAGE, Pack, PackError};
use crate::parallel;
use crate::value::FieldType;
use crate::word::{CheckId, EvidenceLabel, Reason};

use super::HOST_FACTS;
use super::expression::{Expression, Typed, type_word};
use super::lower::{Fault, Scope, lower};
use super::redact::Redaction;

/// A check that can judge.
#[derive(Debug, Clone)]
pub struct CompiledCheck {
    check: Check,
    rules: Result<Rules, Unknown>,
}

/// The expressions of a check, lowered.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub(super) applies_when: Option<Expression>,
    pub(super) clauses: Vec<Expression>,
    pub(super) evidence: Vec<(EvidenceLabel, Expression)>,
    pub(super) redaction: Redaction,
}

impl CompiledCheck {
    /// Compiles one check. One that needs a newer probe or language compiles to one that always answers
    /// `not_tested(agent_too_old)`, so that a new pack still runs on an old agent.
    ///
    /// # Errors
    /// The first expression that breaks the rules; [`crate::lint`] gives them all.
    pub fn compile(check: Check, catalogue: &ProbeCatalogue) -> Result<Self, PackError> {
        let spec = match usable(&check, catalogue) {
            Ok(spec) => spec,
            Err(too_old) => return Ok(Self { check, rules: Err(too_old) }),
        };
        let mut problems = Vec::new();
        let rules = rules_of(&check, spec, &mut problems);
        match problems.into_iter().next() {
            Some(problem) => Err(problem),
            None => Ok(Self { check, rules: Ok(rules) }),
        }
    }

    /// Everything that is wrong with the expressions of a check, for lint.
    #[must_use]
    pub(crate) fn problems(check: &Check, catalogue: &ProbeCatalogue) -> Vec<PackError> {
        let mut problems = Vec::new();
        if let Ok(spec) = usable(check, catalogue) {
            rules_of(check, spec, &mut problems);
        }
        problems
    }

    /// The check as its pack declares it.
    #[must_use]
    pub const fn check(&self) -> &Check {
        &self.check
    }

    /// Whether this program is too old for the check.
    #[must_use]
    pub const fn is_too_new(&self) -> bool {
        self.rules.is_err()
    }

    pub(super) const fn rules(&self) -> Result<&Rules, &Unknown> {
        self.rules.as_ref()
    }
}

/// The probe of a check, or why the program cannot run it.
pub(crate) fn usable<'c>(check: &Check, catalogue: &'c ProbeCatalogue) -> Result<&'c ProbeSpec, Unknown> {
    if check.language > LANGUAGE {
        let detail = format!("check language {}, this agent speaks {LANGUAGE}", check.language);
        return Err(Unknown::new(Reason::AGENT_TOO_OLD, detail));
    }
    let Some(spec) = catalogue.get(&check.probe) else {
        return Err(Unknown::new(Reason::AGENT_TOO_OLD, format!("no probe `{}`", check.probe)));
    };
    if spec.version < check.probe_version {
        let detail = format!("probe `{}` {}, the check needs {}", check.probe, spec.version, check.probe_version);
        return Err(Unknown::new(Reason::AGENT_TOO_OLD, detail));
    }
    Ok(spec)
}

fn rules_of(check: &Check, spec: &ProbeSpec, problems: &mut Vec<PackError>) -> Rules {
    let host_only = Scope { facts: None, params: &[], host: &HOST_FACTS };
    let scope = Scope { facts: Some(&spec.observation), params: &check.params, host: &HOST_FACTS };
    let applies_when = check.applies_when.as_ref().and_then(|text| condition(text, &host_only, problems));
    let mut clauses = Vec::new();
    for clause in &check.clauses {
        let Some(expression) = condition(&clause.when, &scope, problems) else { continue };
        if !expression.reads_facts() {
            let problem = if expression.reads_anything() {
                "the clause reads no fact of the probe; a condition on the host belongs into `applies_when`"
            } else {
                "the clause is constant: it reads nothing that was seen"
            };
            problems.push(error(&clause.when, problem.to_owned()));
        }
        clauses.push(expression);
    }
    let mut evidence = Vec::new();
    for field in &check.evidence {
        match lower(&field.expression.text, &scope) {
            Err(fault) => problems.push(located(&field.expression, fault)),
            Ok(Typed { kind, .. }) if !is_evidence(&kind) => {
                let problem = format!("{} is no fact for evidence; use `map` to name its texts", type_word(&kind));
                problems.push(error(&field.expression, problem));
            }
            Ok(typed) => evidence.push((field.label.clone(), typed.expression)),
        }
    }
    Rules { applies_when, clauses, evidence, redaction: Redaction::of(check) }
}

fn condition(text: &Text, scope: &Scope<'_>, problems: &mut Vec<PackError>) -> Option<Expression> {
    match lower(&text.text, scope) {
        Err(fault) => problems.push(located(text, fault)),
        Ok(Typed { kind, .. }) if kind != FieldType::Bool => {
            problems.push(error(text, format!("a condition must be a bool, this is {}", type_word(&kind))));
        }
        Ok(typed) => return Some(typed.expression),
    }
    None
}

fn is_evidence(kind: &FieldType) -> bool {
    match kind {
        FieldType::Bool | FieldType::Int | FieldType::Text | FieldType::Time => true,
        FieldType::List(item) => matches!(**item, FieldType::Text | FieldType::Int),
        FieldType::Record(_) => false,
    }
}

fn located(text: &Text, fault: Fault) -> PackError {
    error(text, format!("{} (character {} of the expression)", fault.problem, fault.at + 1))
}

fn error(text: &Text, problem: String) -> PackError {
    PackError::Content { place: text.place.clone(), field: text.field.clone(), problem }
}

/// A pack that can judge.
#[derive(Debug, Clone)]
pub struct CompiledPack {
    pack: Pack,
    checks: Vec<CompiledCheck>,
}

impl CompiledPack {
    /// Compiles every check of a pack. The worked cases are let go: only lint needs them.
    ///
    /// # Errors
    /// [`PackError`] for the first expression that breaks the rules, with file, line, column and field.
    pub fn compile(pack: Pack, catalogue: &ProbeCatalogue) -> Result<Self, PackError> {
        let pack = pack.without_cases();
        let compiled = parallel::map(&pack.checks, |check| CompiledCheck::compile(check.clone(), catalogue));
        Ok(Self { checks: compiled.into_iter().collect::<Result<_, _>>()?, pack })
    }

    /// The pack as it was read.
    #[must_use]
    pub const fn pack(&self) -> &Pack {
        &self.pack
    }

    /// The checks, in the order of the pack.
    #[must_use]
    pub fn checks(&self) -> &[CompiledCheck] {
        &self.checks
    }

    /// One check by its id.
    #[must_use]
    pub fn check(&self, id: &CheckId) -> Option<&CompiledCheck> {
        self.checks.iter().find(|check| check.check.id == *id)
    }
}
