//! Reading a pack from a folder, or one file of checks.

use std::path::{Path, PathBuf};

use vedetta_checks::pack::files::{FILES_MAX, PACK_FILE};
use vedetta_checks::pack::{PackError, PackFiles};

/// Most subfolders that are looked into for packs.
const PACK_FOLDERS_MAX: usize = 256;
/// Deepest folder in a pack.
const DEPTH_MAX: usize = 4;

/// Why a folder holds no usable pack.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It cannot be read.
    #[error("cannot read the pack {path}: {source}", path = .path.display())]
    Read {
        /// File or folder.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// It breaks a rule of packs.
    #[error("the pack is not usable: {0}")]
    Pack(#[from] PackError),
    /// A name is no text, or there are too many files.
    #[error("cannot read the pack {path}: {why}", path = .path.display())]
    Content {
        /// File or folder.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

/// The files of a pack's folder; links are not followed. A single file is read with a description of its own around it.
///
/// # Errors
/// [`FolderError`] names the file.
pub fn read_folder(path: &Path) -> Result<PackFiles, FolderError> {
    let mut files = PackFiles::new();
    if path.is_dir() {
        add_folder(&mut files, path, "", 0)?;
        return Ok(files);
    }
    let name = path.file_name().and_then(|name| name.to_str()).filter(|name| *name != PACK_FILE);
    let Some(name) = name else {
        return Err(FolderError::Content { path: path.to_path_buf(), why: "give the folder of the pack".to_owned() });
    };
    files.insert(PACK_FILE, SINGLE_FILE_PACK)?;
    files.insert(name, read(path)?)?;
    Ok(files)
}

/// The description that stands around a single file of checks.
const SINGLE_FILE_PACK: &str = "id: local
version: 1
language: 1
title: { it: Controlli da un file, en: Checks from a file }
publisher: local
published: 2026-01-01
expires: 2126-01-01
";

/// The subfolders of a folder of packs, by name; none when the folder is missing.
pub(super) fn pack_folders(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    paths.sort();
    paths.truncate(PACK_FOLDERS_MAX);
    paths
}

fn add_folder(files: &mut PackFiles, folder: &Path, prefix: &str, depth: usize) -> Result<(), FolderError> {
    let content = |why: &str| FolderError::Content { path: folder.to_path_buf(), why: why.to_owned() };
    let failed = |source| FolderError::Read { path: folder.to_path_buf(), source };
    if depth > DEPTH_MAX {
        return Err(content("the folders are too deep"));
    }
    for (count, entry) in std::fs::read_dir(folder).map_err(failed)?.enumerate() {
        let entry = entry.map_err(failed)?;
        if count > FILES_MAX {
            return Err(content("too many files"));
        }
        let name = entry.file_name().into_string().map_err(|_| content("a file name is no text"))?;
        let path = format!("{prefix}{name}");
        if entry.file_type().map_err(failed)?.is_dir() {
            add_folder(files, &entry.path(), &format!("{path}/"), depth + 1)?;
        } else {
            files.insert(&path, read(&entry.path())?)?;
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, FolderError> {
    let failed = |source| FolderError::Read { path: path.to_path_buf(), source };
    crate::files::read(path).map_err(failed)?.ok_or_else(|| failed(std::io::ErrorKind::NotFound.into()))
}
