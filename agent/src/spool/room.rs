//! Writing within the bounds of the journal: marks, checkpoints, and dropping the oldest.

use jiff::Timestamp;
use prost::Message as _;
use vedetta_journal::{AppendError, Journal, Kind, Sequence};
use vedetta_proto::wire::time_to_wire;

use super::record::{CHECKPOINT, CheckpointRecord, MARK, MarkRecord, SPOOL_VERSION};
use super::{Counters, Spool, SpoolError};

/// Most bytes of results in one checkpoint record; a large state takes several.
const CHECKPOINT_BYTES_MAX: usize = 256 * 1024;
/// Room kept for a checkpoint beside the batches, in bytes.
pub(super) const CHECKPOINT_RESERVE_BYTES: u64 = 2 * 1024 * 1024;
/// What a segment holds beside its groups, in bytes, generously.
const SEGMENT_OVERHEAD_BYTES: u64 = 1024;

impl Spool {
    /// Changes the counters and makes that durable.
    ///
    /// The counters change first: a checkpoint that precedes a drop holds them, and what the drop itself adds to them
    /// stands in the mark. When the mark fails, what changed is told or sent again after the next start, without effect.
    pub(super) fn mark(&mut self, change: impl FnOnce(&mut Counters), now: Timestamp) -> Result<(), SpoolError> {
        change(&mut self.counters);
        let longest = mark_record(&Counters::MAX, Timestamp::MAX);
        self.make_room_for(&[(MARK, &longest)], now)?;
        self.append_mark(now)
    }

    fn append_mark(&mut self, now: Timestamp) -> Result<(), SpoolError> {
        let record = mark_record(&self.counters, now);
        self.journal.append(&[(MARK, &record)])?;
        Ok(())
    }

    /// Appends one record durably; drops the oldest segments when the journal's own limit is near.
    pub(super) fn append(&mut self, kind: Kind, bytes: &[u8], now: Timestamp) -> Result<Sequence, SpoolError> {
        let records = [(kind, bytes)];
        self.make_room_for(&records, now)?;
        match self.journal.append(&records) {
            Err(AppendError::Full { needed_bytes, .. }) => {
                self.drop_oldest(needed_bytes + CHECKPOINT_RESERVE_BYTES, now)?;
                Ok(self.journal.append(&records)?)
            }
            outcome => Ok(outcome?),
        }
    }

    fn make_room_for(&mut self, records: &[(Kind, &[u8])], now: Timestamp) -> Result<(), SpoolError> {
        let needed = Journal::group_bytes(records) + CHECKPOINT_RESERVE_BYTES;
        if self.journal.bytes() + needed > self.limits.total_bytes_max { self.drop_oldest(needed, now) } else { Ok(()) }
    }

    /// Makes room; what was dropped unacknowledged is counted, and the whole state stands for it.
    fn drop_oldest(&mut self, bytes: u64, now: Timestamp) -> Result<(), SpoolError> {
        let (owed, gap) = (self.counters.owes_whole_state, self.counters.gap_batches);
        // Owed from here on, whatever is dropped: a crash between the two must not hide that something is missing.
        self.counters.owes_whole_state |= !self.pending.is_empty();
        self.append_checkpoint(true)?;
        self.drop_segments(bytes)?;
        let lost = self.counters.gap_batches - gap;
        if lost > 0 {
            tracing::warn!("the spool is full: {lost} unsent batches were dropped, the oldest first, at {now}");
        }
        self.counters.owes_whole_state = owed || lost > 0;
        self.append_mark(now)
    }

    /// Drops segments and counts what of them was not acknowledged.
    fn drop_segments(&mut self, bytes: u64) -> Result<(), SpoolError> {
        let dropped = self.journal.make_room(bytes)?;
        let before = self.pending.len();
        self.pending.retain(|pending| pending.place >= dropped.sequences.end);
        let lost = before - self.pending.len();
        self.counters.gap_batches += lost as u64;
        self.counters.owes_whole_state |= lost > 0;
        Ok(())
    }

    /// Writes epoch, counters and state as one group, so that a crash leaves the whole of it or nothing. Only a state
    /// that is larger than a segment takes several groups; what is missing of it after a crash is sent whole again.
    pub(super) fn append_checkpoint(&mut self, carries_on: bool) -> Result<(), SpoolError> {
        let parts: Vec<Vec<u8>> = self.checkpoint_parts(carries_on);
        let records: Vec<(Kind, &[u8])> = parts.iter().map(|part| (CHECKPOINT, part.as_slice())).collect();
        let fits = Journal::group_bytes(&records) + SEGMENT_OVERHEAD_BYTES <= self.limits.segment_bytes_max;
        let in_one = if fits { records.len() } else { 1 };
        for group in records.chunks(in_one.max(1)) {
            match self.journal.append(group) {
                Err(AppendError::Full { needed_bytes, .. }) => {
                    self.drop_segments(needed_bytes)?;
                    self.journal.append(group)?;
                }
                outcome => {
                    outcome?;
                }
            }
        }
        Ok(())
    }

    fn checkpoint_parts(&self, carries_on: bool) -> Vec<Vec<u8>> {
        let part = |(number, results): (usize, Vec<Vec<u8>>)| {
            let record = CheckpointRecord {
                version: SPOOL_VERSION,
                epoch: self.epoch.to_vec(),
                starts: number == 0,
                last_sequence: self.counters.last_sequence,
                acknowledged: self.counters.acknowledged,
                gap_batches: self.counters.gap_batches,
                owes_whole_state: self.counters.owes_whole_state,
                results,
                set_aside: self.counters.set_aside,
                forgets: !carries_on,
            };
            record.encode_to_vec()
        };
        self.state.chunks(CHECKPOINT_BYTES_MAX).into_iter().enumerate().map(part).collect()
    }
}

impl Counters {
    /// The counters whose record is the longest.
    const MAX: Self = Self {
        last_sequence: u64::MAX,
        acknowledged: u64::MAX,
        set_aside: u64::MAX,
        gap_batches: u64::MAX,
        owes_whole_state: true,
    };
}

fn mark_record(counters: &Counters, now: Timestamp) -> Vec<u8> {
    let record = MarkRecord {
        acknowledged: counters.acknowledged,
        gap_batches: counters.gap_batches,
        owes_whole_state: counters.owes_whole_state,
        at: time_to_wire(now),
        set_aside: counters.set_aside,
    };
    record.encode_to_vec()
}
