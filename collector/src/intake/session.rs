//! One report session: greeting, answer, then batches, each committed before it is acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tonic::{Status, Streaming};
use uuid::Uuid;
use vedetta_core::actor::{Actor, SystemJob, VerifiedCertificate};
use vedetta_core::agent::{Agent, AgentCursor};
use vedetta_core::aggregate::Aggregate;
use vedetta_core::asset::Grant;
use vedetta_core::finding::Finding;
use vedetta_core::hello::{Hello, HelloState, hello};
use vedetta_core::intake::{
    Intake, IntakeBatch, IntakeError, IntakeState, REFUSALS_NAMED_MAX, RESULTS_PER_ASSET_MAX, accept, keys,
};
use vedetta_core::result::{CurrentResult, ResultKey};
use vedetta_core::store::{CommitError, Page, Prefix, Store, Stored};
use vedetta_proto::agent::{FromAgent, FromCollector, from_agent};
use vedetta_proto::limits::{PROTOCOL_GREATEST, PROTOCOL_LEAST};

use super::sessions::OpenSession;
use super::{
    BUSY_RETRY, COMMIT_WAIT_MAX, DECISIONS_MAX, DISK_FULL_RETRY, GRANTS_MAX, Shared, assignment, counting, uncommitted,
    unreadable, wire,
};
use crate::chance;

/// Answers that wait for the agent to read them.
pub const OUTGOING_MAX: usize = 8;
/// Longest time until the greeting.
pub const GREETING_TIME_MAX: Duration = Duration::from_secs(30);
/// Longest time between two messages.
pub const SILENCE_MAX: Duration = Duration::from_secs(120);
/// Longest wait for one batch's turn; an agent that sends faster than its rate is then told to come back later.
pub const TURN_WAIT_MAX: Duration = Duration::from_secs(10);
/// Longest time for the agent to make room for an answer.
pub const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);

/// One report session.
#[derive(Debug)]
pub struct Session<S> {
    /// What the services share.
    pub shared: Arc<Shared<S>>,
    /// What the connection proved.
    pub certificate: VerifiedCertificate,
    /// The way to the agent.
    pub outgoing: mpsc::Sender<Result<FromCollector, Status>>,
}

/// What becomes of one batch.
enum Outcome {
    /// Durable.
    Durable { send_whole_state: bool },
    /// Not taken; to be sent again later.
    Busy(Duration),
}

impl<S: Store> Session<S> {
    /// Serves the session to its end; an error is told to the agent.
    pub async fn run(self, incoming: Streaming<FromAgent>) {
        if let Err(status) = self.serve(incoming).await {
            tracing::info!(agent = %self.certificate.agent, status = %status.message(), "a report session ended");
            // The agent may be gone already: then there is nobody to tell.
            let _gone = tokio::time::timeout(ANSWER_TIME_MAX, self.outgoing.send(Err(status))).await.is_err();
        }
    }

    async fn serve(&self, mut incoming: Streaming<FromAgent>) -> Result<(), Status> {
        let first = next(&mut incoming, GREETING_TIME_MAX).await?;
        let Some(from_agent::Message::Hello(greeting)) = first else {
            return Err(Status::invalid_argument("the first message of a session must be Hello"));
        };
        let greeting = wire::greeting(greeting).map_err(|error| Status::invalid_argument(error.to_string()))?;
        let epoch = greeting.epoch;
        let Some((open, other)) = self.shared.sessions.open(self.certificate.agent, greeting.boot_id) else {
            return Err(Status::resource_exhausted("this agent has too many open sessions"));
        };
        self.greet(&greeting, other, &open).await?;
        while let Some(message) = next(&mut incoming, SILENCE_MAX).await? {
            let from_agent::Message::Batch(batch) = message else {
                return Err(Status::invalid_argument("Hello is sent once, at the start of a session"));
            };
            let batch = wire::batch(epoch, batch).map_err(|error| Status::invalid_argument(error.to_string()))?;
            let turn = self.shared.rates.batch_turn(self.certificate.agent);
            let outcome = match tokio::time::timeout(TURN_WAIT_MAX, turn).await {
                Ok(()) => self.take(&batch).await?,
                Err(_) => Outcome::Busy(BUSY_RETRY),
            };
            let answer = match outcome {
                Outcome::Durable { send_whole_state } => wire::ack(batch.sequence, send_whole_state),
                Outcome::Busy(retry_after) => wire::busy(retry_after),
            };
            self.answer(answer).await?;
        }
        Ok(())
    }

