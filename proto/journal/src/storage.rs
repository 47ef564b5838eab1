//! The file operations that the journal needs, so that tests can lose power between any two of them.

use std::any::Any;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Proof that the folder is locked; the lock ends with it.
pub(crate) type Lock = Box<dyn Any + Send>;

/// A folder's file operations, each with the durability that its sentence states and no more.
pub(crate) trait Storage: Send + Sync {
    /// Makes the folder and the parents that are missing, durably.
    fn create_folder(&self, folder: &Path) -> io::Result<()>;
    /// Locks the folder by this file; nothing when somebody else has the lock.
    fn lock(&self, file: &Path) -> io::Result<Option<Lock>>;
    /// Names of the files in the folder.
    fn list(&self, folder: &Path) -> io::Result<Vec<String>>;
    /// Opens for reading only.
    fn open_to_read(&self, file: &Path) -> io::Result<Box<dyn Handle>>;
    /// Opens for reading and writing.
    fn open_to_write(&self, file: &Path) -> io::Result<Box<dyn Handle>>;
    /// Makes the file, or empties the one of that name. Its name is durable after `sync_folder`.
    fn create(&self, file: &Path) -> io::Result<Box<dyn Handle>>;
    /// Removes the file; durable after `sync_folder`.
    fn remove(&self, file: &Path) -> io::Result<()>;
    /// Makes creations and removals in the folder durable.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
    /// Bytes that this process may still use on the folder's file system; nothing where that cannot be asked.
    fn free_bytes(&self, folder: &Path) -> io::Result<Option<u64>>;
}

/// An open file.
pub(crate) trait Handle: Send {
    fn length(&self) -> io::Result<u64>;
    /// Reads into the buffer until it or the file ends; says how many bytes.
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
    /// Writes all bytes; durable after `sync`. An error may leave some of them.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;
    /// Cuts the file; durable after `sync`.
    fn set_length(&mut self, length: u64) -> io::Result<()>;
    /// Makes contents and length durable.
    fn sync(&mut self) -> io::Result<()>;
}

/// Whether an operation was refused for want of space and of nothing else.
pub(crate) fn is_disk_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// The operating system's files.
pub(crate) struct Files;

impl Storage for Files {
    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        let made = folder.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()).count();
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
        // Also when nothing was made now: an earlier start may have been cut short between making and syncing.
        for parent in folder.ancestors().skip(1).take(made.max(1)) {
            let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
            match self.sync_folder(parent) {
                // A folder that somebody else made for us may stand in one that we may not read.
                Err(error) if made == 0 && error.kind() == io::ErrorKind::PermissionDenied => {}
                synced => synced?,
            }
        }
        Ok(())
    }

    fn lock(&self, file: &Path) -> io::Result<Option<Lock>> {
        let file = writable(file, true, false)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        // A name that is not Unicode is no segment's.
        fs::read_dir(folder)?
            .filter_map(|entry| entry.map(|entry| entry.file_name().into_string().ok()).transpose())
            .collect()
    }

    fn open_to_read(&self, file: &Path) -> io::Result<Box<dyn Handle>> {
        Ok(Box::new(File::open(file)?))
    }

    fn open_to_write(&self, file: &Path) -> io::Result<Box<dyn Handle>> {
        Ok(Box::new(writable(file, false, false)?))
    }

    fn create(&self, file: &Path) -> io::Result<Box<dyn Handle>> {
        Ok(Box::new(writable(file, true, true)?))
    }

    fn remove(&self, file: &Path) -> io::Result<()> {
        fs::remove_file(file)
    }

    #[cfg(unix)]
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    /// Other systems have no such call: their file systems order names themselves.
    #[cfg(not(unix))]
    fn sync_folder(&self, _folder: &Path) -> io::Result<()> {
        Ok(())
    }

    #[cfg(unix)]
    fn free_bytes(&self, folder: &Path) -> io::Result<Option<u64>> {
        let status = rustix::fs::statvfs(folder)?;
        Ok(Some(status.f_bavail.saturating_mul(status.f_frsize)))
    }

    #[cfg(not(unix))]
    fn free_bytes(&self, _folder: &Path) -> io::Result<Option<u64>> {
        Ok(None)
    }
}

/// Records may name hosts and their weaknesses, so only the owner of the files may read them.
fn writable(file: &Path, create: bool, truncate: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(create).truncate(truncate);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}

impl Handle for File {
    fn length(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.seek(SeekFrom::Start(offset))?;
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.read(rest) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.seek(SeekFrom::Start(offset))?;
        self.write_all(bytes)
    }

    fn set_length(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}
