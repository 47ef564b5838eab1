//! Duties of an incident and their deadlines: a versioned data file, read by code that knows no regime by name.
//!
//! A deadline counts from the moment of notice in plain hours, through week-ends and holidays, so it can be computed
//! from two moments alone. Whether a duty applies is for a person to say; the collector only shows it in time.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use vedetta_checks::language::Localised;

use crate::incident::Incident;
use crate::organisation::{Organisation, OrganisationKind};

/// Longest term of a duty, in hours: one year.
pub const HOURS_MAX: u32 = 24 * 366;
/// Version of the file's format that this build reads.
pub const FORMAT_VERSION: u32 = 1;

const BUILT_IN: &str = include_str!("../data/duties.toml");

/// How a duty stands before anybody assessed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stance {
    /// A person decides whether it applies: "da valutare".
    ToAssess,
    /// It applies.
    Due,
    /// Nobody has to.
    Voluntary,
}

/// Where a rule was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// Law, article and kind of source.
    pub source: String,
    /// Day on which it was read.
    pub date: Date,
    /// Whether a person compared it with the official text; otherwise it is shown with "da verificare".
    pub verified: bool,
}

/// One duty of one incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    /// Its id: `gdpr.33`.
    pub id: String,
    /// The name of its regime.
    pub regime: Localised,
    /// What is to be done.
    pub title: Localised,
    /// When it applies.
    pub note: Localised,
    /// To whom.
    pub to: Localised,
    /// How it stands.
    pub stance: Stance,
    /// When it is due; `None`: no fixed term.
    pub due_at: Option<Timestamp>,
    /// Time left; negative when it is over. `None`: no fixed term.
    pub left: Option<SignedDuration>,
    /// Where the rule was read.
    pub provenance: Provenance,
}

/// The data file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DutyError {
    /// It is no TOML, or a field is missing, unknown or of another type.
    #[error("duties.toml: {0}")]
    Form(String),
    /// Another version of the format.
    #[error("duties.toml has the format version {0}, this build reads {FORMAT_VERSION}")]
    Version(u32),
    /// An entry breaks a rule.
    #[error("duties.toml, `{id}`: {why}")]
    Entry {
        /// Which entry.
        id: String,
        /// What is wrong with it.
        why: String,
    },
}

/// All regimes and duties, checked once when the program starts.
#[derive(Debug, Clone)]
pub struct DutyBook {
    regimes: Vec<Regime>,
    duties: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    version: u32,
    regime: Vec<Regime>,
    duty: Vec<Rule>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Regime {
    id: String,
    name: Localised,
    kinds: BTreeSet<String>,
    #[serde(default)]
    only_istat: BTreeSet<String>,
    #[serde(default)]
    except_istat: BTreeSet<String>,
    source: String,
    date: toml::value::Datetime,
    verified: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    id: String,
    regime: String,
    title: Localised,
    note: Localised,
    to: Localised,
    stance: Stance,
    hours: Option<u32>,
    source: String,
    date: toml::value::Datetime,
    verified: bool,
}

impl DutyBook {
    /// The book that comes with the program.
    ///
    /// # Errors
    /// [`DutyError`]; a test keeps the shipped file free of them.
    pub fn built_in() -> Result<Self, DutyError> {
        Self::parse(BUILT_IN)
    }

    /// Reads a book.
    ///
    /// # Errors
    /// [`DutyError`] names the entry.
    pub fn parse(text: &str) -> Result<Self, DutyError> {
        let raw: Raw = toml::from_str(text).map_err(|error| DutyError::Form(error.to_string()))?;
        if raw.version != FORMAT_VERSION {
            return Err(DutyError::Version(raw.version));
        }
        for regime in &raw.regime {
            check_regime(regime).map_err(|why| DutyError::Entry { id: regime.id.clone(), why })?;
        }
        let mut seen = BTreeSet::new();
        for rule in &raw.duty {
            let wrong = |why: String| DutyError::Entry { id: rule.id.clone(), why };
            if !seen.insert(&rule.id) {
                return Err(wrong("it stands twice".to_owned()));
            }
            if !raw.regime.iter().any(|regime| regime.id == rule.regime) {
                return Err(wrong(format!("the regime `{}` does not exist", rule.regime)));
            }
            if rule.hours.is_some_and(|hours| hours == 0 || hours > HOURS_MAX) {
                return Err(wrong(format!("hours must be 1 to {HOURS_MAX}")));
            }
            date(&rule.date).map_err(wrong)?;
        }
        Ok(Self { regimes: raw.regime, duties: raw.duty })
    }
}

/// The duties of an incident: those of every regime that its organisation is under, the earliest term first, those
/// without a term last.
#[must_use]
pub fn duties(book: &DutyBook, organisation: &Organisation, incident: &Incident, now: Timestamp) -> Vec<Duty> {
    let mut duties: Vec<Duty> = book
        .duties
        .iter()
        .filter_map(|rule| {
            let regime = book.regimes.iter().find(|regime| regime.id == rule.regime)?;
            let date = date(&rule.date).ok()?;
            is_under(regime, organisation).then(|| duty(rule, regime, date, incident, now))
        })
        .collect();
    duties.sort_by_key(|duty| (duty.due_at.is_none(), duty.due_at));
    duties
}

fn duty(rule: &Rule, regime: &Regime, date: Date, incident: &Incident, now: Timestamp) -> Duty {
    let due_at =
        rule.hours.and_then(|hours| incident.noticed_at.checked_add(SignedDuration::from_hours(i64::from(hours))).ok());
    Duty {
        id: rule.id.clone(),
        regime: regime.name.clone(),
        title: rule.title.clone(),
        note: rule.note.clone(),
        to: rule.to.clone(),
        stance: rule.stance,
        due_at,
        left: due_at.map(|due_at| due_at.duration_since(now)),
        provenance: Provenance { source: rule.source.clone(), date, verified: rule.verified && regime.verified },
    }
}

fn is_under(regime: &Regime, organisation: &Organisation) -> bool {
    let istat = organisation.istat_code.as_deref();
    let stands_in = |codes: &BTreeSet<String>| istat.is_some_and(|code| codes.contains(code));
    regime.kinds.contains(organisation.kind.word())
        && (regime.only_istat.is_empty() || stands_in(&regime.only_istat))
        && !stands_in(&regime.except_istat)
}

fn check_regime(regime: &Regime) -> Result<(), String> {
    if let Some(kind) = regime.kinds.iter().find(|kind| OrganisationKind::of_word(kind).is_none()) {
        return Err(format!("`{kind}` is no kind of organisation"));
    }
    if regime.source.is_empty() {
        return Err("the source is empty".to_owned());
    }
    date(&regime.date).map(|_| ())
}

fn date(given: &toml::value::Datetime) -> Result<Date, String> {
    given.to_string().parse().map_err(|error| format!("`{given}` is no date: {error}"))
}

#[cfg(test)]
mod tests;
