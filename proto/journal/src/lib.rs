//! A durable, bounded, append-only log of opaque records: the agent's spool and the collector's truth.
//!
//! It knows no message: a record is a [`Kind`] and bytes, numbered by a [`Sequence`]. Records are appended in groups;
//! a group is there whole or not at all, and once [`Journal::append`] (or [`Journal::sync`]) has returned, it stays
//! there through a kill, a loss of power and a full disk. Nothing here reads a clock or runs asynchronously.
//!
//! # On disk
//!
//! A journal is a folder with a file `lock`, locked while a process has the journal open, and segments named by the
//! sequence of their first record in twenty digits (`00000000000000000001.log`). Other files are left alone.
//! Integers are little-endian; checksums are CRC-32C (RFC 3720, appendix B.4).
//!
//! ```text
//! segment   magic "VDTAJRNL" 8 | format version u32 | first sequence u64 | checksum of these u32 | group ...
//! group     marker F5 "GRP" 4 | checksum u32 | bytes of all frames u32 | number of frames u32
//!           | first sequence u64 | durable sequence u64 | frame ...
//! frame     length of bytes u32 | checksum u32 | sequence u64 | kind u16 | bytes
//! ```
//!
//! - The 24 bytes of a segment's header are the same in every format version, so an older program can refuse a newer
//!   segment by its version ([`OpenError::NewerVersion`]) before it changes anything.
//! - A group's checksum covers its own offset in the file and the header's fields after it; a frame's checksum covers
//!   sequence, kind and bytes. Sequences rise by one from frame to frame and from segment to segment.
//! - The durable sequence of a group says before which record everything was synced when the group was written.
//!
//! # Limits
//!
//! [`Options`] bounds a record, a segment (and so a group, and a reader's memory), the whole journal, and how much of
//! the disk is left to others. A group that does not fit in the active segment starts a new one. At the journal's own
//! limit an append answers [`AppendError::Full`]; the owner decides what the oldest records are worth, and
//! [`Journal::make_room`] tells which were lost. Only whole closed segments are dropped, the oldest first.
//!
//! # After a crash
//!
//! - Durable means `fdatasync` of the segment. A segment's header and its name in the folder are made durable before
//!   its first group, and a segment is synced whole before the next one is made: only the last can end in a torn write.
//! - [`Journal::open`] reads the last segment up to its first group that is not whole. What follows was never
//!   acknowledged, is cut off, and the cut is synced before anything is appended. A group that was written but not
//!   acknowledged may be kept; it is whole then.
//! - What it keeps is made durable again before it is read or built upon: what no later group declares durable is
//!   written once more and synced, since after a failed sync the system shows bytes that the disk may not have.
//! - A last segment of at most 24 bytes without a good header was being made: it holds no record, and the next append
//!   makes it anew. Opening needs no free space.
//! - Segments are removed oldest first, each durably before the next: a crash leaves no hole.
//! - After a failed write or sync the journal is poisoned: it still reads what is durable, and every append says why it
//!   is refused until the journal is opened again. A failed sync is never tried again as if it could tell the truth.
//!   Only a full disk is no such failure, provided the torn part could be cut off durably.
//!
//! # Damage
//!
//! A damaged record is never returned, nor is any record of its group. In a closed segment the rest of the segment from
//! that group on is lost: a reader answers [`ReadError::Damaged`] with the range and goes on with the next segment.
//! Opening looks at the headers of closed segments only; [`Journal::verify`] reads everything. In the last segment,
//! damage differs from a torn write when a later group declares the damaged record durable: then nothing is cut, the
//! range is in [`Recovery::quarantined`], and a new segment is started. Damage to the last group before the log's end
//! cannot be told from a torn write, and is counted in [`Recovery::truncated_bytes`]; an owner that keeps a position of
//! its own notices by comparing it with [`Journal::next_sequence`], which is then lower. A damaged segment header loses no
//! record by itself, since the segment's name says the same, but is reported. A segment with a damaged header in which
//! nothing can be read counts as at least one lost record. Damaged segments stay on the disk until they are dropped.

mod append;
mod error;
mod format;
mod journal;
mod open;
mod options;
mod read;
mod record;
mod storage;
#[cfg(test)]
mod tests;
mod window;

pub use error::{AppendError, Damage, DropError, OpenError, ReadError};
pub use journal::{Dropped, Journal};
pub use open::Recovery;
pub use options::Options;
pub use read::Records;
pub use record::{Kind, Record, Sequence};
