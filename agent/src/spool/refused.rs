//! Batches that the collector refuses for good: they must not keep back what waits behind them.

use jiff::Timestamp;
use vedetta_proto::agent;

use super::{Key, Merged, Spool, SpoolError};

/// What became of a batch that the collector refuses for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetAside {
    /// It held several results: each was queued again alone, so that only what is refused is lost.
    Divided {
        /// Into how many batches.
        batches: usize,
    },
    /// It held one result: the collector does not get it, and it counts as a gap.
    Lost {
        /// Check and target of the result.
        what: String,
    },
}

impl Spool {
    /// Sets the batch aside that waits first, when it is this one. It stays readable in the outbox.
    ///
    /// # Errors
    /// [`SpoolError`]: the batch still waits, or some of its results are queued twice, which has no second effect.
    pub fn set_aside(&mut self, sequence: u64, now: Timestamp) -> Result<Option<SetAside>, SpoolError> {
        if self.pending.front().is_none_or(|first| first.sequence != sequence) {
            return Ok(None);
        }
        let Some(batch) = self.batches_after(sequence - 1, 1)?.pop() else { return Ok(None) };
        let whole_state = batch.whole_state;
        let items = items(batch);
        let outcome = match items.as_slice() {
            [] => SetAside::Lost { what: "a count or nothing".to_owned() },
            [only] => {
                let key = key(only);
                // Not in the whole state either, or that would be refused too. The next look queues it anew.
                self.state.retain(|known| *known != key);
                SetAside::Lost { what: format!("{} ({})", key.check, key.target) }
            }
            several => SetAside::Divided { batches: several.len() },
        };
        match outcome {
            SetAside::Divided { .. } => {
                for item in items {
                    self.append_batches(vec![item], whole_state, now)?;
                }
                self.skip(sequence, 0, now)?;
            }
            SetAside::Lost { .. } => self.skip(sequence, 1, now)?,
        }
        Ok(Some(outcome))
    }

    fn skip(&mut self, sequence: u64, lost: u64, now: Timestamp) -> Result<(), SpoolError> {
        self.pending.retain(|pending| pending.sequence != sequence);
        let change = |counters: &mut super::Counters| {
            counters.set_aside = sequence;
            counters.gap_batches += lost;
        };
        self.mark(change, now)
    }
}

fn items(batch: agent::Batch) -> Vec<Merged> {
    let results = batch.results.into_iter().map(Merged::Changed);
    results.chain(batch.confirmations.into_iter().map(Merged::Confirmed)).collect()
}

fn key(item: &Merged) -> Key {
    match item {
        Merged::Changed(result) => Key::of(result),
        Merged::Confirmed(confirmation) => Key::of_confirmation(confirmation),
    }
}
