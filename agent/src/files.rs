//! Small files in the state folder: replaced whole, read within a limit.

use std::io::{self, Read as _, Write as _};
use std::path::Path;

use crate::platform;

/// Longest small file, in bytes.
pub const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Replaces a file whole and durably; only its owner can read it.
///
/// # Errors
/// The system's answer; the former file is still there.
pub fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = file.parent().unwrap_or_else(|| Path::new("."));
    // A temporary file is made with mode 0600.
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    temporary.persist(file).map_err(|error| error.error)?;
    platform::sync_folder(folder)
}

/// Reads a file; nothing when it is missing.
///
/// # Errors
/// The system's answer, or that the file is longer than [`FILE_BYTES_MAX`].
pub fn read(file: &Path) -> io::Result<Option<Vec<u8>>> {
    let opened = match std::fs::File::open(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut bytes = Vec::new();
    opened.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("longer than {FILE_BYTES_MAX} bytes")));
    }
    Ok(Some(bytes))
}
