//! The log of the service: a file of bounded size, for nobody hears the standard error of a service.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Largest log in bytes; then it becomes the old one, and the former old one goes.
const BYTES_MAX: u64 = 1024 * 1024;
/// Folder of the log.
const FOLDER: &str = "log";
/// Name of the log in its folder.
const NAME: &str = "agent.log";
/// Name of the old one.
const OLD_NAME: &str = "agent.old.log";

/// The log, shared by all threads that write to it.
#[derive(Clone)]
pub struct LogFile(Arc<Mutex<Open>>);

struct Open {
    folder: PathBuf,
    file: File,
    bytes: u64,
}

impl LogFile {
    /// Opens the log in its folder below the agent's, which is made if it is missing.
    ///
    /// # Errors
    /// The system's answer.
    pub fn open() -> io::Result<Self> {
        let folder = Path::new(super::HOME).join(FOLDER);
        super::make_private_folder(&folder)?;
        let (file, bytes) = appended(&folder)?;
        Ok(Self(Arc::new(Mutex::new(Open { folder, file, bytes }))))
    }
}

fn appended(folder: &Path) -> io::Result<(File, u64)> {
    let file = OpenOptions::new().create(true).append(true).open(folder.join(NAME))?;
    let bytes = file.metadata()?.len();
    Ok((file, bytes))
}

impl Write for LogFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.bytes >= BYTES_MAX {
            // While the old name is taken by a reader, the log goes on as it is.
            if std::fs::rename(open.folder.join(NAME), open.folder.join(OLD_NAME)).is_ok() {
                (open.file, open.bytes) = appended(&open.folder)?;
            }
        }
        let written = open.file.write(line)?;
        open.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
