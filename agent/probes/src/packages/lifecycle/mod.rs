//! Until when this release is mended, and by which tier.

mod distro_info;
mod end_of_life;
mod of_feed;

use jiff::Timestamp;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::pack::trust::TrustedFeed;
use vedetta_checks::word::Reason;

use self::end_of_life::EndOfLife;
use super::facts::LifecycleFacts;
use super::seen::{Contract, Looking};
use crate::files::Root;
use crate::host::os_release::OsRelease;

/// What is known of the release of this host.
pub(super) fn facts(looking: &Looking<'_>, contract: Contract) -> LifecycleFacts {
    let os = match looking.os {
        Ok(os) => os,
        Err(unknown) => return LifecycleFacts::unknown(unknown, contract),
    };
    let (ends, dates_source) = ends(looking, os);
    let release = [os.id.as_str(), os.version_id.as_str(), os.version_codename.as_str()].join(" ");
    let not_listed = match ends {
        Some(_) => format!("the list of releases names no such day for {release}"),
        None => format!("{release} is not in the list of releases"),
    };
    let not_listed = Unknown::new(Reason::NOT_LISTED, not_listed);
    let end = |moment: Option<Timestamp>| moment.map_or_else(|| Fact::Unknown(not_listed.clone()), Fact::Known);
    let EndOfLife { standard, free, paid } = ends.unwrap_or_default();
    let extended = &contract.has_extended_source;
    let tier = tier(ends.unwrap_or_default(), extended, looking.context.now);
    LifecycleFacts {
        id: os.field("ID", &os.id),
        version: os.field("VERSION_ID", &os.version_id),
        codename: os.field("VERSION_CODENAME", &os.version_codename),
        standard_end: end(standard),
        free_end: end(free),
        paid_end: end(paid),
        covered_until: match extended {
            Fact::Known(true) => end(paid.max(free).max(standard)),
            Fact::Known(false) | Fact::Unknown(_) => end(free.or(standard)),
        },
        tier: tier.map_or_else(|why| Fact::Unknown(why.unwrap_or(not_listed)), |tier| Fact::Known(tier.to_owned())),
        uncovered_count: contract.uncovered_count,
        dates_source,
    }
}

/// Last moment in which the release is mended without a further contract; none when that is not known.
pub(super) fn last_free_moment(looking: &Looking<'_>) -> Option<Timestamp> {
    let (ends, _source) = ends(looking, looking.os.as_ref().ok()?);
    ends.and_then(|ends| ends.free.or(ends.standard))
}

/// Last days of the release: of the publisher's bundle where that is newer than what is shipped and on the host, with gaps
/// filled from those.
fn ends(looking: &Looking<'_>, os: &OsRelease) -> (Option<EndOfLife>, String) {
    let (known, known_source) = known_ends(looking.root, os);
    let own_date = distro_info::find(looking.root, os).and_then(|own| own.date);
    let newest = own_date.map_or(end_of_life::TABLE_DATE, |date| date.max(end_of_life::TABLE_DATE));
    let feed = looking.context.feed.as_ref().ok().map(TrustedFeed::feed);
    let Some(feed) = feed.filter(|feed| feed.published() > newest) else { return (known, known_source) };
    let Some(told) = of_feed::find(feed, os) else { return (known, known_source) };
    let source = format!("endoflife.date, {}", feed.published());
    match known.map(|known| told.or(known)) {
        Some(both) if both != told => (Some(both), format!("{source}; {known_source}")),
        Some(_) | None => (Some(told), source),
    }
}

