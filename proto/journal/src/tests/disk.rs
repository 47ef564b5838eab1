//! A disk in memory that keeps only what was synced, may keep any page that was not, fills up, and fails on demand.
//!
//! It is crueller than a file system: names become durable by `sync_folder` alone and independently of each other,
//! and a page whose sync failed looks fine until power is lost, yet is not written by a later sync.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::storage::{Handle, Lock, Storage};

/// What a loss of power leaves of everything that was not synced.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Unsynced {
    Gone,
    Kept,
    /// Each page, name and length by chance, from this seed.
    ByChance(u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// This many operations in a row answer EIO.
    InputOutput { times: u64 },
    /// The operation is left half done and nothing works until [`Disk::lose_power`].
    PowerOff,
}

#[derive(Debug, Clone)]
pub(crate) struct Disk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    page_bytes: usize,
    capacity: Option<usize>,
    files: Vec<File>,
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    fault_in: Option<(u64, Fault)>,
    is_off: bool,
    locked: bool,
}

#[derive(Debug, Default, Clone)]
struct File {
    content: Vec<u8>,
    durable: Vec<u8>,
    /// Pages that the next sync writes.
    dirty: BTreeSet<usize>,
    /// What may stand on the disk instead of the durable page.
    maybe: BTreeMap<usize, Vec<Vec<u8>>>,
    /// Lengths that may stand on the disk instead of the durable one.
    maybe_lengths: Vec<usize>,
}

