//! The owners of sockets as facts: process, executable without persons, package.

use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::facts::SocketOwner;
use super::owning_package::Packages;
use super::processes::{Processes, Unseen};
use crate::files::Root;
use crate::persons::Persons;

/// Everything that is known of the holders of sockets.
pub(super) struct Owners {
    processes: Processes,
    packages: Packages,
    persons: Persons,
}

impl Owners {
    /// Looks for the holders of sockets and for the packages of their programs.
    pub(super) fn read(root: &Root, inodes: impl Iterator<Item = u32>) -> Self {
        let processes = Processes::read(inodes);
        let of_host = processes.programs().filter(|program| program.is_of_host);
        let packages = Packages::of(root, of_host.map(|program| program.path.as_str()));
        Self { processes, packages, persons: Persons::read(root) }
    }

    /// Who holds a socket. "Nobody" is known only when every process could be looked into. A socket of the kernel itself (a file server,
    /// a tunnel) has no holder.
    pub(super) fn of(&self, inode: u32) -> Fact<Vec<SocketOwner>> {
        match self.processes.unseen(inode) {
            None => Fact::Known(
                self.processes
                    .holders(inode)
                    .map(|(pid, program)| SocketOwner {
                        pid: i64::from(pid),
                        executable: self.persons.without(&program.path),
                        package: if program.is_of_host {
                            self.packages.owner(&program.path)
                        } else {
                            Fact::unknown(Reason::DOES_NOT_APPLY, "not a file of this host: a container, or the kernel")
                        },
                    })
                    .collect(),
            ),
            Some(Unseen::Hidden(count)) => Fact::unknown(
                Reason::NEEDS_PRIVILEGE,
                format!("{count} or more processes could not be looked into, and no other one holds it"),
            ),
            Some(Unseen::OutOfSight) => {
                let detail = "no process in sight holds it; the agent is in a container and sees only that";
                Fact::unknown(Reason::NOT_FOUND, detail)
            }
        }
    }

    /// Names of the programs that hold a socket, as far as they could be seen.
    pub(super) fn program_names(&self, inode: u32) -> impl Iterator<Item = &str> {
        self.processes.holders(inode).filter_map(|(_, program)| program.path.rsplit('/').next())
    }

    /// Whether nobody was seen to hold a socket.
    pub(super) fn is_orphan(&self, inode: u32) -> bool {
        self.processes.holders(inode).next().is_none()
    }

    /// The accounts of persons, to keep them out of other paths.
    pub(super) const fn persons(&self) -> &Persons {
        &self.persons
    }
}
