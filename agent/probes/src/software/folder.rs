//! Folders of the host, listed with what each name is, and the beginnings of files.

use std::cell::RefCell;
use std::io::Read;

use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use crate::files::{FileError, Root};

/// Most names read from one folder; a folder of uploads may hold millions.
pub(super) const NAMES_MAX: usize = 4_096;
/// How much of a file's beginning is read, in bytes: WordPress looks for the head of an extension in as much.
pub(super) const HEAD_BYTES: u64 = 8 * 1024;

/// One name in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The name.
    pub(super) name: String,
    /// Whether it is a folder or a link, which may lead to one.
    pub(super) may_be_folder: bool,
}

/// What lies in a folder.
#[derive(Debug)]
pub(super) struct Listing {
    /// Its names, sorted; at most [`NAMES_MAX`].
    pub(super) entries: Vec<Entry>,
    /// Why some are missing.
    pub(super) missed: Option<Unknown>,
}

/// Lists a folder. A name that is no UTF-8 cannot be told: it is left out, and missed when it may be that of a folder.
///
/// # Errors
/// [`FileError`] names the folder and why.
pub(super) fn entries(root: &Root, path: &str) -> Result<Listing, FileError> {
    let real = root.resolve(path)?;
    let names = std::fs::read_dir(real).map_err(|source| FileError::from_io(path, source))?;
    let mut listing = Listing { entries: Vec::new(), missed: None };
    for entry in names {
        if listing.entries.len() == NAMES_MAX {
            listing.missed = Some(Unknown::new(Reason::TOO_LARGE, format!("{path}: more than {NAMES_MAX} names")));
            break;
        }
        let entry = entry.map_err(|source| FileError::from_io(path, source))?;
        let may_be_folder = entry.file_type().is_ok_and(|kind| kind.is_dir() || kind.is_symlink());
        match entry.file_name().into_string() {
            Ok(name) => listing.entries.push(Entry { name, may_be_folder }),
            Err(_no_text) if may_be_folder => {
                let detail = format!("{path}: the name of a folder is not UTF-8");
                listing.missed = Some(Unknown::new(Reason::UNREADABLE, detail));
            }
            Err(_no_text) => {}
        }
    }
    listing.entries.sort_unstable_by(|left, right| left.name.cmp(&right.name));
    Ok(listing)
}

/// Why something was not seen during a look that goes on all the same: the first reason is kept.
#[derive(Debug, Default)]
pub(super) struct Missed(RefCell<Option<Unknown>>);

impl Missed {
    /// Notes a reason.
    pub(super) fn note(&self, why: Unknown) {
        self.0.borrow_mut().get_or_insert(why);
    }

    /// Notes why something cannot be read; that it is not there is no miss.
    pub(super) fn note_error(&self, error: &FileError) {
        if !error.is_not_found() {
            self.note(error.to_unknown());
        }
    }

    /// The first reason.
    pub(super) fn first(&self) -> Option<Unknown> {
        self.0.borrow().clone()
    }
}

/// The names in a folder, sorted; none when it is not there. What could not be read is noted.
pub(super) fn names(root: &Root, path: &str, missed: &Missed) -> Vec<String> {
    match entries(root, path) {
        Ok(listing) => {
            listing.missed.into_iter().for_each(|why| missed.note(why));
            listing.entries.into_iter().map(|entry| entry.name).collect()
        }
        Err(error) => {
            missed.note_error(&error);
            Vec::new()
        }
    }
}

/// Whether there is anything at a path; where that cannot be told, it is noted.
pub(super) fn is_there(root: &Root, path: &str, missed: &Missed) -> bool {
    root.presence(path).unwrap_or_else(|error| {
        missed.note_error(&error);
        false
    })
}

/// The path as on the host with every link resolved.
pub(super) fn real_path(root: &Root, path: &str) -> Option<String> {
    let base = root.resolve("/").ok()?;
    let real = root.resolve(path).ok()?;
    let inside = real.strip_prefix(base).ok()?.to_str()?.trim_end_matches('/').to_owned();
    Some(format!("/{inside}"))
}

/// The beginning of a file as text; nothing when it cannot be read.
pub(super) fn head(root: &Root, path: &str) -> Option<String> {
    let mut bytes = Vec::new();
    root.open(path).ok()?.take(HEAD_BYTES).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The paths that a pattern names: gaps stand within one step of it, as in [`super::pattern`]. What could not be read is
/// noted.
pub(super) fn expand(root: &Root, pattern: &str, missed: &Missed) -> Vec<String> {
    let mut found = vec![String::new()];
    for step in pattern.split('/').filter(|step| !step.is_empty()) {
        let mut next = Vec::new();
        for folder in &found {
            if !super::pattern::has_gaps(step) {
                next.push(format!("{folder}/{step}"));
                continue;
            }
            let names = names(root, if folder.is_empty() { "/" } else { folder }, missed);
            let fitting = names.iter().filter(|name| super::pattern::fits(step, name));
            next.extend(fitting.map(|name| format!("{folder}/{name}")));
        }
        found = next;
    }
    found.retain(|path| is_there(root, path, missed));
    found
}
