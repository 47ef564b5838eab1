//! What can go wrong with the spool.

use vedetta_journal::{AppendError, DropError, OpenError, ReadError};

/// Why the spool could not be opened, written or read.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// It could not be opened.
    #[error("the spool cannot be opened")]
    Open(#[from] OpenError),
    /// Something could not be queued.
    #[error("the spool cannot be written")]
    Append(#[from] AppendError),
    /// Something could not be read.
    #[error("the spool cannot be read")]
    Read(#[from] ReadError),
    /// Old segments could not be dropped.
    #[error("the spool cannot make room")]
    Drop(#[from] DropError),
    /// A newer program wrote it.
    #[error("the spool has version {found}, this program reads up to {supported}: use the newer program that wrote it")]
    NewerVersion {
        /// Its version.
        found: u32,
        /// What this build reads.
        supported: u32,
    },
    /// A record does not hold what its kind says.
    #[error("the record {sequence} of the spool cannot be understood: {why}")]
    Record {
        /// Its place in the journal.
        sequence: u64,
        /// What is wrong.
        why: String,
    },
    /// A copy for reading could not be made.
    #[error("the spool cannot be copied for reading: {0}")]
    Copy(#[from] std::io::Error),
}

impl SpoolError {
    /// Whether only opening the spool again helps.
    #[must_use]
    pub const fn needs_reopening(&self) -> bool {
        matches!(self, Self::Append(AppendError::Failed { .. } | AppendError::Poisoned { .. }))
    }
}
