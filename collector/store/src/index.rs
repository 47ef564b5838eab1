//! The index: sled, derived from the journal.
//!
//! Each tree holds, beside its records, the position up to which it is applied, written in the same batch: sled's batches
//! are atomic within one tree only. Applying a commit twice has no effect. Readers and the writer take turns at a gate, so
//! that no reader sees half a commit.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use aws_lc_rs::digest;
use vedetta_core::changes::Position;

use crate::codec::{KINDS, Kind, Place, kind_by_number};

/// Rises when the trees, keys or values change; an index of another version is rebuilt.
pub(crate) const INDEX_VERSION: u64 = 2;

const META_TREE: &str = "meta";
const VERSION_KEY: &[u8] = b"index-version";
/// Key of the applied position in each tree; records start with another byte.
const APPLIED_KEY: &[u8] = &[0];
const RECORD_BYTE: u8 = 1;

/// What the index could not do.
#[derive(Debug, thiserror::Error)]
#[error("the index could not {operation}: {why}")]
pub(crate) struct IndexError {
    pub(crate) operation: &'static str,
    pub(crate) why: String,
}

impl IndexError {
    fn new(operation: &'static str, why: impl ToString) -> Self {
        Self { operation, why: why.to_string() }
    }
}

/// One record to put (with its value) or to remove.
#[derive(Debug, Clone)]
pub(crate) struct IndexChange {
    pub(crate) place: Place,
    pub(crate) value: Option<Vec<u8>>,
}

/// What is read: version and value.
pub(crate) type Entry = (Position, Vec<u8>);

/// Which part of one kind's records to read.
pub(crate) struct Range {
    pub(crate) prefix: Vec<u8>,
    pub(crate) after: Option<Place>,
    pub(crate) limit: usize,
    pub(crate) newest_first: bool,
}

/// How far the trees are applied: after a crash they may differ.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Applied {
    /// From here the journal must be replayed.
    pub(crate) lowest: Position,
    /// Up to here commits were acknowledged, or about to be.
    pub(crate) highest: Position,
}

pub(crate) struct Index {
    database: sled::Db,
    gate: RwLock<()>,
}

impl Index {
    /// Opens the index; an error, or a panic inside sled, means that it has to be rebuilt.
    pub(crate) fn open(folder: &Path, cache_bytes: u64) -> Result<Self, IndexError> {
        let opened =
            catch_unwind(AssertUnwindSafe(|| sled::Config::new().path(folder).cache_capacity(cache_bytes).open()));
        let database = opened
            .map_err(|_panic| IndexError::new("open", "sled broke off"))?
            .map_err(|error| IndexError::new("open", error))?;
        Ok(Self { database, gate: RwLock::new(()) })
    }

    /// Whether the index was built by a program with the same layout.
    pub(crate) fn has_this_version(&self) -> Result<bool, IndexError> {
        let meta = self.tree(META_TREE)?;
        let version = meta.get(VERSION_KEY).map_err(|error| IndexError::new("read its version", error))?;
        Ok(version.as_deref().and_then(number) == Some(INDEX_VERSION))
    }

    /// Writes the version of the layout.
    pub(crate) fn write_version(&self) -> Result<(), IndexError> {
        let meta = self.tree(META_TREE)?;
        meta.insert(VERSION_KEY, &INDEX_VERSION.to_be_bytes())
            .map(drop)
            .map_err(|error| IndexError::new("write its version", error))
    }

    /// How far the trees are applied.
    pub(crate) fn applied(&self) -> Result<Applied, IndexError> {
        let mut range: Option<Applied> = None;
        for name in self.tree_names() {
            let own = Position(self.applied_of(&self.tree(&name)?)?);
            range = Some(range.map_or(Applied { lowest: own, highest: own }, |known| Applied {
                lowest: known.lowest.min(own),
                highest: known.highest.max(own),
            }));
        }
        Ok(range.unwrap_or_default())
    }

    fn applied_of(&self, tree: &sled::Tree) -> Result<u64, IndexError> {
        let applied = tree.get(APPLIED_KEY).map_err(|error| IndexError::new("read a position", error))?;
        Ok(applied.as_deref().and_then(number).unwrap_or(0))
    }

