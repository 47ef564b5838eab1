//! Packages whose version an administrator has locked: the lists of dnf's versionlock, which has a format a generation.

use crate::files::{FileError, Root};

/// Lists of dnf 4 and yum, one pattern a line.
const LISTS: &[&str] = &["/etc/dnf/plugins/versionlock.list", "/etc/yum/pluginconf.d/versionlock.list"];
/// The list of dnf 5.
const LIST_OF_FIVE: &str = "/etc/dnf/versionlock.toml";
/// Largest list, in bytes.
const LIST_BYTES_MAX: u64 = 1024 * 1024;

/// The locked packages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Locks {
    patterns: Vec<String>,
    names: Vec<String>,
}

/// Reads every list that is there.
pub(super) fn read(root: &Root) -> Result<Locks, FileError> {
    let mut locks = Locks::default();
    for path in LISTS {
        let patterns = text(root, path)?;
        let lines = patterns.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', '!']));
        locks.patterns.extend(lines.map(str::to_owned));
    }
    for line in text(root, LIST_OF_FIVE)?.lines() {
        let value = line.trim().strip_prefix("name").and_then(|rest| rest.trim_start().strip_prefix('='));
        locks.names.extend(value.map(|name| name.trim().trim_matches(['"', '\'']).to_owned()));
    }
    Ok(locks)
}

fn text(root: &Root, path: &str) -> Result<String, FileError> {
    match root.read_text(path, LIST_BYTES_MAX) {
        Err(error) if error.is_not_found() => Ok(String::new()),
        text => text,
    }
}

impl Locks {
    /// Whether a package is locked, whatever its locked version.
    pub(super) fn holds(&self, name: &str) -> bool {
        self.names.iter().any(|locked| locked == name) || self.patterns.iter().any(|pattern| is_of(pattern, name))
    }
}

/// Whether a pattern is of a package: `name`, `name-1:2-3.*`, or `1:name-2-3.*` as yum wrote them.
fn is_of(pattern: &str, name: &str) -> bool {
    let without_epoch = pattern.split_once(':').filter(|(epoch, _)| epoch.bytes().all(|byte| byte.is_ascii_digit()));
    let pattern = without_epoch.map_or(pattern, |(_, rest)| rest);
    let Some(rest) = pattern.strip_prefix(name) else { return false };
    rest.is_empty()
        || rest.strip_prefix('-').is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit() || c == '*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_of_lock_names_its_package_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        for (path, content) in [
            ("etc/dnf/plugins/versionlock.list", "# c\nopenssl-1:3.0.7-24.el9.*\n!bash-0:5-1.*\nzlib\n"),
            ("etc/yum/pluginconf.d/versionlock.list", "0:vim-8.0-1.*\n"),
            ("etc/dnf/versionlock.toml", "version = \"1.0\"\n[[packages]]\nname = \"curl\"\n"),
        ] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        let locks = read(&Root::new(folder.path())).unwrap();
        for (name, held) in
            [("openssl", true), ("openssl-libs", false), ("bash", false), ("zlib", true), ("vim", true), ("curl", true)]
        {
            assert_eq!(locks.holds(name), held, "{name}");
        }
    }
}
