//! The journal: appending, making durable, reading, dropping.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::format::{SEGMENT_HEADER_BYTES, group_bytes, segment_name};
use crate::read::Span;
use crate::storage::{Files, Handle, Lock, Storage};
use crate::{Damage, DropError, Kind, OpenError, Options, ReadError, Records, Recovery, Sequence};

/// A folder of segments, open for appending by this process alone.
///
/// Every call blocks on the disk: an asynchronous owner calls it from a thread of its own.
pub struct Journal {
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) folder: PathBuf,
    pub(crate) options: Options,
    /// Oldest first; the last is the active one if there is an active one.
    pub(crate) segments: VecDeque<Segment>,
    /// The last segment, open for writing; nothing before the first append and after damage to the last segment.
    pub(crate) active: Option<Box<dyn Handle>>,
    /// Sequence of the next record.
    pub(crate) next: Sequence,
    /// Every record before it is durable.
    pub(crate) durable: Sequence,
    /// Length of the last segment up to that record.
    pub(crate) durable_bytes: u64,
    /// What failed, once something did.
    pub(crate) poisoned: Option<String>,
    /// Where groups are put together.
    pub(crate) scratch: Vec<u8>,
    pub(crate) _lock: Lock,
}

impl fmt::Debug for Journal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Journal")
            .field("folder", &self.folder)
            .field("next", &self.next)
            .field("durable", &self.durable)
            .field("poisoned", &self.poisoned)
            .finish_non_exhaustive()
    }
}

/// One file of the journal.
pub(crate) struct Segment {
    pub(crate) first: Sequence,
    /// Length of the file, header included.
    pub(crate) bytes: u64,
}

/// What left the journal when room was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// Records that are gone, the end not included; what of them was damaged before counts too.
    pub sequences: Range<Sequence>,
    /// Bytes that were freed on the disk.
    pub bytes: u64,
}

impl Journal {
    /// Opens the journal in `folder`, making the folder when it is missing, and repairs what a crash left.
    ///
    /// Reads the header of every segment and the whole last one, so it takes as long as reading one segment. What
    /// was repaired or found damaged is in the [`Recovery`].
    ///
    /// # Errors
    /// [`OpenError`]: contradictory options, a folder that is open already, a segment of a newer format version, or
    /// the file system's refusal. A full disk is no obstacle once the journal was opened before.
    pub fn open(folder: &Path, options: Options) -> Result<(Self, Recovery), OpenError> {
        Self::open_on(Arc::new(Files), folder, options)
    }

    /// Bytes that a group of these records would take on disk.
    #[must_use]
    pub fn group_bytes(records: &[(Kind, &[u8])]) -> u64 {
        group_bytes(records)
    }

    /// Sequence of the oldest record kept; equal to [`next_sequence`](Self::next_sequence) when there is none.
    #[must_use]
    pub fn first_sequence(&self) -> Sequence {
        self.segments.front().map_or(self.next, |segment| segment.first)
    }

    /// Sequence that the next record will get.
    #[must_use]
    pub fn next_sequence(&self) -> Sequence {
        self.next
    }

    /// Every record before this sequence is durable, and readers see up to here.
    #[must_use]
    pub fn durable_sequence(&self) -> Sequence {
        self.durable
    }

    /// Bytes of all segments on disk.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }

    /// What failed, if the journal takes no more appends.
    #[must_use]
    pub fn poisoned(&self) -> Option<&str> {
        self.poisoned.as_deref()
    }

    /// The durable records from `sequence` on, or from the oldest kept when that is later.
    #[must_use]
    pub fn read_from(&self, sequence: Sequence) -> Records {
        let ends = self.segments.iter().skip(1).map(|segment| segment.first).chain([self.durable]);
        let last = self.segments.len().saturating_sub(1);
        let spans = self
            .segments
            .iter()
            .zip(ends)
            .enumerate()
            .map(|(index, (segment, end))| Span {
                first: segment.first,
                end,
                bytes: if index == last { self.durable_bytes } else { segment.bytes },
            })
            .filter(|span| span.end > sequence)
            .collect();
        Records::new(Arc::clone(&self.storage), self.folder.clone(), sequence, spans)
    }

