//! The report session as a state machine: what may be said next, and what the answers mean.

use std::collections::VecDeque;
use std::time::Duration;

use vedetta_proto::agent;
use vedetta_proto::agent::from_collector::Message;
use vedetta_proto::limits::{BATCHES_IN_FLIGHT_MAX, PROTOCOL_GREATEST, PROTOCOL_LEAST};

use crate::version;

/// Longest delay that a collector may ask for, in milliseconds.
const BUSY_MILLISECONDS_MAX: u64 = 60 * 60 * 1000;

/// The collector said something out of turn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolError {
    /// Something came before the welcome.
    #[error("{0} came before the welcome")]
    BeforeWelcome(&'static str),
    /// A second welcome.
    #[error("a second welcome")]
    SecondWelcome,
    /// A version that this build does not speak.
    #[error("it speaks version {0}, this agent speaks {PROTOCOL_LEAST} to {PROTOCOL_GREATEST}")]
    Version(u32),
    /// It acknowledged what was not sent.
    #[error("it acknowledged sequence {acknowledged}, but only {sent} was sent")]
    NotSent {
        /// What it acknowledged.
        acknowledged: u64,
        /// What was sent.
        sent: u64,
    },
}

/// What to do after a message of the collector.
#[derive(Debug, Clone, PartialEq)]
pub enum Reaction {
    /// The session may begin.
    Welcomed {
        /// Everything up to here is durable at the collector.
        acknowledged: u64,
        /// The collector asks for the whole current state.
        whole_state: bool,
        /// The collector lacks what it once acknowledged (restored from a backup): the whole current state is to be
        /// sent.
        is_behind: bool,
        /// The collector's clock, in milliseconds since 1970 UTC.
        received_at: i64,
        /// The newest version of the agent that people can get, as far as the collector says one.
        newest_agent: Option<String>,
    },
    /// Batches are durable.
    Acknowledged {
        /// Everything up to here.
        sequence: u64,
        /// How many batches of this session that newly is.
        batches: u64,
        /// The whole current state is to be sent.
        whole_state: bool,
    },
    /// An assignment to take over after the session.
    Assigned(Box<agent::Assignment>),
    /// The collector holds sequences of this epoch that the spool never made: the spool is an old copy.
    KnowsMore,
    /// The collector asks for a pause.
    Busy(Duration),
}

/// One session, as far as it has come.
#[derive(Debug, Clone)]
pub struct Conversation {
    epoch: Vec<u8>,
    last_sequence: u64,
    acknowledged: u64,
    welcomed: bool,
    sent_up_to: u64,
    in_flight: VecDeque<u64>,
    whole_state_queued: bool,
}

impl Conversation {
    /// A session that begins with this greeting.
    #[must_use]
    pub fn new(hello: &agent::Hello) -> Self {
        Self {
            epoch: hello.spool_epoch.clone(),
            last_sequence: hello.last_sequence,
            acknowledged: hello.acknowledged,
            welcomed: false,
            sent_up_to: hello.acknowledged,
            in_flight: VecDeque::new(),
            whole_state_queued: false,
        }
    }

    /// Whether the collector has answered the greeting.
    #[must_use]
    pub const fn is_welcome(&self) -> bool {
        self.welcomed
    }

    /// How many batches may be sent now.
    #[must_use]
    pub fn room(&self) -> usize {
        if self.welcomed { BATCHES_IN_FLIGHT_MAX.saturating_sub(self.in_flight.len()) } else { 0 }
    }

    /// Greatest sequence that was sent, or that needs no sending.
    #[must_use]
    pub const fn sent_up_to(&self) -> u64 {
        self.sent_up_to
    }

    /// Whether every queued batch was sent and acknowledged.
    #[must_use]
    pub fn has_said_everything(&self) -> bool {
        self.welcomed && self.in_flight.is_empty() && self.sent_up_to >= self.last_sequence
    }

    /// The first batch that was sent and has no answer yet.
    #[must_use]
    pub fn first_in_flight(&self) -> Option<u64> {
        self.in_flight.front().copied()
    }

    /// Notes that a batch was sent.
    pub fn sent(&mut self, sequence: u64) {
        self.in_flight.push_back(sequence);
        self.sent_up_to = sequence;
    }

    /// Notes up to where the spool has batches.
    pub const fn waiting_up_to(&mut self, sequence: u64) {
        self.last_sequence = sequence;
    }

    /// Notes that the whole state was queued: once a session is enough.
    pub const fn whole_state_queued(&mut self) {
        self.whole_state_queued = true;
    }

    /// Sends everything again that was not acknowledged.
    pub fn send_again(&mut self) {
        self.in_flight.clear();
        self.sent_up_to = self.acknowledged;
    }

    /// What a message of the collector means.
    ///
    /// # Errors
    /// [`ProtocolError`] when it comes out of turn.
    pub fn heard(&mut self, message: Message) -> Result<Reaction, ProtocolError> {
        match message {
            Message::Welcome(_) if self.welcomed => Err(ProtocolError::SecondWelcome),
            Message::Welcome(welcome) => self.welcome(&welcome),
            Message::Ack(_) if !self.welcomed => Err(ProtocolError::BeforeWelcome("an acknowledgement")),
            Message::Ack(ack) => self.ack(&ack),
            Message::Assignment(assignment) => Ok(Reaction::Assigned(Box::new(assignment))),
            Message::Busy(busy) => {
                let milliseconds = busy.retry_after_milliseconds.min(BUSY_MILLISECONDS_MAX);
                Ok(Reaction::Busy(Duration::from_millis(milliseconds)))
            }
        }
    }

    fn welcome(&mut self, welcome: &agent::Welcome) -> Result<Reaction, ProtocolError> {
        if !(PROTOCOL_LEAST..=PROTOCOL_GREATEST).contains(&welcome.protocol) {
            return Err(ProtocolError::Version(welcome.protocol));
        }
        let cursor = if welcome.spool_epoch == self.epoch { welcome.cursor } else { 0 };
        if cursor > self.last_sequence {
            return Ok(Reaction::KnowsMore);
        }
        // A cursor behind what was acknowledged: the collector lost it (restored from a backup).
        let is_behind = cursor < self.acknowledged;
        self.welcomed = true;
        self.acknowledged = self.acknowledged.max(cursor);
        self.sent_up_to = self.acknowledged;
        Ok(Reaction::Welcomed {
            acknowledged: self.acknowledged,
            whole_state: welcome.send_whole_state,
            is_behind,
            received_at: welcome.received_at,
            newest_agent: version::told(&welcome.newest_agent),
        })
    }

    fn ack(&mut self, ack: &agent::Ack) -> Result<Reaction, ProtocolError> {
        if ack.sequence > self.sent_up_to {
            return Err(ProtocolError::NotSent { acknowledged: ack.sequence, sent: self.sent_up_to });
        }
        let before = self.in_flight.len();
        self.in_flight.retain(|sequence| *sequence > ack.sequence);
        self.acknowledged = self.acknowledged.max(ack.sequence);
        Ok(Reaction::Acknowledged {
            sequence: self.acknowledged,
            batches: (before - self.in_flight.len()) as u64,
            whole_state: ack.send_whole_state && !self.whole_state_queued,
        })
    }
}
