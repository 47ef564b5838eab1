//! How fresh the lists of available packages are.

use jiff::{SignedDuration, Timestamp};
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::candidate::Policy;
use super::known::KnownSource;
use crate::packages::facts::{ListsFacts, SourceFacts};

/// Age from which a security list without an end of its own counts as old, in days.
const LIST_AGE_DAYS_MAX: i64 = 14;
/// How far ahead of the host's clock a list may be dated, in hours, before the clock counts as wrong.
const CLOCK_AHEAD_HOURS_MAX: i64 = 24;

/// How fresh the lists of the configured security sources are.
pub(super) fn lists(policy: &Policy<'_>, now: Timestamp) -> ListsFacts {
    let none = || Unknown::new(Reason::NO_LISTS, "no list of a security source is on this host");
    let security = || policy.sources.iter().filter(|source| source.security && source.has_release);
    let date = security().filter_map(|source| source.release.date).min();
    let until = security().filter_map(|source| source.release.valid_until).min();
    let no_end = Unknown::new(Reason::NOT_FOUND, "the list names no `Valid-Until`");
    let known = |moment: Option<Timestamp>, otherwise: Unknown| moment.map_or(Fact::Unknown(otherwise), Fact::Known);
    let age = date.map(|date| now.duration_since(date).as_hours() / 24);
    ListsFacts {
        date: known(date, none()),
        valid_until: known(until, if date.is_some() { no_end } else { none() }),
        age_days: age.map_or_else(|| Fact::Unknown(none()), Fact::Known),
        sources: Fact::Known(policy.sources.iter().map(|source| source_facts(source, policy)).collect()),
    }
}

fn source_facts(source: &KnownSource, policy: &Policy<'_>) -> SourceFacts {
    let no_date = || Unknown::new(Reason::NOT_FOUND, format!("no release file with a date for {}", source.suite));
    SourceFacts {
        pocket: source.pocket().to_owned(),
        site: source.site.clone(),
        origin: source.release.origin.clone(),
        security: source.security,
        has_list: source.has_list,
        priority: policy.source_priority(source),
        date: source.release.date.map_or_else(|| Fact::Unknown(no_date()), Fact::Known),
    }
}

/// Why the list of a security source is too old, or the clock too wrong to tell; none when it is fresh. A list without
/// an end of its own that was made after the last free day of the release stays as it is: nothing will follow it.
pub(super) fn doubt(sources: &[KnownSource], last_free: Option<Timestamp>, now: Timestamp) -> Option<Unknown> {
    sources.iter().filter(|source| source.security).find_map(|source| old_list(source, last_free, now))
}

fn old_list(source: &KnownSource, last_free: Option<Timestamp>, now: Timestamp) -> Option<Unknown> {
    let title = source.title();
    let Some(date) = source.release.date else {
        let sentence = format!("the list of {title} does not say when it was made");
        return Some(Unknown::new(Reason::STALE_LISTS, sentence));
    };
    let age = now.duration_since(date);
    if age < SignedDuration::from_hours(-CLOCK_AHEAD_HOURS_MAX) {
        let sentence = format!("the list of {title} was made at {date}, which the clock of this host has not reached");
        return Some(Unknown::new(Reason::CLOCK_WRONG, sentence));
    }
    let is_last = !source.is_extended() && last_free.is_some_and(|last| date > last);
    let sentence = match source.release.valid_until {
        Some(until) if now > until => {
            format!("the list of {title}, made at {date}, was valid until {until}: run `apt update`")
        }
        None if !is_last && age > SignedDuration::from_hours(LIST_AGE_DAYS_MAX * 24) => {
            format!("the list of {title} was made at {date}, more than {LIST_AGE_DAYS_MAX} days ago: run `apt update`")
        }
        Some(_) | None => return None,
    };
    Some(Unknown::new(Reason::STALE_LISTS, sentence))
}
