//! Known vulnerabilities of what is installed, by the bundle that a publisher has signed.
//!
//! Joined on the host, so that its list of packages stays there: by source package and by the version in which the
//! distribution mended it, never by the version of the original authors. [`covered`] says what the bundle can speak of,
//! [`join`] what stands open, [`changelog`] what is mended already whatever the bundle says.

mod changelog;
mod covered;
mod join;
mod proof;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::feed::{Part, Release};
use vedetta_checks::pack::trust::TrustedFeed;
use vedetta_checks::word::Reason;

pub use self::changelog::fuzz;
use self::join::{Joined, Open};
use super::facts::{VulnerabilityFact, VulnerabilityFacts};
use super::seen::{Answer, InstalledPackage, Looking};

/// How CISA's catalogue is named in sentences.
const EXPLOITED_LIST: &str = "CISA's list of exploited ones";
/// How EPSS is named in sentences.
const CHANCES_LIST: &str = "the list of chances of exploitation";
/// What is said of a list that is missing.
const WITHOUT: &str = "the list of known vulnerabilities was made without";
/// Most exploited vulnerabilities that are told one by one.
const EXPLOITED_MAX: usize = 200;
/// Most of the gravest vulnerabilities that are told one by one.
const GRAVEST_MAX: usize = 50;

/// Joins what is installed and what is pending with the bundle; `Err` says why either could not be read.
pub(super) fn facts(
    looking: &Looking<'_>,
    installed: Result<&[InstalledPackage], &Unknown>,
    answer: Result<&Answer, &Unknown>,
) -> VulnerabilityFacts {
    if looking.root.is_absent(super::apt::STATUS) {
        let sentence = "known vulnerabilities are compared on hosts with dpkg only";
        return VulnerabilityFacts::unknown(&Unknown::new(Reason::UNSUPPORTED_SYSTEM, sentence));
    }
    let feed = match &looking.context.feed {
        Ok(feed) => feed,
        Err(unknown) => return VulnerabilityFacts::unknown(unknown),
    };
    let of_feed = |facts| about_feed(feed, looking.context.now, facts);
    let installed = match installed {
        Ok(installed) => installed,
        Err(unknown) => return of_feed(VulnerabilityFacts::unknown(unknown)),
    };
    match release_of(looking, feed, installed) {
        Ok((codename, release)) => {
            let joined = join::join(looking.root, installed, answer, &codename, &release);
            let facts = told(&joined, answer, &release);
            about_parts(feed.feed().published(), &release, looking.context.now, of_feed(facts))
        }
        Err(unknown) => of_feed(VulnerabilityFacts::unknown(&unknown)),
    }
}

/// What the bundle says of this host's release, for its own source packages alone.
fn release_of(
    looking: &Looking<'_>,
    feed: &TrustedFeed,
    installed: &[InstalledPackage],
) -> Result<(String, Release), Unknown> {
    let os = looking.os.as_ref().map_err(Clone::clone)?;
    let wanted: BTreeSet<&str> = installed.iter().map(|package| covered::tracked_source(package).0).collect();
    let release = feed.feed().release(&os.id, &os.version_codename, &|name| wanted.contains(name));
    match release {
        Ok(Some(release)) => Ok((os.version_codename.clone(), release)),
        Ok(None) => {
            let known = feed.feed().releases().join(", ");
            let host = [os.id.as_str(), os.version_codename.as_str()].map(str::trim);
            let own = if host.contains(&"") {
                "this host, which does not name its release".to_owned()
            } else {
                host.join(" ")
            };
            let sentence = format!("the list of known vulnerabilities says nothing of {own}; it knows: {known}");
            Err(Unknown::new(Reason::NOT_LISTED, sentence))
        }
        Err(error) => Err(Unknown::new(Reason::UNREADABLE, format!("the list of known vulnerabilities: {error}"))),
    }
}

impl VulnerabilityFacts {
    /// Every fact unknown for one reason.
    fn unknown(unknown: &Unknown) -> Self {
        Self {
            feed_date: Fact::Unknown(unknown.clone()),
            feed_age_days: Fact::Unknown(unknown.clone()),
            feed_is_signed: Fact::Unknown(unknown.clone()),
            exploited_date: Fact::Unknown(unknown.clone()),
            exploited_age_days: Fact::Unknown(unknown.clone()),
            chances_date: Fact::Unknown(unknown.clone()),
            oldest_part_date: Fact::Unknown(unknown.clone()),
            oldest_part_age_days: Fact::Unknown(unknown.clone()),
            fixable_count: Fact::Unknown(unknown.clone()),
            not_offered_count: Fact::Unknown(unknown.clone()),
            unfixed_count: Fact::Unknown(unknown.clone()),
            exploited_count: Fact::Unknown(unknown.clone()),
            exploited: Fact::Unknown(unknown.clone()),
            gravest: Fact::Unknown(unknown.clone()),
            backported_count: Fact::Unknown(unknown.clone()),
            not_covered_count: Fact::Unknown(unknown.clone()),
        }
    }
}

