//! Programs that still run the old form of a file that an update has replaced, by proc_pid_maps(5).
//!
//! Replacing a file unlinks the old one, and the kernel says `(deleted)` of a mapping of it. Only what is mapped to be
//! executed counts, and only beneath the folders that packages fill: temporary and shared memory is deleted by design.

use std::collections::BTreeSet;

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::facts::RestartFacts;
use crate::files::{FileError, Root};
use crate::persons::Persons;

/// Largest table of mappings of one process, in bytes; a large Java server has some 500 KB.
const MAPS_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Largest `stat` or `cgroup` of one process, in bytes.
const LINE_FILE_BYTES_MAX: u64 = 64 * 1024;
/// Most programs, and most units, that are named.
const NAMES_MAX: usize = 200;
/// Folders that packages fill.
const PACKAGE_FOLDERS: &[&str] = &["/usr/", "/lib/", "/lib32/", "/lib64/", "/libx32/", "/bin/", "/sbin/", "/opt/"];
/// Folders among them that programs write to themselves.
const OWN_FOLDERS: &[&str] = &["/usr/local/tmp/", "/usr/tmp/"];
/// What the kernel appends to the path of a file that is gone.
const DELETED: &str = " (deleted)";
/// Bit of the flags in `stat` of the kernel's own threads (`PF_KTHREAD`).
const KERNEL_THREAD: u64 = 0x0020_0000;
/// Words in the control group of a process in a container: its files are not those of this host.
const CONTAINER_WORDS: &[&str] = &["docker", "libpod", "containerd", "kubepods", "crio-", "/lxc", "machine.slice"];

/// What the running processes say. What was found is told even when others were hidden; nothing found then is unknown.
pub(super) fn facts(root: &Root) -> RestartFacts {
    let (stale, hidden) = match stale_processes(root) {
        Ok(Stales { found, hidden }) if found.is_empty() && hidden.is_some() => (found, hidden),
        Ok(Stales { found, .. }) => (found, None),
        Err(unknown) => (Vec::new(), Some(unknown)),
    };
    if let Some(unknown) = hidden {
        return RestartFacts {
            process_count: Fact::Unknown(unknown.clone()),
            programs: Fact::Unknown(unknown.clone()),
            units: Fact::Unknown(unknown),
        };
    }
    let persons = Persons::read(root);
    let named = |names: BTreeSet<String>| Fact::Known(names.into_iter().take(NAMES_MAX).collect());
    let units = stale.iter().filter_map(|process| process.unit.as_deref());
    RestartFacts {
        process_count: Fact::Known(i64::try_from(stale.len()).unwrap_or(i64::MAX)),
        programs: named(stale.iter().map(|process| persons.without(&process.program)).collect()),
        units: named(units.map(|unit| persons.without(unit)).collect()),
    }
}

/// A process that runs an old form of a file.
struct Stale {
    /// Path of its program.
    program: String,
    /// Unit of systemd that it belongs to.
    unit: Option<String>,
}

/// What was found among all processes.
struct Stales {
    found: Vec<Stale>,
    /// Why at least one of the others could not be looked into.
    hidden: Option<Unknown>,
}

/// Every such process; `Err` when none can be looked at.
fn stale_processes(root: &Root) -> Result<Stales, Unknown> {
    let names = match root.names("/proc") {
        Err(error) if !error.is_not_found() => return Err(error.to_unknown()),
        names => names.unwrap_or_default(),
    };
    let mut processes = names.iter().filter(|name| name.bytes().all(|byte| byte.is_ascii_digit())).peekable();
    if processes.peek().is_none() {
        return Err(Unknown::new(Reason::DOES_NOT_APPLY, "there are no running processes beneath this folder"));
    }
    // The first process of a host is always there, unless /proc is mounted so that it shows one's own alone.
    let mut hidden = (!names.iter().any(|name| name == "1"))
        .then(|| Unknown::new(Reason::NEEDS_PRIVILEGE, "/proc hides the processes of others"));
    let mut found = Vec::new();
    for process in processes {
        match look_into(root, process) {
            Ok(stale) => found.extend(stale),
            // It ended meanwhile.
            Err(error) if error.is_not_found() || is_gone(&error) => {}
            Err(error) => hidden = hidden.or_else(|| Some(error.to_unknown())),
        }
    }
    Ok(Stales { found, hidden })
}

/// Whether the system said that the process ended between two questions (ESRCH).
fn is_gone(error: &FileError) -> bool {
    const ESRCH: i32 = 3;
    matches!(error, FileError::Io { source, .. } if source.raw_os_error() == Some(ESRCH))
}

fn look_into(root: &Root, process: &str) -> Result<Option<Stale>, FileError> {
    let file = |name: &str| format!("/proc/{process}/{name}");
    if !runs_a_program(&root.read_text(&file("stat"), LINE_FILE_BYTES_MAX)?) {
        return Ok(None);
    }
    let maps = root.read_text(&file("maps"), MAPS_BYTES_MAX)?;
    let Some(mapped) = maps.lines().find_map(replaced_file) else { return Ok(None) };
    let group = root.read_text(&file("cgroup"), LINE_FILE_BYTES_MAX).unwrap_or_default();
    if CONTAINER_WORDS.iter().any(|word| group.contains(word)) {
        return Ok(None);
    }
    let program = root.link_text(&file("exe"));
    let program = program.as_deref().map_or(mapped, |path| path.strip_suffix(DELETED).unwrap_or(path)).to_owned();
    Ok(Some(Stale { program, unit: unit(&group) }))
}

