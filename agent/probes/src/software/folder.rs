//! Folders of the host, listed with what each name is, and the beginnings of files.

use std::io::Read;

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

/// What lies in a folder, sorted by name; at most [`NAMES_MAX`] names, and whether there were more. Names that are no UTF-8
/// are left out.
///
/// # Errors
/// [`FileError`] names the folder and why.
pub(super) fn entries(root: &Root, path: &str) -> Result<(Vec<Entry>, bool), FileError> {
    let real = root.resolve(path)?;
    let listing = std::fs::read_dir(real).map_err(|source| FileError::from_io(path, source))?;
    let (mut entries, mut is_cut) = (Vec::new(), false);
    for entry in listing {
        if entries.len() == NAMES_MAX {
            is_cut = true;
            break;
        }
        let entry = entry.map_err(|source| FileError::from_io(path, source))?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let may_be_folder = entry.file_type().is_ok_and(|kind| kind.is_dir() || kind.is_symlink());
        entries.push(Entry { name, may_be_folder });
    }
    entries.sort_unstable_by(|left, right| left.name.cmp(&right.name));
    Ok((entries, is_cut))
}

/// The names in a folder, sorted; none when it is not there or cannot be read.
pub(super) fn names(root: &Root, path: &str) -> Vec<String> {
    entries(root, path).map(|(entries, _)| entries.into_iter().map(|entry| entry.name).collect()).unwrap_or_default()
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

/// The paths that a pattern names: gaps stand within one step of it, as in [`super::pattern`].
pub(super) fn expand(root: &Root, pattern: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for step in pattern.split('/').filter(|step| !step.is_empty()) {
        let mut next = Vec::new();
        for folder in &found {
            if !super::pattern::has_gaps(step) {
                next.push(format!("{folder}/{step}"));
                continue;
            }
            let names = names(root, if folder.is_empty() { "/" } else { folder });
            let fitting = names.iter().filter(|name| super::pattern::fits(step, name));
            next.extend(fitting.map(|name| format!("{folder}/{name}")));
        }
        found = next;
    }
    found.retain(|path| root.exists(path));
    found
}
