//! One result as a reader sees it.

use vedetta_checks::evidence::EvidenceValue;
use vedetta_checks::language::Language;
use vedetta_checks::pack::Check;
use vedetta_checks::pack::template::value_text;
use vedetta_checks::result::Vantage;
use vedetta_checks::score::{Standing, Value};
use vedetta_checks::target::Target;
use vedetta_core::enrolment::target_label;
use vedetta_core::finding::FindingState;
use vedetta_core::posture::ResultLine;

use crate::figures::{Known, check};
use crate::guard::Visit;
use crate::pages::headline::{Headline, headline};
use crate::pages::piece::{Piece, steps};
use crate::rome;
use crate::texts::Texts;

/// One result in words.
pub(super) struct Line {
    pub(super) title: String,
    /// What is wrong, for a line that is.
    pub(super) headline: Headline,
    pub(super) is_warning: bool,
    pub(super) verdict: &'static str,
    pub(super) message: String,
    pub(super) severity: &'static str,
    pub(super) effort: &'static str,
    pub(super) why: String,
    pub(super) steps: Vec<Vec<Piece>>,
    pub(super) facts: Vec<(String, String)>,
    pub(super) since: String,
    pub(super) last_passed: String,
    pub(super) looked_at: String,
    /// `non più verificato da 3 giorni`; empty when it was seen lately.
    pub(super) unseen: String,
    /// What was looked at, when it is not the host itself.
    pub(super) target: String,
    pub(super) vantage: &'static str,
    pub(super) check: String,
    /// Control id and whether it must still be verified.
    pub(super) controls: Vec<(String, bool)>,
    /// Page that opens an incident from its finding; empty when there is none.
    pub(super) incident: String,
}

/// One result in words; `None` when its check is gone.
pub(super) fn line(visit: &Visit, known: &Known, line: &ResultLine) -> Option<Line> {
    let t = visit.texts;
    let language = t.language();
    let current = &line.result;
    let check = check(&known.packs, line.pack, &current.key.check)?;
    let result = &current.result;
    let (is_warning, verdict, unseen) = match line.standing {
        Standing::Seen(seen) => (seen.value == Value::Warn, value_word(t, seen.value), String::new()),
        Standing::Held(seen) => {
            (seen.value == Value::Warn, value_word(t, seen.value), t.not_verified_since(seen.at, visit.now))
        }
        Standing::Missing if result.verdict.is_judged() => (false, t.verdict_not_tested(), String::new()),
        Standing::Missing | Standing::NotApplicable => (false, t.verdict_word(&result.verdict), String::new()),
    };
    let is_stale = matches!(line.standing, Standing::Missing) && result.verdict.is_judged();
    let message = if is_stale {
        vedetta_checks::reason::text(&vedetta_checks::word::Reason::STALE_RESULT, language).to_owned()
    } else {
        check.message(result.clause.as_ref(), &result.verdict, &result.evidence, language)
    };
    let is_seen = matches!(line.standing, Standing::Seen(_));
    let mut headline = headline(t, check, Some(result).filter(|_| is_seen));
    if headline.goal.is_empty() {
        headline.message.clone_from(&message);
    }
    let finding = line.finding.as_ref();
    let open = finding.filter(|finding| matches!(finding.state, FindingState::Open { .. }));
    Some(Line {
        title: check.title.get(language).to_owned(),
        headline,
        is_warning,
        verdict,
        message,
        severity: t.severity_word(check.severity),
        effort: t.effort_word(check.effort),
        why: check.why.get(language).to_owned(),
        steps: steps(check.fix.get(language)),
        facts: facts(check, result.evidence.iter(), language),
        since: open.map(|finding| since(&finding.state, language)).unwrap_or_default(),
        last_passed: finding
            .and_then(|finding| finding.last_passed)
            .map_or_else(|| t.never_passed().to_owned(), |then| rome::moment(then, language)),
        looked_at: format!(
            "{} ({})",
            rome::moment(current.confirmed_at, language),
            t.ago(current.confirmed_at, visit.now)
        ),
        unseen,
        target: match &current.key.target {
            Target::Host => String::new(),
            Target::Endpoint(_) | Target::Domain(_) | Target::Ports(_) => target_label(&current.key.target),
        },
        vantage: match current.key.vantage {
            Vantage::Inside => t.seen_inside(),
            Vantage::Outside => t.seen_outside(),
        },
        check: check.id.to_string(),
        controls: check
            .maps
            .iter()
            .map(|control| (format!("{} {}", control.namespace.to_uppercase(), control.id), !control.verified))
            .collect(),
        incident: open
            .map(|finding| format!("/incidenti/nuovo?comune={}&problema={}", known.organisation.id, finding.id))
            .unwrap_or_default(),
    })
}

const fn value_word(t: Texts, value: Value) -> &'static str {
    match value {
        Value::Pass => t.verdict_pass(),
        Value::Warn => t.verdict_warn(),
        Value::Fail => t.verdict_fail(),
    }
}

fn since(state: &FindingState, language: Language) -> String {
    match state {
        FindingState::Open { since } | FindingState::Resolved { since, .. } => rome::moment(*since, language),
    }
}

/// Each fact under the name that its check gives it; times with the hour, in Rome.
fn facts<'e>(
    check: &Check,
    evidence: impl Iterator<Item = (&'e vedetta_checks::word::EvidenceLabel, &'e EvidenceValue)>,
    language: Language,
) -> Vec<(String, String)> {
    evidence
        .map(|(label, value)| {
            let field = check.evidence.iter().find(|field| field.label == *label);
            let name = field.map_or(label.as_str(), |field| field.title.get(language));
            let text = match value {
                EvidenceValue::Time(moment) => rome::moment(*moment, language),
                EvidenceValue::Bool(_)
                | EvidenceValue::Int(_)
                | EvidenceValue::Text(_)
                | EvidenceValue::List { .. }
                | EvidenceValue::Unknown(_) => value_text(value, language),
            };
            (name.to_owned(), text)
        })
        .collect()
}
