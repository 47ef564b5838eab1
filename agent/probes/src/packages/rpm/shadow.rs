//! A temporary root folder for dnf: the configuration, the database and the cached metadata of the host, and nothing else.
//!
//! Even with `-C` dnf writes: its log, an index of the cache, and sqlite's own files beside the database. In the shadow all
//! of that goes into a folder that is deleted after the look. Files of another host (`--root`) are copied, which also keeps
//! links inside that root; on the running host the database and the cache are linked, for they can be large.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use tempfile::TempDir;
use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use crate::files::{FileError, Root};
use crate::platform::symlink;

/// Most bytes copied from another host's root.
const COPY_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;
/// Folders of configuration beside those of repositories: variables and modules.
const FOLDERS: &[&str] =
    &["/etc/dnf/vars", "/etc/yum/vars", "/etc/dnf/modules.d", "/etc/dnf/modules.defaults.d", "/etc/dnf/libdnf5.conf.d"];
/// Which system it is: without it dnf does not know the streams of modules for this one, and offers nothing of them.
const SYSTEM: &[&str] = &["/etc/os-release", "/usr/lib/os-release"];
/// Folder of the repository metadata within the cache of one repository.
const METADATA: &str = "repodata";
/// Folder of the database within the shadow.
const DATABASE: &str = "/database";
/// Files of a database that belong to running programs, not to the data.
const LOCKS: &[&str] = &[".rpm.lock", ".dbenv.lock"];

/// Why a shadow could not be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum ShadowError {
    /// A file of the host cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The temporary folder cannot be written.
    #[error("write a temporary copy of {what}: {source}")]
    Write {
        /// What was to be written.
        what: String,
        /// What the system said.
        source: io::Error,
    },
    /// What was linked belongs to the host, and something was to be written there.
    #[error("write a temporary copy of {what}: it would lie within files of this host that are only linked")]
    Linked {
        /// What was to be written.
        what: String,
    },
    /// The root holds more than is copied.
    #[error("the package database and its lists are larger than {COPY_BYTES_MAX} bytes")]
    TooLarge,
}

impl ShadowError {
    pub(super) fn to_unknown(&self) -> Unknown {
        match self {
            Self::File(error) => error.to_unknown(),
            Self::Write { .. } | Self::Linked { .. } => Unknown::new(Reason::PROBE_FAILED, self.to_string()),
            Self::TooLarge => Unknown::new(Reason::TOO_LARGE, self.to_string()),
        }
    }
}

/// The temporary root folder; it is deleted when dropped.
pub(super) struct Shadow<'a> {
    root: &'a Root,
    folder: TempDir,
    is_live: bool,
    bytes_left: u64,
}

impl<'a> Shadow<'a> {
    /// An empty one for the files of a host.
    pub(super) fn new(root: &'a Root, is_live: bool) -> Result<Self, ShadowError> {
        let folder = tempfile::Builder::new().prefix("vedetta-").tempdir();
        let folder = folder.map_err(|source| ShadowError::Write { what: "/".to_owned(), source })?;
        Ok(Self { root, folder, is_live, bytes_left: COPY_BYTES_MAX })
    }

    /// The folder as a word for a program.
    pub(super) fn path(&self) -> String {
        self.folder.path().to_string_lossy().into_owned()
    }

    /// A path of the host, as a word for a program.
    pub(super) fn path_of(&self, path: &str) -> String {
        self.beneath(path).to_string_lossy().into_owned()
    }

