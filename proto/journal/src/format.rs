//! Bytes on disk: segment header, group header, frame (the layout is in the crate's documentation).

use crate::{Kind, Sequence};

/// First bytes of every segment, in every format version.
const SEGMENT_MAGIC: [u8; 8] = *b"VDTAJRNL";
/// Format version that this crate writes, and the newest that it reads.
pub(crate) const FORMAT_VERSION: u32 = 1;
/// Bytes of a segment's header, the same in every format version.
pub(crate) const SEGMENT_HEADER_BYTES: u64 = 24;
/// First bytes of every group; never zero, so that a hole is no group.
pub(crate) const GROUP_MARKER: [u8; 4] = *b"\xF5GRP";
/// Bytes of a group's header.
pub(crate) const GROUP_HEADER_BYTES: u64 = 32;
/// Bytes of a frame before those of its record.
pub(crate) const FRAME_HEADER_BYTES: u64 = 18;
/// Greatest sequence that a segment's name may start with; half the range, so that counting up never overflows.
const SEGMENT_FIRST_MAX: u64 = u64::MAX / 2;
/// Digits in a segment's name: `u64::MAX` has twenty.
const SEGMENT_NAME_DIGITS: usize = 20;

/// What the header of a segment says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SegmentHeader {
    /// Of this format version, and for the sequence in the segment's name.
    Good,
    /// Undamaged, and written by a newer version of this crate.
    Newer(u32),
    /// Too short, torn, rotten, or of another segment.
    Bad,
}

/// Name of the segment whose first record is `first`.
pub(crate) fn segment_name(first: Sequence) -> String {
    format!("{:0SEGMENT_NAME_DIGITS$}.log", first.get())
}

/// First sequence of the segment of this name; nothing when the name is no segment's.
pub(crate) fn parse_segment_name(name: &str) -> Option<Sequence> {
    let digits = name.strip_suffix(".log")?;
    if digits.len() != SEGMENT_NAME_DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let first = digits.parse().ok()?;
    (1..=SEGMENT_FIRST_MAX).contains(&first).then_some(Sequence::new(first))
}

pub(crate) fn encode_segment_header(first: Sequence) -> Vec<u8> {
    let mut bytes = Vec::from(SEGMENT_MAGIC);
    bytes.extend(FORMAT_VERSION.to_le_bytes());
    bytes.extend(first.get().to_le_bytes());
    bytes.extend(crc32c::crc32c(&bytes).to_le_bytes());
    bytes
}

pub(crate) fn decode_segment_header(bytes: &[u8], named_first: Sequence) -> SegmentHeader {
    let mut fields = Fields(bytes);
    let (Some(magic), Some(version), Some(first), Some(checksum)) =
        (fields.take::<8>(), fields.u32(), fields.u64(), fields.u32())
    else {
        return SegmentHeader::Bad;
    };
    let covered = bytes.get(..bytes.len().min(20)).unwrap_or_default();
    if magic != SEGMENT_MAGIC || checksum != crc32c::crc32c(covered) {
        SegmentHeader::Bad
    } else if version > FORMAT_VERSION {
        SegmentHeader::Newer(version)
    } else if version == 0 || first != named_first.get() {
        SegmentHeader::Bad
    } else {
        SegmentHeader::Good
    }
}

/// Header of a group: what must follow it for the group to be whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GroupHeader {
    /// Bytes of all frames together.
    pub(crate) body_bytes: u32,
    /// Number of frames, at least one.
    pub(crate) records: u32,
    /// Sequence of the first frame.
    pub(crate) first: Sequence,
    /// Every record before this sequence was durable when the group was written.
    pub(crate) durable: Sequence,
}

impl GroupHeader {
    /// Sequence after the group's last record.
    pub(crate) fn end(&self) -> Sequence {
        self.first.plus(u64::from(self.records))
    }

    /// Bytes of header and frames.
    pub(crate) fn group_bytes(&self) -> u64 {
        GROUP_HEADER_BYTES + u64::from(self.body_bytes)
    }

