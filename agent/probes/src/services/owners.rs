//! Which processes hold which sockets, proc_pid_fd(5). Only the number and the program of a process are read.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::facts::SocketOwner;

/// Folder of the processes.
const PROCESSES: &str = "/proc";
/// Most processes that are looked at.
const PROCESSES_MAX: usize = 65_536;
/// Most open files of one process that are looked at.
const OPEN_FILES_MAX: usize = 1_048_576;
/// Most owners named for one socket.
const OWNERS_MAX: usize = 16;

/// The holders of the wanted sockets.
#[derive(Debug, Default)]
pub(super) struct Owners {
    by_inode: HashMap<u32, BTreeMap<i64, String>>,
    /// How many processes could not be looked into.
    hidden: usize,
}

impl Owners {
    /// Looks through every process once for the holders of the given sockets.
    pub(super) fn read(inodes: impl Iterator<Item = u32>) -> Self {
        let mut owners = Self { by_inode: inodes.map(|inode| (inode, BTreeMap::new())).collect(), hidden: 0 };
        let Ok(processes) = std::fs::read_dir(PROCESSES) else {
            owners.hidden = 1;
            return owners;
        };
        for process in processes.flatten().take(PROCESSES_MAX) {
            let Some(pid) = process.file_name().to_str().and_then(|name| name.parse::<i64>().ok()) else { continue };
            owners.read_process(pid, &process.path());
        }
        owners
    }

    /// Who holds a socket. "Nobody" is known only when every process could be looked into.
    pub(super) fn of(&self, inode: u32) -> Fact<Vec<SocketOwner>> {
        let found = self.by_inode.get(&inode);
        let owners: Vec<SocketOwner> = found
            .into_iter()
            .flatten()
            .take(OWNERS_MAX)
            .map(|(pid, executable)| SocketOwner {
                pid: *pid,
                executable: executable.clone(),
                package: Fact::unknown(Reason::UNSUPPORTED_SYSTEM, "not looked at"),
            })
            .collect();
        if owners.is_empty() && self.hidden > 0 {
            return Fact::unknown(
                Reason::NEEDS_PRIVILEGE,
                format!("{} processes could not be looked into", self.hidden),
            );
        }
        Fact::Known(owners)
    }

    fn read_process(&mut self, pid: i64, folder: &Path) {
        let files = match std::fs::read_dir(folder.join("fd")) {
            Ok(files) => files,
            Err(error) => {
                // A process that ended meanwhile holds nothing.
                self.hidden += usize::from(error.kind() == std::io::ErrorKind::PermissionDenied);
                return;
            }
        };
        let mut program = None;
        for file in files.flatten().take(OPEN_FILES_MAX) {
            let Ok(target) = std::fs::read_link(file.path()) else { continue };
            let inode = target.to_str().and_then(inode_of);
            let Some(holders) = inode.and_then(|inode| self.by_inode.get_mut(&inode)) else { continue };
            let program = program.get_or_insert_with(|| executable(folder));
            holders.insert(pid, program.clone());
        }
    }
}

/// The number in `socket:[12345]`.
fn inode_of(target: &str) -> Option<u32> {
    target.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

/// The name of a process's program without its folder; of a kernel thread its own name.
fn executable(folder: &Path) -> String {
    let link = std::fs::read_link(folder.join("exe")).ok();
    let by_link = link.as_deref().and_then(Path::file_name).and_then(|name| name.to_str());
    match by_link {
        Some(name) => name.strip_suffix(" (deleted)").unwrap_or(name).to_owned(),
        None => std::fs::read_to_string(folder.join("comm")).unwrap_or_default().trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_to_sockets_have_a_number() {
        assert_eq!(inode_of("socket:[12345]"), Some(12345));
        for other in ["pipe:[12345]", "socket:[]", "socket:[-1]", "socket:[1", "/dev/null", ""] {
            assert_eq!(inode_of(other), None, "{other}");
        }
    }

    #[test]
    fn nobody_is_not_said_while_processes_are_hidden() {
        let mut owners = Owners { by_inode: HashMap::from([(1, BTreeMap::new())]), hidden: 0 };
        assert_eq!(owners.of(1), Fact::Known(Vec::new()));
        owners.hidden = 3;
        assert!(matches!(owners.of(1), Fact::Unknown(unknown) if unknown.reason == Reason::NEEDS_PRIVILEGE));
    }
}
