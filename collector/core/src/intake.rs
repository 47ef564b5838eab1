//! Intake: what a batch of results from an agent changes. One batch is one [`Changes`], cursor and audit included.
//!
//! The asset of a result comes from the registry: the agent's own host, or the asset of a grant that the agent holds. A
//! batch with a result for anything else is refused whole, because an agent that works never sends one.
//!
//! How a caller uses it: [`keys`] says which current results and findings to read, [`accept`] decides, the store
//! commits, and only then the batch is acknowledged. A stale commit means that another session of the same agent was
//! quicker: read again and decide again.

mod filing;
mod judging;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use uuid::Uuid;
use vedetta_checks::result::{AssetReference, CheckResult, Vantage};
use vedetta_checks::target::Target;
use vedetta_checks::word::CheckId;

use crate::actor::AuthenticatedAgent;
use crate::agent::{Agent, AgentCursor, AgentState};
use crate::asset::Grant;
use crate::changes::Changes;
use crate::finding::Finding;
use crate::ids::{AgentId, FindingId};
use crate::result::{CurrentResult, ResultKey};
use crate::store::Stored;

/// Most results and confirmations in one batch. Each result writes at most three records, so a batch stays far below
/// [`crate::changes::CHANGES_MAX`].
pub const BATCH_ITEMS_MAX: usize = 500;

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
    /// A result that the agent may not file.
    #[error("result {number} of the batch ({check} on {target}) is not for this agent to file: {why}")]
    Foreign {
        /// Its place in the batch, results first, then confirmations; counts from 1.
        number: usize,
        /// Its check.
        check: CheckId,
        /// Its target.
        target: Target,
        /// What is wrong with it.
        why: Foreign,
    },
}

/// Why a result is not for this agent to file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Foreign {
    /// The grant does not exist or belongs to another agent.
    #[error("it names a grant that this agent does not hold")]
    Grant,
    /// The grant is for another target.
    #[error("its grant is for another target")]
    Target,
    /// The grant is for the other vantage, or a host claims to see itself from outside.
    #[error("its grant is for another vantage")]
    Vantage,
}

impl IntakeError {
    /// The audit record of the refusal: a host that files for others must not go unseen.
    #[must_use]
    pub fn refusal(&self, agent: AgentId) -> Changes {
        Changes::audited("intake.refuse", format!("{agent}: {self}"))
    }
}

/// The keys that a batch touches: what to read before [`accept`].
///
/// # Errors
/// [`IntakeError::Foreign`] for the first result that the agent may not file.
pub fn keys(
    agent: &AuthenticatedAgent,
    grants: &[Grant],
    batch: &IntakeBatch,
) -> Result<BTreeSet<ResultKey>, IntakeError> {
    let results = batch.results.iter().map(|incoming| filing::Label::of_result(&incoming.result));
    let confirmations = batch.confirmations.iter().map(filing::Label::of_confirmation);
    results
        .chain(confirmations)
        .enumerate()
        .map(|(index, label)| label.key(agent, grants).map_err(|why| label.refused(index + 1, why)))
        .collect()
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
    keys(state.agent, state.grants, batch)?;
    let same_epoch = state.cursor.filter(|cursor| cursor.value.epoch == batch.epoch);
    let durable = same_epoch.map_or(0, |cursor| cursor.value.sequence);
    if batch.sequence <= durable {
        return Ok(Intake::AlreadyDurable);
    }
    let is_gap = batch.sequence - durable > 1 && !batch.whole_state;

    let mut work = judging::Work::new(state, now);
    for incoming in &batch.results {
        let label = filing::Label::of_result(&incoming.result);
        if let Ok(key) = label.key(state.agent, state.grants) {
            work.result(key, incoming, &mut || FindingId::new(new_ids()));
        }
    }
    let mut is_unknown = false;
    for confirmation in &batch.confirmations {
        let label = filing::Label::of_confirmation(confirmation);
        if let Ok(key) = label.key(state.agent, state.grants) {
            is_unknown |= !work.confirmation(&key, confirmation);
        }
    }

    let id = state.agent.id();
    let mut changes = Changes::audited("intake.accept", format!("{id} {}/{}", batch.epoch, batch.sequence));
    if is_gap {
        changes.audit.push(crate::audit::AuditEntry {
            action: "intake.gap",
            subject: format!("{id} {}/{}..{}", batch.epoch, durable + 1, batch.sequence - 1),
        });
    }
    work.into_changes(&mut changes);
    changes.expect::<AgentCursor>(id, state.cursor.map(|cursor| cursor.version));
    changes.put(AgentCursor { agent: id, epoch: batch.epoch, sequence: batch.sequence });
    Ok(Intake::Accepted { changes, send_whole_state: is_gap || is_unknown })
}

#[cfg(test)]
mod tests;
