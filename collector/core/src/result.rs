//! The current result of each check on each target, and what changed over time.

use jiff::Timestamp;
use vedetta_checks::result::{CheckResult, Vantage};
use vedetta_checks::target::Target;
use vedetta_checks::verdict::Verdict;
use vedetta_checks::word::CheckId;

use crate::asset::AssetKey;

/// What a current result and a finding are kept under.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResultKey {
    /// The asset it is filed under.
    pub asset: AssetKey,
    /// The check.
    pub check: CheckId,
    /// What exactly was looked at.
    pub target: Target,
    /// From where.
    pub vantage: Vantage,
}

/// The last judged verdict, kept when a later look could not judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastJudged {
    /// `pass`, `warn` or `fail`.
    pub verdict: Verdict,
    /// When it was seen.
    pub observed_at: Timestamp,
}

/// The newest result under one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentResult {
    /// Its key.
    pub key: ResultKey,
    /// The result as the agent sent it.
    pub result: CheckResult,
    /// Fingerprint without the time, to match confirmations.
    pub fingerprint: u64,
    /// When it, or its last confirmation, arrived.
    pub received_at: Timestamp,
    /// When the host last confirmed it, by the host's clock.
    pub confirmed_at: Timestamp,
    /// Since when the verdict is this one.
    pub since: Timestamp,
    /// The last judged verdict, this one included.
    pub last_judged: Option<LastJudged>,
}

/// One change of verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// Under which key.
    pub key: ResultKey,
    /// When it was seen.
    pub observed_at: Timestamp,
    /// When it arrived.
    pub received_at: Timestamp,
    /// The verdict before; `None` for the first.
    pub from: Option<Verdict>,
    /// The verdict since.
    pub to: Verdict,
}

/// Which transition: asset first, then time, so one asset's history lies in order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransitionKey {
    /// The asset.
    pub asset: AssetKey,
    /// When it arrived.
    pub received_at: Timestamp,
    /// The check.
    pub check: CheckId,
    /// What exactly was looked at.
    pub target: Target,
    /// From where.
    pub vantage: Vantage,
}
