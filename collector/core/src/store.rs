//! What the domain asks of a store. Two engines keep it; one conformance suite holds both to it.

use jiff::Timestamp;

use crate::actor::Actor;
use crate::aggregate::{Aggregate, RecordKey};
use crate::asset::AssetKey;
use crate::changes::{Changes, Position};
use crate::ids::{AgentId, IncidentId, OrganisationId};

/// A record as it was read, with its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored<A> {
    /// The record.
    pub value: A,
    /// The commit that last wrote it.
    pub version: Position,
}

/// Why a commit was refused.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Somebody else changed what the decision relied on; read again and decide again.
    #[error("{key:?} was changed meanwhile (it is now at {found:?})")]
    Stale {
        /// What was changed.
        key: Box<RecordKey>,
        /// Its version now; `None`: it does not exist.
        found: Option<Position>,
    },
    /// The changes break a rule of the store: too many, or without an audit entry.
    #[error("these changes cannot be committed: {0}")]
    Invalid(String),
    /// The disk is full or nearly so; nothing was written. Free some room and try again.
    #[error("the disk is full: {0}")]
    DiskFull(String),
    /// The store is broken; nothing is acknowledged until it was opened again.
    #[error("the store cannot write: {0}")]
    Broken(String),
}

/// Why something could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the store cannot read {what}: {why}")]
pub struct ReadError {
    /// What was asked for.
    pub what: String,
    /// What the engine said.
    pub why: String,
}

/// First part of a key: what lies together and can be listed without reading the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefix {
    /// Everything of the aggregate.
    All,
    /// What belongs to one organisation (assets, results, findings, transitions, roll-ups).
    Organisation(OrganisationId),
    /// What belongs to one asset (results, findings, transitions).
    Asset(AssetKey),
    /// What belongs to one agent (grants).
    Agent(AgentId),
    /// What belongs to one incident (timeline).
    Incident(IncidentId),
}

/// Which part of a list: at most `limit` items after the key `after`, in the order of the keys.
#[derive(Debug, Clone)]
pub struct Page<A: Aggregate> {
    /// Start after this key; `None`: at the start.
    pub after: Option<A::Key>,
    /// Most items.
    pub limit: usize,
    /// Newest (greatest) keys first.
    pub newest_first: bool,
}

impl<A: Aggregate> Page<A> {
    /// The first `limit` items in the order of the keys.
    #[must_use]
    pub const fn first(limit: usize) -> Self {
        Self { after: None, limit, newest_first: false }
    }

    /// The last `limit` items, greatest key first.
    #[must_use]
    pub const fn newest(limit: usize) -> Self {
        Self { after: None, limit, newest_first: true }
    }
}

/// The store: one door for writing, reads by key and by prefix.
pub trait Store: Clone + Send + Sync + 'static {
    /// Commits all changes or none; answers when they are durable. Writes the audit record in the same commit.
    fn commit(
        &self,
        actor: &Actor,
        at: Timestamp,
        changes: Changes,
    ) -> impl Future<Output = Result<Position, CommitError>> + Send;

    /// Reads one aggregate.
    fn get<A: Aggregate>(&self, key: &A::Key) -> impl Future<Output = Result<Option<Stored<A>>, ReadError>> + Send;

    /// Reads many aggregates of one kind at once, in the order of the keys; `None` where there is none.
    fn get_many<A: Aggregate>(
        &self,
        keys: Vec<A::Key>,
    ) -> impl Future<Output = Result<Vec<Option<Stored<A>>>, ReadError>> + Send;

    /// Reads a part of what lies under a prefix.
    fn list<A: Aggregate>(
        &self,
        prefix: Prefix,
        page: Page<A>,
    ) -> impl Future<Output = Result<Vec<Stored<A>>, ReadError>> + Send;

    /// The position up to which every read is complete.
    fn position(&self) -> Position;
}
