//! What can go wrong: opening, appending, reading, dropping.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::PathBuf;

use crate::Sequence;

/// Why a journal could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The limits contradict each other.
    #[error("cannot open a journal with these limits: {0}")]
    Options(String),
    /// Another process, or another `Journal` of this one, has the folder open.
    #[error("cannot open journal {folder}: another process has it open")]
    Locked {
        /// The journal's folder.
        folder: PathBuf,
    },
    /// A new journal was to be made where one is already.
    #[error("cannot make a journal in {folder}: there is one already")]
    NotEmpty {
        /// The folder.
        folder: PathBuf,
    },
    /// A segment was written by a newer version of this program; nothing was changed.
    #[error(
        "cannot open journal segment {file}: it has format version {found}, this program reads up to {supported}; \
         use the newer program that wrote it"
    )]
    NewerVersion {
        /// The segment.
        file: PathBuf,
        /// Its format version.
        found: u32,
        /// The newest version that this program reads.
        supported: u32,
    },
    /// The file system refused an operation.
    #[error("cannot open journal: {operation} {file} failed")]
    Io {
        /// What was attempted.
        operation: &'static str,
        /// On what file or folder.
        file: PathBuf,
        /// The file system's answer.
        source: io::Error,
    },
}

/// Why records were not appended, or are not known to be durable.
///
/// After `Failed` and `Poisoned` the outcome of the group at hand (and of groups appended and not yet synced) is
/// unknown until the journal is opened again: each is there whole or not at all. After every other error the group
/// is not there and the journal goes on.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// A group has at least one record.
    #[error("cannot append a group without records to the journal")]
    EmptyGroup,
    /// A record is over `record_bytes_max`.
    #[error("cannot append a record of {bytes} bytes to the journal: at most {max} are allowed")]
    RecordTooLarge {
        /// Bytes of the record.
        bytes: u64,
        /// The limit.
        max: u64,
    },
    /// A group does not fit in one segment.
    #[error("cannot append a group of {bytes} bytes to the journal: at most {max} fit in a segment")]
    GroupTooLarge {
        /// Bytes of the group on disk.
        bytes: u64,
        /// The limit.
        max: u64,
    },
    /// The journal has reached its own limit; [`make_room`](crate::Journal::make_room) drops the oldest.
    #[error(
        "cannot append {needed_bytes} bytes to the journal: it holds {held_bytes} bytes and its limit \
         (total_bytes_max) is {total_bytes_max} bytes"
    )]
    Full {
        /// Bytes that the append would add; what to hand to `make_room`.
        needed_bytes: u64,
        /// Bytes that the journal holds.
        held_bytes: u64,
        /// Its limit.
        total_bytes_max: u64,
    },
    /// The disk is full, or would be filled into the reserve; nothing of the group was kept.
    #[error(
        "cannot append {needed_bytes} bytes to journal {folder}: the disk is full \
         ({free_bytes_reserve} bytes are kept free); free some space"
    )]
    DiskFull {
        /// The journal's folder.
        folder: PathBuf,
        /// Bytes that the append would add.
        needed_bytes: u64,
        /// The reserve in the options.
        free_bytes_reserve: u64,
    },
    /// A write or sync failed just now; from here on the journal only reads.
    #[error("cannot make records durable: {operation} {file} failed; the journal must be opened again")]
    Failed {
        /// What was attempted.
        operation: &'static str,
        /// On what file or folder.
        file: PathBuf,
        /// The file system's answer.
        source: io::Error,
    },
    /// An earlier write or sync failed, and a failed sync is never retried as good.
    #[error("cannot append to journal {folder}: {cause} earlier; the journal must be opened again")]
    Poisoned {
        /// The journal's folder.
        folder: PathBuf,
        /// What failed then.
        cause: String,
    },
}

/// Why a reader could not hand out records.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Records are lost to damage on the disk; the reader goes on with the next segment.
    #[error("cannot read from the journal: {0}")]
    Damaged(Damage),
    /// The records were dropped while the reader was on its way; it goes on with the next segment.
    #[error("cannot read journal records {} up to {}: they were dropped meanwhile", .sequences.start, .sequences.end)]
    Dropped {
        /// Which records, the end not included.
        sequences: Range<Sequence>,
    },
    /// The file system refused an operation; the reader ends here.
    #[error("cannot read from the journal: {operation} {file} failed")]
    Io {
        /// What was attempted.
        operation: &'static str,
        /// On what file.
        file: PathBuf,
        /// The file system's answer.
        source: io::Error,
    },
}

/// Why old segments could not be dropped; those before the one named are gone.
#[derive(Debug, thiserror::Error)]
#[error("cannot drop old journal records: {operation} {file} failed")]
pub struct DropError {
    /// What was attempted.
    pub operation: &'static str,
    /// On what file or folder.
    pub file: PathBuf,
    /// The file system's answer.
    pub source: io::Error,
}

/// A stretch of the journal that no longer says what was written; the file is left as it is, for a person to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The segment.
    pub file: PathBuf,
    /// Byte in the file from which it cannot be trusted.
    pub offset: u64,
    /// Records that are lost, the end not included; empty when only the segment's header is damaged.
    pub sequences: Range<Sequence>,
}

impl fmt::Display for Damage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, offset, sequences } = self;
        write!(formatter, "segment {} is damaged at byte {offset}: ", file.display())?;
        if sequences.is_empty() {
            write!(formatter, "no record is lost")
        } else {
            write!(formatter, "records {} up to {} (not included) are lost", sequences.start, sequences.end)
        }
    }
}
