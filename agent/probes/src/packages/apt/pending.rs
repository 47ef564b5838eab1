//! What is pending, and whether that answer can be trusted.
//!
//! "Nothing is pending" is said only when nothing speaks against it. What is found pending is said even in doubt: a newer
//! version on an old list is still newer than the installed one.

use jiff::{SignedDuration, Timestamp};
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::super::facts::{ListsFacts, PendingPackage, SourceFacts};
use super::super::version::version_less;
use super::candidate::{KnownSource, Policy};
use super::installed::{DpkgState, Installed};
use super::offers::Offer;
use super::pin::SourceIdentity;

/// Age from which a security list without an end of its own counts as old, in days.
const LIST_AGE_DAYS_MAX: i64 = 14;
/// How far ahead of the host's clock a list may be dated, in hours, before the clock counts as wrong.
const CLOCK_AHEAD_HOURS_MAX: i64 = 24;

/// Every installed package with a newer version on offer, sorted by name and architecture.
pub(super) fn pending(state: &DpkgState, offers: &[Vec<Offer>], policy: &Policy<'_>) -> Vec<PendingPackage> {
    let mut found: Vec<PendingPackage> = state
        .packages
        .iter()
        .zip(offers)
        .filter_map(|(installed, offers)| {
            let candidate = policy.candidate(installed, offers)?;
            let in_security = policy.sources_of(candidate).find(|source| source.security);
            let pocket = in_security.or_else(|| policy.sources_of(candidate).next());
            Some(PendingPackage {
                name: installed.name.clone(),
                architecture: installed.architecture.clone(),
                installed: installed.version.clone(),
                candidate: candidate.version.clone(),
                security: security_offer(installed, offers, policy).is_some(),
                held: installed.held,
                phased: candidate.phased,
                pocket: pocket.map(KnownSource::pocket).unwrap_or_default().to_owned(),
            })
        })
        .collect();
    found.sort_by(|left, right| (&left.name, &left.architecture).cmp(&(&right.name, &right.architecture)));
    found
}

