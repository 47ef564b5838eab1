//! Waiting for something that another program does: never for a time alone.

use std::time::{Duration, Instant};

/// Longest wait, unless a journey says otherwise. Machines are slow and shared.
pub const WAIT_MAX: Duration = Duration::from_secs(90);
const PAUSE: Duration = Duration::from_millis(50);

/// Asks until there is an answer; fails with what was waited for.
pub fn until<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    until_within(what, WAIT_MAX, ask)
}

/// Asks until there is an answer, at most for the given time.
pub fn until_within<T>(what: &str, longest: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(started.elapsed() < longest, "waited {} s in vain until {what}", longest.as_secs());
        std::thread::sleep(PAUSE);
    }
}
