//! The agent's packages that this collector hands out: the regular files of one folder whose names have a strict form.
//!
//! The folder is the operator's: a package is put there by a person, never by a request. Whoever has the address may take
//! one without logging in, because the program is public; nothing else of the disk can be reached through here.

mod name;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest;

pub(crate) use name::{Kind, PackageName};

/// Largest file that is served, in bytes.
pub const PACKAGE_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Most entries of the folder that are looked at.
const ENTRIES_MAX: usize = 256;
/// How much of a file is read at once, in bytes.
const BLOCK_BYTES: usize = 64 * 1024;
/// The version of this program, which its own packages are released with.
const OWN_VERSION: &str = env!("CARGO_PKG_VERSION");

/// The folder of packages.
#[derive(Debug)]
pub struct Packages {
    folder: PathBuf,
    /// What was hashed, under its name, as long as the file stays the same.
    hashed: Mutex<BTreeMap<String, (Stamp, [u8; 32])>>,
}

/// A package that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) name: PackageName,
    /// In bytes.
    pub(crate) size: u64,
    pub(crate) sha256: [u8; 32],
}

/// What tells a file from another one that took its place: file system, number, size, time of change.
type Stamp = (u64, u64, u64, i64, i64);

fn stamp(metadata: &Metadata) -> Stamp {
    (metadata.dev(), metadata.ino(), metadata.size(), metadata.mtime(), metadata.mtime_nsec())
}

impl Packages {
    /// The packages of a folder, which may not exist yet.
    #[must_use]
    pub fn of(folder: PathBuf) -> Self {
        Self { folder, hashed: Mutex::default() }
    }

    /// The folder, for the person who puts packages there.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The newest version of the agent that people can get: the highest among the packages here; without any, this
    /// program's own, because agent and collector are released together. Reads the folder, so it may block.
    #[must_use]
    pub fn newest_agent(&self) -> String {
        let names = self.names().into_iter().filter(|name| !name.version().is_empty());
        names.max_by(PackageName::compare).map_or_else(|| OWN_VERSION.to_owned(), |name| name.version().to_owned())
    }

    /// Every package with its SHA-256, the newest first. Reads and hashes files, so it may block.
    pub(crate) fn all(&self) -> Vec<Package> {
        let mut all: Vec<Package> = self.names().into_iter().filter_map(|name| self.package(name)).collect();
        all.sort_by(|one, other| {
            other.name.compare(&one.name).then_with(|| one.name.as_str().cmp(other.name.as_str()))
        });
        let mut hashed = self.hashed.lock().unwrap_or_else(PoisonError::into_inner);
        hashed.retain(|name, _| all.iter().any(|package| package.name.as_str() == name));
        all
    }

    /// Opens one file to be sent, with its size. Never follows a link, and opens nothing but regular files.
    pub(crate) fn open(&self, name: &PackageName) -> Option<(File, u64)> {
        let path = self.folder.join(name.as_str());
        let seen = path.symlink_metadata().ok().filter(is_served)?;
        let file = File::open(&path).ok()?;
        let opened = file.metadata().ok()?;
        // Somebody may have put a link there in between: then what was opened is not what was seen.
        (stamp(&seen) == stamp(&opened)).then_some((file, opened.len()))
    }

    fn names(&self) -> Vec<PackageName> {
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                tracing::warn!(folder = %self.folder.display(), %error, "the folder of packages cannot be read");
                return Vec::new();
            }
        };
        let name = |entry: std::fs::DirEntry| {
            let name = PackageName::parse(entry.file_name().to_str()?)?;
            let metadata = entry.path().symlink_metadata().ok()?;
            is_served(&metadata).then_some(name)
        };
        entries.take(ENTRIES_MAX).filter_map(Result::ok).filter_map(name).collect()
    }

    fn package(&self, name: PackageName) -> Option<Package> {
        let (file, size) = self.open(&name)?;
        let stamp = stamp(&file.metadata().ok()?);
        let known = self.hashed.lock().unwrap_or_else(PoisonError::into_inner).get(name.as_str()).copied();
        let sha256 = match known.filter(|(own, _)| *own == stamp) {
            Some((_, sha256)) => sha256,
            None => {
                let sha256 = hash(file)?;
                let mut hashed = self.hashed.lock().unwrap_or_else(PoisonError::into_inner);
                hashed.insert(name.as_str().to_owned(), (stamp, sha256));
                sha256
            }
        };
        Some(Package { name, size, sha256 })
    }
}

fn is_served(metadata: &Metadata) -> bool {
    metadata.is_file() && metadata.len() <= PACKAGE_BYTES_MAX
}

fn hash(file: File) -> Option<[u8; 32]> {
    let mut context = digest::Context::new(&digest::SHA256);
    let mut reader = file.take(PACKAGE_BYTES_MAX);
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        let count = reader.read(&mut block).ok()?;
        match block.get(..count) {
            None | Some([]) => break,
            Some(read) => context.update(read),
        }
    }
    context.finish().as_ref().try_into().ok()
}

/// Whether an agent of one version is older than the newest; a text that is no version is never called old.
pub(crate) fn is_older(version: &str, newest: &str) -> bool {
    vedetta_checks::judge::version::VersionKind::Semver.compare(version, newest) == Some(Ordering::Less)
}

#[cfg(test)]
mod tests;