    /// Reads the header that stands at `offset` of its segment; nothing when there is none.
    pub(crate) fn decode(bytes: &[u8], offset: u64) -> Option<Self> {
        let mut fields = Fields(bytes);
        let marker = fields.take::<4>()?;
        let checksum = fields.u32()?;
        let covered = fields.0.get(..24)?;
        if marker != GROUP_MARKER || checksum != group_checksum(offset, covered) {
            return None;
        }
        let header = Self {
            body_bytes: fields.u32()?,
            records: fields.u32()?,
            first: Sequence::new(fields.u64()?),
            durable: Sequence::new(fields.u64()?),
        };
        (header.records > 0 && header.first.get() <= SEGMENT_FIRST_MAX).then_some(header)
    }

    fn encode(&self, offset: u64, out: &mut Vec<u8>) {
        let mut covered = Vec::with_capacity(24);
        covered.extend(self.body_bytes.to_le_bytes());
        covered.extend(self.records.to_le_bytes());
        covered.extend(self.first.get().to_le_bytes());
        covered.extend(self.durable.get().to_le_bytes());
        out.extend(GROUP_MARKER);
        out.extend(group_checksum(offset, &covered).to_le_bytes());
        out.extend(covered);
    }
}

/// The offset is under the checksum: bytes of a record that look like a group, or a misplaced write, are none.
fn group_checksum(offset: u64, covered: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&offset.to_le_bytes()), covered)
}

/// One record as it stands in its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    pub(crate) sequence: Sequence,
    pub(crate) kind: Kind,
    pub(crate) bytes: &'a [u8],
}

/// Bytes that a group of these records takes on disk.
pub(crate) fn group_bytes(records: &[(Kind, &[u8])]) -> u64 {
    records.iter().map(|(_, bytes)| FRAME_HEADER_BYTES + bytes.len() as u64).sum::<u64>() + GROUP_HEADER_BYTES
}

/// Writes a group for `offset` of its segment; nothing when a length or the count is over 32 bits.
pub(crate) fn encode_group(
    out: &mut Vec<u8>,
    offset: u64,
    first: Sequence,
    durable: Sequence,
    records: &[(Kind, &[u8])],
) -> Option<()> {
    let body_bytes = u32::try_from(group_bytes(records) - GROUP_HEADER_BYTES).ok()?;
    let count = u32::try_from(records.len()).ok()?;
    GroupHeader { body_bytes, records: count, first, durable }.encode(offset, out);
    let mut sequence = first;
    for (kind, bytes) in records {
        out.extend(u32::try_from(bytes.len()).ok()?.to_le_bytes());
        out.extend(frame_checksum(sequence, *kind, bytes).to_le_bytes());
        out.extend(sequence.get().to_le_bytes());
        out.extend(kind.get().to_le_bytes());
        out.extend(*bytes);
        sequence = sequence.next();
    }
    Some(())
}

/// The frames of a group, all of them whole and in order; nothing when one is not.
pub(crate) fn decode_body<'a>(header: &GroupHeader, body: &'a [u8]) -> Option<Vec<Frame<'a>>> {
    let mut fields = Fields(body);
    // A count that the body cannot hold must not reserve memory.
    let mut frames = Vec::with_capacity((body.len() / FRAME_HEADER_BYTES as usize).min(header.records as usize));
    let mut expected = header.first;
    for _ in 0..header.records {
        let length = usize::try_from(fields.u32()?).ok()?;
        let checksum = fields.u32()?;
        let sequence = Sequence::new(fields.u64()?);
        let kind = Kind::new(u16::from_le_bytes(fields.take::<2>()?));
        let bytes = fields.slice(length)?;
        if sequence != expected || checksum != frame_checksum(sequence, kind, bytes) {
            return None;
        }
        frames.push(Frame { sequence, kind, bytes });
        expected = expected.next();
    }
    fields.0.is_empty().then_some(frames)
}

fn frame_checksum(sequence: Sequence, kind: Kind, bytes: &[u8]) -> u32 {
    let checksum = crc32c::crc32c(&sequence.get().to_le_bytes());
    let checksum = crc32c::crc32c_append(checksum, &kind.get().to_le_bytes());
    crc32c::crc32c_append(checksum, bytes)
}

/// Takes little-endian fields from the front of bytes that nobody has checked.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*field)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn slice(&mut self, length: usize) -> Option<&'a [u8]> {
        let (slice, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(slice)
    }
}
