//! Reading files of a host beneath a root folder, so that a look at a mounted disk never strays to the running host.
//!
//! Every link is resolved inside the root, an absolute one too. Only regular files are opened: a named pipe would wait
//! for ever. What is read whole has a size limit.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

/// Most links followed for one path, as the kernel's own limit (path_resolution(7)).
const LINKS_MAX: u32 = 40;
/// Most names read from one folder.
const FOLDER_NAMES_MAX: usize = 65_536;
/// Most steps from the root to one file, those of its links counted in.
const STEPS_MAX: u32 = 1_024;

/// Why a file of the host could not be read. The path is as on the looked-at host, without the root folder.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// There is no such file.
    #[error("{path}: not found")]
    NotFound {
        /// The path as on the host.
        path: String,
    },
    /// The rights do not suffice.
    #[error("{path}: permission denied")]
    Denied {
        /// The path as on the host.
        path: String,
    },
    /// It is a folder, a pipe or a device.
    #[error("{path}: not a regular file")]
    NotRegular {
        /// The path as on the host.
        path: String,
    },
    /// The file is larger than the limit.
    #[error("{path}: larger than {bytes_max} bytes")]
    TooLarge {
        /// The path as on the host.
        path: String,
        /// The limit, in bytes.
        bytes_max: u64,
    },
    /// A folder or a chain of files holds more than the limit.
    #[error("{path}: more than {count_max} entries")]
    TooMany {
        /// The path as on the host.
        path: String,
        /// The limit.
        count_max: usize,
    },
    /// Files include each other over and over, or in a longer chain than their program reads.
    #[error("{path}: included by a chain of more than {count_max} files")]
    Nested {
        /// The path as on the host.
        path: String,
        /// The limit.
        count_max: usize,
    },
    /// Links point at each other.
    #[error("{path}: more than {LINKS_MAX} links")]
    Links {
        /// The path as on the host.
        path: String,
    },
    /// Anything else that the system says.
    #[error("{path}: {source}")]
    Io {
        /// The path as on the host.
        path: String,
        /// What the system said.
        source: io::Error,
    },
}

impl FileError {
    pub(crate) fn from_io(path: &str, source: io::Error) -> Self {
        let path = path.to_owned();
        if source.kind() == io::ErrorKind::NotFound || source.kind() == io::ErrorKind::NotADirectory {
            Self::NotFound { path }
        } else if source.kind() == io::ErrorKind::PermissionDenied {
            Self::Denied { path }
        } else {
            Self::Io { path, source }
        }
    }

    /// Whether the file simply is not there.
    #[must_use]
    pub const fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// The same as a reason why a fact is unknown.
    #[must_use]
    pub fn to_unknown(&self) -> Unknown {
        let reason = match self {
            Self::NotFound { .. } => Reason::NOT_FOUND,
            Self::Denied { .. } => Reason::NEEDS_PRIVILEGE,
            Self::TooLarge { .. } | Self::TooMany { .. } | Self::Nested { .. } => Reason::TOO_LARGE,
            Self::NotRegular { .. } | Self::Links { .. } | Self::Io { .. } => Reason::UNREADABLE,
        };
        Unknown::new(reason, self.to_string())
    }
}

/// The folder that stands for `/` of the looked-at host.
#[derive(Debug, Clone)]
pub struct Root(PathBuf);