/// Last days of the release, from the newer of the shipped table and the host's own, with gaps filled from the other.
fn known_ends(root: &Root, os: &OsRelease) -> (Option<EndOfLife>, String) {
    let shipped = end_of_life::find(&os.id, &os.version_id);
    let shipped_source = format!("endoflife.date, {}", end_of_life::TABLE_DATE);
    let Some(own) = distro_info::find(root, os) else { return (shipped, shipped_source) };
    let own_source = own.date.map_or_else(|| "distro-info-data".to_owned(), |date| format!("distro-info-data, {date}"));
    let Some(shipped) = shipped else { return (Some(own.ends), own_source) };
    let own_is_newer = own.date.is_some_and(|date| date > end_of_life::TABLE_DATE);
    let (first, second) = if own_is_newer { (own.ends, shipped) } else { (shipped, own.ends) };
    let both = first.or(second);
    let source = match (both == shipped, both == own.ends) {
        (true, _) => shipped_source,
        (false, true) => own_source,
        (false, false) => format!("{shipped_source}; {own_source}"),
    };
    (Some(both), source)
}

/// The tier that serves the host at a moment; `Err` says why that cannot be told, where a day is missing with none.
fn tier(ends: EndOfLife, has_extended_source: &Fact<bool>, now: Timestamp) -> Result<&'static str, Option<Unknown>> {
    let serves = |end: Option<Timestamp>| end.is_some_and(|end| now <= end);
    if serves(ends.standard) {
        return Ok("standard");
    }
    if serves(ends.free) {
        return Ok("lts");
    }
    if ends.standard.is_none() && ends.free.is_none() {
        return Err(None);
    }
    match has_extended_source {
        Fact::Known(true) if ends.paid.is_none() => Err(None),
        Fact::Known(true) if serves(ends.paid) => Ok("extended"),
        // Whether it is served then hangs on what could not be read.
        Fact::Unknown(unknown) if serves(ends.paid) => Err(Some(unknown.clone())),
        Fact::Known(_) | Fact::Unknown(_) => Ok("ended"),
    }
}

impl LifecycleFacts {
    /// Every fact of the release unknown for one reason.
    fn unknown(unknown: &Unknown, contract: Contract) -> Self {
        Self {
            id: Fact::Unknown(unknown.clone()),
            version: Fact::Unknown(unknown.clone()),
            codename: Fact::Unknown(unknown.clone()),
            standard_end: Fact::Unknown(unknown.clone()),
            free_end: Fact::Unknown(unknown.clone()),
            paid_end: Fact::Unknown(unknown.clone()),
            tier: Fact::Unknown(unknown.clone()),
            covered_until: Fact::Unknown(unknown.clone()),
            uncovered_count: contract.uncovered_count,
            dates_source: format!("endoflife.date, {}", end_of_life::TABLE_DATE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tier_follows_the_days_and_the_configured_contract() {
        let day = |text: &str| Some(format!("{text}T21:59:59Z").parse::<Timestamp>().expect("a moment"));
        let all = EndOfLife { standard: day("2024-08-14"), free: day("2026-08-31"), paid: day("2031-06-30") };
        let no_paid = EndOfLife { paid: None, ..all };
        let unread = || Fact::unknown(Reason::CORRUPT, "x");
        for (ends, extended, now, expected) in [
            (all, Fact::Known(false), "2024-08-14", Ok("standard")),
            (all, Fact::Known(false), "2024-08-15", Ok("lts")),
            (all, Fact::Known(false), "2026-09-01", Ok("ended")),
            (all, Fact::Known(true), "2026-09-01", Ok("extended")),
            (all, Fact::Known(true), "2031-07-01", Ok("ended")),
            (no_paid, Fact::Known(true), "2026-09-01", Err(None)),
            (no_paid, unread(), "2026-09-01", Ok("ended")),
            (all, unread(), "2026-09-01", Err(Some(Reason::CORRUPT))),
            (EndOfLife::default(), Fact::Known(false), "2026-09-01", Err(None)),
        ] {
            let now = format!("{now}T12:00:00Z").parse().expect("a moment");
            let seen = tier(ends, &extended, now).map_err(|why| why.map(|why| why.reason));
            assert_eq!(seen, expected, "{ends:?} {extended:?} {now}");
        }
    }
}