/// Names of packages for which a security version is on offer that the preferences keep out.
pub(super) fn pinned_out(state: &DpkgState, offers: &[Vec<Offer>], policy: &Policy<'_>) -> Vec<String> {
    let kept_out = |(installed, offers): &(&Installed, &Vec<Offer>)| {
        let newest = security_offer(installed, offers, policy);
        newest.is_some_and(|newest| {
            policy.candidate(installed, offers).is_none_or(|chosen| version_less(&chosen.version, &newest.version))
        })
    };
    let mut names: Vec<String> =
        state.packages.iter().zip(offers).filter(kept_out).map(|(installed, _)| installed.name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The newest version above the installed one that a security pocket offers.
fn security_offer<'a>(installed: &Installed, offers: &'a [Offer], policy: &Policy<'_>) -> Option<&'a Offer> {
    let above = offers.iter().filter(|offer| version_less(&installed.version, &offer.version));
    above
        .filter(|offer| policy.is_security(offer))
        .max_by(|left, right| super::super::version::compare(&left.version, &right.version))
}

/// How fresh the lists are, of the configured security sources.
pub(super) fn lists(sources: &[KnownSource], policy: &Policy<'_>, now: Timestamp) -> ListsFacts {
    let none = || Unknown::new(Reason::NO_LISTS, "no list of a security source is on this host");
    let security = || sources.iter().filter(|source| source.security && source.has_release);
    let date = security().filter_map(|source| source.release.date).min();
    let until = security().filter_map(|source| source.release.valid_until).min();
    let no_end = Unknown::new(Reason::NOT_FOUND, "the list names no `Valid-Until`");
    let known = |moment: Option<Timestamp>, otherwise: Unknown| moment.map_or(Fact::Unknown(otherwise), Fact::Known);
    let age = date.map(|date| now.duration_since(date).as_hours() / 24);
    ListsFacts {
        date: known(date, none()),
        valid_until: known(until, if date.is_some() { no_end } else { none() }),
        age_days: age.map_or_else(|| Fact::Unknown(none()), Fact::Known),
        sources: Fact::Known(sources.iter().map(|source| source_facts(source, policy)).collect()),
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
        priority: priority(source, policy),
        date: source.release.date.map_or_else(|| Fact::Unknown(no_date()), Fact::Known),
    }
}

fn priority(source: &KnownSource, policy: &Policy<'_>) -> i64 {
    policy.preferences.source_priority(&SourceIdentity { release: &source.release, site: &source.site, component: "" })
}

/// Why "nothing is pending" could not be trusted, the gravest reason first; none when it can.
pub(super) fn doubt(state: &DpkgState, policy: &Policy<'_>, kept_out: &[String], now: Timestamp) -> Option<Unknown> {
    broken(state)
        .or_else(|| missing_lists(policy.sources))
        .or_else(|| excluded(policy, kept_out))
        .or_else(|| old_lists(policy.sources, now))
}

fn broken(state: &DpkgState) -> Option<Unknown> {
    let names: Vec<&str> =
        state.packages.iter().filter(|package| package.broken).map(|package| &*package.name).collect();
    if let Some(first) = names.first() {
        let detail = format!("{} packages are not completely installed, the first is {first}", names.len());
        return Some(Unknown::new(Reason::BROKEN_PACKAGES, detail));
    }
    state.interrupted.then(|| Unknown::new(Reason::BROKEN_PACKAGES, "dpkg was interrupted: run `dpkg --configure -a`"))
}

fn missing_lists(sources: &[KnownSource]) -> Option<Unknown> {
    if !sources.iter().any(|source| source.security) {
        return Some(Unknown::new(Reason::NO_SECURITY_SOURCE, "no configured source of apt brings security updates"));
    }
    // A source without a list may be empty, one without a release file was never fetched. A security source is not
    // believed to be empty.
    let missing = sources.iter().find(|source| !source.has_list && (source.security || !source.has_release))?;
    let detail = format!("no list of packages for {} at {}: run `apt update`", missing.suite, missing.site);
    Some(Unknown::new(Reason::NO_LISTS, detail))
}

fn excluded(policy: &Policy<'_>, kept_out: &[String]) -> Option<Unknown> {
    // A negative priority excludes even what is installed.
    let installed = policy.preferences.installed_priority().max(0);
    let source = policy.sources.iter().find(|source| source.security && priority(source, policy) < installed);
    if let Some(source) = source {
        let detail =
            format!("the preferences of apt give {} the priority {}", source.pocket(), priority(source, policy));
        return Some(Unknown::new(Reason::PINNED_OUT, detail));
    }
    let first = kept_out.first()?;
    let detail =
        format!("the preferences of apt keep out {} security updates, the first is of {first}", kept_out.len());
    Some(Unknown::new(Reason::PINNED_OUT, detail))
}

fn old_lists(sources: &[KnownSource], now: Timestamp) -> Option<Unknown> {
    let security = sources.iter().filter(|source| source.security);
    security.filter_map(|source| old_list(source, now)).next()
}

fn old_list(source: &KnownSource, now: Timestamp) -> Option<Unknown> {
    let pocket = source.pocket();
    let Some(date) = source.release.date else {
        return Some(Unknown::new(Reason::STALE_LISTS, format!("the list of {pocket} does not say when it was made")));
    };
    let age = now.duration_since(date);
    if age < SignedDuration::from_hours(-CLOCK_AHEAD_HOURS_MAX) {
        return Some(Unknown::new(
            Reason::CLOCK_WRONG,
            format!("the list of {pocket} was made at {date}, now is {now}"),
        ));
    }
    let stale = match source.release.valid_until {
        Some(until) => now > until,
        None => age > SignedDuration::from_hours(LIST_AGE_DAYS_MAX * 24),
    };
    stale.then(|| {
        Unknown::new(Reason::STALE_LISTS, format!("the list of {pocket} was made at {date}: run `apt update`"))
    })
}
