//! What agents talk to: the service of the report sessions, renewal and leave, and beside it enrolment.
//!
//! - [`agents`] is the gRPC service for connections with a certificate, [`session`] one report session in it;
//! - [`enrolment`] is the gRPC service for connections without one;
//! - [`wire`] turns messages into what `core` decides on; [`assignment`] makes what an agent is told to look at;
//! - [`rate`] bounds how often; [`servers`] puts the services behind the acceptor's two ways.
//!
//! Nothing is acknowledged before the store said that it is durable.

pub mod agents;
pub mod assignment;
mod counting;
pub mod enrolment;
mod identity;
pub mod rate;
pub mod servers;
pub mod session;
pub mod sessions;
pub mod wire;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tonic::Status;
use vedetta_core::store::{CommitError, ReadError, Store};
use vedetta_web::Packages;

use crate::acceptor::connections::Connections;
use crate::authority::Authority;
use crate::clock::Clock;

/// How often a decision is made again because somebody else was quicker.
pub const DECISIONS_MAX: usize = 5;
/// Most commits of agents under way at once; more wait, and are then told that the collector is busy.
pub const COMMITS_MAX: usize = 64;
/// Longest wait for a place among them.
pub const COMMIT_WAIT_MAX: Duration = Duration::from_secs(5);
/// When an agent should try again while the collector is busy.
pub const BUSY_RETRY: Duration = Duration::from_secs(10);
/// When an agent should try again while the disk is full.
pub const DISK_FULL_RETRY: Duration = Duration::from_secs(60);
/// Most grants of one agent.
pub const GRANTS_MAX: usize = vedetta_proto::limits::TARGETS_MAX;

/// What the services share.
#[derive(Debug)]
pub struct Shared<S> {
    /// The store.
    pub store: S,
    /// The agents' authority.
    pub authority: Arc<Authority>,
    /// The clock.
    pub clock: Clock,
    /// The open connections.
    pub connections: Connections,
    /// The open report sessions.
    pub sessions: sessions::Sessions,
    /// How often agents and addresses may come.
    pub rates: rate::Rates,
    /// Places for commits.
    pub commits: Arc<Semaphore>,
    /// The agent's packages: agents are told the newest version of them.
    pub packages: Arc<Packages>,
}

impl<S: Store> Shared<S> {
    /// What the services share, with nothing open yet.
    #[must_use]
    pub fn new(store: S, authority: Arc<Authority>, clock: Clock, packages: Arc<Packages>) -> Self {
        Self {
            store,
            authority,
            clock,
            connections: Connections::default(),
            sessions: sessions::Sessions::default(),
            rates: rate::Rates::default(),
            commits: Arc::new(Semaphore::new(COMMITS_MAX)),
            packages,
        }
    }
}

/// The answer to an agent when the store cannot be read: it tries again later, nothing is lost.
pub(crate) fn unreadable(error: &ReadError) -> Status {
    tracing::error!(%error, "an agent's request failed");
    Status::unavailable("the collector cannot read its store; try again later")
}

/// The answer to an agent when the store cannot commit.
pub(crate) fn uncommitted(error: &CommitError) -> Status {
    tracing::error!(%error, "an agent's request failed");
    match error {
        CommitError::Stale { .. } => Status::aborted("the registry changed meanwhile; try again"),
        CommitError::DiskFull(_) => Status::resource_exhausted("the collector's disk is full; try again later"),
        CommitError::Invalid(_) | CommitError::Broken(_) => {
            Status::unavailable("the collector cannot write its store; try again later")
        }
    }
}

#[cfg(test)]
mod tests;
