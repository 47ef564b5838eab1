//! Whether logs survive a restart: a syslog service, or systemd's journal on disk, journald.conf(5).

use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::super::patterns;
use super::super::units::Units;
use crate::files::{FileError, Root};

/// Main files, the first one that exists counts; then the parts, the later ones are stronger.
const MAIN: &[&str] = &["/etc/systemd/journald.conf", "/run/systemd/journald.conf", "/usr/lib/systemd/journald.conf"];
/// Folders of parts, the strongest first: a name in one hides the same name in those after it.
const PARTS: &[&str] =
    &["/etc/systemd/journald.conf.d", "/run/systemd/journald.conf.d", "/usr/lib/systemd/journald.conf.d"];
/// The journal's program, and its folder on disk.
const PROGRAMS: &[&str] = &["/usr/lib/systemd/systemd-journald", "/lib/systemd/systemd-journald"];
const FOLDER: &str = "/var/log/journal";
/// Largest file, in bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024;

pub(super) fn is_persistent(root: &Root, units: &Units) -> Fact<bool> {
    if units.surely_starts(super::SYSLOGS) {
        return Fact::Known(true);
    }
    if !PROGRAMS.iter().any(|program| root.exists(program)) {
        return Fact::unknown(Reason::NOT_FOUND, "no service that keeps logs is found");
    }
    match value(root, "Storage") {
        Ok(storage) => match storage.as_deref().unwrap_or("auto") {
            "persistent" => Fact::Known(true),
            "volatile" | "none" => Fact::Known(false),
            _auto => root.presence(FOLDER).map_or_else(|error| Fact::Unknown(error.to_unknown()), Fact::Known),
        },
        Err(error) => Fact::Unknown(error.to_unknown()),
    }
}

/// The last value that the files give to a setting.
pub(super) fn value(root: &Root, setting: &str) -> Result<Option<String>, FileError> {
    let mut parts: Vec<(String, String)> = Vec::new();
    for folder in PARTS {
        for path in patterns::files(root, &format!("{folder}/*.conf"))? {
            let name = path.rsplit('/').next().unwrap_or_default().to_owned();
            if parts.iter().all(|(known, _)| *known != name) {
                parts.push((name, path));
            }
        }
    }
    parts.sort_unstable();
    let main = MAIN.iter().find(|path| !root.is_absent(path)).map(|path| (*path).to_owned());
    let mut last = None;
    for path in main.into_iter().chain(parts.into_iter().map(|(_, path)| path)) {
        let text = match root.read_text(&path, FILE_BYTES_MAX) {
            Err(FileError::NotFound { .. } | FileError::NotRegular { .. }) => continue,
            text => text?,
        };
        let values = text.lines().filter_map(|line| line.trim().split_once('='));
        last = values.rev().find(|(name, _)| name.trim() == setting).map(|(_, value)| value.trim().to_owned()).or(last);
    }
    Ok(last.filter(|value| !value.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::super::super::made_root;
    use super::*;

    #[test]
    fn the_journal_lasts_when_it_is_told_so_or_has_a_folder() {
        const PROGRAM: (&str, &str) = ("/lib/systemd/systemd-journald", "");
        const CONF: &str = "/etc/systemd/journald.conf";
        const KEPT: (&str, &str) = ("/var/log/journal/x", "");
        const SYSLOG: (&str, &str) = ("/etc/rc2.d/S01rsyslog", "");
        for (files, expected) in [
            (&[PROGRAM][..], Some(false)),
            (&[PROGRAM, KEPT], Some(true)),
            (&[PROGRAM, ("/var/log", "-> log")], None),
            (&[PROGRAM, KEPT, (CONF, "[Journal]\n#Storage=none\n")], Some(true)),
            (&[PROGRAM, KEPT, (CONF, "[Journal]\nStorage=volatile\n")], Some(false)),
            (&[PROGRAM, (CONF, "Storage = persistent\n")], Some(true)),
            (&[PROGRAM, KEPT, ("/usr/lib/systemd/journald.conf.d/a.conf", "Storage=volatile")], Some(false)),
            (
                &[
                    PROGRAM,
                    ("/usr/lib/systemd/journald.conf.d/a.conf", "Storage=persistent"),
                    ("/etc/systemd/journald.conf.d/a.conf", ""),
                ],
                Some(false),
            ),
            (&[PROGRAM, (CONF, "Storage=volatile\n"), SYSLOG], Some(true)),
            (&[], None),
        ] {
            let (_folder, host) = made_root::folder(files);
            assert_eq!(is_persistent(&host.root, &Units::read(&host.root)).known().copied(), expected, "{files:?}");
        }
    }
}