    async fn answer(&self, message: FromCollector) -> Result<(), Status> {
        match tokio::time::timeout(ANSWER_TIME_MAX, self.outgoing.send(Ok(message))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Status::cancelled("the agent is gone")),
            Err(_) => Err(Status::deadline_exceeded("the agent does not read the answers")),
        }
    }

    /// Decides about the greeting, commits, and answers.
    async fn greet(
        &self,
        greeting: &vedetta_core::hello::Greeting,
        open_session: Option<Uuid>,
        _open: &OpenSession,
    ) -> Result<(), Status> {
        let store = &self.shared.store;
        for _ in 0..DECISIONS_MAX {
            let (agent, registry) = self.shared.authenticate(&self.certificate).await?;
            let cursor = store.get::<AgentCursor>(&agent.id()).await.map_err(|error| unreadable(&error))?;
            let grants = self.grants().await?;
            let now = self.shared.clock.now();
            if wire::is_clock_far(greeting.sent_at, now) {
                tracing::warn!(agent = %agent.id(), sent_at = %greeting.sent_at, "the clock of a host is far off");
            }
            let wanted = assignment::wanted_signed(store, now).await?;
            let state = HelloState {
                agent: &agent,
                registry: &registry,
                cursor: cursor.as_ref().map(|cursor| &cursor.value),
                grants: &grants,
                open_session,
                wanted: &wanted,
            };
            let decided = hello(&state, greeting, PROTOCOL_LEAST..=PROTOCOL_GREATEST, now)
                .map_err(|error| Status::failed_precondition(error.to_string()))?;
            let (changes, welcome) = match decided {
                Hello::Welcomed { welcome, changes } => (changes, Some(welcome)),
                Hello::Quarantined { changes } => (changes, None),
            };
            match store.commit(&Actor::Agent(agent), now, changes).await {
                Ok(_) => {}
                Err(CommitError::Stale { .. }) => continue,
                Err(error) => return Err(uncommitted(&error)),
            }
            let Some(welcome) = welcome else {
                self.shared.cut_soon(self.certificate.agent);
                return Err(super::agents::refused(vedetta_core::actor::AgentRefusal::Quarantined));
            };
            self.answer(wire::welcome(&welcome, self.newest_agent().await)).await?;
            if welcome.send_assignment {
                let message = assignment::make(store, &registry.value, &grants, &greeting.packs, now).await?;
                self.answer(message).await?;
            }
            return Ok(());
        }
        Err(Status::aborted("the registry changes too often; try again"))
    }

    /// The newest agent that people can get; empty, which says nothing, when the folder cannot be read now.
    async fn newest_agent(&self) -> String {
        let packages = Arc::clone(&self.shared.packages);
        tokio::task::spawn_blocking(move || packages.newest_agent()).await.unwrap_or_default()
    }

    async fn grants(&self) -> Result<Vec<Stored<Grant>>, Status> {
        let prefix = Prefix::Agent(self.certificate.agent);
        self.shared.store.list(prefix, Page::first(GRANTS_MAX)).await.map_err(|error| unreadable(&error))
    }

    /// Commits one batch, deciding again when somebody else was quicker.
    async fn take(&self, batch: &IntakeBatch) -> Result<Outcome, Status> {
        let place = tokio::time::timeout(COMMIT_WAIT_MAX, self.shared.commits.acquire()).await;
        let Ok(Ok(_place)) = place else { return Ok(Outcome::Busy(BUSY_RETRY)) };
        for _ in 0..DECISIONS_MAX {
            match self.decide(batch).await? {
                Some(outcome) => return Ok(outcome),
                None => continue,
            }
        }
        Ok(Outcome::Busy(BUSY_RETRY))
    }

    /// One decision and its commit; `None` when what it relied on has changed meanwhile.
    async fn decide(&self, batch: &IntakeBatch) -> Result<Option<Outcome>, Status> {
        let store = &self.shared.store;
        let (agent, registry) = self.shared.authenticate(&self.certificate).await?;
        let cursor = store.get::<AgentCursor>(&agent.id()).await.map_err(|error| unreadable(&error))?;
        let grants: Vec<Grant> = self.grants().await?.into_iter().map(|stored| stored.value).collect();
        let filing = keys(&agent, &grants, batch);
        let current = self.read::<CurrentResult>(&filing.keys).await?;
        let findings = self.read::<Finding>(&filing.keys).await?;
        let mut held = BTreeMap::new();
        for asset in filing.assets_to_count(&current) {
            let page = Page::<CurrentResult>::first(RESULTS_PER_ASSET_MAX);
            let found = store.list(Prefix::Asset(asset), page).await.map_err(|error| unreadable(&error))?;
            held.insert(asset, found.len());
        }
        let now = self.shared.clock.now();
        let state = IntakeState {
            agent: &agent,
            registry: &registry.value,
            cursor: cursor.as_ref(),
            grants: &grants,
            current: &current,
            findings: &findings,
            held: &held,
        };
        let mut no_chance = false;
        let decided = accept(&state, batch, now, &mut || {
            chance::id(now).unwrap_or_else(|_| {
                no_chance = true;
                Uuid::nil()
            })
        });
        let (mut changes, send_whole_state) = match decided {
            Ok(Intake::AlreadyDurable) => return Ok(Some(Outcome::Durable { send_whole_state: false })),
            Ok(Intake::Accepted { changes, send_whole_state, refused }) => {
                if !refused.is_empty() {
                    let (agent, count) = (self.certificate.agent, refused.len());
                    let named: Vec<_> = refused.iter().take(REFUSALS_NAMED_MAX).map(ToString::to_string).collect();
                    tracing::warn!(%agent, count, named = named.join("; "), "items of a batch were filed nowhere");
                }
                (changes, send_whole_state)
            }
            Err(error) => return Err(self.refuse(&error).await),
        };
        if let Some(counts) = &batch.counts
            && !counting::take(store, agent.host().organisation, counts, now).await?
        {
            return Ok(None);
        }
        if no_chance {
            return Ok(Some(Outcome::Busy(BUSY_RETRY)));
        }
        // A revocation that is committed meanwhile makes this stale, so nothing of a revoked agent is ever taken.
        changes.expect::<Agent>(registry.value.id, Some(registry.version));
        match store.commit(&Actor::Agent(agent), now, changes).await {
            Ok(_) => Ok(Some(Outcome::Durable { send_whole_state })),
            Err(CommitError::Stale { .. }) => Ok(None),
            Err(CommitError::DiskFull(why)) => {
                tracing::error!(why, "the disk is full: agents are told to come back later");
                Ok(Some(Outcome::Busy(DISK_FULL_RETRY)))
            }
            Err(error @ (CommitError::Invalid(_) | CommitError::Broken(_))) => Err(uncommitted(&error)),
        }
    }

    /// What exists under the keys.
    async fn read<A: Aggregate<Key = ResultKey>>(
        &self,
        keys: &BTreeSet<ResultKey>,
    ) -> Result<BTreeMap<ResultKey, Stored<A>>, Status> {
        let found = self.shared.store.get_many::<A>(keys.iter().cloned().collect()).await;
        let found = found.map_err(|error| unreadable(&error))?;
        Ok(found.into_iter().flatten().map(|stored| (stored.value.key(), stored)).collect())
    }

    /// Writes a refused batch into the audit and says what the agent is told; the session ends.
    async fn refuse(&self, error: &IntakeError) -> Status {
        tracing::warn!(agent = %self.certificate.agent, %error, "a batch was refused");
        let now = self.shared.clock.now();
        let changes = error.refusal(self.certificate.agent);
        if let Err(error) = self.shared.store.commit(&Actor::Job(SystemJob::new("intake")), now, changes).await {
            tracing::error!(%error, "a refusal could not be written into the audit");
        }
        Status::permission_denied(error.to_string())
    }
}

/// The next message within a time; `None` at the end of the session.
async fn next(incoming: &mut Streaming<FromAgent>, within: Duration) -> Result<Option<from_agent::Message>, Status> {
    match tokio::time::timeout(within, incoming.message()).await {
        Ok(Ok(Some(FromAgent { message: Some(message) }))) => Ok(Some(message)),
        Ok(Ok(Some(FromAgent { message: None }))) => Err(Status::invalid_argument("a message of an unknown kind")),
        Ok(Ok(None)) => Ok(None),
        Ok(Err(status)) => Err(status),
        Err(_) => Err(Status::deadline_exceeded("nothing was sent for too long")),
    }
}