    /// Reads everything and tells what is damaged; as slow as reading the whole journal.
    ///
    /// # Errors
    /// [`ReadError::Io`] when the file system refuses to read.
    pub fn verify(&self) -> Result<Vec<Damage>, ReadError> {
        let mut damages = Vec::new();
        for item in self.read_from(Sequence::FIRST) {
            match item {
                Ok(_) | Err(ReadError::Dropped { .. }) => {}
                Err(ReadError::Damaged(damage)) => damages.push(damage),
                Err(error @ ReadError::Io { .. }) => return Err(error),
            }
        }
        Ok(damages)
    }

    /// Drops the closed segments that lie entirely before `sequence`; never the last one, and never part of one.
    ///
    /// # Errors
    /// [`DropError`]: the segments before the one it names are gone, the others are kept.
    pub fn drop_before(&mut self, sequence: Sequence) -> Result<Dropped, DropError> {
        let mut dropped = self.nothing_dropped();
        while self.segments.get(1).is_some_and(|second| second.first <= sequence) {
            self.remove_oldest(&mut dropped)?;
        }
        Ok(dropped)
    }

    /// Drops the oldest closed segments until `bytes` more fit under `total_bytes_max`, and tells what was lost.
    ///
    /// For the `needed_bytes` of [`AppendError::Full`](crate::AppendError::Full) it always makes enough room, unless
    /// the journal was written under larger limits.
    ///
    /// # Errors
    /// [`DropError`]: the segments before the one it names are gone, the others are kept.
    pub fn make_room(&mut self, bytes: u64) -> Result<Dropped, DropError> {
        let mut dropped = self.nothing_dropped();
        while self.segments.len() > 1 && self.bytes().saturating_add(bytes) > self.options.total_bytes_max {
            self.remove_oldest(&mut dropped)?;
        }
        Ok(dropped)
    }

    /// Drops the oldest closed segment, if there is one beside the last; for an owner whose disk is full.
    ///
    /// # Errors
    /// [`DropError`]: the segment may be gone or not.
    pub fn drop_oldest(&mut self) -> Result<Dropped, DropError> {
        let mut dropped = self.nothing_dropped();
        if self.segments.len() > 1 {
            self.remove_oldest(&mut dropped)?;
        }
        Ok(dropped)
    }

    fn nothing_dropped(&self) -> Dropped {
        let first = self.first_sequence();
        Dropped { sequences: first..first, bytes: 0 }
    }

    /// Removes one segment and makes that durable before the next, so that a crash leaves no hole between segments.
    fn remove_oldest(&mut self, dropped: &mut Dropped) -> Result<(), DropError> {
        let Some(oldest) = self.segments.front() else { return Ok(()) };
        let file = self.segment_path(oldest.first);
        if let Err(source) = self.remove_segment(&file) {
            return Err(DropError { operation: "removing segment", file, source });
        }
        self.storage.sync_folder(&self.folder).map_err(|source| DropError {
            operation: "syncing folder",
            file: self.folder.clone(),
            source,
        })?;
        dropped.bytes += oldest.bytes;
        self.segments.pop_front();
        dropped.sequences.end = self.first_sequence();
        Ok(())
    }

    /// A file that somebody else removed is as good as removed.
    pub(crate) fn remove_segment(&self, file: &Path) -> io::Result<()> {
        match self.storage.remove(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    pub(crate) fn segment_path(&self, first: Sequence) -> PathBuf {
        self.folder.join(segment_name(first))
    }

    /// Length of the last segment; that of a bare header when there is none.
    pub(crate) fn last_bytes(&self) -> u64 {
        self.segments.back().map_or(SEGMENT_HEADER_BYTES, |segment| segment.bytes)
    }
}
