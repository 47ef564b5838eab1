//! Rebuilding the spool from its journal.

use std::collections::VecDeque;

use prost::Message as _;
use vedetta_journal::{Journal, ReadError, Record, Recovery, Sequence};
use vedetta_proto::agent;

use super::record::{self, BATCH, CHECKPOINT, CheckpointRecord, MARK, MarkRecord, SPOOL_VERSION};
use super::{Counters, CurrentState, Epoch, Pending, SpoolError};

#[derive(Default)]
pub(super) struct Replayed {
    pub(super) epoch: Option<Epoch>,
    pub(super) counters: Counters,
    pub(super) state: CurrentState,
    pub(super) pending: VecDeque<Pending>,
    /// Records are missing or cannot be understood: sequences may have been used that are not seen here.
    pub(super) damaged: bool,
}

pub(super) fn replay(journal: &Journal, recovery: &Recovery) -> Result<Replayed, SpoolError> {
    let mut replayed = Replayed { damaged: !recovery.quarantined.is_empty(), ..Replayed::default() };
    for item in journal.read_from(Sequence::FIRST) {
        match item {
            Ok(record) => match replayed.apply(&record) {
                Err(newer @ SpoolError::NewerVersion { .. }) => return Err(newer),
                Err(error) => {
                    tracing::warn!("{error}");
                    replayed.damaged = true;
                }
                Ok(()) => {}
            },
            Err(error @ (ReadError::Damaged(_) | ReadError::Dropped { .. })) => {
                tracing::warn!("{error}");
                replayed.damaged = true;
            }
            Err(error @ ReadError::Io { .. }) => return Err(error.into()),
        }
    }
    // Records without the checkpoint that begins every spool: it was lost.
    replayed.damaged |= replayed.epoch.is_none() && journal.next_sequence() != Sequence::FIRST;
    Ok(replayed)
}

impl Replayed {
    fn apply(&mut self, record: &Record) -> Result<(), SpoolError> {
        if record.kind == BATCH {
            let (own, batch) = record::decode_batch(record)?;
            self.state.apply(&batch);
            self.counters.last_sequence = self.counters.last_sequence.max(own.sequence);
            if own.sequence > self.counters.acknowledged.max(self.counters.set_aside) {
                self.pending.push_back(Pending { sequence: own.sequence, place: record.sequence });
            }
        } else if record.kind == MARK {
            let mark: MarkRecord = record::decode(record)?;
            self.counters.acknowledged = mark.acknowledged;
            self.counters.gap_batches = mark.gap_batches;
            self.counters.owes_whole_state = mark.owes_whole_state;
            self.counters.set_aside = mark.set_aside;
            self.pending.retain(|pending| pending.sequence > mark.acknowledged.max(mark.set_aside));
        } else if record.kind == CHECKPOINT {
            self.checkpoint(record::decode(record)?, record)?;
        } else {
            let why = format!("its kind {} is not known", record.kind.get());
            return Err(SpoolError::Record { sequence: record.sequence.get(), why });
        }
        Ok(())
    }

    fn checkpoint(&mut self, own: CheckpointRecord, record: &Record) -> Result<(), SpoolError> {
        if own.version > SPOOL_VERSION {
            return Err(SpoolError::NewerVersion { found: own.version, supported: SPOOL_VERSION });
        }
        let wrong = |why: String| SpoolError::Record { sequence: record.sequence.get(), why };
        let epoch: Epoch =
            own.epoch.as_slice().try_into().map_err(|_| wrong(format!("an epoch of {} bytes", own.epoch.len())))?;
        if own.starts {
            if self.epoch.is_some_and(|before| before != epoch) {
                self.pending.clear();
            }
            self.epoch = Some(epoch);
            self.state = CurrentState::default();
            self.counters = Counters {
                last_sequence: own.last_sequence,
                acknowledged: own.acknowledged,
                set_aside: own.set_aside,
                gap_batches: own.gap_batches,
                owes_whole_state: own.owes_whole_state,
            };
        }
        for bytes in &own.results {
            let result = agent::Result::decode(bytes.as_slice()).map_err(|error| wrong(error.to_string()))?;
            self.state.put(&result);
        }
        Ok(())
    }
}
