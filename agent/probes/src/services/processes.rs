//! Which processes hold which sockets, proc_pid_fd(5). Only the number and the program of a process are read.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use crate::platform::file_number;

/// Folder of the processes.
const PROCESSES: &str = "/proc";
/// Most processes that are looked at.
const PROCESSES_MAX: usize = 262_144;
/// Most open files of one process that are looked at.
const OPEN_FILES_MAX: usize = 1_048_576;
/// What the kernel says after the path of a program that is no longer there.
const DELETED: &str = " (deleted)";
/// The number of the first name space of processes (`PROC_PID_INIT_INO`): there no process is out of sight.
const FIRST_PID_NAMESPACE: &str = "pid:[4026531836]";

/// The program of one process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    /// Path of its executable as the kernel tells it; its name alone when it has none that can be read.
    pub(super) path: String,
    /// Whether that path, on the files of this host, is what the process runs (or was, before it was replaced): not so for
    /// a program in a container.
    pub(super) is_of_host: bool,
}

/// The holders of the wanted sockets.
#[derive(Debug, Default)]
pub(super) struct Processes {
    /// The processes of each socket.
    by_inode: HashMap<u32, Vec<u32>>,
    programs: BTreeMap<u32, Program>,
    /// How many processes could not be looked into.
    hidden: usize,
    /// Whether processes may hold sockets out of sight.
    is_within_namespace: bool,
}

/// Why the holder of a socket is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unseen {
    /// So many processes could not be looked into.
    Hidden(usize),
    /// The agent itself is in a name space of processes, and nothing in it holds the socket.
    OutOfSight,
}

impl Processes {
    /// Looks through every process once for the holders of the given sockets.
    pub(super) fn read(inodes: impl Iterator<Item = u32>) -> Self {
        let mut seen = Self { by_inode: inodes.map(|inode| (inode, Vec::new())).collect(), ..Self::default() };
        let namespace = std::fs::read_link("/proc/self/ns/pid");
        seen.is_within_namespace = namespace.is_ok_and(|name| name != Path::new(FIRST_PID_NAMESPACE));
        let Ok(processes) = std::fs::read_dir(PROCESSES) else {
            seen.hidden = 1;
            return seen;
        };
        // Where `/proc` shows to each user only the user's own processes, the first one is not there at all.
        seen.hidden = usize::from(!Path::new("/proc/1").exists());
        let host = std::fs::metadata("/").ok().and_then(|root| file_number(&root));
        for (count, process) in processes.flatten().enumerate() {
            if count == PROCESSES_MAX {
                // The others may hold anything.
                seen.hidden += 1;
                break;
            }
            let Some(pid) = process.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            seen.read_process(pid, &process.path(), host);
        }
        seen.by_inode.values_mut().for_each(|pids| pids.sort_unstable());
        seen
    }

    /// Who holds a socket, by number, as far as could be seen.
    pub(super) fn holders(&self, inode: u32) -> impl Iterator<Item = (u32, &Program)> {
        let pids = self.by_inode.get(&inode).into_iter().flatten();
        pids.filter_map(|pid| Some((*pid, self.programs.get(pid)?)))
    }

    /// Why a socket that nobody was seen to hold may yet have a holder; nothing when holders were seen, or when every
    /// process was.
    pub(super) fn unseen(&self, inode: u32) -> Option<Unseen> {
        if self.by_inode.get(&inode).is_some_and(|pids| !pids.is_empty()) {
            None
        } else if self.hidden > 0 {
            Some(Unseen::Hidden(self.hidden))
        } else if self.is_within_namespace {
            Some(Unseen::OutOfSight)
        } else {
            None
        }
    }

    /// The programs of all holders.
    pub(super) fn programs(&self) -> impl Iterator<Item = &Program> {
        self.programs.values()
    }

    fn read_process(&mut self, pid: u32, folder: &Path, host: Option<(u64, u64)>) {
        let files = match std::fs::read_dir(folder.join("fd")) {
            Ok(files) => files,
            Err(error) => {
                // A process that ended meanwhile holds nothing.
                self.hidden += usize::from(error.kind() == std::io::ErrorKind::PermissionDenied);
                return;
            }
        };
        let mut is_hidden = false;
        for (count, file) in files.flatten().enumerate() {
            if count == OPEN_FILES_MAX {
                is_hidden = true;
                break;
            }
            let target = match std::fs::read_link(file.path()) {
                Ok(target) => target,
                Err(error) => {
                    is_hidden |= error.kind() == std::io::ErrorKind::PermissionDenied;
                    continue;
                }
            };
            let inode = target.to_str().and_then(inode_of);
            let Some(holders) = inode.and_then(|inode| self.by_inode.get_mut(&inode)) else { continue };
            if holders.last() != Some(&pid) {
                holders.push(pid);
            }
            self.programs.entry(pid).or_insert_with(|| program(folder, host));
        }
        self.hidden += usize::from(is_hidden);
    }
}

/// The number in `socket:[12345]`.
fn inode_of(target: &str) -> Option<u32> {
    target.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

fn program(folder: &Path, host: Option<(u64, u64)>) -> Program {
    let Some(path) =
        std::fs::read_link(folder.join("exe")).ok().and_then(|path| path.into_os_string().into_string().ok())
    else {
        let name = std::fs::read_to_string(folder.join("comm")).unwrap_or_default();
        return Program { path: name.trim().to_owned(), is_of_host: false };
    };
    let file = |path: &Path| std::fs::metadata(path).ok().and_then(|file| file_number(&file));
    match path.strip_suffix(DELETED) {
        // Replaced or removed since: where its root is that of the host, so was its file.
        Some(path) => Program { path: path.to_owned(), is_of_host: file(&folder.join("root")) == host },
        None => {
            let running = file(&folder.join("exe"));
            let is_of_host = running.is_some() && running == file(Path::new(&path));
            Program { path, is_of_host }
        }
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
    fn nobody_is_not_said_while_processes_are_hidden_or_out_of_sight() {
        let mut seen = Processes { by_inode: HashMap::from([(1, vec![7]), (2, Vec::new())]), ..Processes::default() };
        assert_eq!((seen.unseen(1), seen.unseen(2)), (None, None));
        seen.is_within_namespace = true;
        assert_eq!((seen.unseen(1), seen.unseen(2)), (None, Some(Unseen::OutOfSight)));
        seen.hidden = 3;
        assert_eq!((seen.unseen(1), seen.unseen(2)), (None, Some(Unseen::Hidden(3))));
    }
}
