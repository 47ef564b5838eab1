//! How far a run is, on standard error: a bar for a person at the keyboard, a line now and then for a log.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::Instant;
use vedetta_checks::language::Language;

use crate::render::texts::pick;

/// Share of the run after which a log gets a line.
const LINES: u64 = 10;
/// Form of the bar: indicatif's own template language.
const BAR_IT: &str = "{bar:20} {pos} di {len} ({percent}%), mancano circa {eta}  {wide_msg}";
/// The same in English.
const BAR_EN: &str = "{bar:20} {pos} of {len} ({percent}%), about {eta} left  {wide_msg}";
/// Until the first target is done there is nothing from which the time left could follow.
const BAR_START: &str = "{bar:20} {pos} / {len}";

/// How far a run is.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    started: Instant,
    language: Language,
    is_terminal: bool,
    done: u64,
    total: u64,
}

impl Progress {
    /// Begins at nothing of `total`.
    #[must_use]
    pub fn new(total: usize, language: Language) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let total = u64::try_from(total).unwrap_or(u64::MAX);
        let target = if is_terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        if let Ok(style) = ProgressStyle::with_template(BAR_START) {
            bar.set_style(style);
        }
        bar.tick();
        Self { bar, started: Instant::now(), language, is_terminal, done: 0, total }
    }

    /// One target more is done.
    pub fn step(&mut self, target: &str) {
        self.done += 1;
        if self.done == 1
            && let Ok(style) = ProgressStyle::with_template(pick(self.language, BAR_IT, BAR_EN))
        {
            self.bar.set_style(style);
        }
        self.bar.set_message(target.strip_prefix("dns:").unwrap_or(target).to_owned());
        self.bar.inc(1);
        if !self.is_terminal && is_due(self.done, self.total) {
            let line = line(self.done, self.total, self.started.elapsed(), self.language);
            // A log that is closed must not end the run.
            let _ignored = writeln!(std::io::stderr(), "{line}");
        }
    }

    /// Leaves the screen to the result, and says how long the run took.
    pub fn end(&self) {
        self.bar.finish_and_clear();
        let took = duration(self.started.elapsed(), self.language);
        let line = match self.language {
            Language::It => format!("Fatto: {} bersagli in {took}", self.done),
            Language::En => format!("Done: {} targets in {took}", self.done),
        };
        let _ignored = writeln!(std::io::stderr(), "{line}");
    }
}

/// Whether a log gets a line: at each tenth, and at the end.
const fn is_due(done: u64, total: u64) -> bool {
    done == total || done * LINES / total != (done - 1) * LINES / total
}

fn line(done: u64, total: u64, elapsed: Duration, language: Language) -> String {
    let left = u32::try_from((total - done) * 1_000 / done.max(1)).unwrap_or(u32::MAX);
    let left = duration(elapsed.saturating_mul(left) / 1_000, language);
    let percent = done * 100 / total.max(1);
    match language {
        Language::It => format!("{done} di {total} ({percent}%), mancano circa {left}"),
        Language::En => format!("{done} of {total} ({percent}%), about {left} left"),
    }
}

/// A time as people say it: seconds below two minutes, minutes below two hours.
fn duration(time: Duration, language: Language) -> String {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    let hours = pick(language, "ore", "hours");
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} {hours} {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_gets_about_ten_lines_and_the_last_one() {
        assert_eq!((1..=60).filter(|done| is_due(*done, 60)).count(), 10);
        assert_eq!((1..=3).filter(|done| is_due(*done, 3)).count(), 3);
        assert!(is_due(1, 1) && is_due(61, 61));
    }

    #[test]
    fn a_time_is_told_in_the_unit_that_people_use() {
        for (seconds, expected) in
            [(0, "0 s"), (119, "119 s"), (121, "3 min"), (7_199, "120 min"), (9_000, "2 ore 30 min")]
        {
            assert_eq!(duration(Duration::from_secs(seconds), Language::It), expected);
        }
    }

    #[test]
    fn the_time_left_follows_from_what_is_done() {
        let half = line(30, 60, Duration::from_secs(12), Language::It);
        assert_eq!(half, "30 di 60 (50%), mancano circa 12 s");
        assert_eq!(line(1, 60, Duration::from_secs(10), Language::It), "1 di 60 (1%), mancano circa 10 min");
        assert_eq!(line(60, 60, Duration::from_secs(12), Language::En), "60 of 60 (100%), about 0 s left");
    }
}
