//! How one result stands at one moment: what it is worth, and whether somebody still sees it (rules 1 to 5 of the page).

use jiff::{SignedDuration, Timestamp};

use super::{Input, STALE_INTERVALS};
use crate::verdict::Verdict;

/// What a judged result is worth; ordered from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// Its whole weight.
    Pass,
    /// Half of its weight.
    Warn,
    /// Nothing.
    Fail,
}

impl Value {
    /// The value of a verdict; `None` when it is not judged.
    #[must_use]
    pub const fn of(verdict: &Verdict) -> Option<Self> {
        match verdict {
            Verdict::Pass => Some(Self::Pass),
            Verdict::Warn => Some(Self::Warn),
            Verdict::Fail => Some(Self::Fail),
            Verdict::NotApplicable(_) | Verdict::Error(_) | Verdict::NotTested(_) => None,
        }
    }

    /// Halves of the weight that it earns.
    pub(super) const fn halves(self) -> u32 {
        match self {
            Self::Pass => 2,
            Self::Warn => 1,
            Self::Fail => 0,
        }
    }
}

/// The last judged value, and when it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastSeen {
    /// Its value.
    pub value: Value,
    /// When.
    pub at: Timestamp,
}

/// How one result stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Judged, and fresh.
    Seen(LastSeen),
    /// Bad when it was last judged, and not seen since: stays in the score.
    Held(LastSeen),
    /// Nothing to count; lowers the coverage.
    Missing,
    /// Not asked for.
    NotApplicable,
}

impl Standing {
    /// The standing of a result now.
    #[must_use]
    pub fn of<A>(input: &Input<A>, now: Timestamp) -> Self {
        let newest = Value::of(&input.verdict).map(|value| LastSeen { value, at: input.observed_at });
        if is_fresh(input, now) {
            match &input.verdict {
                Verdict::Pass | Verdict::Warn | Verdict::Fail => {
                    return newest.map_or(Self::Missing, Self::Seen);
                }
                Verdict::NotApplicable(_) => return Self::NotApplicable,
                Verdict::Error(_) | Verdict::NotTested(_) => {}
            }
        }
        let last = match &input.verdict {
            // A conclusion that nothing was there any more: what was bad before it is gone.
            Verdict::NotApplicable(_) => None,
            Verdict::Pass | Verdict::Warn | Verdict::Fail => newest,
            Verdict::Error(_) | Verdict::NotTested(_) => input.last_judged,
        };
        last.filter(|last| last.value > Value::Pass).map_or(Self::Missing, Self::Held)
    }
}

fn is_fresh<A>(input: &Input<A>, now: Timestamp) -> bool {
    let limit = input.every.saturating_mul(STALE_INTERVALS);
    SignedDuration::try_from(limit).is_ok_and(|limit| now.duration_since(input.observed_at) <= limit)
}