fn about_feed(feed: &TrustedFeed, now: Timestamp, facts: VulnerabilityFacts) -> VulnerabilityFacts {
    let published = midnight(feed.feed().published());
    VulnerabilityFacts {
        feed_age_days: age_days(&published, now),
        feed_date: published,
        feed_is_signed: Fact::Known(feed.is_signed()),
        ..facts
    }
}

/// What a feed of today made from old lists is silent on, its own day does not tell.
fn about_parts(published: Date, release: &Release, now: Timestamp, facts: VulnerabilityFacts) -> VulnerabilityFacts {
    let date = |part: Part, name: &str| match part {
        Part::Of(day) => midnight(day),
        Part::Undated => Fact::unknown(Reason::NOT_LISTED, format!("{name} does not say of which day it is")),
        Part::Missing => Fact::unknown(Reason::NO_FEED, format!("{WITHOUT} {name}")),
    };
    let days = [Some(published), release.exploited.day(), release.chances.day()];
    let oldest = midnight(days.into_iter().flatten().min().unwrap_or(published));
    let exploited = date(release.exploited, EXPLOITED_LIST);
    VulnerabilityFacts {
        exploited_age_days: age_days(&exploited, now),
        exploited_date: exploited,
        chances_date: date(release.chances, CHANCES_LIST),
        oldest_part_age_days: age_days(&oldest, now),
        oldest_part_date: oldest,
        ..facts
    }
}

fn midnight(day: Date) -> Fact<Timestamp> {
    let beyond = || Fact::unknown(Reason::UNREADABLE, "the day of the list of known vulnerabilities is no moment");
    day.to_zoned(TimeZone::UTC).map_or_else(|_| beyond(), |day| Fact::Known(day.timestamp()))
}

/// A list of tomorrow is as new as can be: the publisher's day begins before ours.
fn age_days(day: &Fact<Timestamp>, now: Timestamp) -> Fact<i64> {
    day.clone().map(|day| (now.duration_since(day).as_hours() / 24).max(0))
}

fn told(joined: &Joined<'_>, answer: Result<&Answer, &Unknown>, release: &Release) -> VulnerabilityFacts {
    let count = |count: usize| Fact::Known(i64::try_from(count).unwrap_or(i64::MAX));
    let not_offered = joined.fixable.iter().filter(|open| !open.is_offered).count();
    // Without lists that can be trusted nobody knows what they would offer.
    let doubt = match answer {
        Ok(answer) => answer.doubt.clone().filter(|_| not_offered > 0),
        Err(unknown) => Some(unknown.clone()),
    };
    let is_exploited = |open: &&Open<'_>| open.vulnerability.exploited_due.is_some();
    let without = Unknown::new(Reason::NO_FEED, format!("{WITHOUT} {EXPLOITED_LIST}"));
    let without = Some(without).filter(|_| release.exploited == Part::Missing);
    VulnerabilityFacts {
        fixable_count: count(joined.fixable.len()),
        not_offered_count: doubt.map_or_else(|| count(not_offered), Fact::Unknown),
        unfixed_count: count(joined.unfixed.len()),
        exploited_count: without.clone().map_or_else(
            || count(joined.fixable.iter().chain(&joined.unfixed).filter(is_exploited).count()),
            Fact::Unknown,
        ),
        exploited: without.map_or_else(
            || Fact::Known(joined.fixable.iter().filter(is_exploited).take(EXPLOITED_MAX).map(fact).collect()),
            Fact::Unknown,
        ),
        gravest: Fact::Known(joined.fixable.iter().take(GRAVEST_MAX).map(fact).collect()),
        backported_count: count(joined.backported),
        not_covered_count: count(joined.left_out),
        ..VulnerabilityFacts::unknown(&Unknown::new(Reason::NO_FEED, ""))
    }
}

fn fact(open: &Open<'_>) -> VulnerabilityFact {
    let unknown = |sentence: &str| Unknown::new(Reason::NOT_LISTED, sentence);
    let due = open.vulnerability.exploited_due.and_then(|day| day.to_zoned(TimeZone::UTC).ok());
    let (not_mended, not_listed, no_chance) = (
        unknown("the distribution has no mended version yet"),
        unknown("CISA does not list it as exploited"),
        unknown("the list of known vulnerabilities holds no chance of exploitation for it"),
    );
    VulnerabilityFact {
        id: open.vulnerability.id.clone(),
        source_package: open.source.to_owned(),
        package: open.package.name.clone(),
        installed: open.package.version.clone(),
        mended_in: open.mended_in.map_or(Fact::Unknown(not_mended), |version| Fact::Known(version.to_owned())),
        exploited: open.vulnerability.exploited_due.is_some(),
        due: due.map_or(Fact::Unknown(not_listed), |day| Fact::Known(day.timestamp())),
        exploitation_chance: open
            .vulnerability
            .chance
            .map_or(Fact::Unknown(no_chance), |chance| Fact::Known(i64::from(chance))),
    }
}
