//! The files that set the kernel's settings at the start, sysctl.d(5).

use std::collections::BTreeMap;

use super::super::patterns;
use crate::files::{FileError, Root};

/// Folders of files, the strongest first: a name in one hides the same name in those after it.
const FOLDERS: &[&str] =
    &["/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d"];
/// Read last of all where there is no systemd (sysctl(8), `--system`); systemd reads it through a link in its folder only.
const LAST_WITHOUT_SYSTEMD: &str = "/etc/sysctl.conf";
/// Where the program of systemd lies that sets them.
const SYSTEMD_PROGRAMS: &[&str] = &["/usr/lib/systemd/systemd-sysctl", "/lib/systemd/systemd-sysctl"];
/// Largest file, in bytes.
const FILE_BYTES_MAX: u64 = 256 * 1024;

/// What the files set.
#[derive(Debug, Default)]
pub(super) struct Configured {
    /// Values by name, with dots.
    exact: BTreeMap<String, String>,
    /// Values by pattern, in the order of the files: the last one counts.
    patterns: Vec<(String, String)>,
    /// Names that no pattern reaches.
    excluded: Vec<String>,
}

impl Configured {
    pub(super) fn read(root: &Root) -> Result<Self, FileError> {
        let mut by_name: BTreeMap<String, String> = BTreeMap::new();
        for folder in FOLDERS {
            for path in patterns::files(root, &format!("{folder}/*.conf"))? {
                let name = path.rsplit('/').next().unwrap_or_default().to_owned();
                by_name.entry(name).or_insert(path);
            }
        }
        let mut paths: Vec<String> = by_name.into_values().collect();
        if root.first_present(SYSTEMD_PROGRAMS.iter().copied())?.is_none() {
            paths.push(LAST_WITHOUT_SYSTEMD.to_owned());
        }
        let mut configured = Self::default();
        for path in paths {
            match root.read_text(&path, FILE_BYTES_MAX) {
                Ok(text) => configured.take(&text),
                // A link to /dev/null empties the file of that name.
                Err(FileError::NotFound { .. } | FileError::NotRegular { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(configured)
    }

    /// The value that is set for a name.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let by_pattern = || {
            let fitting = self.patterns.iter().rev().find(|(pattern, _)| patterns::fits(pattern, name));
            fitting.filter(|_| !self.excluded.iter().any(|own| own == name)).map(|(_, value)| value)
        };
        self.exact.get(name).or_else(by_pattern).map(String::as_str)
    }

    fn take(&mut self, text: &str) {
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';'])) {
            // A leading `-` says that a failure is no error; without a value it takes a name out of all patterns.
            let forgiving = line.strip_prefix('-');
            match (forgiving.unwrap_or(line).split_once('='), forgiving) {
                (Some((name, value)), _) => self.set(&with_dots(name.trim()), value.trim()),
                (None, Some(name)) => self.excluded.push(with_dots(name.trim())),
                (None, None) => {}
            }
        }
    }

    fn set(&mut self, name: &str, value: &str) {
        if name.contains(['*', '?']) {
            self.patterns.push((name.to_owned(), value.to_owned()));
        } else {
            self.exact.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// A name with dots between its parts; the first separator tells which kind the writer used.
fn with_dots(name: &str) -> String {
    let is_with_slashes = name.find(['.', '/']).is_some_and(|at| name.as_bytes().get(at) == Some(&b'/'));
    if is_with_slashes { name.replace('/', ".") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::super::super::made_root;
    use super::*;

    const WITH_SYSTEMD: (&str, &str) = ("/usr/lib/systemd/systemd-sysctl", "");

    #[test]
    fn later_names_win_and_the_administrators_file_hides_the_distributions() {
        for (files, expected) in [
            (&[("/usr/lib/sysctl.d/50-a.conf", "k.a=1")][..], Some("1")),
            (&[("/usr/lib/sysctl.d/50-a.conf", "k.a=1"), ("/etc/sysctl.d/50-a.conf", "k.b=2")], None),
            (&[("/usr/lib/sysctl.d/50-a.conf", "k.a=1"), ("/etc/sysctl.d/50-a.conf", "-> /dev/null")], None),
            (&[("/usr/lib/sysctl.d/60-a.conf", "k.a=1"), ("/etc/sysctl.d/50-b.conf", "k.a=2")], Some("1")),
            (&[("/usr/lib/sysctl.d/50-a.conf", "k.a=1"), ("/run/sysctl.d/60-b.conf", "k.a = 2 ")], Some("2")),
            (&[("/etc/sysctl.d/50-a", "k.a=1")], None),
            (&[("/etc/sysctl.d/50-a.conf", "#k.a=1\n;k.a=1\nk.a\n")], None),
            (&[("/etc/sysctl.d/50-a.conf", "-k/a=3")], Some("3")),
            (&[("/etc/sysctl.d/50-a.conf", "k.a=1"), ("/etc/sysctl.conf", "k.a=4")], Some("4")),
            (&[WITH_SYSTEMD, ("/etc/sysctl.d/50-a.conf", "k.a=1"), ("/etc/sysctl.conf", "k.a=4")], Some("1")),
            (
                &[WITH_SYSTEMD, ("/etc/sysctl.d/99-sysctl.conf", "-> ../sysctl.conf"), ("/etc/sysctl.conf", "k.a=4")],
                Some("4"),
            ),
        ] {
            let (_folder, host) = made_root::folder(files);
            let configured = Configured::read(&host.root).expect("readable");
            assert_eq!(configured.value("k.a"), expected, "{files:?}");
        }
    }

    #[test]
    fn patterns_yield_to_names_and_leave_out_what_is_excluded() {
        let mut configured = Configured::default();
        configured.take("net.conf.*.rp=2\nnet.conf.eth0.rp=1\n-net.conf.all.rp\nnet/conf/eth1.5/rp=7");
        for (name, expected) in [
            ("net.conf.default.rp", Some("2")),
            ("net.conf.eth0.rp", Some("1")),
            ("net.conf.all.rp", None),
            ("net.conf.eth1.5.rp", Some("7")),
        ] {
            assert_eq!(configured.value(name), expected, "{name}");
        }
    }
}
