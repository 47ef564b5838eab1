//! How often this host looks at most, whatever an assignment asks for.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;

/// Most looks of one probe at one target within a [`WINDOW`].
pub const LOOKS_AT_ONE_TARGET_MAX: usize = 6;
/// Most looks of the whole agent within a [`WINDOW`].
pub const LOOKS_MAX: usize = 240;
/// The time over which looks are counted.
pub const WINDOW: Duration = Duration::from_secs(60);

/// The looks of the last minute.
#[derive(Debug, Clone, Default)]
pub struct Pace {
    all: VecDeque<Timestamp>,
    by_target: BTreeMap<String, VecDeque<Timestamp>>,
}

impl Pace {
    /// Whether one more look is within the ceilings; if so it is counted.
    pub fn take(&mut self, probe: &str, target: &str, now: Timestamp) -> bool {
        forget(&mut self.all, now);
        self.by_target.retain(|_, looks| {
            forget(looks, now);
            !looks.is_empty()
        });
        let key = format!("{probe} {target}");
        let own = self.by_target.get(&key).map_or(0, VecDeque::len);
        let fits = self.all.len() < LOOKS_MAX && own < LOOKS_AT_ONE_TARGET_MAX;
        if fits {
            self.all.push_back(now);
            self.by_target.entry(key).or_default().push_back(now);
        }
        fits
    }
}

/// Leaves out looks that are older than the window, or in the future by a clock that was set back.
fn forget(looks: &mut VecDeque<Timestamp>, now: Timestamp) {
    looks.retain(|look| Duration::try_from(now.duration_since(*look)).is_ok_and(|age| age < WINDOW));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    #[test]
    fn one_target_is_looked_at_so_often_and_no_more_until_a_minute_has_passed() {
        let mut pace = Pace::default();
        let taken = (0..20).filter(|second| pace.take("tls", "tls://a:443", at(*second))).count();
        assert_eq!(taken, LOOKS_AT_ONE_TARGET_MAX);
        assert!(pace.take("tls", "tls://b:443", at(20)));
        assert!(pace.take("tls", "tls://a:443", at(60)));
    }

    #[test]
    fn the_whole_agent_has_a_ceiling_too() {
        let mut pace = Pace::default();
        let taken = (0..500).filter(|number| pace.take("tls", &format!("tls://a{number}:443"), at(0))).count();
        assert_eq!(taken, LOOKS_MAX);
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_stop_the_looks() {
        let mut pace = Pace::default();
        (0..LOOKS_AT_ONE_TARGET_MAX).for_each(|_| assert!(pace.take("tls", "tls://a:443", at(86_400))));
        assert!(pace.take("tls", "tls://a:443", at(0)));
    }
}
