//! Findings: a failing check on an asset over time.

use jiff::Timestamp;

use crate::ids::FindingId;
use crate::result::ResultKey;

/// Where a finding stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FindingState {
    /// The check fails or warns.
    Open {
        /// Failing since, by the host's clock.
        since: Timestamp,
    },
    /// A later look passed.
    Resolved {
        /// Failing from.
        since: Timestamp,
        /// Passed at.
        at: Timestamp,
    },
}

/// A failing check on an asset over time; the key holds at most one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its id, for links and incidents; a finding that fails again keeps it.
    pub id: FindingId,
    /// The check, asset, target and vantage.
    pub key: ResultKey,
    /// Where it stands.
    pub state: FindingState,
    /// The last time that the check passed, if it ever did.
    pub last_passed: Option<Timestamp>,
    /// How often it was open.
    pub times_opened: u32,
}
