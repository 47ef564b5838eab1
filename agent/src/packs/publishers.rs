//! The keys of publishers that this host trusts: files that only root, or the user that runs the agent, can write.

use std::path::{Path, PathBuf};

use vedetta_checks::pack::trust::{PinnedKeys, TrustError};

use crate::platform;

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PublisherError {
    /// The folder or a file cannot be read.
    #[error("cannot read the publishers' keys {path}: {source}", path = .path.display())]
    Read {
        /// File or folder.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// Others than root could have put a key there.
    #[error("the publishers' keys in {path} are not used: it must belong to root and be writable by its owner alone", path = .path.display())]
    Writable {
        /// File or folder.
        path: PathBuf,
    },
    /// A file is no key.
    #[error("the publishers' keys in {folder}: {source}", folder = .folder.display())]
    Key {
        /// The folder.
        folder: PathBuf,
        /// What is wrong.
        source: TrustError,
    },
}

/// The keys in a folder's `*.pub` files; no folder, no keys.
///
/// # Errors
/// [`PublisherError`]: then no signed pack is taken at all.
pub fn pinned_keys(folder: &Path) -> Result<PinnedKeys, PublisherError> {
    let read = |path: &Path| {
        let path = path.to_path_buf();
        move |source| PublisherError::Read { path, source }
    };
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(PinnedKeys::default()),
        entries => entries.map_err(read(folder))?,
    };
    check_owner(folder)?;
    let mut texts = Vec::new();
    for entry in entries {
        let path = entry.map_err(read(folder))?.path();
        if path.extension().is_some_and(|extension| extension == "pub") {
            check_owner(&path)?;
            texts.push(std::fs::read_to_string(&path).map_err(read(&path))?);
        }
    }
    PinnedKeys::parse(texts.iter().map(String::as_str))
        .map_err(|source| PublisherError::Key { folder: folder.to_path_buf(), source })
}

fn check_owner(path: &Path) -> Result<(), PublisherError> {
    match platform::is_trusted(path) {
        Ok(true) => Ok(()),
        Ok(false) => Err(PublisherError::Writable { path: path.to_path_buf() }),
        Err(source) => Err(PublisherError::Read { path: path.to_path_buf(), source }),
    }
}
