//! Opening: lock, look at every segment's header, repair the last segment.

use std::collections::VecDeque;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::format::{
    FORMAT_VERSION, SEGMENT_HEADER_BYTES, SegmentHeader, decode_segment_header, parse_segment_name, segment_name,
};
use crate::journal::{Journal, Segment};
use crate::storage::{Files, Handle, Storage, is_disk_full};
use crate::window::{WINDOW_BYTES, Window};
use crate::{Damage, OpenError, Options, Sequence};

/// Name of the file that a process locks while it has the folder open.
const LOCK_NAME: &str = "lock";

/// What opening found and repaired.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Records kept, less those known to be lost. Damage inside closed segments shows when they are read.
    pub records: u64,
    /// Segments kept.
    pub segments: u64,
    /// Bytes of a write that a crash had torn, never acknowledged, and now cut off.
    pub truncated_bytes: u64,
    /// Segments with a damaged header, and damage in the last segment that no torn write explains. They are kept,
    /// and appending goes on in a new segment.
    pub quarantined: Vec<Damage>,
}

/// The last segment as far as it is undamaged.
struct Scanned {
    /// Where that starts which no later group declares durable.
    unproven_offset: u64,
    /// Byte after its last whole group.
    valid_bytes: u64,
    /// Sequence after that group.
    next: Sequence,
    /// Sequence after the last group beyond damage, when there is such a group.
    later_end: Option<Sequence>,
}

/// What became of the last segment.
struct Last {
    active: Option<Box<dyn Handle>>,
    bytes: u64,
    next: Sequence,
    truncated_bytes: u64,
    damage: Option<Damage>,
}

impl Journal {
    /// Makes an empty journal whose first record will get `sequence`: for a state restored from elsewhere, whose older
    /// records were written by another journal.
    ///
    /// # Errors
    /// [`OpenError`]: a folder that is open or holds segments already, or the file system's refusal.
    pub fn create_at(folder: &Path, sequence: Sequence) -> Result<(), OpenError> {
        let storage = Files;
        storage.create_folder(folder).map_err(failed("creating folder", folder))?;
        let lock_file = folder.join(LOCK_NAME);
        let lock = storage.lock(&lock_file).map_err(failed("locking", &lock_file))?;
        let Some(_lock) = lock else { return Err(OpenError::Locked { folder: folder.to_path_buf() }) };
        if !list_segments(&storage, folder, &mut Recovery::default())?.is_empty() {
            return Err(OpenError::NotEmpty { folder: folder.to_path_buf() });
        }
        // An empty segment holds no record and is the witness of the next sequence; see `drop_unborn`.
        let file = folder.join(segment_name(sequence));
        storage.create(&file).map_err(failed("creating segment", &file))?;
        storage.sync_folder(folder).map_err(failed("syncing folder", folder))
    }

    pub(crate) fn open_on(
        storage: Arc<dyn Storage>,
        folder: &Path,
        options: Options,
    ) -> Result<(Self, Recovery), OpenError> {
        options.check()?;
        storage.create_folder(folder).map_err(failed("creating folder", folder))?;
        let lock_file = folder.join(LOCK_NAME);
        let lock = storage.lock(&lock_file).map_err(failed("locking", &lock_file))?;
        let Some(lock) = lock else { return Err(OpenError::Locked { folder: folder.to_path_buf() }) };

        let mut recovery = Recovery::default();
        let mut segments = list_segments(storage.as_ref(), folder, &mut recovery)?;
        let mut next = Sequence::FIRST;
        let mut active = None;
        let mut durable_bytes = SEGMENT_HEADER_BYTES;
        if let ControlFlow::Break(first) = drop_unborn(&mut segments, &mut recovery) {
            next = first;
            durable_bytes = segments.back().map_or(SEGMENT_HEADER_BYTES, |listed| listed.bytes);
        } else if let Some(listed) = segments.back_mut() {
            let last = repair_last(storage.as_ref(), listed)?;
            recovery.truncated_bytes += last.truncated_bytes;
            recovery.quarantined.retain(|damage| damage.file != listed.file);
            recovery.quarantined.extend(last.damage);
            (next, active, durable_bytes) = (last.next, last.active, last.bytes);
            listed.bytes = last.bytes;
        }
        // A crash may have come between making a segment and making its name durable.
        storage.sync_folder(folder).map_err(failed("syncing folder", folder))?;

        let segments: VecDeque<_> =
            segments.into_iter().map(|listed| Segment { first: listed.first, bytes: listed.bytes }).collect();
        let first = segments.front().map_or(next, |segment| segment.first);
        let lost: u64 =
            recovery.quarantined.iter().map(|damage| damage.sequences.start.until(damage.sequences.end)).sum();
        recovery.records = first.until(next).saturating_sub(lost);
        recovery.segments = segments.len() as u64;
        let journal = Self {
            storage,
            folder: folder.to_path_buf(),
            options,
            segments,
            active,
            next,
            durable: next,
            durable_bytes,
            poisoned: None,
            scratch: Vec::new(),
            _lock: lock,
        };
        Ok((journal, recovery))
    }
}

/// A segment's file before it is known how much of it is good.
struct Listed {
    file: PathBuf,
    first: Sequence,
    bytes: u64,
    header_is_good: bool,
}

