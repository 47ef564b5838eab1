//! From facts to a verdict: pure, three-valued, bounded.
//!
//! A check is compiled once against the probes that the program has, and then judges any number of observations.
//! Reading what was not seen stops an expression, unless `&&`, `||`, `exists`, `all` or `? :` is decided without it,
//! whichever side it stands on: what could not be seen never passes.
//!
//! Order: `applies_when`; then the clauses `not_applicable`, `not_tested`, `fail`, `warn`; the first true one decides.
//! An unknown or a failed calculation in a clause before the first true one decides the verdict. None true is `pass`.

mod compile;
mod evaluate;
mod expression;
mod host;
mod lower;
mod lower_call;
mod redact;
mod sense;
mod term;
pub mod version;

pub(crate) use compile::usable;
pub use compile::{CompiledCheck, CompiledPack};
pub use host::{HOST_FACTS, HostFacts};

use crate::catalogue::{Observation, ProbeError};
use crate::evidence::{Evidence, EvidenceValue, LIST_ITEMS_MAX};
use crate::fact::Unknown;
use crate::pack::{ClauseKind, OnWorkstation, Params};
use crate::value::{Record, Value};
use crate::verdict::Verdict;
use crate::word::{ClauseId, Reason};

use compile::Rules;
use evaluate::{Facts, decide, evaluate};
use redact::Redaction;
pub use redact::{without_homes, without_homes_in_path};
use term::{Outcome, Stop, Term};

/// What a check concludes from one look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The conclusion.
    pub verdict: Verdict,
    /// The clause that decided, if one did.
    pub clause: Option<ClauseId>,
    /// The facts that the check chose to return, redacted and within the limits.
    pub evidence: Evidence,
}

/// Reasons of a probe that never got to look: the verdict is `not_tested`. Any other reason of a probe, such as a
/// timeout or a closed port, means that it looked and looking failed: the verdict is `error`.
pub const NOT_LOOKED: &[Reason] = &[
    Reason::NEEDS_PRIVILEGE,
    Reason::NOT_ALLOWED,
    Reason::NOT_ASSIGNED,
    Reason::NEEDS_ACTIVE,
    Reason::UNSUPPORTED_SYSTEM,
    Reason::UNKNOWN_PROBE,
    Reason::AGENT_TOO_OLD,
    Reason::NO_RESOLVER,
    Reason::DOES_NOT_APPLY,
    Reason::BUSY,
];

impl CompiledCheck {
    /// Judges what a probe answered. `host` follows [`HOST_FACTS`]; a host fact that is missing counts as unknown.
    #[must_use]
    pub fn judge(&self, seen: Result<&Observation, &ProbeError>, host: &Record, params: &Params) -> Judgement {
        let bare = |verdict| Judgement { verdict, clause: None, evidence: Evidence::empty() };
        let rules = match self.rules() {
            Ok(rules) => rules,
            Err(too_old) => return bare(Verdict::NotTested(too_old.clone())),
        };
        if let Some(why) = self.unknown_role(host) {
            return bare(Verdict::NotTested(why));
        }
        let now = seen.map_or(jiff::Timestamp::UNIX_EPOCH, |observation| observation.observed_at);
        if let Some(applies) = &rules.applies_when {
            match decide(applies, Facts { facts: None, host, params, now }) {
                Ok(true) => {}
                Ok(false) => return bare(Verdict::NotApplicable(Unknown::new(Reason::DOES_NOT_APPLY, ""))),
                Err(stop) => return bare(stopped(stop, &rules.redaction)),
            }
        }
        let observation = match seen {
            Ok(observation) => observation,
            Err(error) => {
                let why = rules.redaction.unknown(error.to_unknown());
                let is_not_looked = NOT_LOOKED.contains(&error.reason);
                return bare(if is_not_looked { Verdict::NotTested(why) } else { Verdict::Error(why) });
            }
        };
        let facts = Facts { facts: Some(&observation.facts), host, params, now };
        let (verdict, clause) = self.verdict(rules, facts);
        let mut evidence = Evidence::empty();
        for (label, expression) in &rules.evidence {
            let value = evidence_value(evaluate(expression, facts), &rules.redaction);
            if !evidence.push(label.clone(), value) {
                // Over the limit of the whole: the label stays, with the reason.
                evidence.push(label.clone(), EvidenceValue::Unknown(Unknown::new(Reason::TOO_LARGE, "")));
            }
        }
        Judgement { verdict, clause, evidence }
    }

