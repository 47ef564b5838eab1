//! Intake: what a batch of results from an agent changes. One batch is one [`Changes`], cursor and audit included.
//!
//! The asset of a result comes from the registry: the agent's own host, or the asset of a grant that the agent holds. A
//! result for anything else is filed nowhere: it is left out, named in the audit, and the rest of its batch is taken. A
//! batch refused whole would stay in the agent's spool and be sent again for ever, with all that waits behind it.
//!
//! How a caller uses it: [`keys`] says which current results and findings to read, [`Filing::assets_to_count`] of which
//! assets the results are to be counted, [`accept`] decides, the store commits, and only then the batch is acknowledged.
//! A stale commit means that another session of the same agent was quicker: read again and decide again.

mod filing;
mod judging;
mod refusal;

pub use refusal::{Foreign, REFUSALS_NAMED_MAX, Refused};

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use uuid::Uuid;
use vedetta_checks::result::{AssetReference, CheckResult, Vantage};
use vedetta_checks::target::Target;
use vedetta_checks::word::CheckId;

use crate::actor::AuthenticatedAgent;
use crate::agent::{Agent, AgentCursor, AgentState};
use crate::asset::{AssetKey, Grant};
use crate::audit::AuditEntry;
use crate::changes::Changes;
use crate::finding::Finding;
use crate::ids::{AgentId, FindingId};
use crate::result::{CurrentResult, ResultKey};
use crate::store::Stored;
use crate::workstation::IncomingCounts;

/// Most results and confirmations in one batch. Each result writes at most three records, so a batch stays far below
/// [`crate::changes::CHANGES_MAX`].
pub const BATCH_ITEMS_MAX: usize = 500;
/// Most current results of one asset. The packs of one host hold some hundred checks; whoever invents checks or targets
/// must not fill the store.
pub const RESULTS_PER_ASSET_MAX: usize = 2_000;

/// A result as it arrived, with the wire's fingerprint of it (which leaves out the time).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingResult {
    /// The result as the agent sent it.
    pub result: CheckResult,
    /// Its fingerprint, computed by the collector.
    pub fingerprint: u64,
}

/// "Still the same": stands for a result that the agent does not send again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingConfirmation {
    /// Which check.
    pub check: CheckId,
    /// What it is filed under.
    pub asset: AssetReference,
    /// What exactly was looked at.
    pub target: Target,
    /// From where.
    pub vantage: Vantage,
    /// Fingerprint of the result that it confirms.
    pub fingerprint: u64,
    /// When the probe looked again, by the host's clock.
    pub observed_at: Timestamp,
}

/// Results that are acknowledged together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntakeBatch {
    /// The spool that the sequence counts in.
    pub epoch: Uuid,
    /// Its place in that spool; counts from 1.
    pub sequence: u64,
    /// New or changed results, in the order in which they were seen.
    pub results: Vec<IncomingResult>,
    /// Unchanged results.
    pub confirmations: Vec<IncomingConfirmation>,
    /// Whether it is part of the agent's whole current state, sent because the collector asked for it.
    pub whole_state: bool,
    /// Answers of a workstation; taken in by [`crate::workstation::count`], beside what is decided here.
    pub counts: Option<IncomingCounts>,
}

/// What the decision about a batch rests on.
#[derive(Debug, Clone, Copy)]
pub struct IntakeState<'a> {
    /// Who sends.
    pub agent: &'a AuthenticatedAgent,
    /// The same agent in the registry, read after the handshake: a revocation cuts an open session.
    pub registry: &'a Agent,
    /// How far its results are durable; `None`: nothing arrived yet.
    pub cursor: Option<&'a Stored<AgentCursor>>,
    /// Its grants.
    pub grants: &'a [Grant],
    /// The current results under the keys of [`keys`], as far as they exist.
    pub current: &'a BTreeMap<ResultKey, Stored<CurrentResult>>,
    /// The findings under the same keys, as far as they exist.
    pub findings: &'a BTreeMap<ResultKey, Stored<Finding>>,
    /// How many current results each asset of [`Filing::assets_to_count`] has; counting may stop at
    /// [`RESULTS_PER_ASSET_MAX`]. An asset that is missing here counts as full, so a caller that forgets files nothing
    /// new.
    pub held: &'a BTreeMap<AssetKey, usize>,
}

/// Where the items of a batch belong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filing {
    /// The keys of the items that the agent may file: what to read before [`accept`].
    pub keys: BTreeSet<ResultKey>,
    /// The items that it may not file, in the order of the batch.
    pub refused: Vec<Refused>,
}

impl Filing {
    /// The assets that get keys that they do not have yet: their current results are to be counted before [`accept`].
    /// Empty for a host that reports as usual, so the count costs nothing then.
    #[must_use]
    pub fn assets_to_count(&self, current: &BTreeMap<ResultKey, Stored<CurrentResult>>) -> BTreeSet<AssetKey> {
        self.keys.iter().filter(|key| !current.contains_key(key)).map(|key| key.asset).collect()
    }
}

/// What becomes of a batch that was not refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intake {
    /// It was committed before: acknowledge it, nothing else changes.
    AlreadyDurable,
    /// Commit, then acknowledge.
    Accepted {
        /// What to commit.
        changes: Changes,
        /// Whether the acknowledgement asks for the whole current state: batches are missing before this one, or a
        /// confirmation named a result that the collector does not hold.
        send_whole_state: bool,
        /// What was left out because it is not for this agent to file; it stands in the audit entry of the changes.
        refused: Vec<Refused>,
    },
}