/// The segments in order. A file of another name is not ours and is left alone.
fn list_segments(storage: &dyn Storage, folder: &Path, recovery: &mut Recovery) -> Result<VecDeque<Listed>, OpenError> {
    let names = storage.list(folder).map_err(failed("listing folder", folder))?;
    let mut firsts: Vec<Sequence> = names.iter().filter_map(|name| parse_segment_name(name)).collect();
    firsts.sort_unstable();
    let mut segments = VecDeque::with_capacity(firsts.len());
    for first in firsts {
        let file = folder.join(segment_name(first));
        let (bytes, header) = read_header(storage, &file, first).map_err(failed("reading segment", &file))?;
        if let SegmentHeader::Newer(found) = header {
            return Err(OpenError::NewerVersion { file, found, supported: FORMAT_VERSION });
        }
        let header_is_good = header == SegmentHeader::Good;
        if !header_is_good {
            recovery.quarantined.push(Damage { file: file.clone(), offset: 0, sequences: first..first });
        }
        segments.push_back(Listed { file, first, bytes, header_is_good });
    }
    Ok(segments)
}

fn read_header(storage: &dyn Storage, file: &Path, first: Sequence) -> io::Result<(u64, SegmentHeader)> {
    let mut handle = storage.open_to_read(file)?;
    let mut bytes = [0; SEGMENT_HEADER_BYTES as usize];
    let filled = handle.read_at(0, &mut bytes)?;
    let header = decode_segment_header(bytes.get(..filled).unwrap_or_default(), first);
    Ok((handle.length()?, header))
}

/// Leaves out a last segment whose making a crash cut short: its header was never durable, so it has no records. Its
/// file stays, as the only witness of the next sequence, until the next append makes it anew.
fn drop_unborn(segments: &mut VecDeque<Listed>, recovery: &mut Recovery) -> ControlFlow<Sequence> {
    match segments.pop_back_if(|last| !last.header_is_good && last.bytes <= SEGMENT_HEADER_BYTES) {
        Some(unborn) => {
            recovery.quarantined.retain(|damage| damage.file != unborn.file);
            ControlFlow::Break(unborn.first)
        }
        None => ControlFlow::Continue(()),
    }
}

/// Cuts off a torn end and makes what is left durable; or, when it is not a torn end, leaves the file as it is.
fn repair_last(storage: &dyn Storage, last: &Listed) -> Result<Last, OpenError> {
    let read = |source| OpenError::Io { operation: "reading segment", file: last.file.clone(), source };
    let handle = storage.open_to_read(&last.file).map_err(read)?;
    let mut window = Window::new(handle, last.bytes);
    let scanned = scan(&mut window, last.first).map_err(read)?;
    let mut file = storage.open_to_write(&last.file).map_err(failed("opening segment", &last.file))?;
    let damaged_end = match scanned.later_end {
        Some(end) => Some(end),
        // Nothing of it can be read: at least its first record is lost, and its name is not used again.
        None if !last.header_is_good && scanned.next == last.first => Some(last.first.next()),
        None if !last.header_is_good => Some(scanned.next),
        None => None,
    };
    let truncated_bytes = if damaged_end.is_none() { last.bytes - scanned.valid_bytes } else { 0 };
    if truncated_bytes > 0 {
        file.set_length(scanned.valid_bytes).map_err(failed("truncating segment", &last.file))?;
    }
    make_durable(&mut window, file.as_mut(), &scanned).map_err(failed("syncing segment", &last.file))?;
    let offset = if last.header_is_good { scanned.valid_bytes } else { 0 };
    Ok(Last {
        bytes: last.bytes - truncated_bytes,
        next: damaged_end.unwrap_or(scanned.next),
        truncated_bytes,
        damage: damaged_end.map(|end| Damage { file: last.file.clone(), offset, sequences: scanned.next..end }),
        active: damaged_end.is_none().then_some(file),
    })
}

/// Makes the whole groups durable, also when nothing was cut: after a kill without loss of power the last ones may be
/// in memory only. They are written again before the sync: if an earlier sync failed, the system shows them but has
/// forgotten that they are not on the disk. A full disk that cannot take even the same bytes again gets the sync alone.
fn make_durable(window: &mut Window, file: &mut dyn Handle, scanned: &Scanned) -> io::Result<()> {
    let mut offset = scanned.unproven_offset;
    while offset < scanned.valid_bytes {
        let length = usize::try_from(scanned.valid_bytes - offset).unwrap_or(usize::MAX).min(WINDOW_BYTES);
        let bytes = window.get(offset, length)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        match file.write_at(offset, bytes) {
            Err(error) if is_disk_full(&error) => break,
            written => written?,
        }
        offset += length as u64;
    }
    file.sync()
}

fn scan(window: &mut Window, first: Sequence) -> io::Result<Scanned> {
    let mut offset = SEGMENT_HEADER_BYTES;
    let mut next = first;
    // Starts of the groups that may not be durable: those of one sync.
    let mut unproven = VecDeque::new();
    while let Some(header) = window.group_header(offset, next)? {
        if window.frames(offset, &header)?.is_none() {
            break;
        }
        while unproven.pop_front_if(|(_, first)| *first < header.durable).is_some() {}
        unproven.push_back((offset, header.first));
        offset += header.group_bytes();
        next = header.end();
    }
    let later_end = if offset < window.end() { window.end_of_later_groups(offset, next)? } else { None };
    let unproven_offset = match unproven.front() {
        Some((start, _)) if *start > SEGMENT_HEADER_BYTES => *start,
        // Nothing is declared durable, so not even the header is.
        Some(_) | None => 0,
    };
    Ok(Scanned { unproven_offset, valid_bytes: offset, next, later_end })
}

fn failed(operation: &'static str, file: &Path) -> impl FnOnce(io::Error) -> OpenError {
    let file = file.to_path_buf();
    move |source| OpenError::Io { operation, file, source }
}
