//! Tests of the journal: on real files, on damaged ones, and on a disk that loses power.

mod behaviour;
mod damage;
mod disk;
mod faults;
mod format;
mod model;

use crate::{Journal, Kind, Options, ReadError, Record, Sequence};

pub(super) const KIND: Kind = Kind::new(7);

/// Small limits, so that a few records fill segments and the journal.
pub(super) const SMALL: Options =
    Options { segment_bytes_max: 400, total_bytes_max: 1_200, record_bytes_max: 200, free_bytes_reserve: 0 };

/// All records of the journal; fails the test on damage.
pub(super) fn records(journal: &Journal) -> Vec<Record> {
    journal.read_from(Sequence::FIRST).collect::<Result<_, ReadError>>().unwrap()
}

pub(super) fn texts(journal: &Journal) -> Vec<String> {
    records(journal).into_iter().map(|record| String::from_utf8(record.bytes).unwrap()).collect()
}

pub(super) fn record(sequence: u64, bytes: &[u8]) -> Record {
    Record { sequence: Sequence::new(sequence), kind: KIND, bytes: bytes.to_vec() }
}
