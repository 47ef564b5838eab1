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
/// Shortest delay that is waited inside a session, in seconds, whatever the collector asks for.
const BUSY_SECONDS_INSIDE_MIN: u64 = 1;
/// Most delays inside one session; the next one ends it.
const BUSY_INSIDE_MAX: u32 = 10;

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

/// What a session brought, also one that broke off.
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
    /// What the collector said of the newest version of the agent; outer `None`: the session did not get so far.
    pub newest_agent: Option<Option<String>>,
    /// The batch whose content the collector refused, so that the session broke off: sent again it is refused again.
    pub refused_batch: Option<u64>,
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

/// Holds one session over a channel until both sides have said everything. What it brings stands in `outcome`, also
/// when it breaks off.
///
/// # Errors
/// [`SessionError`]; what was acknowledged before it stays acknowledged.
pub async fn report(
    channel: Channel,
    spool: &mut Spool,
    greeting: &Greeting,
    new_epoch: Epoch,
    clock: Clock,
    outcome: &mut Outcome,
) -> Result<(), SessionError> {
    let limit = Duration::from_secs(SESSION_SECONDS_MAX);
    let mut client = AgentsClient::new(channel).max_decoding_message_size(MESSAGE_BYTES_MAX);
    let mut session = Session { spool, new_epoch, clock, outcome, pauses: 0 };
    tokio::time::timeout(limit, session.talk(&mut client, greeting))
        .await
        .unwrap_or(Err(SessionError::TimedOut(SESSION_SECONDS_MAX)))
}

/// Whether the session goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Course {
    GoesOn,
    Ends,
}

/// What one session works with.
struct Session<'a> {
    spool: &'a mut Spool,
    new_epoch: Epoch,
    clock: Clock,
    outcome: &'a mut Outcome,
    /// Delays that were waited.
    pauses: u32,
}

impl Session<'_> {
    async fn talk(&mut self, client: &mut AgentsClient<Channel>, greeting: &Greeting) -> Result<(), SessionError> {
        let (sender, receiver) = mpsc::channel(BATCHES_IN_FLIGHT_MAX + 1);
        let hello = hello(greeting, self.spool, (self.clock)().as_millisecond());
        let mut conversation = Conversation::new(&hello);
        say(&sender, agent::from_agent::Message::Hello(hello)).await?;
        let opened = client.report(ReceiverStream::new(receiver));
        let answer = tokio::time::timeout(Duration::from_secs(ANSWER_SECONDS_MAX), opened);
        let mut inbound = answer.await.map_err(|_| SessionError::TimedOut(ANSWER_SECONDS_MAX))??.into_inner();

        let mut sender = Some(sender);
        loop {
            if let Some(open) = &sender {
                let is_heard = self.send_batches(open, &mut conversation).await?;
                // Nobody hears us any more: what was acknowledged before is still read.
                if conversation.has_said_everything() || !is_heard {
                    sender = None;
                }
            }
            let closing = conversation.has_said_everything();
            let seconds = if closing { CLOSING_SECONDS_MAX } else { ANSWER_SECONDS_MAX };
            let message = match tokio::time::timeout(Duration::from_secs(seconds), inbound.message()).await {
                Ok(message) => message.inspect_err(|status| self.note_refusal(status, &conversation))?,
                Err(_elapsed) if closing => return Ok(()),
                Err(_elapsed) if sender.is_none() => return Err(SessionError::Closed),
                Err(_elapsed) => return Err(SessionError::TimedOut(seconds)),
            };
            let Some(message) = message.and_then(|message| message.message) else {
                return if closing { Ok(()) } else { Err(SessionError::Closed) };
            };
            let reaction = conversation.heard(message)?;
            if self.react(reaction, &mut conversation).await? == Course::Ends {
                return Ok(());
            }
        }
    }

    /// Sends what there is room for; answers whether somebody hears it.
    async fn send_batches(
        &self,
        sender: &mpsc::Sender<agent::FromAgent>,
        conversation: &mut Conversation,
    ) -> Result<bool, SessionError> {
        let mut is_heard = true;
        for batch in next_batches(conversation, self.spool)? {
            conversation.sent(batch.sequence);
            is_heard &= say(sender, agent::from_agent::Message::Batch(batch)).await.is_ok();
        }
        Ok(is_heard)
    }

    /// Notes which batch was refused: batches are answered in order, so it is the first without an answer.
    fn note_refusal(&mut self, status: &tonic::Status, conversation: &Conversation) {
        if conversation.is_welcome() && is_about_content(status.code()) {
            self.outcome.refused_batch = conversation.first_in_flight();
        }
    }

    /// Does what was heard.
    async fn react(&mut self, reaction: Reaction, conversation: &mut Conversation) -> Result<Course, SessionError> {
        let now = (self.clock)();
        match reaction {
            Reaction::Welcomed { acknowledged, whole_state, is_behind, received_at, newest_agent } => {
                self.outcome.newest_agent = Some(newest_agent);
                self.outcome.clock_ahead_milliseconds = Some(now.as_millisecond().saturating_sub(received_at));
                self.spool.acknowledge(acknowledged, now)?;
                self.spool.gap_told(now)?;
                // A restored collector lacks what it once had: it gets the state at once, however often that happens.
                if is_behind {
                    self.spool.enqueue_whole_state(now)?;
                    conversation.whole_state_queued();
                } else if (whole_state || self.spool.counters().owes_whole_state)
                    && self.spool.enqueue_whole_state_if_due(now)?
                {
                    conversation.whole_state_queued();
                }
                conversation.waiting_up_to(self.spool.waiting_up_to());
            }
            Reaction::Acknowledged { sequence, batches, whole_state } => {
                self.spool.acknowledge(sequence, now)?;
                self.outcome.acknowledged += batches;
                if whole_state && self.spool.enqueue_whole_state_if_due(now)? {
                    conversation.whole_state_queued();
                    conversation.waiting_up_to(self.spool.waiting_up_to());
                }
            }
            Reaction::Assigned(assignment) => self.outcome.assignment = Some(*assignment),
            Reaction::KnowsMore => {
                tracing::warn!(
                    "the collector knows more of this spool than the spool itself (restored copy): new epoch"
                );
                self.spool.begin_epoch(self.new_epoch, true, now)?;
                self.outcome.again = true;
                return Ok(Course::Ends);
            }
            Reaction::Busy(delay) => return Ok(self.pause(delay, conversation).await),
        }
        Ok(Course::GoesOn)
    }

    /// Waits inside the session while that is short and seldom; else the session ends and comes back later.
    async fn pause(&mut self, delay: Duration, conversation: &mut Conversation) -> Course {
        let is_short = delay <= Duration::from_secs(BUSY_SECONDS_INSIDE_MAX);
        if !is_short || !conversation.is_welcome() || self.pauses >= BUSY_INSIDE_MAX {
            self.outcome.retry_after = Some(delay);
            return Course::Ends;
        }
        self.pauses += 1;
        tokio::time::sleep(delay.max(Duration::from_secs(BUSY_SECONDS_INSIDE_MIN))).await;
        conversation.send_again();
        Course::GoesOn
    }
}

/// Whether the collector means what was sent, and not its own state or the way there: the same again changes nothing.
const fn is_about_content(code: tonic::Code) -> bool {
    matches!(code, tonic::Code::InvalidArgument | tonic::Code::PermissionDenied | tonic::Code::OutOfRange)
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

#[cfg(test)]
mod tests;
