//! The durable, bounded queue between looking and reporting: one journal, from which everything is rebuilt.
//!
//! A batch is journalled before it can be sent, and leaves only when the bounded journal needs its room; its
//! acknowledgement is a mark, so what was sent can still be read (`outbox --sent`). Records:
//!
//! - **checkpoint**: the spool's epoch, its counters, and the current result of every key. The first record of a spool,
//!   and written anew before old segments are dropped.
//! - **batch**: one message with its sequence, exactly as it is sent.
//! - **mark**: up to where the collector acknowledged, what the full spool had to drop, and what was set aside because
//!   the collector refuses it for good.
//!
//! The epoch is random and made with the spool. Damage, or a collector that knows more of the epoch than the spool does
//! (a restored snapshot), starts a new one: a sequence is never used twice for different content.

mod error;
mod outbox;
mod record;
mod refused;
mod replay;
mod room;
mod state;

use std::collections::VecDeque;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use prost::Message as _;
use vedetta_checks::pack::trust::SpoolableResult;
use vedetta_journal::{Journal, Options, Sequence};
use vedetta_proto::agent;
use vedetta_proto::limits::{BATCH_ITEMS_MAX, PROTOCOL_GREATEST};
use vedetta_proto::wire::time_to_wire;

use record::{BATCH, BatchRecord};

pub use error::SpoolError;
pub use outbox::{OutboxEntry, OutboxFilter, Outboxed, read_outbox};
pub use refused::SetAside;
pub use state::{CurrentState, Key, Merged};

/// Random id of one spool.
pub type Epoch = [u8; 16];

/// Largest results in one batch, in bytes; well under the wire's limit of a message.
const BATCH_BYTES_MAX: usize = 256 * 1024;
/// Shortest time between two whole states that a collector merely asks for.
const WHOLE_STATE_EVERY_AT_LEAST: Duration = Duration::from_secs(60 * 60);

/// Limits of the spool on disk.
#[must_use]
pub const fn limits() -> Options {
    const MIB: u64 = 1024 * 1024;
    Options {
        segment_bytes_max: 4 * MIB,
        total_bytes_max: 32 * MIB,
        record_bytes_max: MIB,
        free_bytes_reserve: 16 * MIB,
    }
}

/// The counters that the collector is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Greatest sequence that this epoch has made; 0 when none.
    pub last_sequence: u64,
    /// Greatest sequence that the collector acknowledged; 0 when none.
    pub acknowledged: u64,
    /// Greatest sequence that was set aside because the collector refuses it for good; 0 when none.
    pub set_aside: u64,
    /// Batches that were dropped or set aside unacknowledged since the last welcome.
    pub gap_batches: u64,
    /// Whether the collector lacks something that only the whole current state mends.
    pub owes_whole_state: bool,
}

/// Where a batch that was not yet acknowledged lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pending {
    sequence: u64,
    place: Sequence,
}

/// What an enqueue made of the results.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Enqueued {
    /// Batches made.
    pub batches: u64,
    /// Results that are new or changed.
    pub changed: usize,
    /// Results that only confirm.
    pub confirmed: usize,
}

/// The open spool; this process alone has it.
pub struct Spool {
    journal: Journal,
    limits: Options,
    epoch: Epoch,
    counters: Counters,
    state: CurrentState,
    pending: VecDeque<Pending>,
    /// When the whole state was last queued by this process in this epoch.
    whole_state_at: Option<Timestamp>,
}

impl Spool {
    /// Opens the spool in `folder`, or makes it; `new_epoch` names it when it is new or damaged.
    ///
    /// # Errors
    /// [`SpoolError`]: another process has it open, the disk refuses, or a newer program wrote it.
    pub fn open(folder: &Path, limits: Options, new_epoch: Epoch, now: Timestamp) -> Result<Self, SpoolError> {
        let (journal, recovery) = Journal::open(folder, limits)?;
        let replayed = replay::replay(&journal, &recovery)?;
        let mut spool = Self {
            journal,
            limits,
            epoch: replayed.epoch.unwrap_or(new_epoch),
            counters: replayed.counters,
            state: replayed.state,
            pending: replayed.pending,
            whole_state_at: None,
        };
        if replayed.epoch.is_none() || replayed.damaged {
            if replayed.damaged {
                tracing::warn!("the spool is damaged: it gets a new epoch, and the whole state is sent again");
            }
            spool.begin_epoch(new_epoch, replayed.damaged, now)?;
        }
        Ok(spool)
    }

