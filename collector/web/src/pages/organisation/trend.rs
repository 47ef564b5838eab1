//! The trend of the score as a drawing and as a table, from the roll-ups as they were computed on their day.

use vedetta_checks::score::Hundredths;
use vedetta_core::ids::OrganisationId;
use vedetta_core::posture::RollUp;
use vedetta_core::store::{Page, Prefix, Store};

use crate::app::App;
use crate::failure::Failure;
use crate::rome;
use crate::texts::Texts;

/// Most days of a trend.
const DAYS_MAX: usize = 90;
/// Fewest days with a score for a line.
const DAYS_MIN: usize = 2;
/// Width of the drawing, in its own units.
const WIDTH: usize = 600;
/// Height of the drawing: 100 points and a border.
const TOP: u32 = 10;

/// The trend, oldest day first.
pub(super) struct Trend {
    /// The points of the line, as SVG takes them; empty when there are too few days.
    pub(super) line: String,
    pub(super) words: String,
    pub(super) rows: Vec<Row>,
}

/// One day.
pub(super) struct Row {
    pub(super) day: String,
    pub(super) score: String,
    pub(super) coverage: String,
    pub(super) open: u32,
}

/// The trend of one organisation; `None`: nothing to draw yet.
pub(super) async fn trend<S: Store>(
    app: &App<S>,
    t: Texts,
    organisation: OrganisationId,
) -> Result<Option<Trend>, Failure> {
    let mut days = app.list::<RollUp>(Prefix::Organisation(organisation), Page::newest(DAYS_MAX)).await?;
    days.reverse();
    let scored: Vec<(usize, u32)> =
        days.iter().enumerate().filter_map(|(place, day)| Some((place, day.score?))).collect();
    let (Some(first), Some(last)) = (scored.first(), scored.last()) else { return Ok(None) };
    if scored.len() < DAYS_MIN {
        return Ok(None);
    }
    let language = t.language();
    let name = |place: usize| days.get(place).map(|day| rome::date(day.key.day, language)).unwrap_or_default();
    let words =
        t.trend_words(&t.number(Hundredths(first.1)), &name(first.0), &t.number(Hundredths(last.1)), &name(last.0));
    let rows = days
        .iter()
        .rev()
        .map(|day| Row {
            day: rome::date(day.key.day, language),
            score: day.score.map_or_else(|| t.insufficient().to_owned(), |score| t.number(Hundredths(score))),
            coverage: t.percent(Hundredths(day.coverage)),
            open: day.open_findings,
        })
        .collect();
    Ok(Some(Trend { line: line(&scored, days.len()), words, rows }))
}

/// `x,y` pairs: days from left to right, 100 points at the top.
fn line(scored: &[(usize, u32)], days: usize) -> String {
    let step = days.saturating_sub(1).max(1);
    let point = |(place, score): &(usize, u32)| {
        let y = TOP + 100_u32.saturating_sub(score / 100);
        format!("{},{y}", place * WIDTH / step)
    };
    scored.iter().map(point).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_runs_from_left_to_right_and_a_better_score_is_higher() {
        assert_eq!(line(&[(0, 5_000), (1, 7_500), (2, 10_000)], 3), "0,60 300,35 600,10");
    }
}
