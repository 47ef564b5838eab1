//! Reading every message that left, or waits to leave, this host.
//!
//! It reads a copy of the journal, so it works beside the running agent and changes nothing.

use std::collections::VecDeque;
use std::path::Path;

use jiff::Timestamp;
use vedetta_journal::{Journal, ReadError, Sequence};
use vedetta_proto::agent;

use super::record::{self, BATCH, CHECKPOINT, CheckpointRecord, MARK, MarkRecord};
use super::{Epoch, SpoolError, limits};

/// Whether a message has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outboxed {
    /// The collector acknowledged it.
    Sent {
        /// When the agent noted that, in milliseconds since 1970 UTC.
        acknowledged_at: i64,
    },
    /// It waits.
    Queued,
    /// It waited when its epoch ended, and was queued again under the next.
    QueuedAgain,
    /// It does not leave: the collector refuses it for good, or its identity was given up.
    NotSent,
}

/// Which messages to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboxFilter {
    /// Every one.
    All,
    /// Those that the collector acknowledged.
    Sent,
    /// Those that wait.
    Queued,
}

impl OutboxFilter {
    const fn takes(self, status: Outboxed) -> bool {
        match (self, status) {
            (Self::All, _) | (Self::Sent, Outboxed::Sent { .. }) | (Self::Queued, Outboxed::Queued) => true,
            (Self::Sent, Outboxed::Queued | Outboxed::QueuedAgain | Outboxed::NotSent)
            | (Self::Queued, Outboxed::Sent { .. } | Outboxed::QueuedAgain | Outboxed::NotSent) => false,
        }
    }
}

/// One message in the outbox.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboxEntry {
    /// Epoch of the spool.
    pub epoch: Epoch,
    /// When it was queued, in milliseconds since 1970 UTC.
    pub queued_at: i64,
    /// Whether it has left.
    pub status: Outboxed,
    /// The message.
    pub batch: agent::Batch,
}

/// The last messages that the filter takes, oldest first; at most `last`.
///
/// # Errors
/// [`SpoolError`] when there is no spool or it cannot be read.
pub fn read_outbox(spool: &Path, filter: OutboxFilter, last: usize) -> Result<Vec<OutboxEntry>, SpoolError> {
    let copy = tempfile::tempdir()?;
    for entry in std::fs::read_dir(spool)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().ends_with(".log") {
            std::fs::copy(entry.path(), copy.path().join(entry.file_name()))?;
        }
    }
    let (journal, _recovery) =
        Journal::open(copy.path(), vedetta_journal::Options { free_bytes_reserve: 0, ..limits() })?;
    // The first pass learns what was acknowledged, the second keeps the last messages that fit the filter.
    let marks = epochs(&journal)?;
    let mut entries = VecDeque::new();
    walk(&journal, |epoch_number, item| {
        let Item::Batch { own, batch } = item else { return };
        let Some(epoch) = marks.get(epoch_number) else { return };
        let status = epoch.status(own.sequence);
        if filter.takes(status) {
            entries.push_back(OutboxEntry { epoch: epoch.epoch, queued_at: own.queued_at, status, batch });
            if entries.len() > last {
                entries.pop_front();
            }
        }
    })?;
    Ok(entries.into())
}

/// The epochs in the journal with what each saw acknowledged, and when.
struct EpochMarks {
    epoch: Epoch,
    acknowledged: Vec<(u64, i64)>,
    set_aside: Vec<u64>,
    /// What became of what still waited when it ended.
    rest: Outboxed,
}

impl EpochMarks {
    fn status(&self, sequence: u64) -> Outboxed {
        if self.set_aside.contains(&sequence) {
            return Outboxed::NotSent;
        }
        let noted = self.acknowledged.iter().find(|(acknowledged, _)| sequence <= *acknowledged);
        noted.map_or(self.rest, |(_, at)| Outboxed::Sent { acknowledged_at: *at })
    }
}

enum Item {
    Epoch(CheckpointRecord, Epoch),
    Mark(MarkRecord),
    Batch { own: record::BatchRecord, batch: agent::Batch },
}

fn epochs(journal: &Journal) -> Result<Vec<EpochMarks>, SpoolError> {
    let mut epochs: Vec<EpochMarks> = Vec::new();
    walk(journal, |_, item| match item {
        Item::Epoch(own, epoch) => {
            if let Some(before) = epochs.last_mut() {
                before.rest = if own.forgets { Outboxed::NotSent } else { Outboxed::QueuedAgain };
            }
            let (acknowledged, set_aside) = (vec![(own.acknowledged, 0)], vec![own.set_aside]);
            epochs.push(EpochMarks { epoch, acknowledged, set_aside, rest: Outboxed::Queued });
        }
        Item::Mark(mark) => {
            if let Some(current) = epochs.last_mut() {
                current.acknowledged.push((mark.acknowledged, mark.at));
                current.set_aside.push(mark.set_aside);
            }
        }
        Item::Batch { .. } => {}
    })?;
    Ok(epochs)
}

/// Visits every readable record with the number of its epoch; damage is passed over.
fn walk(journal: &Journal, mut visit: impl FnMut(usize, Item)) -> Result<(), SpoolError> {
    let mut current: Option<Epoch> = None;
    let mut number = 0;
    for record in journal.read_from(Sequence::FIRST) {
        let record = match record {
            Ok(record) => record,
            Err(ReadError::Damaged(_) | ReadError::Dropped { .. }) => continue,
            Err(error @ ReadError::Io { .. }) => return Err(error.into()),
        };
        if record.kind == BATCH {
            let (own, batch) = record::decode_batch(&record)?;
            visit(number, Item::Batch { own, batch });
        } else if record.kind == MARK {
            let mark: MarkRecord = record::decode(&record)?;
            visit(number, Item::Mark(mark));
        } else if record.kind == CHECKPOINT {
            let own: CheckpointRecord = record::decode(&record)?;
            let Ok(epoch) = Epoch::try_from(own.epoch.as_slice()) else { continue };
            if own.starts && current != Some(epoch) {
                number += usize::from(current.is_some());
                current = Some(epoch);
                visit(number, Item::Epoch(own, epoch));
            }
        }
    }
    Ok(())
}

impl Outboxed {
    /// When the collector's acknowledgement was noted, if that is known.
    #[must_use]
    pub fn acknowledged_at(&self) -> Option<Timestamp> {
        match self {
            Self::Sent { acknowledged_at } if *acknowledged_at != 0 => {
                Timestamp::from_millisecond(*acknowledged_at).ok()
            }
            Self::Sent { .. } | Self::Queued | Self::QueuedAgain | Self::NotSent => None,
        }
    }
}
