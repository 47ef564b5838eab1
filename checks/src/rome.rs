//! Italian time: what is kept is UTC, what people read is Europe/Rome.

use jiff::tz::TimeZone;

/// The time zone Europe/Rome, compiled in: a host's own table of zones may be missing or old, and the world's whole table would
/// weigh a fifth of a megabyte in every program.
pub static ROME: TimeZone = jiff::tz::get!("Europe/Rome");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summer_time_begins_and_ends_on_the_last_sundays_of_march_and_october() {
        for (utc, rome) in [
            ("2026-03-29T00:59:59Z", "2026-03-29T01:59:59"),
            ("2026-03-29T01:00:00Z", "2026-03-29T03:00:00"),
            ("2026-10-25T00:59:59Z", "2026-10-25T02:59:59"),
            ("2026-10-25T01:00:00Z", "2026-10-25T02:00:00"),
            ("2043-07-01T10:00:00Z", "2043-07-01T12:00:00"),
        ] {
            let moment: jiff::Timestamp = utc.parse().expect("a time");
            assert_eq!(moment.to_zoned(ROME.clone()).datetime().to_string(), rome, "{utc}");
        }
    }
}
