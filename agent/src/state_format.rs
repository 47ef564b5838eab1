//! The format of the state folder as one number, so that an older program never touches what a newer one wrote.
//!
//! The packages carry the same number and refuse, before anything is replaced, to put a program beside a state that it cannot
//! read. The files in the folder have versions of their own; this number rises with any of them, or with their set.

use std::io;
use std::path::{Path, PathBuf};

/// The format that this program writes, and the newest that it reads.
pub const STATE_FORMAT: u32 = 1;
/// Name of the file in the state folder.
pub const FILE_NAME: &str = "format";

/// Why the state folder is not used.
#[derive(Debug, thiserror::Error)]
pub enum StateFormatError {
    /// A newer program wrote it.
    #[error(
        "i dati in {folder} sono di una versione più recente del programma (formato {found}; questo legge fino al \
         {STATE_FORMAT}): installare di nuovo la versione più recente, oppure con quella dare `vedetta-agent leave` e \
         ricominciare con questa",
        folder = .folder.display()
    )]
    Newer {
        /// The folder.
        folder: PathBuf,
        /// Its format.
        found: u32,
    },
    /// The file holds no number.
    #[error("{file} holds no number; if the state is of this program, write {STATE_FORMAT} into it", file = .0.display())]
    Damaged(PathBuf),
    /// The file cannot be read or written.
    #[error("{operation} {file} failed: {source}", file = .file.display())]
    File {
        /// What was attempted.
        operation: &'static str,
        /// The file.
        file: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

/// Refuses a state that a newer program wrote; one without a number is older than the number.
///
/// # Errors
/// [`StateFormatError`] says what is there and what to do.
pub fn check(state: &Path) -> Result<Option<u32>, StateFormatError> {
    let file = state.join(FILE_NAME);
    let bytes = crate::files::read(&file);
    let bytes = bytes.map_err(|source| StateFormatError::File { operation: "reading", file: file.clone(), source })?;
    let Some(bytes) = bytes else { return Ok(None) };
    let found = String::from_utf8_lossy(&bytes).trim().parse::<u32>().map_err(|_| StateFormatError::Damaged(file))?;
    if found > STATE_FORMAT {
        return Err(StateFormatError::Newer { folder: state.to_path_buf(), found });
    }
    Ok(Some(found))
}

/// The same, and notes the number where there is none. For who holds the folder's lock.
///
/// # Errors
/// [`StateFormatError`]: nothing was changed.
pub fn keep(state: &Path) -> Result<(), StateFormatError> {
    if check(state)? == Some(STATE_FORMAT) {
        return Ok(());
    }
    let file = state.join(FILE_NAME);
    let line = format!("{STATE_FORMAT}\n");
    crate::files::replace(&file, line.as_bytes()).map_err(|source| StateFormatError::File {
        operation: "writing",
        file,
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_without_a_number_gets_this_one_and_keeps_it() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(check(folder.path()).unwrap(), None);
        keep(folder.path()).unwrap();
        assert_eq!(check(folder.path()).unwrap(), Some(STATE_FORMAT));
        let written = || std::fs::metadata(folder.path().join(FILE_NAME)).unwrap().modified().unwrap();
        let first = written();
        keep(folder.path()).unwrap();
        assert_eq!(written(), first, "written once");
    }

    #[test]
    fn a_newer_state_is_refused_with_the_way_out_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE_NAME);
        for (text, expected) in [("2\n", "formato 2"), ("rubbish", "holds no number")] {
            std::fs::write(&file, text).unwrap();
            let error = keep(folder.path()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
            assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
        }
    }

    #[test]
    fn the_packages_carry_the_number_of_the_program() {
        for script in [include_str!("../packaging/deb/preinst"), include_str!("../packaging/rpm/pre.sh")] {
            assert!(script.lines().any(|line| line == format!("state_format={STATE_FORMAT}")), "{script}");
        }
    }
}
