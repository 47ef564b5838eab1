//! Until when the authors of a product mend a release line: from the publisher's bundle where that is newer than the shipped
//! table `end_of_life.csv`, else from that.

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::feed::Feed;
use vedetta_checks::feed::end_of_life::End;
use vedetta_checks::word::Reason;

use super::table;

/// The shipped table; its source and day stand in its first lines.
const TABLE: &str = include_str!("end_of_life.csv");
/// Day of the data in the table.
const TABLE_DAY: Date = date(2026, 8, 22);
/// How long "no last day is named" is believed: then the line may well have ended without this table knowing.
const OPEN_BELIEVED: SignedDuration = SignedDuration::from_hours(365 * 24);

/// Products whose names at endoflife.date differ.
const NAMES: &[(&str, &str)] = &[
    ("apache", "apache-http-server"),
    ("java", "eclipse-temurin"),
    ("java-oracle", "openjdk-builds-from-oracle"),
    ("mssql", "mssqlserver"),
];
/// Most parts of a version that name its line.
const PARTS_MAX: usize = 6;

/// What is known of one release line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Life {
    /// The line as its authors name it.
    pub(super) line: Fact<String>,
    /// Last day of mending.
    pub(super) end: Fact<Timestamp>,
    /// Whether that day has passed.
    pub(super) ended: Fact<bool>,
}

/// What tells the last days, at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends<'a> {
    now: Timestamp,
    /// The publisher's bundle, when it is newer than the shipped table.
    feed: Option<&'a Feed>,
}

impl<'a> Ends<'a> {
    /// The last days as known at a moment, with a bundle where there is one.
    pub(super) fn new(now: Timestamp, feed: Option<&'a Feed>) -> Self {
        Self { now, feed: feed.filter(|feed| feed.published() > TABLE_DAY) }
    }

    /// Looks up the line of a version.
    pub(super) fn life(&self, product: &str, version: &Fact<String>) -> Life {
        let text = match version {
            Fact::Known(text) => text,
            Fact::Unknown(why) => return Life::unknown(why),
        };
        if let Some((line, end)) = self.feed.and_then(|feed| find_in(feed, product, text)) {
            let of = self.feed.map_or(TABLE_DAY, Feed::published);
            return self.told(product, text, line, end, of);
        }
        let Some((line, day)) = find(product, text) else {
            let detail = format!("the table of {TABLE_DAY} does not have {product} {text}");
            return Life::unknown(&Unknown::new(Reason::NOT_LISTED, detail));
        };
        let end = day.parse().map_or(End::Open, End::On);
        self.told(product, text, line.to_owned(), end, TABLE_DAY)
    }

    /// What an end means now; `of` is the day of the table that has it.
    fn told(&self, product: &str, version: &str, line: String, end: End, of: Date) -> Life {
        let line = Fact::Known(line);
        let detail = format!("on {of} the authors of {product} named no last day for {version}");
        let why = Unknown::new(Reason::NOT_LISTED, detail);
        match end {
            End::On(day) => match last_moment(day) {
                Some(last) => Life { line, end: Fact::Known(last), ended: Fact::Known(self.now > last) },
                None => Life::unknown(&why),
            },
            End::Ended => Life { line, end: Fact::Unknown(why), ended: Fact::Known(true) },
            End::Open => {
                let is_believed = start_of(of).is_some_and(|day| self.now <= day + OPEN_BELIEVED);
                let ended = if is_believed { Fact::Known(false) } else { Fact::Unknown(why.clone()) };
                Life { line, end: Fact::Unknown(why), ended }
            }
        }
    }
}

/// The longest line of the bundle that a version begins with, and the end of its security support.
fn find_in(feed: &Feed, product: &str, version: &str) -> Option<(String, End)> {
    let name = NAMES.iter().find(|(own, _)| *own == product).map_or(product, |(_, name)| *name);
    let version = of_line(product, version);
    let mut ends = version.match_indices('.').map(|(at, _)| at).collect::<Vec<_>>();
    ends.push(version.len());
    let lines = ends.into_iter().rev().filter_map(|end| version.get(..end));
    lines.take(PARTS_MAX).find_map(|line| Some((line.to_owned(), feed.end_of_life(name, line).ok()??.security?)))
}

/// Java 8 and older write their number behind a `1.`.
fn of_line<'a>(product: &str, version: &'a str) -> &'a str {
    if product.starts_with("java") { version.strip_prefix("1.").unwrap_or(version) } else { version }
}

