//! Checkpoints: the whole state at one position, durable, so that older journal segments can be dropped.
//!
//! A checkpoint is a folder named by its position in twenty digits that holds a journal of its own: one record for each
//! record of the state, with its version, and an end record that counts them. It is written beside, synced, and renamed
//! into place; one without its end record is not one.
//!
//! It is written on the writer's thread, so commits wait meanwhile and are then taken as one group; readers go on. sled
//! 0.34 has no snapshot to write from beside it, and a copy held in memory would double what the index costs. Measured
//! on two busy cores with a release build: 0.9 s for 100,000 current results, so a collector of 10,000 hosts with forty
//! results each stops taking commits for about four seconds; agents that wait longer for a place are told to come back
//! ("busy") and lose nothing. It happens once for each `checkpoint_every_bytes` of journal (256 MiB by default).

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use prost::Message as _;
use vedetta_core::changes::Position;
use vedetta_journal::{Journal, Kind, Options, Sequence};
use vedetta_proto::store;

use crate::codec::Place;
use crate::embedded::StoreError;
use crate::index::{Index, IndexChange, IndexError};
use crate::prepare::{from_message, to_message};

const CHANGE: Kind = Kind::new(1);
const END: Kind = Kind::new(2);
/// Name of a checkpoint while it is written. A backup lies in a folder that a person chose: what is removed there must
/// have a name that nobody else gives.
const UNFINISHED: &str = ".vedetta-checkpoint-unfinished";
/// Records written or applied at once.
const GROUP_RECORDS: usize = 256;

/// Size limits of a checkpoint's journal: as large as the state.
const LIMITS: Options = Options {
    segment_bytes_max: 64 * 1024 * 1024,
    total_bytes_max: 1024 * 1024 * 1024 * 1024,
    record_bytes_max: 16 * 1024 * 1024,
    free_bytes_reserve: 64 * 1024 * 1024,
};

/// A whole checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub(crate) folder: PathBuf,
    pub(crate) position: Position,
}

fn io(operation: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::File { operation, path, source }
}

/// Writes the whole index as a checkpoint beneath `checkpoints`, durable when it returns. One of the same position that
/// is whole already is kept: it holds the same, and a crash while it is replaced would leave none.
pub(crate) fn write(index: &Index, position: Position, checkpoints: &Path) -> Result<Checkpoint, StoreError> {
    make_folder(checkpoints)?;
    let checkpoint = Checkpoint { folder: checkpoints.join(format!("{:020}", position.0)), position };
    if checkpoint.folder.exists() && is_whole(&checkpoint).unwrap_or(false) {
        return Ok(checkpoint);
    }
    let unfinished = checkpoints.join(UNFINISHED);
    remove_folder(&unfinished)?;
    let (mut journal, _) =
        Journal::open(&unfinished, LIMITS).map_err(|error| StoreError::Journal(error.to_string()))?;
    let mut group: Vec<Vec<u8>> = Vec::with_capacity(GROUP_RECORDS);
    let mut records = 0_u64;
    index.for_each(|_name, kind, bucket, key, (version, value)| {
        let place = Place { kind: kind.number, bucket: bucket.map(str::to_owned), key: key.to_vec() };
        let mut change = to_message(&IndexChange { place, value: Some(value) });
        change.version = version.0;
        group.push(change.encode_to_vec());
        records += 1;
        if group.len() == GROUP_RECORDS { append(&mut journal, &mut group) } else { Ok(()) }
    })?;
    append(&mut journal, &mut group)?;
    let end = store::CheckpointEnd { position: position.0, records }.encode_to_vec();
    journal.append(&[(END, &end)]).map_err(|error| StoreError::Journal(error.to_string()))?;
    drop(journal);
    remove_folder(&checkpoint.folder)?;
    fs::rename(&unfinished, &checkpoint.folder).map_err(io("put into place", &checkpoint.folder))?;
    sync_folder(checkpoints)?;
    Ok(checkpoint)
}

fn append(journal: &mut Journal, group: &mut Vec<Vec<u8>>) -> Result<(), IndexError> {
    if group.is_empty() {
        return Ok(());
    }
    let records: Vec<(Kind, &[u8])> = group.iter().map(|bytes| (CHANGE, bytes.as_slice())).collect();
    journal
        .append_unsynced(&records)
        .map_err(|error| IndexError { operation: "write a checkpoint", why: error.to_string() })?;
    group.clear();
    Ok(())
}

