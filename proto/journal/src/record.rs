//! What the journal keeps: records, their numbers and their kinds.

use std::fmt;

/// Place of a record in the journal's order; the first record ever written is 1.
///
/// Sequences rise by one a record and go on rising after segments were dropped; that of a record which a crash tore
/// before it was acknowledged is used again. 0 is no record's, so an owner may store it as "nothing yet".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(u64);

impl Sequence {
    /// Sequence of the first record of a new journal.
    pub const FIRST: Self = Self(1);

    /// The sequence with this number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number, for the wire or a store.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The sequence after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        self.plus(1)
    }

    pub(crate) const fn plus(self, count: u64) -> Self {
        Self(self.0.saturating_add(count))
    }

    /// Number of records from this one up to `end`, without it.
    pub(crate) const fn until(self, end: Self) -> u64 {
        end.0.saturating_sub(self.0)
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// What a record's bytes are, in the owner's numbering; the journal stores it and reads nothing into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(u16);

impl Kind {
    /// The kind with this number.
    #[must_use]
    pub const fn new(number: u16) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

/// One record as it was appended: its checksum was verified when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its place in the order.
    pub sequence: Sequence,
    /// The owner's kind.
    pub kind: Kind,
    /// The owner's bytes.
    pub bytes: Vec<u8>,
}