impl Life {
    /// Nothing is known of the line, for one reason.
    fn unknown(why: &Unknown) -> Self {
        Self { line: Fact::Unknown(why.clone()), end: Fact::Unknown(why.clone()), ended: Fact::Unknown(why.clone()) }
    }
}

/// The longest line of the table that a version begins with, and its day.
fn find(product: &str, version: &str) -> Option<(&'static str, &'static str)> {
    let wanted = numbers(of_line(product, version));
    let fitting = table::rows(TABLE).filter_map(|row| match row.as_slice() {
        [name, line, day] if *name == product && wanted.starts_with(&numbers(line)) => Some((*line, *day)),
        _ => None,
    });
    fitting.max_by_key(|(line, _)| numbers(line).len())
}

/// Whether any line of the product is listed.
#[cfg(test)]
pub(super) fn is_listed(product: &str) -> bool {
    table::rows(TABLE).any(|row| row.first() == Some(&product))
}

/// The numbers at the beginning of a version: `1.1.1w` gives 1, 1, 1.
fn numbers(version: &str) -> Vec<u32> {
    let mut numbers = Vec::new();
    for part in version.split('.') {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let Some(number) = part.get(..digits).and_then(|digits| digits.parse().ok()) else { break };
        numbers.push(number);
        if digits < part.len() {
            break;
        }
    }
    numbers
}

fn start_of(day: Date) -> Option<Timestamp> {
    day.at(0, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).ok().map(|moment| moment.timestamp())
}

/// The end of a day in Italy in summer, so that a screen which shows Europe/Rome names the same day all the year.
fn last_moment(day: Date) -> Option<Timestamp> {
    day.at(21, 59, 59, 0).to_zoned(jiff::tz::TimeZone::UTC).ok().map(|moment| moment.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(product: &str, version: &str, now: &str) -> String {
        let ends = Ends::new(now.parse().expect("a moment"), None);
        let life = ends.life(product, &Fact::Known(version.to_owned()));
        let ended = life.ended.known().map_or("?", |ended| if *ended { "ended" } else { "mended" });
        format!("{} {ended}", life.line.known().map_or("?", String::as_str))
    }

    #[test]
    fn the_longest_line_that_a_version_begins_with_counts() {
        for (product, version, expected) in [
            ("php", "8.1.27", "8.1 ended"),
            ("php", "8.4.1", "8.4 mended"),
            ("php", "9.0.0", "? ?"),
            ("nodejs", "18.19.0", "18 ended"),
            ("java", "1.8.0_392", "8 mended"),
            ("java", "17.0.13", "17 mended"),
            ("openssl", "1.1.1w", "1.1.1 ended"),
            ("plone", "5.2.4", "5.2 ended"),
            ("joomla", "3.10.12", "3 ended"),
            ("nginx", "1.31.2", "1.31 mended"),
            ("postgresql", "9.6.24", "9.6 ended"),
            ("ruby", "3.1.2", "? ?"),
            ("php", "", "? ?"),
        ] {
            assert_eq!(seen(product, version, "2026-11-22T00:00:00Z"), expected, "{product} {version}");
        }
    }

    #[test]
    fn a_line_ends_after_its_last_day_and_an_open_one_is_believed_for_a_year() {
        assert_eq!(seen("php", "8.2.1", "2026-12-31T21:00:00Z"), "8.2 mended");
        assert_eq!(seen("php", "8.2.1", "2026-12-31T22:00:00Z"), "8.2 ended");
        assert_eq!(seen("nginx", "1.31.2", "2027-08-01T00:00:00Z"), "1.31 mended");
        assert_eq!(seen("nginx", "1.31.2", "2027-09-01T00:00:00Z"), "1.31 ?");
    }

    #[test]
    fn every_row_of_the_table_can_be_used_and_its_head_names_the_day() {
        assert!(TABLE.lines().take(3).any(|line| line.contains(&TABLE_DAY.to_string())));
        let mut count = 0;
        for row in table::rows(TABLE) {
            assert_eq!(row.len(), 3, "{row:?}");
            assert!(!numbers(row[1]).is_empty(), "{row:?}");
            assert!(row[2].is_empty() || row[2].parse().ok().and_then(last_moment).is_some(), "{row:?}");
            count += 1;
        }
        assert!(count > 500, "{count}");
    }
}
