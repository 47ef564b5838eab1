//! Files that should not lie within reach of the web server: copies of configurations, dumps, installers, histories.
//!
//! Only their names are read, and a name that a person chose is told as its kind (`*.sql`): it may hold anything.

use vedetta_checks::fact::Fact;

use super::super::folder::{self, Entry, Listing};
use super::super::pattern::fits_loosely;
use super::systems::{Found, Served};
use crate::files::Root;

/// Configuration files with passwords, by system; their copies are text that a server hands out.
const CONFIGURATIONS: &[&str] = &[
    "wp-config.php",
    "configuration.php",
    "config.php",
    "settings.php",
    "LocalSettings.php",
    "LocalConfiguration.php",
    "config.inc.php",
    "settings.inc.php",
    ".env",
];
/// What editors and people put behind the name of a copy.
const COPY_ENDINGS: &[&str] = &[
    "~",
    ".bak",
    ".backup",
    ".bck",
    ".copy",
    ".dist.bak",
    ".old",
    ".orig",
    ".original",
    ".sav",
    ".save",
    ".swp",
    ".txt",
    "_bak",
    "_old",
    ".1",
    ".2",
];
/// Names that are told as they are.
const NAMES: &[&str] = &[
    ".env",
    ".git",
    ".hg",
    ".htpasswd",
    ".svn",
    "ENABLE_INSTALL_TOOL",
    "adminer.php",
    "dup-installer",
    "error_log",
    "info.php",
    "installation",
    "installer.php",
    "kickstart.php",
    "phpinfo.php",
    "php_info.php",
    "test.php",
    "wp-config-backup.php",
];
/// Kinds of names that are told as the kind.
const KINDS: &[&str] = &[
    "*.sql",
    "*.sql.gz",
    "*.sql.zip",
    "*.sql.bz2",
    "*.sql.xz",
    "*.dump",
    "*.jpa",
    "adminer-*.php",
    "*.tar",
    "*.tar.gz",
    "*.tgz",
    "*.zip",
    "*.7z",
    "*.rar",
    "*.bak",
    "*.log",
];
/// Folders of a system in which such files are left too.
const INNER: &[&str] = &["sites/default", "typo3conf", "wp-content", "config"];
/// Folders of which Joomla or another system asks that they be removed, and which others have rightly.
const ONLY_JOOMLA: &[&str] = &["installation"];

/// The names and kinds found in a system's folder, sorted, each once; those of inner folders with the folder. None is only
/// said where every folder was read.
pub(super) fn read(root: &Root, system: &Found, path: &str, entries: &[Entry]) -> Fact<Vec<String>> {
    let (served, inner) = match system.served {
        Served::Nothing => return Fact::Known(Vec::new()),
        Served::Whole => (names(system, "", entries), INNER),
        Served::Below(folder) => (Vec::new(), folder),
    };
    let (mut found, mut missed) = (served, None);
    for inner in inner {
        match folder::entries(root, &format!("{path}/{inner}")) {
            Ok(Listing { entries, missed: cut }) => {
                found.extend(names(system, inner, &entries));
                missed = missed.or(cut);
            }
            Err(error) if error.is_not_found() => {}
            Err(error) => missed = missed.or(Some(error.to_unknown())),
        }
    }
    found.sort_unstable();
    found.dedup();
    match missed {
        Some(why) if found.is_empty() => Fact::Unknown(why),
        Some(_) | None => Fact::Known(found),
    }
}

fn names(system: &Found, folder: &str, entries: &[Entry]) -> Vec<String> {
    let within = |name| if folder.is_empty() { name } else { format!("{folder}/{name}") };
    entries.iter().filter_map(|entry| name(system.name, &entry.name)).map(within).collect()
}

fn name(system: &str, name: &str) -> Option<String> {
    if let Some(fixed) = NAMES.iter().find(|fixed| **fixed == name) {
        let is_wanted = !ONLY_JOOMLA.contains(fixed) || system == "joomla";
        return is_wanted.then(|| (*fixed).to_owned());
    }
    for configuration in CONFIGURATIONS {
        let name = name.strip_prefix('.').filter(|rest| rest.ends_with(".swp")).unwrap_or(name);
        let ending =
            name.strip_prefix(configuration).and_then(|rest| COPY_ENDINGS.iter().find(|ending| **ending == rest));
        if let Some(ending) = ending {
            return Some(format!("{configuration}{ending}"));
        }
    }
    // The longest kind that fits says most.
    let kind = KINDS.iter().filter(|kind| fits_loosely(kind, name)).max_by_key(|kind| kind.len());
    kind.map(|kind| (*kind).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_dumps_and_installers_are_told_without_names_that_people_chose() {
        for (system, file, expected) in [
            ("wordpress", "wp-config.php", None),
            ("wordpress", "wp-config.php.bak", Some("wp-config.php.bak")),
            ("wordpress", ".wp-config.php.swp", Some("wp-config.php.swp")),
            ("wordpress", "anna.bianchi.sql.gz", Some("*.sql.gz")),
            ("wordpress", "Backup.ZIP", Some("*.zip")),
            ("wordpress", "phpinfo.php", Some("phpinfo.php")),
            ("wordpress", ".git", Some(".git")),
            ("joomla", "installation", Some("installation")),
            ("wordpress", "installation", None),
            ("wordpress", "index.php", None),
            ("wordpress", "readme.html", None),
        ] {
            assert_eq!(name(system, file).as_deref(), expected, "{file}");
        }
    }
}
