//! A commit before it is written: held against the rules and the versions, given its audit records, turned to bytes.

use std::collections::HashMap;

use jiff::Timestamp;
use prost::Message as _;
use vedetta_core::aggregate::{Aggregate as _, Record};
use vedetta_core::audit::AuditRecord;
use vedetta_core::changes::{CHANGES_MAX, Changes, Position};
use vedetta_core::store::CommitError;
use vedetta_proto::store;

use crate::codec::{self, Place};
use crate::index::{Index, IndexChange};

/// A commit that is ready to be written.
pub(crate) struct Prepared {
    /// The record for the journal.
    pub(crate) bytes: Vec<u8>,
    /// The same for the index.
    pub(crate) changes: Vec<IndexChange>,
    /// The last audit record, which the next commit follows.
    pub(crate) last_audit: Option<AuditRecord>,
}

/// Versions written by commits of the same group that the index does not have yet.
pub(crate) type Pending = HashMap<Place, Option<Position>>;

/// Holds a commit against the rules and makes its bytes.
pub(crate) fn prepare(
    index: &Index,
    pending: &Pending,
    last_audit: Option<&AuditRecord>,
    actor: &str,
    at: Timestamp,
    changes: Changes,
) -> Result<Prepared, CommitError> {
    let count = changes.puts.len() + changes.removes.len();
    if count > CHANGES_MAX {
        return Err(CommitError::Invalid(format!("{count} records, the limit is {CHANGES_MAX}")));
    }
    if !changes.is_accounted_for() {
        return Err(CommitError::Invalid("no audit entry".to_owned()));
    }
    check_versions(index, pending, &changes)?;
    let mut records: Vec<Record> = changes.puts;
    let mut last = last_audit.cloned();
    for entry in &changes.audit {
        let next = AuditRecord::next(last.as_ref(), at, actor, entry);
        records.push(next.clone().into_record());
        last = Some(next);
    }
    let mut index_changes: Vec<IndexChange> =
        changes.removes.iter().map(|key| IndexChange { place: codec::place(key), value: None }).collect();
    index_changes.extend(records.iter().map(|record| {
        let encoded = codec::encode(record);
        IndexChange { place: encoded.place, value: Some(encoded.value) }
    }));
    let transaction =
        store::Transaction { at: at.as_millisecond(), changes: index_changes.iter().map(to_message).collect() };
    Ok(Prepared { bytes: transaction.encode_to_vec(), changes: index_changes, last_audit: last })
}

fn check_versions(index: &Index, pending: &Pending, changes: &Changes) -> Result<(), CommitError> {
    for (key, expected) in &changes.expected {
        let place = codec::place(key);
        let found = match pending.get(&place) {
            Some(version) => *version,
            None => {
                index.get(&place).map_err(|error| CommitError::Broken(error.to_string()))?.map(|(version, _)| version)
            }
        };
        if found != *expected {
            return Err(CommitError::Stale { key: Box::new(key.clone()), found });
        }
    }
    Ok(())
}

/// One change as it stands in the journal.
pub(crate) fn to_message(change: &IndexChange) -> store::Change {
    store::Change {
        kind: change.place.kind,
        bucket: change.place.bucket.clone().unwrap_or_default(),
        key: change.place.key.clone(),
        value: change.value.clone().unwrap_or_default(),
        removed: change.value.is_none(),
        version: 0,
    }
}

/// One change out of the journal.
pub(crate) fn from_message(change: store::Change) -> IndexChange {
    IndexChange {
        place: Place {
            kind: change.kind,
            bucket: (!change.bucket.is_empty()).then_some(change.bucket),
            key: change.key,
        },
        value: (!change.removed).then_some(change.value),
    }
}
