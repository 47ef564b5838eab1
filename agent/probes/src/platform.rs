//! What differs between the systems that the probes run on, in one place: the same names on each, chosen when compiling.
//!
//! The readers of Linux's files are compiled and tested everywhere; what they cannot ask of another system is unknown there.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::*;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use windows::*;

use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::word::Reason;

/// The size of a file system, in bytes and entries.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileSystemSize {
    /// All bytes.
    pub(crate) total_bytes: u64,
    /// Bytes that an ordinary user may still use.
    pub(crate) available_bytes: u64,
    /// All entries; zero where the file system has no fixed number of them.
    pub(crate) entries: u64,
    /// Entries that an ordinary user may still use.
    pub(crate) available_entries: u64,
}

/// For probes that look at Linux alone: whether they look at the running host of another system. A folder that holds the
/// files of a Linux host can be looked at from everywhere.
///
/// # Errors
/// `does_not_apply`, with the operation that is not done.
pub(crate) fn only_on_linux(is_live: bool, operation: &'static str) -> Result<(), ProbeError> {
    if is_live && !cfg!(target_os = "linux") {
        return Err(ProbeError::new(operation, Reason::DOES_NOT_APPLY, "this probe looks at Linux systems only"));
    }
    Ok(())
}
