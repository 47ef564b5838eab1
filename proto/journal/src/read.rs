//! Reading records in order.

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::vec;

use crate::format::{SEGMENT_HEADER_BYTES, segment_name};
use crate::storage::Storage;
use crate::window::Window;
use crate::{Damage, ReadError, Record, Sequence};

/// What a reader may read of one segment.
pub(crate) struct Span {
    pub(crate) first: Sequence,
    /// Sequence after the last durable record.
    pub(crate) end: Sequence,
    /// Bytes up to the end of that record.
    pub(crate) bytes: u64,
}

/// Records in order, read as the iterator moves; made by [`Journal::read_from`](crate::Journal::read_from).
///
/// It sees the records that were durable when it was made, holds one group in memory at a time, and borrows nothing:
/// the journal may append and drop meanwhile. A group with a damaged record yields none of its records. After
/// [`ReadError::Damaged`] and [`ReadError::Dropped`] it goes on with the next segment; [`ReadError::Io`] ends it.
pub struct Records {
    storage: Arc<dyn Storage>,
    folder: PathBuf,
    /// Records before this sequence are passed over.
    from: Sequence,
    spans: VecDeque<Span>,
    current: Option<Current>,
    group: vec::IntoIter<Record>,
}

/// The segment being read and how far.
struct Current {
    window: Window,
    span: Span,
    offset: u64,
    next: Sequence,
}

impl Records {
    pub(crate) fn new(storage: Arc<dyn Storage>, folder: PathBuf, from: Sequence, spans: VecDeque<Span>) -> Self {
        Self { storage, folder, from, spans, current: None, group: Vec::new().into_iter() }
    }

    /// Opens the next segment; false when there is none.
    fn open_next(&mut self) -> Result<bool, ReadError> {
        let Some(span) = self.spans.pop_front() else { return Ok(false) };
        let file = self.folder.join(segment_name(span.first));
        match self.storage.open_to_read(&file) {
            Ok(handle) => {
                let window = Window::new(handle, span.bytes);
                let next = span.first;
                self.current = Some(Current { window, span, offset: SEGMENT_HEADER_BYTES, next });
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(ReadError::Dropped { sequences: span.first.max(self.from)..span.end })
            }
            Err(source) => {
                self.spans.clear();
                Err(ReadError::Io { operation: "opening segment", file, source })
            }
        }
    }

    /// Reads one group, or moves on by one segment; false at the end.
    fn advance(&mut self) -> Result<bool, ReadError> {
        let Some(mut current) = self.current.take() else { return self.open_next() };
        if current.next >= current.span.end {
            return Ok(true);
        }
        match current.read_group(self.from) {
            Ok(Some(records)) => {
                self.group = records.into_iter();
                self.current = Some(current);
                Ok(true)
            }
            Ok(None) => Err(ReadError::Damaged(Damage {
                file: self.folder.join(segment_name(current.span.first)),
                offset: current.offset,
                sequences: current.next.max(self.from)..current.span.end,
            })),
            Err(source) => {
                self.spans.clear();
                let file = self.folder.join(segment_name(current.span.first));
                Err(ReadError::Io { operation: "reading segment", file, source })
            }
        }
    }
}

impl Current {
    /// The next group's records from `from` on; nothing when there is no undamaged group where one should be.
    fn read_group(&mut self, from: Sequence) -> io::Result<Option<Vec<Record>>> {
        let Some(header) = self.window.group_header(self.offset, self.next)? else { return Ok(None) };
        if header.end() > self.span.end {
            return Ok(None);
        }
        let mut records = Vec::new();
        if header.end() > from {
            let Some(frames) = self.window.frames(self.offset, &header)? else { return Ok(None) };
            records.extend(frames.iter().filter(|frame| frame.sequence >= from).map(|frame| Record {
                sequence: frame.sequence,
                kind: frame.kind,
                bytes: frame.bytes.to_vec(),
            }));
        }
        self.offset += header.group_bytes();
        self.next = header.end();
        Ok(Some(records))
    }
}

impl Iterator for Records {
    type Item = Result<Record, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(record) = self.group.next() {
                return Some(Ok(record));
            }
            match self.advance() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
