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
            (Self::Sent, Outboxed::Queued | Outboxed::QueuedAgain)
            | (Self::Queued, Outboxed::Sent { .. } | Outboxed::QueuedAgain) => false,
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
        let noted = epoch.acknowledged.iter().find(|(sequence, _)| own.sequence <= *sequence);
        let status = match noted {
            Some((_, at)) => Outboxed::Sent { acknowledged_at: *at },
            None if epoch_number + 1 == marks.len() => Outboxed::Queued,
            None => Outboxed::QueuedAgain,
        };
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
}

enum Item {
    Epoch(Epoch, u64),
    Acknowledged(u64, i64),
    Batch { own: record::BatchRecord, batch: agent::Batch },
}

fn epochs(journal: &Journal) -> Result<Vec<EpochMarks>, SpoolError> {
    let mut epochs: Vec<EpochMarks> = Vec::new();
    walk(journal, |_, item| match item {
        Item::Epoch(epoch, acknowledged) => epochs.push(EpochMarks { epoch, acknowledged: vec![(acknowledged, 0)] }),
        Item::Acknowledged(sequence, at) => {
            if let Some(current) = epochs.last_mut() {
                current.acknowledged.push((sequence, at));
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
            visit(number, Item::Acknowledged(mark.acknowledged, mark.at));
        } else if record.kind == CHECKPOINT {
            let own: CheckpointRecord = record::decode(&record)?;
            let Ok(epoch) = Epoch::try_from(own.epoch.as_slice()) else { continue };
            if own.starts && current != Some(epoch) {
                number += usize::from(current.is_some());
                current = Some(epoch);
                visit(number, Item::Epoch(epoch, own.acknowledged));
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
            Self::Sent { .. } | Self::Queued | Self::QueuedAgain => None,
        }
    }
}
