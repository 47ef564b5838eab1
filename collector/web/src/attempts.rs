//! Limits on attempts to log in: per account, so nobody guesses one; and in all, so nobody keeps the hashing busy.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// Most attempts on one account within [`ACCOUNT_WINDOW`].
pub(crate) const ACCOUNT_ATTEMPTS_MAX: usize = 8;
/// The time over which the attempts on one account are counted.
const ACCOUNT_WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// Most attempts in all within [`GLOBAL_WINDOW`].
pub(crate) const GLOBAL_ATTEMPTS_MAX: usize = 60;
/// The time over which all attempts are counted.
const GLOBAL_WINDOW: SignedDuration = SignedDuration::from_mins(1);
/// Most names whose attempts are remembered; beyond it the oldest is forgotten, the limit on all still holds.
const NAMES_MAX: usize = 4_096;

/// The attempts of the last minutes.
#[derive(Debug, Default)]
pub(crate) struct Attempts(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    all: Vec<Timestamp>,
    by_name: BTreeMap<String, Vec<Timestamp>>,
}

impl Attempts {
    /// Counts one attempt that no account is behind yet; `false`: too many, wait.
    pub(crate) fn allow_unnamed(&self, now: Timestamp) -> bool {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        count(&mut counted.all, GLOBAL_ATTEMPTS_MAX, GLOBAL_WINDOW, now)
    }

    /// Counts one attempt on an account; `false`: too many, wait.
    pub(crate) fn allow(&self, name: &str, now: Timestamp) -> bool {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !count(&mut counted.all, GLOBAL_ATTEMPTS_MAX, GLOBAL_WINDOW, now) {
            return false;
        }
        if counted.by_name.len() >= NAMES_MAX && !counted.by_name.contains_key(name) {
            counted.forget_oldest(now);
        }
        count(counted.by_name.entry(name.to_owned()).or_default(), ACCOUNT_ATTEMPTS_MAX, ACCOUNT_WINDOW, now)
    }

    /// Forgets the attempts on one account, after it was let in.
    pub(crate) fn forget(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).by_name.remove(name);
    }
}

impl Counted {
    fn forget_oldest(&mut self, now: Timestamp) {
        self.by_name.retain(|_, times| times.last().is_some_and(|last| within(*last, ACCOUNT_WINDOW, now)));
        if self.by_name.len() >= NAMES_MAX {
            let oldest =
                self.by_name.iter().min_by_key(|(_, times)| times.last().copied()).map(|(name, _)| name.clone());
            oldest.and_then(|name| self.by_name.remove(&name));
        }
    }
}

fn count(times: &mut Vec<Timestamp>, limit: usize, window: SignedDuration, now: Timestamp) -> bool {
    times.retain(|time| within(*time, window, now));
    if times.len() >= limit {
        return false;
    }
    times.push(now);
    true
}

/// A clock that was set back does not lock anybody out: a moment ahead of now no longer counts.
fn within(time: Timestamp, window: SignedDuration, now: Timestamp) -> bool {
    let age = now.duration_since(time);
    age >= SignedDuration::ZERO && age < window
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).expect("a time")
    }

    #[test]
    fn one_account_is_closed_after_its_attempts_and_opens_again_after_the_window() {
        let attempts = Attempts::default();
        assert!((0..ACCOUNT_ATTEMPTS_MAX).all(|_| attempts.allow("anna", at(0))));
        assert!(!attempts.allow("anna", at(1)));
        assert!(attempts.allow("bruno", at(1)));
        assert!(attempts.allow("anna", at(15 * 60)));
    }

    #[test]
    fn many_names_together_reach_the_limit_on_all() {
        let attempts = Attempts::default();
        assert!((0..GLOBAL_ATTEMPTS_MAX).all(|number| attempts.allow(&format!("n{number}"), at(0))));
        assert!(!attempts.allow("another", at(0)));
        assert!(attempts.allow("another", at(60)));
    }

    #[test]
    fn being_let_in_clears_the_account() {
        let attempts = Attempts::default();
        for _ in 0..ACCOUNT_ATTEMPTS_MAX {
            attempts.allow("anna", at(0));
        }
        attempts.forget("anna");
        assert!(attempts.allow("anna", at(1)));
    }
}
