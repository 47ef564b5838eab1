//! Counts of workstations: what an organisation learns of checks whose answer would be about a person (DESIGN 11).
//!
//! The agent of such a host sends its answers under a random token of its own. They are kept under the token, beside no
//! host, result, finding, change of verdict or audit record: a later answer replaces the earlier one, and what is shown is
//! how many failed. A token that nobody renews is forgotten after [`KEPT_DAYS`].

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use vedetta_checks::verdict::Verdict;
use vedetta_checks::word::CheckId;

use crate::changes::{Changes, Position};
use crate::ids::OrganisationId;
use crate::store::Stored;

/// Most workstations of one organisation that are counted; further ones are left out.
pub const WORKSTATIONS_MAX: usize = 10_000;
/// Most checks that one workstation answers to.
pub const ANSWERS_MAX: usize = 64;
/// Days for which an answer counts. A PC that is off over the summer drops out and comes back by itself.
pub const KEPT_DAYS: i32 = 30;

/// The random name under which a workstation answers; made on the host, and from nothing else of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkstationToken(pub [u8; 16]);

/// What the answers of one workstation are kept under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkstationKey {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The token.
    pub token: WorkstationToken,
}

/// A verdict without its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// As it should be.
    Pass,
    /// Soon or partly a problem.
    Warn,
    /// Bad.
    Fail,
    /// The check means nothing there.
    NotApplicable,
    /// It could not be seen.
    NotSeen,
}

impl Answer {
    /// What is left of a verdict.
    #[must_use]
    pub const fn of(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Pass,
            Verdict::Warn => Self::Warn,
            Verdict::Fail => Self::Fail,
            Verdict::NotApplicable(_) => Self::NotApplicable,
            Verdict::Error(_) | Verdict::NotTested(_) => Self::NotSeen,
        }
    }
}

/// What one workstation answered to each check, and on which day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkstationAnswers {
    /// Under which token.
    pub key: WorkstationKey,
    /// The newest answer to each check.
    pub answers: BTreeMap<CheckId, (Answer, Date)>,
}

/// Answers as they arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingCounts {
    /// Under which token.
    pub token: WorkstationToken,
    /// On which day, by the host's clock.
    pub day: Date,
    /// The answers.
    pub answers: BTreeMap<CheckId, Answer>,
}

/// The day of a moment, as answers count it.
#[must_use]
pub fn day_of(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

/// Whether an answer of this day still counts.
fn counts_on(day: Date, today: Date) -> bool {
    today.checked_sub(KEPT_DAYS.days()).is_ok_and(|oldest| day >= oldest)
}

/// What arrived answers change; `None`: nothing, because they are held already, are too old, or find no room.
///
/// `held` is what is held under the same key, and `known` how many workstations the organisation has, at least up to
/// [`WORKSTATIONS_MAX`].
#[must_use]
pub fn count(
    key: WorkstationKey,
    incoming: &IncomingCounts,
    held: Option<&Stored<WorkstationAnswers>>,
    known: usize,
    today: Date,
) -> Option<Changes> {
    // A clock that runs ahead must not keep an answer beyond its time.
    let day = incoming.day.min(today);
    if !counts_on(day, today) || (held.is_none() && known >= WORKSTATIONS_MAX) {
        return None;
    }
    let before = held.map(|held| &held.value.answers);
    let mut answers = before.cloned().unwrap_or_default();
    answers.retain(|_, (_, answered)| counts_on(*answered, today));
    for (check, answer) in &incoming.answers {
        let is_newer = answers.get(check).is_none_or(|(_, answered)| *answered <= day);
        if is_newer && (answers.contains_key(check) || answers.len() < ANSWERS_MAX) {
            answers.insert(check.clone(), (*answer, day));
        }
    }
    if before == Some(&answers) || answers.is_empty() {
        return None;
    }
    let mut changes = Changes::routine();
    changes.expect::<WorkstationAnswers>(key, held.map(|held| held.version));
    changes.put(WorkstationAnswers { key, answers });
    Some(changes)
}

/// The keys of those that nobody has renewed in time.
pub fn expired<'a>(
    all: impl IntoIterator<Item = &'a Stored<WorkstationAnswers>>,
    today: Date,
) -> Vec<(WorkstationKey, Position)> {
    let is_over = |held: &&Stored<WorkstationAnswers>| {
        !held.value.answers.values().any(|(_, answered)| counts_on(*answered, today))
    };
    all.into_iter().filter(is_over).map(|held| (held.value.key, held.version)).collect()
}

/// How many workstations of an organisation gave which answer to one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkstationCount {
    /// How many failed.
    pub failing: usize,
    /// How many warned.
    pub warning: usize,
    /// How many passed.
    pub passing: usize,
    /// How many could not tell.
    pub not_seen: usize,
    /// Day of the newest answer.
    pub newest: Date,
}

impl WorkstationCount {
    /// How many could be judged.
    #[must_use]
    pub const fn judged(&self) -> usize {
        self.failing + self.warning + self.passing
    }
}

/// The counts of an organisation by check, of the answers that still count. A check that applies to none is left out.
#[must_use]
pub fn counts(all: &[WorkstationAnswers], today: Date) -> BTreeMap<CheckId, WorkstationCount> {
    let mut counts: BTreeMap<CheckId, WorkstationCount> = BTreeMap::new();
    let answers = all.iter().flat_map(|own| &own.answers).filter(|(_, (_, day))| counts_on(*day, today));
    for (check, (answer, day)) in answers.filter(|(_, (answer, _))| *answer != Answer::NotApplicable) {
        let nobody = WorkstationCount { failing: 0, warning: 0, passing: 0, not_seen: 0, newest: *day };
        let count = counts.entry(check.clone()).or_insert(nobody);
        count.newest = count.newest.max(*day);
        match answer {
            Answer::Pass => count.passing += 1,
            Answer::Warn => count.warning += 1,
            Answer::Fail => count.failing += 1,
            Answer::NotSeen => count.not_seen += 1,
            Answer::NotApplicable => {}
        }
    }
    counts
}

#[cfg(test)]
mod tests;
