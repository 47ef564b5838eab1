//! Times for people: Europe/Rome on screens, UTC inside.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use vedetta_checks::language::Language;
use vedetta_checks::rome::ROME;

/// Day and hour: `21/11/2026 alle 22:05`.
pub(crate) fn moment(moment: Timestamp, language: Language) -> String {
    let format = match language {
        Language::It => "%d/%m/%Y alle %H:%M",
        Language::En => "%-d %b %Y at %H:%M",
    };
    moment.to_zoned(ROME.clone()).strftime(format).to_string()
}

/// The day alone: `21/11/2026`.
pub(crate) fn day(moment: Timestamp, language: Language) -> String {
    vedetta_checks::pack::template::day_text(moment, language)
}

/// A date: `21/11/2026`.
pub(crate) fn date(date: Date, language: Language) -> String {
    let format = match language {
        Language::It => "%d/%m/%Y",
        Language::En => "%-d %b %Y",
    };
    date.strftime(format).to_string()
}

/// The machine's form, for the `datetime` attribute.
pub(crate) fn machine(moment: Timestamp) -> String {
    moment.to_string()
}

/// A moment as a `datetime-local` field shows it.
pub(crate) fn field(moment: Timestamp) -> String {
    moment.to_zoned(ROME.clone()).strftime("%Y-%m-%dT%H:%M").to_string()
}

/// What a `datetime-local` field says, in Rome; `None`: no moment.
pub(crate) fn from_field(text: &str) -> Option<Timestamp> {
    let local: DateTime = text.trim().parse().ok()?;
    local.to_zoned(ROME.clone()).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_in_rome_across_the_change_of_the_hour() {
        for (utc, expected) in
            [("2026-07-01T10:00:00Z", "01/07/2026 alle 12:00"), ("2026-12-01T10:00:00Z", "01/12/2026 alle 11:00")]
        {
            assert_eq!(moment(utc.parse().expect("a time"), Language::It), expected);
        }
    }

    #[test]
    fn a_field_survives_being_shown_and_read() {
        let given: Timestamp = "2026-07-01T10:00:00Z".parse().expect("a time");
        assert_eq!(from_field(&field(given)), Some(given));
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in ["", "ieri", "2026-13-01T10:00", "2026-07-01T25:00"] {
            assert_eq!(from_field(text), None, "{text}");
        }
    }
}
