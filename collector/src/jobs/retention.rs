//! Gives up the history of verdicts that is older than the operator wants to keep (DESIGN 9). Current results, findings,
//! roll-ups, incidents and the audit stay; the audit says from which month on the history is kept.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use vedetta_core::actor::{Actor, SystemJob};
use vedetta_core::changes::Changes;
use vedetta_core::store::Store;
use vedetta_store::Embedded;

use super::Work;
use crate::admin::AdminError;

/// How often.
pub const EVERY: Duration = Duration::from_secs(24 * 3_600);

/// The history that is kept.
pub struct History {
    store: Embedded,
    months: u16,
    kept_from: Mutex<Option<String>>,
}

impl std::fmt::Debug for History {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("History").field("months", &self.months).finish_non_exhaustive()
    }
}

impl History {
    /// Keeps so many whole months before the one that runs.
    #[must_use]
    pub const fn new(store: Embedded, months: u16) -> Self {
        Self { store, months, kept_from: Mutex::new(None) }
    }
}

/// The job. Another engine than the embedded one keeps its own history.
pub(super) async fn give_up_old<S: Store>(work: Arc<Work<S>>) -> Result<(), AdminError> {
    match &work.history {
        Some(history) => give_up(&work.store, history, work.clock.now()).await.map(|_| ()),
        None => Ok(()),
    }
}

/// Gives up what is too old; `false` when that was done for this month already.
pub(super) async fn give_up<S: Store>(store: &S, history: &History, now: Timestamp) -> Result<bool, AdminError> {
    let month = now.to_zoned(TimeZone::UTC).date().first_of_month();
    let oldest = month.checked_sub(i32::from(history.months).months()).map_err(AdminError::refused)?;
    let oldest = oldest.strftime("%Y-%m").to_string();
    if history.kept_from.lock().unwrap_or_else(PoisonError::into_inner).as_ref() == Some(&oldest) {
        return Ok(false);
    }
    // The audit first: what is gone without a word would be worse than a word too many.
    let changes = Changes::audited("history.give-up", format!("before {oldest}"));
    store.commit(&Actor::Job(SystemJob::new("retention")), now, changes).await?;
    history.store.drop_history_before(&oldest).await.map_err(AdminError::refused)?;
    *history.kept_from.lock().unwrap_or_else(PoisonError::into_inner) = Some(oldest);
    Ok(true)
}
