//! Answers of workstations into the counts of their organisation.
//!
//! They are committed before the rest of their batch and apart from it, so that no record or commit of the store holds the
//! token beside the agent. A batch that is sent again after a crash between the two changes nothing a second time.

use jiff::Timestamp;
use tonic::Status;
use vedetta_core::actor::{Actor, SystemJob};
use vedetta_core::ids::OrganisationId;
use vedetta_core::store::{CommitError, Page, Prefix, Store};
use vedetta_core::workstation::{IncomingCounts, WORKSTATIONS_MAX, WorkstationAnswers, WorkstationKey, count, day_of};

use super::{uncommitted, unreadable};

/// Takes the answers in; `false`: something they relied on has changed meanwhile, or there is no room on the disk.
pub(super) async fn take<S: Store>(
    store: &S,
    organisation: OrganisationId,
    incoming: &IncomingCounts,
    now: Timestamp,
) -> Result<bool, Status> {
    let key = WorkstationKey { organisation, token: incoming.token };
    let held = store.get::<WorkstationAnswers>(&key).await.map_err(|error| unreadable(&error))?;
    let known = if held.is_some() {
        0
    } else {
        let page = Page::<WorkstationAnswers>::first(WORKSTATIONS_MAX);
        let found = store.list(Prefix::Organisation(organisation), page).await;
        found.map_err(|error| unreadable(&error))?.len()
    };
    if known >= WORKSTATIONS_MAX {
        tracing::warn!(%organisation, "a workstation is not counted: there are {WORKSTATIONS_MAX} already");
    }
    let Some(changes) = count(key, incoming, held.as_ref(), known, day_of(now)) else { return Ok(true) };
    match store.commit(&Actor::Job(SystemJob::new("counts")), now, changes).await {
        Ok(_) => Ok(true),
        Err(CommitError::Stale { .. } | CommitError::DiskFull(_)) => Ok(false),
        Err(error @ (CommitError::Invalid(_) | CommitError::Broken(_))) => Err(uncommitted(&error)),
    }
}