impl Root {
    /// The files beneath `folder`.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    /// Whether the root folder itself is there.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.0.is_dir()
    }

    /// Opens a regular file.
    ///
    /// # Errors
    /// [`FileError`] names the path and why.
    pub fn open(&self, path: &str) -> Result<File, FileError> {
        let real = self.resolve(path)?;
        // Asked before opening: opening a pipe or a device has effects.
        let metadata = std::fs::metadata(&real).map_err(|source| FileError::from_io(path, source))?;
        if !metadata.is_file() {
            return Err(FileError::NotRegular { path: path.to_owned() });
        }
        File::open(&real).map_err(|source| FileError::from_io(path, source))
    }

    /// Reads a whole file of at most `bytes_max` bytes as text; bytes that are no UTF-8 become U+FFFD.
    ///
    /// # Errors
    /// [`FileError`] names the path and why.
    pub fn read_text(&self, path: &str, bytes_max: u64) -> Result<String, FileError> {
        let mut bytes = Vec::new();
        let mut limited = self.open(path)?.take(bytes_max.saturating_add(1));
        limited.read_to_end(&mut bytes).map_err(|source| FileError::from_io(path, source))?;
        if bytes.len() as u64 > bytes_max {
            return Err(FileError::TooLarge { path: path.to_owned(), bytes_max });
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The names in a folder, sorted by bytes; a name that is no UTF-8 stands there with U+FFFD, so that it is not passed over
    /// in silence: whoever opens it is told that it is not found.
    ///
    /// # Errors
    /// [`FileError`] names the path and why; a folder of more than 65,536 names is too large.
    pub fn names(&self, path: &str) -> Result<Vec<String>, FileError> {
        self.names_up_to(path, FOLDER_NAMES_MAX)
    }

    /// The same for a folder that may hold more names, up to a limit of its own.
    ///
    /// # Errors
    /// As [`Root::names`], with that limit.
    pub(crate) fn names_up_to(&self, path: &str, count_max: usize) -> Result<Vec<String>, FileError> {
        let real = self.resolve(path)?;
        let entries = std::fs::read_dir(real).map_err(|source| FileError::from_io(path, source))?;
        let mut names = Vec::new();
        for entry in entries {
            if names.len() == count_max {
                return Err(FileError::TooMany { path: path.to_owned(), count_max });
            }
            let entry = entry.map_err(|source| FileError::from_io(path, source))?;
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Whether there surely is anything at a path. Where it is the absence that decides, [`Root::presence`] is to be asked:
    /// a folder that may not be entered hides what lies in it.
    #[must_use]
    pub fn exists(&self, path: &str) -> bool {
        self.presence(path).is_ok_and(|is_there| is_there)
    }

    /// Whether there is anything at a path: yes, no, or why that cannot be told.
    ///
    /// # Errors
    /// [`FileError`] names the path and why, as where a folder on the way may not be entered.
    pub fn presence(&self, path: &str) -> Result<bool, FileError> {
        match self.resolve(path)?.symlink_metadata().map_err(|source| FileError::from_io(path, source)) {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether there surely is nothing at a path.
    #[must_use]
    pub fn is_absent(&self, path: &str) -> bool {
        matches!(self.presence(path), Ok(false))
    }

    /// The first of some paths at which there surely is something; none only when there is nothing at any.
    ///
    /// # Errors
    /// [`FileError`] of a path of which it cannot be told, when there is nothing at the others.
    pub fn first_present<'a>(&self, paths: impl IntoIterator<Item = &'a str>) -> Result<Option<&'a str>, FileError> {
        let mut untold = None;
        for path in paths {
            match self.presence(path) {
                Ok(true) => return Ok(Some(path)),
                Ok(false) => {}
                Err(error) => untold = untold.or(Some(error)),
            }
        }
        untold.map_or(Ok(None), Err)
    }

    /// Where the link at a path points to, as written in it.
    #[must_use]
    pub fn link_text(&self, path: &str) -> Option<String> {
        let (folder, name) = path.rsplit_once('/')?;
        let folder = self.resolve(if folder.is_empty() { "/" } else { folder }).ok()?;
        std::fs::read_link(folder.join(name)).ok()?.into_os_string().into_string().ok()
    }

    /// The real path of a path as on the host, with every link resolved beneath the root.
    pub(crate) fn resolve(&self, path: &str) -> Result<PathBuf, FileError> {
        let mut rest: Vec<OsString> = steps_reversed(Path::new(path));
        let mut inside = PathBuf::new();
        let mut links = 0;
        let mut steps = 0;
        while let Some(step) = rest.pop() {
            steps += 1;
            if steps > STEPS_MAX {
                return Err(FileError::Links { path: path.to_owned() });
            }
            if step == ".." {
                inside.pop();
                continue;
            }
            let next = self.0.join(&inside).join(&step);
            let Ok(target) = std::fs::read_link(&next) else {
                // No link, or nothing there: the caller's own call on the path then says what is wrong.
                inside.push(step);
                continue;
            };
            links += 1;
            if links > LINKS_MAX {
                return Err(FileError::Links { path: path.to_owned() });
            }
            if target.is_absolute() {
                inside.clear();
            }
            rest.extend(steps_reversed(&target));
        }
        Ok(self.0.join(inside))
    }
}

/// The steps of a path with the first one last, `.` and `/` left out.
fn steps_reversed(path: &Path) -> Vec<OsString> {
    path.components()
        .rev()
        .filter_map(|component| match component {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some("..".into()),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn root_with(build: impl FnOnce(&Path)) -> (tempfile::TempDir, Root) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        build(folder.path());
        let root = Root::new(folder.path());
        (folder, root)
    }

    #[test]
    fn an_absolute_link_stays_beneath_the_root() {
        let (_folder, root) = root_with(|folder| {
            std::fs::create_dir_all(folder.join("etc")).expect("a folder");
            std::fs::write(folder.join("etc/hostname"), "inside").expect("a file");
            symlink("/etc/hostname", folder.join("name")).expect("a link");
        });
        assert_eq!(root.read_text("/name", 100).expect("readable"), "inside");
    }

    #[test]
    fn steps_upwards_end_at_the_root() {
        let (_folder, root) = root_with(|folder| {
            std::fs::write(folder.join("file"), "inside").expect("a file");
            symlink("../../../../file", folder.join("up")).expect("a link");
        });
        assert_eq!(root.read_text("/up", 100).expect("readable"), "inside");
        assert_eq!(root.read_text("/../../file", 100).expect("readable"), "inside");
    }

    #[test]
    fn links_in_a_circle_are_refused() {
        let (_folder, root) = root_with(|folder| {
            symlink("b", folder.join("a")).expect("a link");
            symlink("a", folder.join("b")).expect("a link");
        });
        assert!(matches!(root.open("/a"), Err(FileError::Links { .. })));
    }

    #[test]
    fn what_a_closed_folder_may_hold_is_neither_present_nor_absent() {
        let (_folder, root) = root_with(|folder| {
            std::fs::write(folder.join("file"), "").expect("a file");
            // A link to itself stands for a folder that may not be entered: root may enter all others.
            symlink("closed", folder.join("closed")).expect("a link");
        });
        assert!(matches!(root.presence("/file"), Ok(true)));
        assert!(matches!(root.presence("/none"), Ok(false)) && root.is_absent("/file/below"));
        assert!(matches!(root.presence("/closed/file"), Err(FileError::Links { .. })));
        assert!(!root.exists("/closed/file") && !root.is_absent("/closed/file"));
        assert!(matches!(root.first_present(["/closed/a", "/file"]), Ok(Some("/file"))));
        assert!(matches!(root.first_present(["/none", "/closed/a"]), Err(FileError::Links { .. })));
        assert!(matches!(root.first_present(["/none", "/none/either"]), Ok(None)));
    }

    #[test]
    fn a_file_beyond_the_limit_and_a_folder_are_refused_by_name() {
        let (_folder, root) = root_with(|folder| {
            std::fs::write(folder.join("file"), "12345").expect("a file");
            std::fs::create_dir(folder.join("folder")).expect("a folder");
        });
        assert_eq!(root.read_text("/file", 5).expect("just fits"), "12345");
        assert_eq!(root.read_text("/file", 4).expect_err("too large").to_string(), "/file: larger than 4 bytes");
        assert_eq!(root.open("/folder").expect_err("a folder").to_string(), "/folder: not a regular file");
        assert!(root.open("/file/below").expect_err("nothing there").is_not_found());
    }
}
