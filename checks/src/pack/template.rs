//! Messages: text with `{label}` where a fact of the evidence stands. `{{` and `}}` are braces.

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::evidence::{Evidence, EvidenceValue};
use crate::language::Language;
use crate::rome::ROME;
use crate::verdict::Verdict;
use crate::word::ClauseId;

use super::check::Check;

/// Longest template in one language, in bytes.
pub(crate) const TEMPLATE_BYTES_MAX: usize = 512;

/// A part of a template.
#[derive(Debug, PartialEq, Eq)]
enum Part<'t> {
    Text(&'t str),
    Brace(char),
    Label(&'t str),
}

/// Splits a template; the error says what is wrong with it.
fn parts(template: &str) -> Result<Vec<Part<'_>>, String> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, tail) = rest.split_at(at);
        if !before.is_empty() {
            parts.push(Part::Text(before));
        }
        if let Some(after) = tail.strip_prefix("{{") {
            parts.push(Part::Brace('{'));
            rest = after;
        } else if let Some(after) = tail.strip_prefix("}}") {
            parts.push(Part::Brace('}'));
            rest = after;
        } else if let Some((label, after)) = tail.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            parts.push(Part::Label(label));
            rest = after;
        } else {
            return Err("a brace is open or closed alone; write `{{` or `}}` for a brace".to_owned());
        }
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    Ok(parts)
}

/// The labels that a template names.
pub(crate) fn labels(template: &str) -> Result<Vec<&str>, String> {
    Ok(parts(template)?
        .into_iter()
        .filter_map(|part| match part {
            Part::Label(label) => Some(label),
            Part::Text(_) | Part::Brace(_) => None,
        })
        .collect())
}

impl Check {
    /// The sentence for one result: the message of the clause that decided, of `pass`, or the reason why there is none.
    /// Facts of the evidence stand where the template names them; what was not visible shows its reason.
    #[must_use]
    pub fn message(
        &self,
        clause: Option<&ClauseId>,
        verdict: &Verdict,
        evidence: &Evidence,
        language: Language,
    ) -> String {
        if let Some(clause) = clause.and_then(|id| self.clause(id)) {
            return render(clause.message.get(language), evidence, language);
        }
        match verdict.reason() {
            None => render(self.pass_message.get(language), evidence, language),
            Some(why) => {
                let text = crate::reason::text(&why.reason, language);
                let detail = crate::detail::text(&why.detail, language);
                if detail.is_empty() { text.to_owned() } else { format!("{text} ({detail})") }
            }
        }
    }
}

fn render(template: &str, evidence: &Evidence, language: Language) -> String {
    let Ok(parts) = parts(template) else { return template.to_owned() };
    let mut text = String::with_capacity(template.len());
    for part in parts {
        match part {
            Part::Text(plain) => text.push_str(plain),
            Part::Brace(brace) => text.push(brace),
            Part::Label(label) => match evidence.get(label) {
                Some(value) => text.push_str(&value_text(value, language)),
                None => text.push_str(match language {
                    Language::It => "(dato non trasmesso)",
                    Language::En => "(fact not sent)",
                }),
            },
        }
    }
    text
}

/// One fact as text for a reader: days in Europe/Rome, lists joined, what was cut counted.
#[must_use]
pub fn value_text(value: &EvidenceValue, language: Language) -> String {
    match (value, language) {
        (EvidenceValue::Bool(true), Language::It) => "sì".to_owned(),
        (EvidenceValue::Bool(true), Language::En) => "yes".to_owned(),
        (EvidenceValue::Bool(false), Language::It | Language::En) => "no".to_owned(),
        (EvidenceValue::Int(number), Language::It | Language::En) => number.to_string(),
        (EvidenceValue::Text(text), _) => crate::detail::sentence(text, language).into_owned(),
        (EvidenceValue::Time(moment), _) => day_text(*moment, language),
        (EvidenceValue::List { items, total }, _) => list_text(items, *total, language),
        (EvidenceValue::Unknown(why), Language::It) => {
            format!("(non visibile: {})", crate::reason::text(&why.reason, language))
        }
        (EvidenceValue::Unknown(why), Language::En) => {
            format!("(not visible: {})", crate::reason::text(&why.reason, language))
        }
    }
}

fn list_text(items: &[String], total: u64, language: Language) -> String {
    if items.is_empty() {
        return match language {
            Language::It => "nessuno".to_owned(),
            Language::En => "none".to_owned(),
        };
    }
    let mut text = items.join(", ");
    let more = total.saturating_sub(items.len() as u64);
    if more > 0 {
        // Writing to a String cannot fail.
        let _ = match language {
            Language::It => write!(text, " e altri {more}"),
            Language::En => write!(text, " and {more} more"),
        };
    }
    text
}

/// The day of a moment in Europe/Rome: `31/12/2026` in Italian, `31 Dec 2026` in English.
#[must_use]
pub fn day_text(moment: Timestamp, language: Language) -> String {
    let format = match language {
        Language::It => "%d/%m/%Y",
        Language::En => "%-d %b %Y",
    };
    moment.to_zoned(ROME.clone()).strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Unknown;
    use crate::word::{EvidenceLabel, Reason};

    fn evidence(value: EvidenceValue) -> Evidence {
        let mut evidence = Evidence::empty();
        evidence.push(EvidenceLabel::from_static("fact"), value);
        evidence
    }

    #[test]
    fn a_time_is_shown_as_the_day_in_rome() {
        let late = "2026-06-30T22:30:00Z".parse().expect("a time");
        let evidence = evidence(EvidenceValue::Time(late));
        assert_eq!(render("scade il {fact}", &evidence, Language::It), "scade il 01/07/2026");
        assert_eq!(render("expires on {fact}", &evidence, Language::En), "expires on 1 Jul 2026");
    }

    #[test]
    fn a_cut_list_counts_what_is_missing() {
        let names: Vec<String> = (0..23).map(|number| format!("p{number}")).collect();
        let evidence = evidence(EvidenceValue::list(names.iter().map(String::as_str)));
        assert!(render("{fact}", &evidence, Language::It).ends_with("p19 e altri 3"));
    }

    #[test]
    fn what_was_not_visible_shows_its_reason() {
        let evidence = evidence(EvidenceValue::Unknown(Unknown::new(Reason::TIMEOUT, "x")));
        assert_eq!(
            render("{fact}", &evidence, Language::It),
            "(non visibile: nessuna risposta entro il tempo previsto)"
        );
    }

    #[test]
    fn double_braces_are_braces_and_lone_ones_are_refused() {
        assert_eq!(render("{{x}}", &Evidence::empty(), Language::En), "{x}");
        assert!(labels("a { b").is_err());
        assert!(labels("a } b").is_err());
        assert_eq!(labels("{a} {b}"), Ok(vec!["a", "b"]));
    }
}