/// Whether a process has a program of its own, by its `stat`: no thread of the kernel, and none that has ended.
fn runs_a_program(stat: &str) -> bool {
    // The name in brackets may hold anything, spaces and brackets too.
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let mut fields = after_name.split_ascii_whitespace();
    let has_ended = matches!(fields.next(), Some("Z" | "X") | None);
    let flags = fields.nth(5).and_then(|flags| flags.parse::<u64>().ok()).unwrap_or_default();
    !has_ended && flags & KERNEL_THREAD == 0
}

/// The file of a mapping, when it is executed, belongs to a package by its place, and is gone.
fn replaced_file(line: &str) -> Option<&str> {
    let rest = line.strip_suffix(DELETED)?;
    let path = rest.get(rest.find('/')?..)?;
    let rights = rest.split_ascii_whitespace().nth(1)?;
    let is_meant = rights.contains('x')
        && PACKAGE_FOLDERS.iter().any(|folder| path.starts_with(folder))
        && !OWN_FOLDERS.iter().any(|folder| path.starts_with(folder));
    is_meant.then_some(path)
}

/// The service of the system that a control group belongs to, cgroups(7): `0::/system.slice/nginx.service`.
fn unit(group: &str) -> Option<String> {
    let path = group.lines().find_map(|line| line.split_once("/system.slice/").map(|(_, rest)| rest))?;
    path.split('/').find(|part| part.ends_with(".service")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_replaced_files_of_packages_that_are_executed_count() {
        for (line, expected) in [
            ("7f00-7f01 r-xp 00000000 fd:00 12   /usr/lib/x86_64-linux-gnu/libssl.so.3 (deleted)", true),
            ("7f00-7f01 r-xp 00000000 fd:00 12   /opt/app/bin/server (deleted)", true),
            ("7f00-7f01 r-xp 00000000 fd:00 12   /usr/lib/x86_64-linux-gnu/libssl.so.3", false),
            ("7f00-7f01 r--p 00000000 fd:00 12   /usr/lib/locale/locale-archive (deleted)", false),
            ("7f00-7f01 rwxs 00000000 00:01 12   /memfd:pipewire (deleted)", false),
            ("7f00-7f01 r-xp 00000000 00:01 12   /tmp/.mount_x/usr/bin/app (deleted)", false),
            ("7f00-7f01 rwxs 00000000 00:01 12   /dev/zero (deleted)", false),
            ("7f00-7f01 r-xp 00000000 00:00 0", false),
        ] {
            assert_eq!(replaced_file(line).is_some(), expected, "{line}");
        }
    }

    /// A made `/proc` with processes `(number, mappings)`; one without mappings may not be looked into.
    fn proc_with(processes: &[(&str, Option<&str>)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a temporary folder");
        for (number, maps) in processes {
            let folder = root.path().join("proc").join(number);
            std::fs::create_dir_all(&folder).expect("a folder");
            std::fs::write(folder.join("stat"), format!("{number} (x) S 1 1 1 0 -1 4194560 2")).expect("a file");
            match maps {
                Some(maps) => std::fs::write(folder.join("maps"), maps).expect("a file"),
                // No file that can be read, as one that is denied.
                None => std::fs::create_dir(folder.join("maps")).expect("a folder"),
            }
        }
        root
    }

    #[test]
    fn nothing_found_beside_hidden_processes_is_unknown_and_what_was_found_is_told() {
        const OLD: &str = "7f00-7f01 r-xp 00000000 fd:00 12   /usr/lib/libssl.so.3 (deleted)\n";
        const NEW: &str = "7f00-7f01 r-xp 00000000 fd:00 12   /usr/lib/libssl.so.3\n";
        for (name, processes, expected) in [
            ("all seen", &[("1", Some(NEW)), ("7", Some(OLD)), ("8", Some(OLD))][..], Some(2)),
            ("none found", &[("1", Some(NEW))], Some(0)),
            ("one hidden, none found", &[("1", Some(NEW)), ("7", None)], None),
            ("one hidden, one found", &[("1", None), ("7", Some(OLD))], Some(1)),
            ("only one's own", &[("7", Some(NEW))], None),
            ("no processes", &[], None),
        ] {
            let folder = proc_with(processes);
            let root = Root::new(folder.path());
            let facts = facts(&root);
            assert_eq!(facts.process_count.known().copied(), expected, "{name}");
            assert_eq!(facts.programs.known().is_some(), expected.is_some(), "{name}");
        }
    }

    #[test]
    fn threads_of_the_kernel_and_ended_processes_are_passed_over() {
        for (stat, expected) in [
            ("812 (nginx) S 1 812 812 0 -1 4194560 2", true),
            ("12 (kworker/0:1) I 2 0 0 0 -1 69238880 0", false),
            ("99 (odd ) Z name) S 1 99 99 0 -1 4194560 2", true),
            ("98 (gone) Z 1 98 98 0 -1 4194316 2", false),
            ("", false),
        ] {
            assert_eq!(runs_a_program(stat), expected, "{stat}");
        }
    }

    #[test]
    fn the_service_of_the_system_is_named_and_no_session_of_a_person() {
        for (group, expected) in [
            ("0::/system.slice/nginx.service\n", Some("nginx.service")),
            ("0::/system.slice/system-getty.slice/getty@tty1.service\n", Some("getty@tty1.service")),
            ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/x.service\n", None),
            ("1:name=systemd:/system.slice/ssh.service\n0::/x\n", Some("ssh.service")),
            ("0::/\n", None),
        ] {
            assert_eq!(unit(group).as_deref(), expected, "{group}");
        }
    }
}