    /// Takes over the database of rpm; answers its folder, as a path within the shadow.
    pub(super) fn add_database(&mut self, folder: &str) -> Result<&'static str, ShadowError> {
        if self.is_live {
            self.link(folder, DATABASE)?;
            return Ok(DATABASE);
        }
        for name in self.root.names(folder)?.iter().filter(|name| !LOCKS.contains(&name.as_str())) {
            self.copy(&format!("{folder}/{name}"), &format!("{DATABASE}/{name}"))?;
        }
        Ok(DATABASE)
    }

    /// Makes the database stand where the programs of the running host look for it.
    pub(super) fn link_database(&self, expected: &str) -> Result<(), ShadowError> {
        let (to, expected) = (self.beneath(DATABASE), self.writable(expected)?);
        write("the database of rpm", || {
            expected.parent().map_or(Ok(()), fs::create_dir_all)?;
            symlink(&to, &expected)
        })
    }

    /// Takes over the configuration of dnf. What is missing is made empty, else dnf would read the running host's own.
    pub(super) fn add_configuration(&mut self, main: Option<&str>, repositories: &[String]) -> Result<(), ShadowError> {
        let expected = "/etc/dnf/dnf.conf";
        match main {
            Some(path) => self.copy(path, expected)?,
            None => self.write_empty(expected)?,
        }
        for path in SYSTEM {
            self.copy(path, path)?;
        }
        for folder in repositories.iter().map(String::as_str).chain(FOLDERS.iter().copied()) {
            self.make_folder(folder)?;
            for name in self.names(folder)? {
                self.copy(&format!("{folder}/{name}"), &format!("{folder}/{name}"))?;
            }
        }
        Ok(())
    }

    /// Takes over the cached metadata, from where the host keeps it to where the dnf that is asked looks for it.
    pub(super) fn add_cache(&mut self, from: &str, to: &str) -> Result<(), ShadowError> {
        self.make_folder(to)?;
        for name in self.names(from)? {
            if self.is_live {
                self.link_cached(&format!("{from}/{name}"), &format!("{to}/{name}"))?;
                continue;
            }
            for file in self.names(&format!("{from}/{name}/{METADATA}"))? {
                self.copy(&format!("{from}/{name}/{METADATA}/{file}"), &format!("{to}/{name}/{METADATA}/{file}"))?;
            }
        }
        Ok(())
    }

    /// Links what the cache holds of one repository, file by file: dnf writes beside what it reads, and would write into the
    /// host's own cache if the folder itself were linked.
    fn link_cached(&self, from: &str, to: &str) -> Result<(), ShadowError> {
        let inner = match self.root.names(from) {
            Err(error) if error.is_not_found() => return self.link(from, to),
            inner => inner?,
        };
        self.make_folder(to)?;
        for name in inner {
            let (from, to) = (format!("{from}/{name}"), format!("{to}/{name}"));
            match self.root.names(&from) {
                Ok(files) if name == METADATA => {
                    self.make_folder(&to)?;
                    for file in files {
                        self.link(&format!("{from}/{file}"), &format!("{to}/{file}"))?;
                    }
                }
                // dnf 5's index and packages that wait for their installation: the one is made anew, the other not needed.
                Ok(_) => {}
                Err(error) if error.is_not_found() => self.link(&from, &to)?,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// The place of a path of the host. Steps upwards are left out: the configuration of another host may name any path,
    /// and none leads out of the temporary folder.
    fn beneath(&self, path: &str) -> PathBuf {
        let steps = Path::new(path).components().filter(|step| matches!(step, Component::Normal(_)));
        steps.fold(self.folder.path().to_owned(), |place, step| place.join(step))
    }

    /// The same as a place to be written, which must not be, nor lie behind, a link to files of the host.
    fn writable(&self, path: &str) -> Result<PathBuf, ShadowError> {
        let place = self.beneath(path);
        let mut inside = place.ancestors().take_while(|above| *above != self.folder.path());
        if inside.any(Path::is_symlink) {
            return Err(ShadowError::Linked { what: path.to_owned() });
        }
        Ok(place)
    }

    /// The names in a folder of the host; none when it is no folder.
    fn names(&self, folder: &str) -> Result<Vec<String>, FileError> {
        match self.root.names(folder) {
            Err(error) if error.is_not_found() => Ok(Vec::new()),
            names => names,
        }
    }

    fn make_folder(&self, path: &str) -> Result<(), ShadowError> {
        let folder = self.writable(path)?;
        write(path, || fs::create_dir_all(folder))
    }

    fn write_empty(&self, path: &str) -> Result<(), ShadowError> {
        let to = self.writable(path)?;
        write(path, || {
            to.parent().map_or(Ok(()), fs::create_dir_all)?;
            File::create(&to).map(drop)
        })
    }

    fn link(&self, path: &str, to: &str) -> Result<(), ShadowError> {
        let (real, to) = (self.root.resolve(path)?, self.writable(to)?);
        write(path, || symlink(&real, &to))
    }

    /// Copies a regular file of the host with its times; whatever else stands at the path is left out.
    fn copy(&mut self, path: &str, to: &str) -> Result<(), ShadowError> {
        let file = match self.root.open(path) {
            Err(FileError::NotRegular { .. } | FileError::NotFound { .. }) => return Ok(()),
            file => file?,
        };
        let to = self.writable(to)?;
        let copied = write(path, || {
            to.parent().map_or(Ok(()), fs::create_dir_all)?;
            let mut copy = File::create(&to)?;
            let modified = file.metadata()?.modified()?;
            let copied = io::copy(&mut file.take(self.bytes_left.saturating_add(1)), &mut copy)?;
            copy.set_modified(modified)?;
            Ok(copied)
        })?;
        self.bytes_left = self.bytes_left.checked_sub(copied).ok_or(ShadowError::TooLarge)?;
        Ok(())
    }
}

fn write<T>(what: &str, act: impl FnOnce() -> io::Result<T>) -> Result<T, ShadowError> {
    act().map_err(|source| ShadowError::Write { what: what.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Paths beneath a folder, with links marked.
    fn beneath(folder: &std::path::Path) -> Vec<String> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let (name, kind) = (entry.file_name().into_string().unwrap(), entry.file_type().unwrap());
            if kind.is_dir() {
                found.extend(beneath(&entry.path()).into_iter().map(|path| format!("{name}/{path}")));
            } else {
                found.push(if kind.is_symlink() { format!("{name} (link)") } else { name });
            }
        }
        found.sort_unstable();
        found
    }

    #[test]
    fn dnf_is_told_which_system_it_looks_at() {
        let folder = tempfile::tempdir().unwrap();
        for folder_of in ["etc", "usr/lib"] {
            fs::create_dir_all(folder.path().join(folder_of)).unwrap();
        }
        fs::write(folder.path().join("usr/lib/os-release"), "PLATFORM_ID=\"platform:el9\"\n").unwrap();
        symlink("../usr/lib/os-release", folder.path().join("etc/os-release")).unwrap();
        let root = Root::new(folder.path());
        for is_live in [false, true] {
            let mut shadow = Shadow::new(&root, is_live).unwrap();
            shadow.add_configuration(None, &[]).unwrap();
            let text = fs::read_to_string(shadow.folder.path().join("etc/os-release")).unwrap();
            assert!(text.contains("platform:el9"), "{text}");
        }
    }

    #[test]
    fn a_folder_of_repositories_that_leads_upwards_is_copied_into_the_shadow_and_nowhere_else() {
        let around = tempfile::tempdir().unwrap();
        let name = around.path().file_name().unwrap().to_str().unwrap();
        let path = format!("/../{name}/outside");
        let inside = around.path().join("root").join(name).join("outside");
        fs::create_dir_all(&inside).unwrap();
        fs::write(inside.join("a.repo"), "[a]\n").unwrap();
        let root = Root::new(around.path().join("root"));
        let mut shadow = Shadow::new(&root, false).unwrap();
        shadow.add_configuration(None, std::slice::from_ref(&path)).unwrap();
        assert!(!around.path().join("outside").exists(), "written beside the shadow");
        assert_eq!(beneath(&shadow.folder.path().join(name)), ["outside/a.repo"]);
        assert_eq!(Path::new(&shadow.path_of(&path)), shadow.folder.path().join(name).join("outside"));
    }

    #[test]
    fn nothing_is_written_through_a_link_to_the_files_of_the_running_host() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("var/lib/rpm/Packages");
        fs::create_dir_all(database.parent().unwrap()).unwrap();
        fs::write(&database, "of the host").unwrap();
        let root = Root::new(folder.path());
        for repositories in ["/var/lib/rpm", "/var/lib/rpm/below"] {
            let mut shadow = Shadow::new(&root, true).unwrap();
            shadow.add_database("/var/lib/rpm").unwrap();
            shadow.link_database("/var/lib/rpm").unwrap();
            let refused = shadow.add_configuration(None, &[repositories.to_owned()]);
            assert!(matches!(refused, Err(ShadowError::Linked { what }) if what == repositories));
        }
        assert_eq!(beneath(folder.path()), ["var/lib/rpm/Packages"]);
        assert_eq!(fs::read(&database).unwrap(), b"of the host");
    }

    #[test]
    fn the_cache_of_the_running_host_is_linked_file_by_file_so_that_dnf_writes_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("cache");
        for path in ["a-1/repodata/repomd.xml", "a-1/solv/a.solv", "a-1/metalink.xml", "a-1.solv", "elsewhere/p.xml"] {
            fs::create_dir_all(cache.join(path).parent().unwrap()).unwrap();
            fs::write(cache.join(path), "x").unwrap();
        }
        symlink("../../elsewhere/p.xml", cache.join("a-1/repodata/p.xml")).unwrap();
        let root = Root::new(folder.path());
        let mut shadow = Shadow::new(&root, true).unwrap();
        shadow.add_cache("/cache", "/cache").unwrap();
        let seen = beneath(&shadow.folder.path().join("cache"));
        let expected = [
            "a-1.solv (link)",
            "a-1/metalink.xml (link)",
            "a-1/repodata/p.xml (link)",
            "a-1/repodata/repomd.xml (link)",
            "elsewhere/p.xml (link)",
        ];
        assert_eq!(seen, expected);
        assert_eq!(fs::read(shadow.folder.path().join("cache/a-1/repodata/p.xml")).unwrap(), b"x");
    }
}
