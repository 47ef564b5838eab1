//! The records on disk. They are the spool's own: a batch keeps the message as it is sent, under its protocol version.

use prost::Message as _;
use vedetta_journal::{Kind, Record};
use vedetta_proto::agent;

use super::SpoolError;

/// Version of these records; a greater one is refused.
pub(super) const SPOOL_VERSION: u32 = 1;
/// Kind of [`BatchRecord`].
pub(super) const BATCH: Kind = Kind::new(1);
/// Kind of [`MarkRecord`].
pub(super) const MARK: Kind = Kind::new(2);
/// Kind of [`CheckpointRecord`].
pub(super) const CHECKPOINT: Kind = Kind::new(3);

/// One batch as it is sent.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct BatchRecord {
    #[prost(uint64, tag = "1")]
    pub(super) sequence: u64,
    #[prost(int64, tag = "2")]
    pub(super) queued_at: i64,
    #[prost(uint32, tag = "3")]
    pub(super) protocol: u32,
    #[prost(bytes = "vec", tag = "4")]
    pub(super) message: Vec<u8>,
}

/// The counters after they changed.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct MarkRecord {
    #[prost(uint64, tag = "1")]
    pub(super) acknowledged: u64,
    #[prost(uint64, tag = "2")]
    pub(super) gap_batches: u64,
    #[prost(bool, tag = "3")]
    pub(super) owes_whole_state: bool,
    #[prost(int64, tag = "4")]
    pub(super) at: i64,
    /// Greatest sequence that was set aside; 0 when none.
    #[prost(uint64, tag = "5")]
    pub(super) set_aside: u64,
}

/// Epoch, counters and a part of the current results; the part that `starts` clears what was before.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct CheckpointRecord {
    #[prost(uint32, tag = "1")]
    pub(super) version: u32,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) epoch: Vec<u8>,
    #[prost(bool, tag = "3")]
    pub(super) starts: bool,
    #[prost(uint64, tag = "4")]
    pub(super) last_sequence: u64,
    #[prost(uint64, tag = "5")]
    pub(super) acknowledged: u64,
    #[prost(uint64, tag = "6")]
    pub(super) gap_batches: u64,
    #[prost(bool, tag = "7")]
    pub(super) owes_whole_state: bool,
    #[prost(bytes = "vec", repeated, tag = "8")]
    pub(super) results: Vec<Vec<u8>>,
    #[prost(uint64, tag = "9")]
    pub(super) set_aside: u64,
    /// What waited in the epoch before was given up with the identity that made it.
    #[prost(bool, tag = "10")]
    pub(super) forgets: bool,
}

pub(super) fn decode<M: prost::Message + Default>(record: &Record) -> Result<M, SpoolError> {
    M::decode(record.bytes.as_slice())
        .map_err(|error| SpoolError::Record { sequence: record.sequence.get(), why: error.to_string() })
}

pub(super) fn decode_batch(record: &Record) -> Result<(BatchRecord, agent::Batch), SpoolError> {
    let own: BatchRecord = decode(record)?;
    let batch = agent::Batch::decode(own.message.as_slice())
        .map_err(|error| SpoolError::Record { sequence: record.sequence.get(), why: error.to_string() })?;
    Ok((own, batch))
}
