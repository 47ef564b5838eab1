//! The format of the state folder as one number, so that an older program never touches what a newer one wrote; and the
//! account that the folder belongs to, whoever works in it.
//!
//! The packages carry the same number and refuse, before anything is replaced, to put a program beside a state that it cannot
//! read. Store, journal and keys have versions of their own; this number rises with any of them.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Dir, Gid, Mode, OFlags, Uid, chownat, openat};
use rustix::io::Errno;

use crate::authority::files::{self, FileError};

/// The format that this program writes, and the newest that it reads.
pub const STATE_FORMAT: u32 = 1;
/// Name of the file in the state folder.
pub const FILE_NAME: &str = "format";
/// A folder, never what a link leads to.
const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
/// Deepest folder below the state folder that is given to its owner.
const DEPTH_MAX: u32 = 16;

/// Why the state folder is not used.
#[derive(Debug, thiserror::Error)]
pub enum StateFormatError {
    /// A newer program wrote it.
    #[error(
        "i dati in {folder} sono di una versione più recente del programma (formato {found}; questo legge fino al \
         {STATE_FORMAT}): installare di nuovo la versione più recente, oppure spostare altrove la cartella e dare \
         `vedetta-collector restore` con una copia fatta da questa versione",
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
    #[error(transparent)]
    File(#[from] FileError),
}

/// Refuses a state that a newer program wrote; one without a number is older than the number.
///
/// # Errors
/// [`StateFormatError`] says what is there and what to do.
pub fn check(state: &Path) -> Result<Option<u32>, StateFormatError> {
    let file = state.join(FILE_NAME);
    let Some(text) = files::read_if_there(&file)? else { return Ok(None) };
    let found = text.trim().parse::<u32>().map_err(|_| StateFormatError::Damaged(file))?;
    if found > STATE_FORMAT {
        return Err(StateFormatError::Newer { folder: state.to_path_buf(), found });
    }
    Ok(Some(found))
}

/// The same, and notes the number where there is none.
///
/// # Errors
/// [`StateFormatError`]: nothing was changed.
pub fn keep(state: &Path) -> Result<(), StateFormatError> {
    if check(state)? == Some(STATE_FORMAT) {
        return Ok(());
    }
    Ok(files::write_private(&state.join(FILE_NAME), format!("{STATE_FORMAT}\n").as_bytes())?)
}

/// Gives what root wrote below the state folder to the folder's owner: the service could not read it otherwise. Whoever is
/// not root wrote as the owner already.
///
/// # Errors
/// The system's answer.
pub fn give_to_owner(state: &Path) -> io::Result<()> {
    let is_root = std::fs::metadata("/proc/self")?.uid() == 0;
    let owner = std::fs::metadata(state)?;
    if !is_root || owner.uid() == 0 {
        return Ok(());
    }
    // The state folder itself may be a link: its place is root's.
    let folder = rustix::fs::open(state, FOLDER.difference(OFlags::NOFOLLOW), Mode::empty())?;
    give(&folder, (Uid::from_raw(owner.uid()), Gid::from_raw(owner.gid())), DEPTH_MAX)
}

/// By folders that are held open, never by paths: their owner could put a link in the place of one meanwhile.
fn give(folder: &OwnedFd, (user, group): (Uid, Gid), depth: u32) -> io::Result<()> {
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if [c".", c".."].contains(&name) {
            continue;
        }
        chownat(folder, name, Some(user), Some(group), AtFlags::SYMLINK_NOFOLLOW)?;
        match openat(folder, name, FOLDER, Mode::empty()) {
            Ok(inner) if depth > 0 => give(&inner, (user, group), depth - 1)?,
            // A file, or a link.
            Ok(_) | Err(Errno::NOTDIR | Errno::LOOP) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{lchown, symlink};

    use super::*;

    #[test]
    fn a_state_without_a_number_gets_this_one() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(check(folder.path()).unwrap(), None);
        keep(folder.path()).unwrap();
        assert_eq!(check(folder.path()).unwrap(), Some(STATE_FORMAT));
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
    fn what_root_wrote_belongs_to_the_owner_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("store/index")).unwrap();
        std::fs::write(folder.path().join("store/index/db"), "").unwrap();
        let is_root = std::fs::metadata(folder.path()).unwrap().uid() == 0;
        let owner = if is_root { 12_345 } else { std::fs::metadata(folder.path()).unwrap().uid() };
        lchown(folder.path(), Some(owner), None).unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        std::fs::write(elsewhere.path().join("file"), "").unwrap();
        let before = std::fs::metadata(elsewhere.path().join("file")).unwrap().uid();
        symlink(elsewhere.path(), folder.path().join("store/link")).unwrap();
        give_to_owner(folder.path()).unwrap();
        assert_eq!(std::fs::metadata(folder.path().join("store/index/db")).unwrap().uid(), owner);
        assert_eq!(std::fs::metadata(elsewhere.path().join("file")).unwrap().uid(), before, "what a link leads to");
    }

    #[test]
    fn the_packages_carry_the_number_of_the_program() {
        for script in [include_str!("../packaging/deb/preinst"), include_str!("../packaging/rpm/pre.sh")] {
            assert!(script.lines().any(|line| line == format!("state_format={STATE_FORMAT}")), "{script}");
        }
    }
}