/// The newest whole checkpoint, if there is one.
pub(crate) fn newest(checkpoints: &Path) -> Result<Option<Checkpoint>, StoreError> {
    let mut found = all(checkpoints)?;
    found.sort_by_key(|checkpoint| checkpoint.position);
    while let Some(checkpoint) = found.pop() {
        if is_whole(&checkpoint)? {
            return Ok(Some(checkpoint));
        }
    }
    Ok(None)
}

fn all(checkpoints: &Path) -> Result<Vec<Checkpoint>, StoreError> {
    let mut found = Vec::new();
    let entries = match fs::read_dir(checkpoints) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(io("list", checkpoints)(error)),
    };
    for entry in entries {
        let folder = entry.map_err(io("list", checkpoints))?.path();
        let position = folder.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
        if let Some(position) = position {
            found.push(Checkpoint { folder, position: Position(position) });
        }
    }
    Ok(found)
}

fn is_whole(checkpoint: &Checkpoint) -> Result<bool, StoreError> {
    let mut changes = 0;
    let mut end = None;
    read(
        checkpoint,
        |_change| {
            changes += 1;
            Ok(())
        },
        |found| end = Some(found),
    )?;
    Ok(end.is_some_and(|end| end.records == changes && end.position == checkpoint.position.0))
}

/// Puts a checkpoint's records into an empty index.
pub(crate) fn load(checkpoint: &Checkpoint, index: &Index) -> Result<(), StoreError> {
    read(
        checkpoint,
        |change| {
            let version = Position(change.version);
            let change = from_message(change);
            index.put_versioned(&change, version).map_err(StoreError::from)
        },
        |_end| {},
    )?;
    index.mark_all(checkpoint.position)?;
    Ok(())
}

fn read(
    checkpoint: &Checkpoint,
    mut each: impl FnMut(store::Change) -> Result<(), StoreError>,
    mut ended: impl FnMut(store::CheckpointEnd),
) -> Result<(), StoreError> {
    let unreadable = |error: String| {
        StoreError::Journal(format!("the checkpoint {} cannot be read: {error}", checkpoint.folder.display()))
    };
    let (journal, _) = Journal::open(&checkpoint.folder, LIMITS).map_err(|error| unreadable(error.to_string()))?;
    for item in journal.read_from(Sequence::FIRST) {
        let record = item.map_err(|error| unreadable(error.to_string()))?;
        if record.kind == CHANGE {
            each(store::Change::decode(record.bytes.as_slice()).map_err(|error| unreadable(error.to_string()))?)?;
        } else if record.kind == END {
            ended(
                store::CheckpointEnd::decode(record.bytes.as_slice()).map_err(|error| unreadable(error.to_string()))?,
            );
        }
    }
    Ok(())
}

/// Copies a checkpoint beneath another folder, durable when it returns.
pub(crate) fn copy(checkpoint: &Checkpoint, checkpoints: &Path) -> Result<(), StoreError> {
    let folder = checkpoints.join(format!("{:020}", checkpoint.position.0));
    make_folder(checkpoints)?;
    make_folder(&folder)?;
    let entries = fs::read_dir(&checkpoint.folder).map_err(io("list", &checkpoint.folder))?;
    for entry in entries {
        let source = entry.map_err(io("list", &checkpoint.folder))?.path();
        let Some(name) = source.file_name() else { continue };
        let target = folder.join(name);
        fs::copy(&source, &target).map_err(io("copy", &source))?;
        File::open(&target).and_then(|file| file.sync_all()).map_err(io("sync", &target))?;
    }
    sync_folder(&folder)?;
    sync_folder(checkpoints)
}

/// Removes the checkpoints before the newest.
pub(crate) fn remove_before(checkpoints: &Path, newest: &Checkpoint) -> Result<(), StoreError> {
    for older in all(checkpoints)?.iter().filter(|checkpoint| checkpoint.position < newest.position) {
        remove_folder(&older.folder)?;
    }
    Ok(())
}

fn remove_folder(folder: &Path) -> Result<(), StoreError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io("remove", folder)(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Makes a folder whose name outlives a power cut: its entry stands in the folder above.
fn make_folder(folder: &Path) -> Result<(), StoreError> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder).map_err(io("make the folder", folder))?;
    match folder.parent() {
        Some(above) if above.as_os_str().is_empty() => sync_folder(Path::new(".")),
        Some(above) => sync_folder(above),
        None => Ok(()),
    }
}

fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    File::open(folder).and_then(|file| file.sync_all()).map_err(io("sync", folder))
}
