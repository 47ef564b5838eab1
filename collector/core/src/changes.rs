//! What a use case decided, to be committed as one.

use crate::aggregate::{Aggregate, Record, RecordKey};
use crate::audit::AuditEntry;

/// Place of a commit in the order of all commits; counts from 1. The version of a record is the position of the commit
/// that last wrote it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub u64);

/// Most records in one commit.
pub const CHANGES_MAX: usize = 4_096;

/// What a use case decided: records to put and remove, what it relied on, and its audit entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Records to write.
    pub puts: Vec<Record>,
    /// Records to remove.
    pub removes: Vec<RecordKey>,
    /// What the decision relied on: the record must still have this version (`None`: must still not exist).
    pub expected: Vec<(RecordKey, Option<Position>)>,
    /// What the audit says; at least one entry.
    pub audit: Vec<AuditEntry>,
}

impl Changes {
    /// No change yet, with the entry that the audit will show.
    #[must_use]
    pub fn audited(action: &'static str, subject: impl ToString) -> Self {
        Self { audit: vec![AuditEntry { action, subject: subject.to_string() }], ..Self::default() }
    }

    /// Writes an aggregate.
    pub fn put<A: Aggregate>(&mut self, value: A) {
        self.puts.push(value.into_record());
    }

    /// Removes an aggregate.
    pub fn remove<A: Aggregate>(&mut self, key: A::Key) {
        self.removes.push(A::record_key(key));
    }

    /// Makes the commit fail unless the aggregate still has the version that was read (`None`: does not exist).
    pub fn expect<A: Aggregate>(&mut self, key: A::Key, version: Option<Position>) {
        self.expected.push((A::record_key(key), version));
    }
}