    /// The epoch.
    #[must_use]
    pub const fn epoch(&self) -> &Epoch {
        &self.epoch
    }

    /// The counters.
    #[must_use]
    pub const fn counters(&self) -> Counters {
        self.counters
    }

    /// The current result of every key.
    #[must_use]
    pub const fn state(&self) -> &CurrentState {
        &self.state
    }

    /// How many batches wait for an acknowledgement.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    /// Greatest sequence that waits for an acknowledgement; 0 when none does.
    #[must_use]
    pub fn waiting_up_to(&self) -> u64 {
        self.pending.back().map_or(0, |last| last.sequence)
    }

    /// Bytes on disk.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.journal.bytes()
    }

    /// Queues results durably: changed ones whole, unchanged ones as confirmations.
    ///
    /// # Errors
    /// [`SpoolError`]: what was not queued is not in the current state either, so the next look queues it.
    pub fn enqueue(&mut self, results: &[SpoolableResult], now: Timestamp) -> Result<Enqueued, SpoolError> {
        let merged = self.state.compare(results);
        let outcome = Enqueued {
            changed: merged.iter().filter(|item| matches!(item, Merged::Changed(_))).count(),
            confirmed: merged.iter().filter(|item| matches!(item, Merged::Confirmed(_))).count(),
            batches: 0,
        };
        let batches = self.append_batches(merged, false, now)?;
        Ok(Enqueued { batches, ..outcome })
    }

    /// Queues answers of a workstation, in a batch of their own. They are no part of the current state: the next day's
    /// answers stand for what is lost.
    ///
    /// # Errors
    /// [`SpoolError`]: nothing was queued.
    pub fn enqueue_counts(&mut self, counts: agent::Counts, now: Timestamp) -> Result<(), SpoolError> {
        self.append_batch(agent::Batch { counts: Some(counts), ..agent::Batch::default() }, now)
    }

    /// Queues the whole current state.
    ///
    /// # Errors
    /// [`SpoolError`]: nothing was queued.
    pub fn enqueue_whole_state(&mut self, now: Timestamp) -> Result<u64, SpoolError> {
        let batches = self.append_batches(self.state.whole(), true, now)?;
        self.whole_state_at = Some(now);
        if self.counters.owes_whole_state {
            self.mark(|counters| counters.owes_whole_state = false, now)?;
        }
        Ok(batches)
    }

    /// Queues the whole current state for a collector that asks for it, or that it is owed to, at most once an hour.
    /// Sooner it is only noted as owed, so that it follows then. Answers whether it was queued.
    ///
    /// # Errors
    /// [`SpoolError`]: nothing was queued.
    pub fn enqueue_whole_state_if_due(&mut self, now: Timestamp) -> Result<bool, SpoolError> {
        // A moment in the future came from a clock that was set back: it must not put the state off.
        let age = self.whole_state_at.and_then(|at| Duration::try_from(now.duration_since(at)).ok());
        if age.is_none_or(|age| age >= WHOLE_STATE_EVERY_AT_LEAST) {
            self.enqueue_whole_state(now)?;
            return Ok(true);
        }
        if !self.counters.owes_whole_state {
            self.mark(|counters| counters.owes_whole_state = true, now)?;
        }
        Ok(false)
    }

    /// The next batches after `sequence`, at most `count`, in order.
    ///
    /// # Errors
    /// [`SpoolError`] when the disk refuses to read.
    pub fn batches_after(&self, sequence: u64, count: usize) -> Result<Vec<agent::Batch>, SpoolError> {
        let Some(start) = self.pending.iter().find(|pending| pending.sequence > sequence) else {
            return Ok(Vec::new());
        };
        let mut batches = Vec::new();
        for record in self.journal.read_from(start.place) {
            let record = record?;
            if record.kind != BATCH {
                continue;
            }
            batches.push(record::decode_batch(&record)?.1);
            if batches.len() >= count {
                break;
            }
        }
        Ok(batches)
    }

    /// Notes what the collector acknowledged. An acknowledgement of what was never made is ignored.
    ///
    /// # Errors
    /// [`SpoolError`]: the batches may be sent again, which has no second effect.
    pub fn acknowledge(&mut self, sequence: u64, now: Timestamp) -> Result<(), SpoolError> {
        if sequence > self.counters.acknowledged && sequence <= self.counters.last_sequence {
            self.pending.retain(|pending| pending.sequence > sequence);
            self.mark(|counters| counters.acknowledged = sequence, now)?;
        }
        Ok(())
    }

    /// Notes that the collector was told of the gap.
    ///
    /// # Errors
    /// [`SpoolError`]: the gap is told again.
    pub fn gap_told(&mut self, now: Timestamp) -> Result<(), SpoolError> {
        if self.counters.gap_batches == 0 { Ok(()) } else { self.mark(|counters| counters.gap_batches = 0, now) }
    }

    /// Leaves keys out of the current state that are no longer looked at.
    pub fn retain(&mut self, keep: impl Fn(&Key) -> bool) {
        self.state.retain(keep);
    }

    /// Starts a new epoch: what waits is queued again under it, and the whole state is owed.
    ///
    /// # Errors
    /// [`SpoolError`] when the disk refuses.
    pub fn begin_epoch(&mut self, epoch: Epoch, owes_whole_state: bool, now: Timestamp) -> Result<(), SpoolError> {
        let waiting = self.pending.front().map(|first| first.place);
        let end = self.journal.next_sequence();
        let gap_batches = self.counters.gap_batches;
        self.epoch = epoch;
        self.counters = Counters { gap_batches, owes_whole_state, ..Counters::default() };
        self.pending.clear();
        self.whole_state_at = None;
        self.append_checkpoint(true)?;
        let Some(waiting) = waiting else { return Ok(()) };
        for record in self.journal.read_from(waiting) {
            let Ok(record) = record else { continue };
            if record.sequence >= end {
                break;
            }
            if record.kind == BATCH {
                let (_, batch) = record::decode_batch(&record)?;
                self.append_batch(batch, now)?;
            }
        }
        Ok(())
    }

    /// Starts a new epoch of a new identity: nothing of the old one waits or counts as known.
    ///
    /// # Errors
    /// [`SpoolError`] when the disk refuses.
    pub fn start_over(&mut self, epoch: Epoch) -> Result<(), SpoolError> {
        self.epoch = epoch;
        self.counters = Counters::default();
        self.state = CurrentState::default();
        self.pending.clear();
        self.whole_state_at = None;
        self.append_checkpoint(false)
    }

    fn append_batches(&mut self, items: Vec<Merged>, whole_state: bool, now: Timestamp) -> Result<u64, SpoolError> {
        let mut count = 0;
        let mut items = items.into_iter().peekable();
        while items.peek().is_some() {
            let mut batch = agent::Batch { whole_state, ..agent::Batch::default() };
            let mut taken = Vec::new();
            let mut bytes = 0;
            while let Some(item) = items.next_if(|_| taken.len() < BATCH_ITEMS_MAX && bytes < BATCH_BYTES_MAX) {
                match &item {
                    Merged::Changed(result) => {
                        bytes += result.encoded_len();
                        batch.results.push(result.clone());
                    }
                    Merged::Confirmed(confirmation) => {
                        bytes += confirmation.encoded_len();
                        batch.confirmations.push(confirmation.clone());
                    }
                }
                taken.push(item);
            }
            self.append_batch(batch, now)?;
            count += 1;
        }
        Ok(count)
    }

    fn append_batch(&mut self, mut batch: agent::Batch, now: Timestamp) -> Result<(), SpoolError> {
        let sequence = self.counters.last_sequence + 1;
        batch.sequence = sequence;
        let record = BatchRecord {
            sequence,
            queued_at: time_to_wire(now),
            protocol: PROTOCOL_GREATEST,
            message: batch.encode_to_vec(),
        };
        let place = self.append(BATCH, &record.encode_to_vec(), now)?;
        self.counters.last_sequence = sequence;
        self.pending.push_back(Pending { sequence, place });
        self.state.apply(&batch);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
