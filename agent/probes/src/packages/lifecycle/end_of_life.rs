//! Until when a release of a distribution is mended, from the shipped table `end_of_life.csv`.

use jiff::Timestamp;
use jiff::civil::Date;

/// The shipped table; its source and day stand in its first lines.
const TABLE: &str = include_str!("end_of_life.csv");
/// Of which day the table is.
pub(super) const TABLE_DATE: Date = jiff::civil::date(2026, 8, 22);

/// Last days of one release; none where a tier is not offered or not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct EndOfLife {
    /// End of the publisher's standard support.
    pub(super) standard: Option<Timestamp>,
    /// Last day without a further contract.
    pub(super) free: Option<Timestamp>,
    /// Last day under a further, paid contract.
    pub(super) paid: Option<Timestamp>,
}

impl EndOfLife {
    /// The same with gaps filled from another.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            standard: self.standard.or(other.standard),
            free: self.free.or(other.free),
            paid: self.paid.or(other.paid),
        }
    }
}

/// Looks a release up by `ID` and `VERSION_ID`; `9.4` finds `9` where the table has only the main version.
pub(super) fn find(id: &str, version: &str) -> Option<EndOfLife> {
    let main = version.split_once('.').map_or(version, |(main, _)| main);
    row(id, version).or_else(|| row(id, main))
}

fn row(id: &str, version: &str) -> Option<EndOfLife> {
    let mut rows = TABLE.lines().filter(|line| !line.starts_with('#')).map(|line| line.split(','));
    rows.find_map(|mut fields| {
        let wanted = fields.next() == Some(id) && fields.next() == Some(version);
        let mut day = || fields.next().and_then(last_moment);
        wanted.then(|| EndOfLife { standard: day(), free: day(), paid: day() })
    })
}

/// The end of a day in Italy in winter and nearly so in summer; kept before midnight there, so that a screen which shows
/// Europe/Rome names the same day.
pub(super) fn last_moment(day: &str) -> Option<Timestamp> {
    let date: Date = day.parse().ok()?;
    date.at(21, 59, 59, 0).to_zoned(jiff::tz::TimeZone::UTC).ok().map(|moment| moment.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_found_with_their_tiers() {
        let found = |id, version| {
            find(id, version).map(|end| [end.standard, end.free, end.paid].map(|at| at.map(|at| at.to_string())))
        };
        let debian = found("debian", "12").expect("listed");
        assert_eq!(debian, [Some("2026-07-11T21:59:59Z".to_owned()), Some("2028-06-30T21:59:59Z".to_owned()), None]);
        let ubuntu = found("ubuntu", "24.04").expect("listed");
        assert_eq!(ubuntu[2], Some("2036-05-31T21:59:59Z".to_owned()));
        assert_eq!(found("rocky", "9.4"), found("rocky", "9"));
        assert_eq!(found("debian", "1"), None);
        assert_eq!(found("", ""), None);
    }

    #[test]
    fn every_row_of_the_table_has_five_fields_and_valid_days() {
        let rows: Vec<&str> = TABLE.lines().filter(|line| !line.starts_with('#')).skip(1).collect();
        assert!(rows.len() > 50, "{}", rows.len());
        for row in rows {
            let fields: Vec<&str> = row.split(',').collect();
            assert_eq!(fields.len(), 5, "{row}");
            for day in fields.iter().skip(2).filter(|day| !day.is_empty()) {
                assert!(last_moment(day).is_some(), "{row}");
            }
        }
        assert!(TABLE.contains(&format!("endoflife.date, data of {TABLE_DATE}")));
    }
}