/// Why a batch is refused whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntakeError {
    /// The agent was revoked, quarantined or left while its session was open.
    #[error("the agent {0} may not report any more")]
    NotActive(AgentId),
    /// Sequences count from 1.
    #[error("the batch has the sequence 0; sequences count from 1")]
    Sequence,
    /// Too much in one batch.
    #[error("the batch holds {items} results and confirmations, the limit is {BATCH_ITEMS_MAX}")]
    TooMany {
        /// How many it holds.
        items: usize,
    },
}

impl IntakeError {
    /// The audit record of the refusal: a host that breaks the rules must not go unseen.
    #[must_use]
    pub fn refusal(&self, agent: AgentId) -> Changes {
        Changes::audited("intake.refuse", format!("{agent}: {self}"))
    }
}

/// Where the items of a batch belong: what to read before [`accept`], and what is not for this agent to file.
#[must_use]
pub fn keys(agent: &AuthenticatedAgent, grants: &[Grant], batch: &IntakeBatch) -> Filing {
    let results = batch.results.iter().map(|incoming| filing::Label::of_result(&incoming.result));
    let confirmations = batch.confirmations.iter().map(filing::Label::of_confirmation);
    let mut filing = Filing::default();
    for (index, label) in results.chain(confirmations).enumerate() {
        match label.key(agent, grants) {
            Ok(key) => {
                filing.keys.insert(key);
            }
            Err(why) => filing.refused.push(label.refused(index + 1, why)),
        }
    }
    filing
}

/// Decides about one batch.
///
/// # Errors
/// [`IntakeError`] when the batch is refused whole: commit [`IntakeError::refusal`] and end the session.
pub fn accept(
    state: &IntakeState<'_>,
    batch: &IntakeBatch,
    now: Timestamp,
    new_ids: &mut dyn FnMut() -> Uuid,
) -> Result<Intake, IntakeError> {
    let items = batch.results.len() + batch.confirmations.len();
    if state.registry.state != AgentState::Active || state.registry.id != state.agent.id() {
        return Err(IntakeError::NotActive(state.agent.id()));
    }
    if items > BATCH_ITEMS_MAX {
        return Err(IntakeError::TooMany { items });
    }
    if batch.sequence == 0 {
        return Err(IntakeError::Sequence);
    }
    // Before anything is said about the items: what was taken once is acknowledged, whatever a grant says by now.
    let same_epoch = state.cursor.filter(|cursor| cursor.value.epoch == batch.epoch);
    let durable = same_epoch.map_or(0, |cursor| cursor.value.sequence);
    if batch.sequence <= durable {
        return Ok(Intake::AlreadyDurable);
    }
    let missing = (batch.sequence - durable > 1 && !batch.whole_state).then(|| (durable + 1, batch.sequence - 1));
    let taken = take_in(state, batch, now, new_ids);
    let id = state.agent.id();
    let mut changes = described(id, batch, missing, &taken.refused);
    taken.work.into_changes(&mut changes);
    changes.expect::<AgentCursor>(id, state.cursor.map(|cursor| cursor.version));
    changes.put(AgentCursor { agent: id, epoch: batch.epoch, sequence: batch.sequence });
    let send_whole_state = missing.is_some() || taken.is_unknown;
    Ok(Intake::Accepted { changes, send_whole_state, refused: taken.refused })
}

/// What the items of a batch come to.
struct Taken<'a> {
    work: judging::Work<'a>,
    /// Whether a confirmation named a result that the collector does not hold.
    is_unknown: bool,
    refused: Vec<Refused>,
}

fn take_in<'a>(
    state: &'a IntakeState<'a>,
    batch: &IntakeBatch,
    now: Timestamp,
    new_ids: &mut dyn FnMut() -> Uuid,
) -> Taken<'a> {
    let mut taken = Taken { work: judging::Work::new(state, now), is_unknown: false, refused: Vec::new() };
    for (index, incoming) in batch.results.iter().enumerate() {
        let label = filing::Label::of_result(&incoming.result);
        match label.key(state.agent, state.grants).and_then(|key| taken.work.room_for(key)) {
            Ok(key) => taken.work.result(key, incoming, &mut || FindingId::new(new_ids())),
            Err(why) => taken.refused.push(label.refused(index + 1, why)),
        }
    }
    for (index, confirmation) in batch.confirmations.iter().enumerate() {
        let label = filing::Label::of_confirmation(confirmation);
        // One that is refused asks for nothing: sent whole it would be refused again, and asked for again, for ever.
        match label.key(state.agent, state.grants).and_then(|key| taken.work.room_for(key)) {
            Ok(key) => taken.is_unknown |= !taken.work.confirmation(&key, confirmation),
            Err(why) => taken.refused.push(label.refused(batch.results.len() + index + 1, why)),
        }
    }
    taken
}

/// The changes of a batch with what the audit says of it: nothing when it only confirms what is known.
fn described(id: AgentId, batch: &IntakeBatch, missing: Option<(u64, u64)>, refused: &[Refused]) -> Changes {
    let place = format!("{id} {}/{}", batch.epoch, batch.sequence);
    let is_routine = batch.results.is_empty() && missing.is_none() && refused.is_empty();
    let mut changes = if is_routine { Changes::routine() } else { Changes::audited("intake.accept", &place) };
    if let Some((first, last)) = missing {
        let subject = format!("{id} {}/{first}..{last}", batch.epoch);
        changes.audit.push(AuditEntry { action: "intake.gap", subject });
    }
    if !refused.is_empty() {
        let subject = format!("{place}: {}", refusal::summary(refused));
        changes.audit.push(AuditEntry { action: "intake.refuse", subject });
    }
    changes
}

#[cfg(test)]
mod tests;