impl Disk {
    pub(crate) fn new(page_bytes: usize) -> Self {
        Self(Arc::new(Mutex::new(State { page_bytes, ..State::default() })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// The fault strikes after this many more operations that change something.
    pub(crate) fn fault_after(&self, operations: u64, fault: Fault) {
        self.state().fault_in = Some((operations, fault));
    }

    pub(crate) fn is_off(&self) -> bool {
        self.state().is_off
    }

    /// Bytes that all files together may take; nothing for no limit.
    pub(crate) fn set_capacity(&self, capacity: Option<usize>) {
        self.state().capacity = capacity;
    }

    pub(crate) fn used(&self) -> usize {
        self.state().used()
    }

    /// The disk as the next start finds it.
    pub(crate) fn lose_power(&self, unsynced: Unsynced) -> Self {
        let state = self.state();
        let mut chance = Chance(match unsynced {
            Unsynced::ByChance(seed) => seed,
            Unsynced::Gone | Unsynced::Kept => 0,
        });
        let keeps = |chance: &mut Chance| match unsynced {
            Unsynced::Gone => false,
            Unsynced::Kept => true,
            Unsynced::ByChance(_) => chance.below(2) == 1,
        };
        let mut names = BTreeMap::new();
        for name in state.names.keys().chain(state.durable_names.keys()).collect::<BTreeSet<_>>() {
            let side = if keeps(&mut chance) { &state.names } else { &state.durable_names };
            if let Some(file) = side.get(name) {
                names.insert(name.clone(), *file);
            }
        }
        let mut files = Vec::new();
        for file in &state.files {
            let content = match unsynced {
                Unsynced::Gone => file.durable.clone(),
                Unsynced::Kept => file.content.clone(),
                Unsynced::ByChance(_) => file.by_chance(state.page_bytes, &mut chance),
            };
            files.push(File { durable: content.clone(), content, ..File::default() });
        }
        Self(Arc::new(Mutex::new(State {
            page_bytes: state.page_bytes,
            capacity: state.capacity,
            files,
            durable_names: names.clone(),
            names,
            ..State::default()
        })))
    }
}

impl State {
    fn used(&self) -> usize {
        self.names.values().filter_map(|file| self.files.get(*file)).map(|file| file.content.len()).sum()
    }

    /// Counts one operation; answers the fault that strikes it.
    fn strike(&mut self) -> io::Result<Option<Fault>> {
        if self.is_off {
            return Err(io::Error::other("power is off"));
        }
        match self.fault_in {
            Some((0, fault)) => {
                self.fault_in = match fault {
                    Fault::InputOutput { times } if times > 1 => Some((0, Fault::InputOutput { times: times - 1 })),
                    Fault::InputOutput { .. } | Fault::PowerOff => None,
                };
                self.is_off = fault == Fault::PowerOff;
                Ok(Some(fault))
            }
            Some((operations, fault)) => {
                self.fault_in = Some((operations - 1, fault));
                Ok(None)
            }
            None => Ok(None),
        }
    }
}

fn struck() -> io::Error {
    io::Error::other("input/output error")
}

impl File {
    /// Puts bytes or a length into the file as the cache shows it; every state of a page may reach the disk.
    fn change(&mut self, page_bytes: usize, content: Vec<u8>, written: &Range<usize>) {
        let before = std::mem::replace(&mut self.content, content);
        let pages = before.len().max(self.content.len()).div_ceil(page_bytes);
        for page in 0..pages {
            let now = page_of(&self.content, page, page_bytes);
            let start = page * page_bytes;
            // The same bytes again are a write, too.
            let is_written = written.start < start + page_bytes && start < written.end;
            if is_written || now != page_of(&before, page, page_bytes) {
                self.dirty.insert(page);
                self.maybe.entry(page).or_default().push(now.to_vec());
            }
        }
        self.maybe_lengths.push(self.content.len());
    }

    fn sync(&mut self, page_bytes: usize) {
        let mut durable = std::mem::take(&mut self.durable);
        durable.resize(self.content.len(), 0);
        for page in std::mem::take(&mut self.dirty) {
            lay(&mut durable, page_of(&self.content, page, page_bytes), page * page_bytes);
            self.maybe.remove(&page);
        }
        self.maybe.retain(|page, _| page * page_bytes < self.content.len());
        self.durable = durable;
        self.maybe_lengths.clear();
    }

    fn by_chance(&self, page_bytes: usize, chance: &mut Chance) -> Vec<u8> {
        let mut content = self.durable.clone();
        let length = match chance.below(self.maybe_lengths.len() + 2) {
            0 => content.len(),
            1 => content.len() + chance.below(self.content.len().saturating_sub(content.len()) + 1),
            nth => self.maybe_lengths[nth - 2],
        };
        content.resize(length, 0);
        for (page, versions) in &self.maybe {
            if let Some(version) = chance.below(versions.len() + 1).checked_sub(1) {
                lay(&mut content, &versions[version], page * page_bytes);
            }
        }
        content
    }
}

fn page_of(content: &[u8], page: usize, page_bytes: usize) -> &[u8] {
    let start = (page * page_bytes).min(content.len());
    &content[start..content.len().min(start + page_bytes)]
}

/// Copies bytes over those at `offset`, as far as there are any.
fn lay(content: &mut [u8], bytes: &[u8], offset: usize) {
    for (old, new) in content.iter_mut().skip(offset).zip(bytes) {
        *old = *new;
    }
}

/// A small deterministic generator (splitmix64), so that a failing case replays.
#[derive(Debug)]
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).unwrap()
    }
}

struct Open {
    disk: Disk,
    file: usize,
}

struct Locked(Disk);

impl Drop for Locked {
    fn drop(&mut self) {
        self.0.state().locked = false;
    }
}

impl Storage for Disk {
    fn create_folder(&self, _folder: &Path) -> io::Result<()> {
        Ok(())
    }

    fn lock(&self, _file: &Path) -> io::Result<Option<Lock>> {
        let taken = std::mem::replace(&mut self.state().locked, true);
        Ok(if taken { None } else { Some(Box::new(Locked(self.clone()))) })
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let state = self.state();
        let names = state.names.keys().filter_map(|name| name.strip_prefix(folder).ok());
        Ok(names.map(|name| name.to_str().unwrap().to_owned()).collect())
    }