    /// Applies one commit; a tree that already has it is left alone.
    pub(crate) fn apply(&self, position: Position, changes: &[IndexChange]) -> Result<(), IndexError> {
        let mut batches: BTreeMap<String, sled::Batch> = BTreeMap::new();
        for change in changes {
            let batch = batches.entry(tree_name(&change.place)?).or_default();
            match &change.value {
                Some(value) => batch.insert(record_key(&change.place.key), join_entry(position, value)),
                None => batch.remove(record_key(&change.place.key)),
            }
        }
        let _gate = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        for (name, mut batch) in batches {
            let tree = self.tree(&name)?;
            if self.applied_of(&tree)? < position.0 {
                batch.insert(APPLIED_KEY, &position.0.to_be_bytes());
                tree.apply_batch(batch).map_err(|error| IndexError::new("write", error))?;
            }
        }
        Ok(())
    }

    /// Puts one record with the version that it has in a checkpoint.
    pub(crate) fn put_versioned(&self, change: &IndexChange, version: Position) -> Result<(), IndexError> {
        let value = change.value.as_deref().unwrap_or_default();
        self.tree(&tree_name(&change.place)?)?
            .insert(record_key(&change.place.key), join_entry(version, value))
            .map(drop)
            .map_err(|error| IndexError::new("write", error))
    }

    /// Says that every tree has everything up to a position, so that a replay starts there.
    pub(crate) fn mark_all(&self, position: Position) -> Result<(), IndexError> {
        for kind in KINDS.iter().filter(|kind| !kind.is_split) {
            self.tree(kind.tree)?;
        }
        for name in self.tree_names() {
            self.tree(&name)?
                .insert(APPLIED_KEY, &position.0.to_be_bytes())
                .map_err(|error| IndexError::new("write a position", error))?;
        }
        Ok(())
    }

    /// Reads one record.
    pub(crate) fn get(&self, place: &Place) -> Result<Option<Entry>, IndexError> {
        let _gate = self.read_gate();
        let name = tree_name(place)?;
        if place.bucket.is_some() && !self.tree_names().contains(&name) {
            return Ok(None);
        }
        let entry = self.tree(&name)?.get(record_key(&place.key)).map_err(|error| IndexError::new("read", error))?;
        entry.map(|bytes| split_entry(&bytes)).transpose()
    }

    /// Reads a part of one kind's records, in the order of the keys (within each month, for history).
    pub(crate) fn list(&self, kind: &Kind, range: &Range) -> Result<Vec<Entry>, IndexError> {
        let _gate = self.read_gate();
        let mut found = Vec::new();
        let mut names = self.trees_of(kind);
        if range.newest_first {
            names.reverse();
        }
        let after_tree = range.after.as_ref().map(tree_name).transpose()?;
        for name in names {
            let after = match (&after_tree, &range.after) {
                (Some(tree), Some(place)) if *tree == name => Some(record_key(&place.key)),
                (Some(tree), Some(_)) if (*tree > name) != range.newest_first => continue,
                _ => None,
            };
            let tree = self.tree(&name)?;
            let items = tree.scan_prefix(record_key(&range.prefix));
            let wanted = |key: &[u8]| match &after {
                Some(after) if range.newest_first => key < after.as_slice(),
                Some(after) => key > after.as_slice(),
                None => true,
            };
            let left = range.limit - found.len();
            if range.newest_first {
                take(items.rev(), wanted, left, &mut found)?;
            } else if let Some(start) = after.clone() {
                let from_there = tree.range(start..).take_while(|item| {
                    item.as_ref().map_or(true, |(key, _)| key.starts_with(&record_key(&range.prefix)))
                });
                take(from_there, wanted, left, &mut found)?;
            } else {
                take(items, wanted, left, &mut found)?;
            }
            if found.len() >= range.limit {
                break;
            }
        }
        Ok(found)
    }

    /// Every record of every tree, by tree and key: for checkpoints and comparisons.
    pub(crate) fn for_each(
        &self,
        mut each: impl FnMut(&str, &Kind, Option<&str>, &[u8], Entry) -> Result<(), IndexError>,
    ) -> Result<(), IndexError> {
        for kind in KINDS {
            for name in self.trees_of(kind) {
                let bucket = name.split_once('/').map(|(_, bucket)| bucket);
                for item in self.tree(&name)?.scan_prefix([RECORD_BYTE]) {
                    let (key, value) = item.map_err(|error| IndexError::new("read", error))?;
                    each(&name, kind, bucket, key.get(1..).unwrap_or_default(), split_entry(&value)?)?;
                }
            }
        }
        Ok(())
    }

