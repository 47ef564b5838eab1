//! Settings that an administrator gives to everybody through dconf(7): the databases that the profile `user` names. Those of
//! single users are never read.

use super::super::patterns;
use crate::files::{FileError, Root};

/// Which databases count, in their order.
const PROFILE: &str = "/etc/dconf/profile/user";
/// Largest file, in bytes.
const FILE_BYTES_MAX: u64 = 256 * 1024;

/// The settings of all databases, each as folder, key and value; the earlier ones are stronger.
#[derive(Debug, Default)]
pub(in super::super) struct Settings(Vec<(String, String, String)>);

impl Settings {
    /// Reads the key files of every database that is in force.
    ///
    /// # Errors
    /// [`FileError`] of the first file that is there and cannot be read.
    pub(in super::super) fn read(root: &Root) -> Result<Self, FileError> {
        let profile = match root.read_text(PROFILE, FILE_BYTES_MAX) {
            Err(error) if error.is_not_found() => return Ok(Self::default()),
            profile => profile?,
        };
        let mut settings = Self::default();
        for name in profile.lines().filter_map(|line| line.trim().strip_prefix("system-db:")) {
            let database = format!("/etc/dconf/db/{}", name.trim());
            // Key files have no effect before `dconf update` has made the database of them.
            if !root.presence(&database)? {
                continue;
            }
            let mut files = patterns::files(root, &format!("{database}.d/*"))?;
            // Of two files with the same key, the later name is stronger.
            files.reverse();
            for path in files {
                match root.read_text(&path, FILE_BYTES_MAX) {
                    Ok(text) => settings.take(&text),
                    // The folder of locks.
                    Err(FileError::NotRegular { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(settings)
    }

    /// The value of a key as it is written: `true`, `uint32 300`.
    pub(in super::super) fn get(&self, folder: &str, key: &str) -> Option<&str> {
        let own = self.0.iter().find(|(own_folder, own_key, _)| own_folder == folder && own_key == key);
        own.map(|(_, _, value)| value.as_str())
    }

    /// The value of a key that is a switch.
    pub(in super::super) fn switch(&self, folder: &str, key: &str) -> Option<bool> {
        self.get(folder, key)?.parse().ok()
    }

    /// The value of a key that is a number, with or without its kind.
    pub(in super::super) fn number(&self, folder: &str, key: &str) -> Option<i64> {
        self.get(folder, key)?.rsplit(' ').next()?.parse().ok()
    }

    fn take(&mut self, text: &str) {
        let mut folder = String::new();
        for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                name.trim_matches('/').clone_into(&mut folder);
            } else if let Some((key, value)) = line.split_once('=') {
                self.0.push((folder.clone(), key.trim().to_owned(), value.trim().to_owned()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::made_root;
    use super::*;

    #[test]
    fn the_first_database_and_the_later_file_are_stronger() {
        let (_folder, host) = made_root::folder(&[
            (PROFILE, "user-db:user\nsystem-db:site\nsystem-db:distribution\nsystem-db:not-made\n"),
            ("/etc/dconf/db/site", ""),
            ("/etc/dconf/db/site.d/00-a", "[a/b]\n# x=1\nx=1\ny=uint32 5\n"),
            ("/etc/dconf/db/site.d/50-b", "[a/b/]\nx=2\n"),
            ("/etc/dconf/db/site.d/locks/a", "/a/b/x\n"),
            ("/etc/dconf/db/distribution", ""),
            ("/etc/dconf/db/distribution.d/99-c", "[a/b]\nx=3\nz=true\n"),
            ("/etc/dconf/db/not-made.d/99-c", "[a/b]\nw=true\n"),
        ]);
        let settings = Settings::read(&host.root).expect("readable");
        assert_eq!(settings.get("a/b", "x"), Some("2"));
        assert_eq!((settings.number("a/b", "y"), settings.switch("a/b", "z")), (Some(5), Some(true)));
        assert_eq!((settings.get("a/b", "w"), settings.get("a", "x")), (None, None));
    }
}
