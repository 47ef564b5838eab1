//! One report session: greet, send what waits, hear what is acknowledged and assigned, close.
//!
//! What is said when is decided by [`Conversation`], without sockets; this file carries it over a channel.

mod backoff;
mod conversation;

use std::time::Duration;

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Channel;
use vedetta_proto::agent;
use vedetta_proto::agent::agents_client::AgentsClient;
use vedetta_proto::limits::{BATCHES_IN_FLIGHT_MAX, MESSAGE_BYTES_MAX};

use crate::clock::Clock;
use crate::spool::{Epoch, Spool, SpoolError};

pub use backoff::Backoff;
pub use conversation::{Conversation, ProtocolError, Reaction};

/// Longest wait for any one answer in a session, in seconds.
pub const ANSWER_SECONDS_MAX: u64 = 30;
/// Longest wait for the collector to close after us, in seconds; nothing is lost by not waiting longer.
const CLOSING_SECONDS_MAX: u64 = 5;
/// Longest time for one whole session, in seconds.
const SESSION_SECONDS_MAX: u64 = 15 * 60;
/// Longest delay that is waited inside a session, in seconds; a longer one ends it.
const BUSY_SECONDS_INSIDE_MAX: u64 = 30;

/// Why a session broke off. What was not acknowledged stays queued.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The collector answered with an error.
    #[error("the collector refuses: {message} ({code:?})")]
    Refused {
        /// The gRPC code.
        code: tonic::Code,
        /// Its message.
        message: String,
    },
    /// It stayed silent.
    #[error("the collector gave no answer within {0} s")]
    TimedOut(u64),
    /// It closed while batches waited for their acknowledgement.
    #[error("the collector closed the session before it acknowledged everything")]
    Closed,
    /// It said something that the protocol does not allow.
    #[error("the collector broke the protocol: {0}")]
    Protocol(#[from] ProtocolError),
    /// Our own spool failed.
    #[error(transparent)]
    Spool(#[from] SpoolError),
}

impl From<tonic::Status> for SessionError {
    fn from(status: tonic::Status) -> Self {
        Self::Refused { code: status.code(), message: vedetta_checks::fact::clean_text(status.message(), 256) }
    }
}

/// What a session brought.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Batches that the collector acknowledged.
    pub acknowledged: u64,
    /// The newest assignment, if one came.
    pub assignment: Option<agent::Assignment>,
    /// The collector asks to come back after this time.
    pub retry_after: Option<Duration>,
    /// Another session is needed at once: the spool's epoch had to change.
    pub again: bool,
    /// Our clock less the collector's, in milliseconds, as far as the session could tell.
    pub clock_ahead_milliseconds: Option<i64>,
}

/// What the agent says of itself in the greeting, beside its spool's counters.
#[derive(Debug, Clone, Default)]
pub struct Greeting {
    /// 16 bytes, new at each start of the host.
    pub boot_id: [u8; 16],
    /// Digests of the packs that can run.
    pub pack_digests: Vec<Vec<u8>>,
    /// Revision of the assignment that is held.
    pub assignment_revision: u64,
    /// Assigned targets that this host does not allow.
    pub refused: Vec<agent::RefusedTarget>,
}

/// The first message of a session.
#[must_use]
pub fn hello(greeting: &Greeting, spool: &Spool, sent_at: i64) -> agent::Hello {
    let counters = spool.counters();
    agent::Hello {
        protocol_least: vedetta_proto::limits::PROTOCOL_LEAST,
        protocol_greatest: vedetta_proto::limits::PROTOCOL_GREATEST,
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        spool_epoch: spool.epoch().to_vec(),
        last_sequence: counters.last_sequence,
        acknowledged: counters.acknowledged,
        boot_id: greeting.boot_id.to_vec(),
        pack_digests: greeting.pack_digests.clone(),
        assignment_revision: greeting.assignment_revision,
        gap_batches: counters.gap_batches,
        sent_at,
        refused: greeting.refused.clone(),
    }
}

/// Holds one session over a channel until both sides have said everything.
///
/// # Errors
/// [`SessionError`]; what was acknowledged before it stays acknowledged.
pub async fn report(
    channel: Channel,
    spool: &mut Spool,
    greeting: &Greeting,
    new_epoch: Epoch,
    clock: Clock,
) -> Result<Outcome, SessionError> {
    let limit = Duration::from_secs(SESSION_SECONDS_MAX);
    tokio::time::timeout(limit, talk(channel, spool, greeting, new_epoch, clock))
        .await
        .unwrap_or(Err(SessionError::TimedOut(SESSION_SECONDS_MAX)))
}