    /// SHA-256 over every record with its version: equal digests mean equal contents.
    pub(crate) fn digest(&self) -> Result<[u8; 32], IndexError> {
        let _gate = self.read_gate();
        let mut context = digest::Context::new(&digest::SHA256);
        self.for_each(|name, _kind, _bucket, key, (version, value)| {
            for part in [name.as_bytes(), key, &version.0.to_be_bytes(), &value] {
                context.update(&(part.len() as u64).to_be_bytes());
                context.update(part);
            }
            Ok(())
        })?;
        let mut bytes = [0; 32];
        bytes.copy_from_slice(context.finish().as_ref());
        Ok(bytes)
    }

    /// Drops the history of the months before `bucket`.
    pub(crate) fn drop_buckets_before(&self, bucket: &str) -> Result<(), IndexError> {
        let _gate = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        for kind in KINDS.iter().filter(|kind| kind.is_split) {
            for name in self.trees_of(kind) {
                if name.split_once('/').is_some_and(|(_, own)| own < bucket) {
                    self.database.drop_tree(&name).map_err(|error| IndexError::new("drop a month", error))?;
                }
            }
        }
        Ok(())
    }

    /// Hands what is in memory to the operating system.
    pub(crate) fn flush(&self) -> Result<(), IndexError> {
        self.database.flush().map(drop).map_err(|error| IndexError::new("flush", error))
    }

    fn trees_of(&self, kind: &Kind) -> Vec<String> {
        if !kind.is_split {
            return vec![kind.tree.to_owned()];
        }
        let belongs = |name: &String| name.split_once('/').is_some_and(|(tree, _)| tree == kind.tree);
        let mut names: Vec<_> = self.tree_names().into_iter().filter(belongs).collect();
        names.sort();
        names
    }

    fn tree_names(&self) -> Vec<String> {
        let own = |name: &String| KINDS.iter().any(|kind| name.split('/').next() == Some(kind.tree));
        let names = self.database.tree_names();
        names.into_iter().filter_map(|name| String::from_utf8(name.to_vec()).ok()).filter(own).collect()
    }

    fn tree(&self, name: &str) -> Result<sled::Tree, IndexError> {
        self.database.open_tree(name).map_err(|error| IndexError::new("open a tree", error))
    }

    fn read_gate(&self) -> RwLockReadGuard<'_, ()> {
        self.gate.read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn take(
    items: impl Iterator<Item = sled::Result<(sled::IVec, sled::IVec)>>,
    wanted: impl Fn(&[u8]) -> bool,
    limit: usize,
    found: &mut Vec<Entry>,
) -> Result<(), IndexError> {
    let mut left = limit;
    for item in items {
        if left == 0 {
            break;
        }
        let (key, value) = item.map_err(|error| IndexError::new("read", error))?;
        if wanted(&key) {
            found.push(split_entry(&value)?);
            left -= 1;
        }
    }
    Ok(())
}

fn tree_name(place: &Place) -> Result<String, IndexError> {
    let kind = kind_by_number(place.kind)
        .ok_or_else(|| IndexError::new("find a tree", format!("unknown kind {}", place.kind)))?;
    Ok(match &place.bucket {
        Some(bucket) => format!("{}/{bucket}", kind.tree),
        None => kind.tree.to_owned(),
    })
}

fn record_key(key: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(key.len() + 1);
    bytes.push(RECORD_BYTE);
    bytes.extend_from_slice(key);
    bytes
}

fn join_entry(version: Position, value: &[u8]) -> Vec<u8> {
    let mut entry = version.0.to_be_bytes().to_vec();
    entry.extend_from_slice(value);
    entry
}

fn split_entry(bytes: &[u8]) -> Result<Entry, IndexError> {
    let (version, value) =
        bytes.split_first_chunk::<8>().ok_or_else(|| IndexError::new("read", "an entry is too short"))?;
    Ok((Position(u64::from_be_bytes(*version)), value.to_vec()))
}

fn number(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().ok().map(u64::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_that_were_written_by_different_commits_are_applied_to_different_positions() {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::open(folder.path(), 1 << 20).unwrap();
        let whole: Vec<&Kind> = KINDS.iter().filter(|kind| !kind.is_split).collect();
        for (kind, position) in whole.iter().zip([Position(3), Position(7)]) {
            let place = Place { kind: kind.number, bucket: None, key: vec![1] };
            index.apply(position, &[IndexChange { place, value: Some(vec![1]) }]).unwrap();
        }
        let applied = index.applied().unwrap();
        assert_eq!((applied.lowest, applied.highest), (Position(3), Position(7)));
    }
}
