//! Until when a release of Windows is mended, from the shipped table `releases.csv`.

use jiff::Timestamp;
use jiff::civil::Date;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::facts::LifecycleFacts;
use super::release;
use super::sources::{Answer, Sources};

/// The shipped table; its source and day stand in its first lines.
const TABLE: &str = include_str!("releases.csv");
/// Of which day the table is.
const TABLE_DATE: Date = jiff::civil::date(2026, 8, 22);
/// Whether a person has compared the table with Microsoft's own pages.
const TABLE_IS_VERIFIED: bool = false;
/// First build that is called Windows 11.
const FIRST_OF_11: i64 = 22_000;
/// The same of Windows 10.
pub(super) const FIRST_OF_10: i64 = 10_240;

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Release {
    kind: &'static str,
    build: i64,
    channel: &'static str,
    name: &'static str,
    end: Timestamp,
    paid_end: Option<Timestamp>,
}

/// What is known of the support of this release.
pub(super) fn facts(sources: &impl Sources, now: Timestamp) -> LifecycleFacts {
    let channel = own_channel(sources);
    let release = own_release(sources, &channel);
    let paid_end = match &release {
        Ok(Release { paid_end: Some(end), .. }) => Fact::Known(*end),
        Ok(Release { paid_end: None, .. }) => {
            Fact::unknown(Reason::NOT_LISTED, "the list of releases names no Extended Security Updates for it")
        }
        Err(unknown) => Fact::Unknown(unknown.clone()),
    };
    let known = |take: fn(&Release) -> Timestamp| match &release {
        Ok(release) => Fact::Known(take(release)),
        Err(unknown) => Fact::Unknown(unknown.clone()),
    };
    LifecycleFacts {
        covered_until: known(|release| release.end),
        tier: match &release {
            Ok(release) => Fact::Known(tier(*release, now).to_owned()),
            Err(unknown) => Fact::Unknown(unknown.clone()),
        },
        paid_end,
        channel: channel.map_or_else(Fact::Unknown, |channel| Fact::Known(channel.to_owned())),
        dates_source: format!("endoflife.date, {TABLE_DATE}"),
        dates_verified: TABLE_IS_VERIFIED,
    }
}

/// The name of a build for people, listed or not.
pub(super) fn name(kind: &str, build: i64) -> &'static str {
    let listed = releases().find(|release| release.kind == kind && release.build == build);
    match listed {
        Some(release) => release.name,
        None if kind == "server" => "Windows Server",
        None if build >= FIRST_OF_11 => "Windows 11",
        None if build >= FIRST_OF_10 => "Windows 10",
        None => "Windows",
    }
}

fn own_channel(sources: &impl Sources) -> Answer<&'static str> {
    let edition = release::edition(sources)?;
    let role = release::role(sources)?;
    channel(role.kind(), &edition)
        .ok_or_else(|| Unknown::new(Reason::NOT_LISTED, format!("the edition {edition} has no known calendar")))
}

fn own_release(sources: &impl Sources, channel: &Answer<&'static str>) -> Answer<Release> {
    let channel = channel.clone()?;
    let (kind, build) = (release::role(sources)?.kind(), release::build(sources)?);
    find(kind, build, channel).ok_or_else(|| {
        Unknown::new(Reason::NOT_LISTED, format!("build {build} ({channel}) is not in the list of releases"))
    })
}

/// Which calendar holds for an edition, by its identifier (`EditionID`); `N` and its like stand for versions without
/// media programs.
fn channel(kind: &str, edition: &str) -> Option<&'static str> {
    if kind == "server" {
        return edition.starts_with("Server").then(|| if edition.contains("ACor") { "annual" } else { "long_term" });
    }
    match edition {
        "EnterpriseS" | "EnterpriseSN" | "EnterpriseSEval" => Some("ltsc"),
        "IoTEnterpriseS" | "IoTEnterpriseSK" => Some("iot_ltsc"),
        "Enterprise" | "EnterpriseN" | "EnterpriseG" | "EnterpriseEval" | "Education" | "EducationN"
        | "IoTEnterprise" | "IoTEnterpriseK" | "ServerRdsh" | "Ultimate" => Some("enterprise"),
        "Core"
        | "CoreN"
        | "CoreSingleLanguage"
        | "CoreCountrySpecific"
        | "Professional"
        | "ProfessionalN"
        | "ProfessionalEducation"
        | "ProfessionalEducationN"
        | "ProfessionalWorkstation"
        | "ProfessionalWorkstationN"
        | "HomeBasic"
        | "HomePremium"
        | "CloudEdition"
        | "CloudEditionN" => Some("general"),
        _other => None,
    }
}