async fn talk(
    channel: Channel,
    spool: &mut Spool,
    greeting: &Greeting,
    new_epoch: Epoch,
    clock: Clock,
) -> Result<Outcome, SessionError> {
    let mut client = AgentsClient::new(channel).max_decoding_message_size(MESSAGE_BYTES_MAX);
    let (sender, receiver) = mpsc::channel(BATCHES_IN_FLIGHT_MAX + 1);
    let hello = hello(greeting, spool, clock().as_millisecond());
    let mut conversation = Conversation::new(&hello);
    let mut outcome = Outcome::default();
    say(&sender, agent::from_agent::Message::Hello(hello)).await?;
    let opened = client.report(ReceiverStream::new(receiver));
    let answer = tokio::time::timeout(Duration::from_secs(ANSWER_SECONDS_MAX), opened);
    let mut inbound = answer.await.map_err(|_| SessionError::TimedOut(ANSWER_SECONDS_MAX))??.into_inner();

    let mut sender = Some(sender);
    loop {
        if let Some(open) = &sender {
            let mut is_heard = true;
            for batch in next_batches(&conversation, spool)? {
                conversation.sent(batch.sequence);
                is_heard &= say(open, agent::from_agent::Message::Batch(batch)).await.is_ok();
            }
            // Nobody hears us any more: what was acknowledged before is still read.
            if conversation.has_said_everything() || !is_heard {
                sender = None;
            }
        }
        let closing = conversation.has_said_everything();
        let seconds = if closing { CLOSING_SECONDS_MAX } else { ANSWER_SECONDS_MAX };
        let message = match tokio::time::timeout(Duration::from_secs(seconds), inbound.message()).await {
            Ok(message) => message?,
            Err(_elapsed) if closing => return Ok(outcome),
            Err(_elapsed) if sender.is_none() => return Err(SessionError::Closed),
            Err(_elapsed) => return Err(SessionError::TimedOut(seconds)),
        };
        let Some(message) = message.and_then(|message| message.message) else {
            return if closing { Ok(outcome) } else { Err(SessionError::Closed) };
        };
        let reaction = conversation.heard(message)?;
        if let Some(ended) = react(reaction, spool, &mut conversation, &mut outcome, new_epoch, clock).await? {
            return Ok(ended);
        }
    }
}

async fn say(sender: &mpsc::Sender<agent::FromAgent>, message: agent::from_agent::Message) -> Result<(), SessionError> {
    sender.send(agent::FromAgent { message: Some(message) }).await.map_err(|_| SessionError::Closed)
}

fn next_batches(conversation: &Conversation, spool: &Spool) -> Result<Vec<agent::Batch>, SpoolError> {
    match conversation.room() {
        0 => Ok(Vec::new()),
        room => spool.batches_after(conversation.sent_up_to(), room),
    }
}

/// Does what was heard; answers the outcome when the session ends here.
async fn react(
    reaction: Reaction,
    spool: &mut Spool,
    conversation: &mut Conversation,
    outcome: &mut Outcome,
    new_epoch: Epoch,
    clock: Clock,
) -> Result<Option<Outcome>, SessionError> {
    match reaction {
        Reaction::Welcomed { acknowledged, whole_state, received_at } => {
            outcome.clock_ahead_milliseconds = Some(clock().as_millisecond() - received_at);
            spool.acknowledge(acknowledged, clock())?;
            spool.gap_told(clock())?;
            if whole_state || spool.counters().owes_whole_state {
                spool.enqueue_whole_state(clock())?;
                conversation.whole_state_queued();
            }
            conversation.waiting_up_to(spool.counters().last_sequence);
        }
        Reaction::Acknowledged { sequence, batches, whole_state } => {
            spool.acknowledge(sequence, clock())?;
            outcome.acknowledged += batches;
            if whole_state {
                spool.enqueue_whole_state(clock())?;
                conversation.whole_state_queued();
                conversation.waiting_up_to(spool.counters().last_sequence);
            }
        }
        Reaction::Assigned(assignment) => outcome.assignment = Some(*assignment),
        Reaction::KnowsMore => {
            tracing::warn!("the collector knows more of this spool than the spool itself (restored copy): new epoch");
            spool.begin_epoch(new_epoch, true, clock())?;
            outcome.again = true;
            return Ok(Some(std::mem::take(outcome)));
        }
        Reaction::Busy(delay) if delay <= Duration::from_secs(BUSY_SECONDS_INSIDE_MAX) && conversation.is_welcome() => {
            tokio::time::sleep(delay).await;
            conversation.send_again();
        }
        Reaction::Busy(delay) => {
            outcome.retry_after = Some(delay);
            return Ok(Some(std::mem::take(outcome)));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
