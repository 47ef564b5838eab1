//! The index out of the checkpoint and the journal.

use std::path::Path;

use prost::Message as _;
use vedetta_core::changes::Position;
use vedetta_journal::{Journal, ReadError, Sequence};
use vedetta_proto::store;

use crate::checkpoint;
use crate::embedded::StoreError;
use crate::index::Index;
use crate::prepare::from_message;

/// Kinds of records in the journal.
pub(crate) mod kind {
    use vedetta_journal::Kind;

    /// One commit.
    pub(crate) const TRANSACTION: Kind = Kind::new(1);
    /// History before a month was given up.
    pub(crate) const RETENTION_CUT: Kind = Kind::new(2);
}

/// What a replay did.
#[derive(Debug, Default)]
pub(crate) struct Replayed {
    pub(crate) commits: u64,
    pub(crate) damaged: Vec<String>,
}

/// Fills an empty index from the newest checkpoint; answers the position that it holds.
pub(crate) fn load_checkpoint(index: &Index, checkpoints: &Path) -> Result<Position, StoreError> {
    let Some(newest) = checkpoint::newest(checkpoints)? else { return Ok(Position(0)) };
    checkpoint::load(&newest, index)?;
    Ok(newest.position)
}

/// Applies the journal's commits after a position to the index.
pub(crate) fn replay(index: &Index, journal: &Journal, after: Position) -> Result<Replayed, StoreError> {
    let mut replayed = Replayed::default();
    for item in journal.read_from(Sequence::new(after.0 + 1)) {
        let record = match item {
            Ok(record) => record,
            Err(ReadError::Damaged(damage)) => {
                replayed.damaged.push(damage.to_string());
                continue;
            }
            Err(error @ (ReadError::Dropped { .. } | ReadError::Io { .. })) => {
                return Err(StoreError::Journal(error.to_string()));
            }
        };
        let position = Position(record.sequence.get());
        let unreadable = |error: prost::DecodeError| {
            StoreError::Journal(format!("commit {} cannot be read: {error}", record.sequence.get()))
        };
        if record.kind == kind::TRANSACTION {
            let transaction = store::Transaction::decode(record.bytes.as_slice()).map_err(unreadable)?;
            let changes: Vec<_> = transaction.changes.into_iter().map(from_message).collect();
            index.apply(position, &changes)?;
            replayed.commits += 1;
        } else if record.kind == kind::RETENTION_CUT {
            let cut = store::RetentionCut::decode(record.bytes.as_slice()).map_err(unreadable)?;
            index.drop_buckets_before(&cut.bucket)?;
        } else {
            return Err(StoreError::Journal(format!(
                "commit {} is of a kind that this program does not know: it was written by a newer one",
                record.sequence.get()
            )));
        }
    }
    index.mark_all(Position(journal.durable_sequence().get().saturating_sub(1)))?;
    Ok(replayed)
}