/// One release. Where the table has no calendar of its own for a long-term edition for devices, that of the long-term
/// edition holds.
fn find(kind: &str, build: i64, channel: &str) -> Option<Release> {
    let of = |wanted: &str| releases().find(|one| (one.kind, one.build, one.channel) == (kind, build, wanted));
    of(channel).or_else(|| if channel == "iot_ltsc" { of("ltsc") } else { None })
}

fn releases() -> impl Iterator<Item = Release> {
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut fields = line.split(',');
        let (kind, build, channel, name) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        let end = last_moment(fields.next()?)?;
        let paid_end = fields.next().and_then(last_moment);
        Some(Release { kind, build: build.parse().ok()?, channel, name, end, paid_end })
    })
}

/// The end of a day, kept before midnight in Italy, so that a screen which shows Europe/Rome names the same day.
fn last_moment(day: &str) -> Option<Timestamp> {
    let date: Date = day.parse().ok()?;
    date.at(21, 59, 59, 0).to_zoned(jiff::tz::TimeZone::UTC).ok().map(|moment| moment.timestamp())
}

fn tier(release: Release, now: Timestamp) -> &'static str {
    if now <= release.end {
        "supported"
    } else if release.paid_end.is_some_and(|end| now <= end) {
        "paid_only"
    } else {
        "ended"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editions_have_their_own_calendars() {
        let day = |kind, build, edition: &str| {
            let release = find(kind, build, channel(kind, edition)?)?;
            Some(release.end.to_string().get(..10)?.to_owned())
        };
        for (kind, build, edition, expected) in [
            ("client", 26_100, "Professional", Some("2026-10-13")),
            ("client", 26_100, "Enterprise", Some("2027-10-12")),
            ("client", 26_100, "EnterpriseS", Some("2029-10-09")),
            ("client", 26_100, "IoTEnterpriseS", Some("2034-10-10")),
            ("client", 17_763, "IoTEnterpriseS", Some("2029-01-09")),
            ("client", 19_045, "Core", Some("2025-10-14")),
            ("client", 19_044, "EnterpriseS", Some("2027-01-12")),
            ("server", 20_348, "ServerStandard", Some("2031-10-14")),
            ("server", 14_393, "ServerDatacenter", Some("2027-01-12")),
            ("server", 25_398, "ServerDatacenterACor", Some("2026-05-12")),
            ("client", 26_100, "Strange", None),
            ("client", 99_999, "Professional", None),
        ] {
            assert_eq!(day(kind, build, edition).as_deref(), expected, "{build} {edition}");
        }
    }

    #[test]
    fn after_its_end_a_release_is_mended_for_money_or_not_at_all() {
        let windows_10 = find("client", 19_045, "general").expect("listed");
        let windows_81 = find("client", 9600, "general").expect("listed");
        for (release, now, expected) in [
            (windows_10, "2025-10-14T12:00:00Z", "supported"),
            (windows_10, "2025-10-15T12:00:00Z", "paid_only"),
            (windows_10, "2028-10-11T12:00:00Z", "ended"),
            (windows_81, "2025-10-15T12:00:00Z", "ended"),
        ] {
            assert_eq!(tier(release, now.parse().expect("a moment")), expected, "{now}");
        }
    }

    #[test]
    fn every_row_of_the_table_can_be_read_and_stands_once() {
        let rows = TABLE.lines().filter(|line| !line.starts_with('#')).count() - 1;
        let read: Vec<Release> = releases().collect();
        assert_eq!(read.len(), rows);
        assert!(rows > 60, "{rows}");
        for (position, one) in read.iter().enumerate() {
            let key = |one: &Release| (one.kind, one.build, one.channel);
            assert!(read.iter().skip(position + 1).all(|other| key(other) != key(one)), "{one:?}");
            assert!(one.paid_end.is_none_or(|end| end > one.end), "{one:?}");
        }
        assert!(TABLE.contains(&format!("data of {TABLE_DATE}")));
        assert_eq!(TABLE.contains("not yet compared"), !TABLE_IS_VERIFIED);
    }

    #[test]
    fn builds_that_are_not_listed_still_have_a_name() {
        for (kind, build, expected) in [
            ("client", 30_000, "Windows 11"),
            ("client", 19_046, "Windows 10"),
            ("client", 6000, "Windows"),
            ("server", 30_000, "Windows Server"),
            ("server", 20_348, "Windows Server 2022"),
        ] {
            assert_eq!(name(kind, build), expected, "{kind} {build}");
        }
    }
}
