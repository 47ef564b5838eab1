//! The files of one pack as bytes. Who calls reads them from a folder, the binary or the wire; this crate does no I/O.

use std::collections::BTreeMap;

use super::error::PackError;

/// Most files in one pack.
pub const FILES_MAX: usize = 64;
/// Largest file, in bytes.
pub const FILE_BYTES_MAX: usize = 256 * 1024;
/// Largest pack, in bytes of all its files.
pub const PACK_BYTES_MAX: usize = 1024 * 1024;
/// Longest path of one file, in bytes.
pub const PATH_BYTES_MAX: usize = 128;

/// The file that describes the pack itself.
pub const PACK_FILE: &str = "pack.yaml";
/// The canonical list of files; it stands beside them and is not listed in itself.
pub const MANIFEST_FILE: &str = "pack.manifest";
/// The signature of the manifest, in minisign's format.
pub const SIGNATURE_FILE: &str = "pack.manifest.minisig";

/// The files of one pack by relative path, within the limits of this module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackFiles {
    files: BTreeMap<String, Vec<u8>>,
}

impl PackFiles {
    /// No files yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { files: BTreeMap::new() }
    }

    /// Adds one file.
    ///
    /// # Errors
    /// [`PackError::File`] when the path is not a plain relative one, stands twice, or a limit is passed.
    pub fn insert(&mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Result<(), PackError> {
        let refuse = |problem: String| PackError::File { path: crate::fact::clean_text(path, PATH_BYTES_MAX), problem };
        let bytes = bytes.into();
        check_path(path).map_err(|problem| refuse(problem.to_owned()))?;
        if self.files.contains_key(path) {
            return Err(refuse("stands twice in the pack".to_owned()));
        }
        if self.files.len() >= FILES_MAX {
            return Err(refuse(format!("a pack holds at most {FILES_MAX} files")));
        }
        if bytes.len() > FILE_BYTES_MAX {
            return Err(refuse(format!("is {} bytes long, the limit is {FILE_BYTES_MAX}", bytes.len())));
        }
        if self.bytes() + bytes.len() > PACK_BYTES_MAX {
            return Err(refuse(format!("takes the pack over its limit of {PACK_BYTES_MAX} bytes")));
        }
        self.files.insert(path.to_owned(), bytes);
        Ok(())
    }

    /// One file by its path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// Every file, sorted by path, the manifest and its signature included.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// The files that the manifest lists: every one but the manifest and its signature.
    pub fn listed(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.iter().filter(|(path, _)| *path != MANIFEST_FILE && *path != SIGNATURE_FILE)
    }

    fn bytes(&self) -> usize {
        self.files.values().map(Vec::len).sum()
    }
}

fn check_path(path: &str) -> Result<(), &'static str> {
    if path.is_empty() || path.len() > PATH_BYTES_MAX {
        return Err("the path is empty or too long");
    }
    let part_fits = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    };
    if !path.split('/').all(part_fits) {
        return Err("the path must be relative, of letters, digits, `.`, `-` and `_`, without `..`");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_leave_the_pack_are_refused() {
        for path in ["", "/etc/passwd", "../x.yaml", "a/../b", "a//b", "a\\b", "a b", ".git/config", "a/."] {
            assert!(PackFiles::new().insert(path, "").is_err(), "{path}");
        }
    }

    #[test]
    fn a_file_over_the_limit_is_refused_with_its_name() {
        let error = PackFiles::new().insert("big.yaml", vec![b' '; FILE_BYTES_MAX + 1]).expect_err("too large");
        assert!(error.to_string().contains("big.yaml"), "{error}");
    }

    #[test]
    fn a_pack_over_the_limit_is_refused() {
        let mut files = PackFiles::new();
        for number in 0..4 {
            files.insert(&format!("{number}.yaml"), vec![b' '; FILE_BYTES_MAX]).expect("within the limit");
        }
        assert!(files.insert("one-more.yaml", "x").is_err());
    }
}
