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
    /// What the audit says; at least one entry, unless it is routine.
    pub audit: Vec<AuditEntry>,
    /// Whether it only notes that a host lives: see [`Changes::routine`].
    pub is_routine: bool,
}

impl Changes {
    /// No change yet, with the entry that the audit will show.
    #[must_use]
    pub fn audited(action: &'static str, subject: impl ToString) -> Self {
        Self { audit: vec![AuditEntry { action, subject: subject.to_string() }], ..Self::default() }
    }

    /// No change yet, of the one class that needs no audit entry: the sign of life of a host.
    ///
    /// Three facts are exempt from "every change writes its audit record", and no other: when an agent last greeted and
    /// how far its clock is off, when nothing else of it changed; a batch that only confirms results that are held,
    /// which moves the cursor and the times of those results; and the answers of a workstation that only enter a count,
    /// which the audit would tie to a host and a time. Each host says both every few minutes, the records
    /// themselves keep the newest, and nobody's decision is lost with an older one; one audit record each would bury
    /// what people look for there (10,000 hosts would write about two million a day). The store holds such a commit to
    /// it with [`Changes::is_accounted_for`].
    #[must_use]
    pub fn routine() -> Self {
        Self { is_routine: true, ..Self::default() }
    }

    /// Whether the audit says what it must: an entry, or a routine commit that writes nothing but what an agent last
    /// said, how far its results are durable, its current results, and answers that are counted.
    #[must_use]
    pub fn is_accounted_for(&self) -> bool {
        let is_sign_of_life = |record: &Record| {
            matches!(
                record,
                Record::Agent(_) | Record::AgentCursor(_) | Record::CurrentResult(_) | Record::WorkstationAnswers(_)
            )
        };
        !self.audit.is_empty() || (self.is_routine && self.removes.is_empty() && self.puts.iter().all(is_sign_of_life))
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
