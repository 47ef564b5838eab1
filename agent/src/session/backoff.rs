//! When to try again after a failure: later each time, and each agent at another moment.

use std::time::Duration;

/// Delay after the first failure.
const FIRST: Duration = Duration::from_secs(5);
/// Longest delay before jitter.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// How often it failed in a row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// Notes a success.
    pub const fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// Notes a failure and answers how long to wait: doubled each time up to `longest`, of which `fraction` (0 to 1)
    /// picks a place in the upper half, so that agents that failed together do not come back together.
    pub fn failed(&mut self, fraction: f64, longest: Duration) -> Duration {
        let whole = FIRST.saturating_mul(2_u32.saturating_pow(self.failures)).min(LONGEST).min(longest);
        self.failures = self.failures.saturating_add(1);
        whole.mul_f64(0.5 + fraction.clamp(0.0, 1.0) / 2.0)
    }
}