    /// Why nobody knows whether this host is a workstation, when the check has to know: its answer must not leave a
    /// workstation with evidence only because the host could not tell what it is.
    fn unknown_role(&self, host: &Record) -> Option<Unknown> {
        if self.check().workstation == OnWorkstation::Result {
            return None;
        }
        match host.get("role") {
            Some(Value::Text(_)) => None,
            Some(Value::Unknown(why)) => Some(why.clone()),
            Some(Value::Bool(_) | Value::Int(_) | Value::Time(_) | Value::List(_) | Value::Record(_)) | None => {
                Some(Unknown::new(Reason::NOT_FOUND, "host.role"))
            }
        }
    }

    fn verdict(&self, rules: &Rules, facts: Facts<'_>) -> (Verdict, Option<ClauseId>) {
        for (clause, expression) in self.check().clauses.iter().zip(&rules.clauses) {
            match decide(expression, facts) {
                Ok(false) => {}
                Err(stop) => return (stopped(stop, &rules.redaction), None),
                Ok(true) => {
                    let why = || Unknown::new(clause.reason.clone().unwrap_or(Reason::DOES_NOT_APPLY), "");
                    let verdict = match clause.kind {
                        ClauseKind::NotApplicable => Verdict::NotApplicable(why()),
                        ClauseKind::NotTested => Verdict::NotTested(why()),
                        ClauseKind::Fail => Verdict::Fail,
                        ClauseKind::Warn => Verdict::Warn,
                    };
                    return (verdict, Some(clause.id.clone()));
                }
            }
        }
        (Verdict::Pass, None)
    }
}

fn stopped(stop: Stop, redaction: &Redaction) -> Verdict {
    match stop {
        Stop::Unknown(why) => Verdict::NotTested(redaction.unknown(why)),
        Stop::Error(why) => Verdict::Error(redaction.unknown(why)),
    }
}

/// One fact of the evidence. Of a list, the items that were seen are shown; a list of which nothing was seen, and that
/// may hold more, is unknown.
fn evidence_value(outcome: Outcome<'_>, redaction: &Redaction) -> EvidenceValue {
    match outcome {
        Ok(Term::Bool(value)) => EvidenceValue::Bool(value),
        Ok(Term::Int(value)) => EvidenceValue::Int(value),
        Ok(Term::Text(value)) => EvidenceValue::text(&redaction.apply(&value)),
        Ok(Term::Time(value)) => EvidenceValue::Time(value),
        Ok(Term::List(terms)) => {
            let texts: Vec<String> = terms.items().into_iter().filter_map(|item| item_text(item, redaction)).collect();
            match terms.missing() {
                Some(why) if texts.is_empty() => EvidenceValue::Unknown(redaction.unknown(why)),
                _ => list_value(&texts, terms.size().ok()),
            }
        }
        Ok(Term::Record(_)) => EvidenceValue::Unknown(Unknown::new(Reason::EXPRESSION_FAILED, "a record is no fact")),
        Err(Stop::Unknown(why) | Stop::Error(why)) => EvidenceValue::Unknown(redaction.unknown(why)),
    }
}

fn list_value(texts: &[String], total: Option<i64>) -> EvidenceValue {
    match EvidenceValue::list(texts.iter().take(LIST_ITEMS_MAX).map(String::as_str)) {
        EvidenceValue::List { items, .. } => {
            let total = total.and_then(|total| u64::try_from(total).ok()).unwrap_or(texts.len() as u64);
            EvidenceValue::List { items, total }
        }
        other @ (EvidenceValue::Bool(_)
        | EvidenceValue::Int(_)
        | EvidenceValue::Text(_)
        | EvidenceValue::Time(_)
        | EvidenceValue::Unknown(_)) => other,
    }
}

fn item_text(item: Outcome<'_>, redaction: &Redaction) -> Option<String> {
    match item {
        Ok(Term::Text(text)) => Some(redaction.apply(&text).into_owned()),
        Ok(Term::Int(number)) => Some(number.to_string()),
        Ok(Term::Bool(_) | Term::Time(_) | Term::List(_) | Term::Record(_)) | Err(_) => None,
    }
}
