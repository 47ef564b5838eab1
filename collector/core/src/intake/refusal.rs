//! What is left out of a batch, why, and how the audit says it in bounded words.

use std::collections::BTreeMap;

use vedetta_checks::target::Target;
use vedetta_checks::word::CheckId;

use super::RESULTS_PER_ASSET_MAX;

/// Most refused items of one batch that the audit names one by one; the rest is counted by reason.
pub const REFUSALS_NAMED_MAX: usize = 3;

/// Why a result is not for this agent to file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Foreign {
    /// The grant does not exist or belongs to another agent.
    #[error("it names a grant that this agent does not hold")]
    Grant,
    /// The grant is for another target; or it stands under the agent's own host and looks at something else.
    #[error("its target is neither its own host nor that of its grant")]
    Target,
    /// The grant is for the other vantage, or a host claims to see itself from outside.
    #[error("its grant is for another vantage")]
    Vantage,
    /// The asset has all the current results that it may have, and this would be one more.
    #[error("its asset has {RESULTS_PER_ASSET_MAX} results already")]
    TooManyResults,
}

/// One item of a batch that was filed nowhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("item {number} of the batch ({check} on {target}) is not for this agent to file: {why}")]
pub struct Refused {
    /// Its place in the batch, results first, then confirmations; counts from 1.
    pub number: usize,
    /// Its check.
    pub check: CheckId,
    /// Its target.
    pub target: Target,
    /// What is wrong with it.
    pub why: Foreign,
}

/// How many were refused for which reason, and the first of them by name.
pub(super) fn summary(refused: &[Refused]) -> String {
    let mut by_reason: BTreeMap<Foreign, usize> = BTreeMap::new();
    for one in refused {
        *by_reason.entry(one.why).or_default() += 1;
    }
    let counts: Vec<_> = by_reason.iter().map(|(why, count)| format!("{count} because {why}")).collect();
    let named: Vec<_> =
        refused.iter().take(REFUSALS_NAMED_MAX).map(|one| format!("{} on {}", one.check, one.target)).collect();
    let more = if refused.len() > REFUSALS_NAMED_MAX { ", ..." } else { "" };
    format!("{} ({}{more})", counts.join(", "), named.join(", "))
}
