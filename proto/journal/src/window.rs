//! Reading a segment group by group through one bounded buffer; used by opening and by readers alike.

use std::io;

use crate::Sequence;
use crate::format::{Frame, GROUP_HEADER_BYTES, GROUP_MARKER, GroupHeader, decode_body};
use crate::storage::Handle;

/// Bytes read at once; the buffer grows over it only for a larger group.
pub(crate) const WINDOW_BYTES: usize = 64 * 1024;

/// A view on one segment. Its buffer holds at most `WINDOW_BYTES` or the largest group.
pub(crate) struct Window {
    file: Box<dyn Handle>,
    /// Where reading ends: bytes after it may be a group that is just being written.
    end: u64,
    buffer: Vec<u8>,
    buffer_offset: u64,
}

impl Window {
    pub(crate) fn new(file: Box<dyn Handle>, end: u64) -> Self {
        Self { file, end, buffer: Vec::new(), buffer_offset: 0 }
    }

    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// The bytes at `offset`; nothing when the segment ends before `length` of them.
    pub(crate) fn get(&mut self, offset: u64, length: usize) -> io::Result<Option<&[u8]>> {
        let available = self.end.saturating_sub(offset);
        if available < length as u64 {
            return Ok(None);
        }
        let skip = match self.buffered(offset, length) {
            Some(skip) => skip,
            None => {
                let wanted = length.max(WINDOW_BYTES.min(usize::try_from(available).unwrap_or(usize::MAX)));
                self.buffer.resize(wanted, 0);
                if wanted < self.buffer.capacity() / 4 {
                    self.buffer.shrink_to(WINDOW_BYTES.max(wanted));
                }
                let filled = self.file.read_at(offset, &mut self.buffer)?;
                self.buffer.truncate(filled);
                self.buffer_offset = offset;
                0
            }
        };
        Ok(self.buffer.get(skip..skip.saturating_add(length)))
    }

    /// Index in the buffer of these bytes, if it holds them all.
    fn buffered(&self, offset: u64, length: usize) -> Option<usize> {
        let skip = usize::try_from(offset.checked_sub(self.buffer_offset)?).ok()?;
        (skip.checked_add(length)? <= self.buffer.len()).then_some(skip)
    }

    /// The header of the group at `offset`, when it is one that starts with `first` and can be whole.
    pub(crate) fn group_header(&mut self, offset: u64, first: Sequence) -> io::Result<Option<GroupHeader>> {
        let end = self.end;
        let Some(bytes) = self.get(offset, GROUP_HEADER_BYTES as usize)? else { return Ok(None) };
        Ok(GroupHeader::decode(bytes, offset)
            .filter(|header| header.first == first && header.group_bytes() <= end.saturating_sub(offset)))
    }

    /// The frames of the group that `header`, read at `offset`, announces; nothing when one is not as written.
    pub(crate) fn frames(&mut self, offset: u64, header: &GroupHeader) -> io::Result<Option<Vec<Frame<'_>>>> {
        let Ok(length) = usize::try_from(header.body_bytes) else { return Ok(None) };
        let body = self.get(offset + GROUP_HEADER_BYTES, length)?;
        Ok(body.and_then(|body| decode_body(header, body)))
    }

    /// Whether damage at `offset`, where `lost` should start, is not the torn end of the log: a later group whose
    /// header says that `lost` was durable. Answers the sequence after the last such group.
    pub(crate) fn end_of_later_groups(&mut self, offset: u64, lost: Sequence) -> io::Result<Option<Sequence>> {
        let header_bytes = GROUP_HEADER_BYTES as usize;
        let end = self.end;
        let mut found: Option<Sequence> = None;
        let mut position = offset;
        loop {
            let step = usize::try_from(end.saturating_sub(position)).unwrap_or(usize::MAX).min(WINDOW_BYTES);
            let Some(bytes) = self.get(position, step)? else { break };
            for (index, candidate) in bytes.windows(header_bytes).enumerate() {
                if !candidate.starts_with(&GROUP_MARKER) {
                    continue;
                }
                let candidate_offset = position + index as u64;
                let Some(header) = GroupHeader::decode(candidate, candidate_offset) else { continue };
                // A record takes more than one byte, so a sequence further ahead than the file is long is made up.
                let plausible = lost.until(header.end()) <= end - offset;
                if header.durable > lost && header.first > lost && plausible {
                    found = found.max(Some(header.end()));
                }
            }
            if step <= header_bytes {
                break;
            }
            // The next stretch starts where a header could begin that this one cut.
            position += (step - header_bytes + 1) as u64;
        }
        Ok(found)
    }
}
