//! When each check is due. Pure: the time and the chance are handed in.

use std::time::Duration;

use jiff::Timestamp;

/// Share of its interval by which a check may come early: so agents do not fall into step, and the checks of one agent do. A
/// look serves every check of its probe, and each look wakes the disk and the network once.
const JITTER: f64 = 0.1;

/// One check on one target, as the schedule sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Planned {
    /// How often.
    pub every: Duration,
    /// When it was last looked at.
    pub last: Option<Timestamp>,
    /// A number from 0 to 1 that is this agent's own and stays the same between two looks.
    pub fraction: f64,
}

impl Planned {
    /// When it is due: at once when it was never looked at, or in the future by a clock that was set back.
    #[must_use]
    pub fn due_at(&self, now: Timestamp) -> Timestamp {
        self.after(self.fraction.clamp(0.0, 1.0), now)
    }

    /// From when on it goes along with others that are due.
    fn may_go_along_at(&self, now: Timestamp) -> Timestamp {
        self.after(1.0, now)
    }

    fn after(&self, fraction: f64, now: Timestamp) -> Timestamp {
        match self.last {
            Some(last) if last <= now => {
                let wait = self.every.mul_f64(1.0 - JITTER * fraction);
                last.saturating_add(wait).unwrap_or(Timestamp::MAX)
            }
            Some(_) | None => now,
        }
    }
}

/// Which of the planned checks to look at now: none when none is due, else all that may come this early.
#[must_use]
pub fn due(planned: &[Planned], now: Timestamp) -> Vec<usize> {
    if !planned.iter().any(|item| item.due_at(now) <= now) {
        return Vec::new();
    }
    let goes_along = |item: &Planned| item.may_go_along_at(now) <= now;
    planned.iter().enumerate().filter(|(_, item)| goes_along(item)).map(|(index, _)| index).collect()
}

/// How long until the next check is due.
#[must_use]
pub fn next_due(planned: &[Planned], now: Timestamp) -> Option<Duration> {
    planned.iter().map(|item| until(item.due_at(now), now)).min()
}

/// How long from now until a moment; nothing when it has passed.
#[must_use]
pub fn until(moment: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(moment.duration_since(now)).unwrap_or(Duration::ZERO)
}

/// When to look in at the collector next: the interval, a tenth sooner or later.
#[must_use]
pub fn look_in_after(interval: Duration, fraction: f64) -> Duration {
    interval.mul_f64(1.0 - JITTER + 2.0 * JITTER * fraction.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).unwrap()
    }

    fn planned(every: u64, last: Option<i64>, fraction: f64) -> Planned {
        Planned { every: Duration::from_secs(every), last: last.map(at), fraction }
    }

    #[test]
    fn what_was_never_looked_at_is_due_now() {
        assert_eq!(due(&[planned(3600, None, 0.5)], at(0)), [0]);
    }

    #[test]
    fn a_check_is_due_after_its_interval_at_most_a_tenth_early() {
        for (fraction, seconds) in [(0.0, 3600), (0.5, 3420), (1.0, 3240)] {
            assert_eq!(planned(3600, Some(0), fraction).due_at(at(10)), at(seconds));
        }
    }

    #[test]
    fn a_clock_that_was_set_back_makes_checks_due_instead_of_silent() {
        assert_eq!(due(&[planned(3600, Some(86_400 * 365), 0.0)], at(0)), [0]);
    }

    #[test]
    fn what_is_due_soon_goes_along_but_alone_starts_nothing() {
        let late = planned(3600, Some(-3600), 0.0);
        let soon = planned(3600, Some(-3550), 0.0);
        let far = planned(3600, Some(-100), 0.0);
        assert_eq!(due(&[late, soon, far], at(0)), [0, 1]);
        assert!(due(&[soon, far], at(0)).is_empty());
        assert_eq!(next_due(&[soon, far], at(0)), Some(Duration::from_secs(50)));
    }

    #[test]
    fn a_day_of_checks_takes_four_looks_not_one_for_each_check() {
        const HOUR: u64 = 3_600;
        let intervals: Vec<u64> = [[6 * HOUR; 37].as_slice(), [24 * HOUR; 133].as_slice()].concat();
        let mut last = vec![0; intervals.len()];
        let (mut now, mut looks) = (0, 0);
        while now < 24 * 3_600 {
            let all: Vec<Planned> =
                intervals.iter().zip(&last).map(|(every, last)| planned(*every, Some(*last), 0.3)).collect();
            let chosen = due(&all, at(now));
            looks += usize::from(!chosen.is_empty());
            for index in chosen {
                last[index] = now;
            }
            // Each look takes its time, and the agent sleeps at most a minute.
            now += 47;
        }
        assert_eq!(looks, 4);
    }

    #[test]
    fn look_ins_of_many_agents_spread_over_a_fifth_of_the_interval() {
        let interval = Duration::from_secs(900);
        assert_eq!(look_in_after(interval, 0.0), Duration::from_secs(810));
        assert_eq!(look_in_after(interval, 1.0), Duration::from_secs(990));
    }
}