    fn open_to_read(&self, file: &Path) -> io::Result<Box<dyn Handle>> {
        let file = self.state().names.get(file).copied().ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(Open { disk: self.clone(), file }))
    }

    fn open_to_write(&self, file: &Path) -> io::Result<Box<dyn Handle>> {
        self.open_to_read(file)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Handle>> {
        let mut state = self.state();
        let fault = state.strike()?;
        if matches!(fault, Some(Fault::InputOutput { .. })) {
            return Err(struck());
        }
        let page_bytes = state.page_bytes;
        let file = state.names.get(path).copied().unwrap_or(state.files.len());
        if file == state.files.len() {
            state.files.push(File::default());
            state.names.insert(path.to_owned(), file);
        } else {
            state.files[file].change(page_bytes, Vec::new(), &(0..0));
        }
        if fault.is_some() { Err(struck()) } else { Ok(Box::new(Open { disk: self.clone(), file })) }
    }

    fn remove(&self, file: &Path) -> io::Result<()> {
        let mut state = self.state();
        let fault = state.strike()?;
        if !matches!(fault, Some(Fault::InputOutput { .. })) {
            state.names.remove(file).ok_or(io::ErrorKind::NotFound)?;
        }
        if fault.is_some() { Err(struck()) } else { Ok(()) }
    }

    fn sync_folder(&self, _folder: &Path) -> io::Result<()> {
        let mut state = self.state();
        if state.strike()?.is_some() {
            return Err(struck());
        }
        state.durable_names = state.names.clone();
        Ok(())
    }

    fn free_bytes(&self, _folder: &Path) -> io::Result<Option<u64>> {
        let state = self.state();
        Ok(state.capacity.map(|capacity| capacity.saturating_sub(state.used()) as u64))
    }
}

impl Handle for Open {
    fn length(&self) -> io::Result<u64> {
        Ok(self.disk.state().files[self.file].content.len() as u64)
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let state = self.disk.state();
        let content = &state.files[self.file].content;
        let from = content.get(usize::try_from(offset).unwrap()..).unwrap_or_default();
        let count = from.len().min(buffer.len());
        buffer[..count].copy_from_slice(&from[..count]);
        Ok(count)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.disk.state();
        let fault = state.strike()?;
        let offset = usize::try_from(offset).unwrap();
        let page_bytes = state.page_bytes;
        let mut content = state.files[self.file].content.clone();
        let grows_by = (offset + bytes.len()).saturating_sub(content.len());
        let free = state.capacity.map_or(usize::MAX, |capacity| capacity.saturating_sub(state.used()));
        let fits = bytes.len() - grows_by.saturating_sub(free);
        let written = if fault.is_some() { fits / 2 } else { fits };
        content.resize(content.len().max(offset + written), 0);
        lay(&mut content, &bytes[..written], offset);
        state.files[self.file].change(page_bytes, content, &(offset..offset + written));
        match fault {
            Some(_) => Err(struck()),
            None if fits < bytes.len() => Err(io::ErrorKind::StorageFull.into()),
            None => Ok(()),
        }
    }

    fn set_length(&mut self, length: u64) -> io::Result<()> {
        let mut state = self.disk.state();
        let fault = state.strike()?;
        if !matches!(fault, Some(Fault::InputOutput { .. })) {
            let page_bytes = state.page_bytes;
            let mut content = state.files[self.file].content.clone();
            content.resize(usize::try_from(length).unwrap(), 0);
            state.files[self.file].change(page_bytes, content, &(0..0));
        }
        if fault.is_some() { Err(struck()) } else { Ok(()) }
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.disk.state();
        let fault = state.strike()?;
        let page_bytes = state.page_bytes;
        match fault {
            None => state.files[self.file].sync(page_bytes),
            // The system forgets that these pages were to be written, as Linux does.
            Some(Fault::InputOutput { .. }) => state.files[self.file].dirty.clear(),
            Some(Fault::PowerOff) => {}
        }
        if fault.is_some() { Err(struck()) } else { Ok(()) }
    }
}
