//! Linux: what std and rustix tell.

use std::fs::{File, Metadata};
use std::io;
use std::net::IpAddr;
use std::os::fd::AsFd as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus};

use netlink_sys::{Socket, SocketAddr};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, setpriority_pgrp, waitid};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use vedetta_checks::fact::Fact;

use super::FileSystemSize;

pub(crate) use std::os::unix::fs::symlink;

/// Where distributions keep the programs of an administrator. Never `/usr/local` or a home: others may write there.
pub(crate) const SYSTEM_FOLDERS: &[&str] = &["/usr/sbin", "/usr/bin", "/sbin", "/bin"];
/// The environment that a program is given; the search path is for the programs that it starts itself.
pub(crate) const ENVIRONMENT: &[(&str, &str)] =
    &[("LC_ALL", "C"), ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"), ("HOME", "/"), ("TERM", "dumb")];
/// The folder that a program starts in.
pub(crate) const PROGRAM_FOLDER: &str = "/";
/// The lowest priority (setpriority(2)).
const PRIORITY: i32 = 19;
/// The right of others to read, in the mode of a file (chmod(2)).
const OTHERS_READ: u32 = 0o004;
/// The rights to execute, in the mode of a file.
const EXECUTE: u32 = 0o111;

/// Whether others than its owner and group may read a file, by its mode.
pub(crate) fn others_may_read(metadata: &Metadata) -> Fact<bool> {
    Fact::Known(metadata.mode() & OTHERS_READ != 0)
}

/// Whether a file is a program.
pub(crate) fn is_program(metadata: &Metadata) -> bool {
    metadata.is_file() && metadata.permissions().mode() & EXECUTE != 0
}

/// The file system that a file lies on.
pub(crate) fn device(metadata: &Metadata) -> Option<u64> {
    Some(metadata.dev())
}

/// When a file was last written, in seconds since 1970.
pub(crate) fn written_seconds(metadata: &Metadata) -> i64 {
    metadata.mtime()
}

/// What tells a file from every other one of this host: its file system and its number there.
pub(crate) fn file_number(metadata: &Metadata) -> Option<(u64, u64)> {
    Some((metadata.dev(), metadata.ino()))
}

/// The size of the file system at a path.
///
/// # Errors
/// The system's answer.
pub(crate) fn file_system_size(path: &Path) -> io::Result<FileSystemSize> {
    let sizes = rustix::fs::statvfs(path)?;
    Ok(FileSystemSize {
        total_bytes: sizes.f_blocks.saturating_mul(sizes.f_frsize),
        available_bytes: sizes.f_bavail.saturating_mul(sizes.f_frsize),
        entries: sizes.f_files,
        available_entries: sizes.f_favail,
    })
}

/// Moves the calling thread into the network namespace of the file, for the rest of its life.
///
/// # Errors
/// The system's answer.
pub(crate) fn enter_network_namespace(namespace: &File) -> io::Result<()> {
    Ok(move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))?)
}

/// A question to the kernel over netlink(7), and its answer.
pub(crate) struct KernelSocket(Socket);

impl KernelSocket {
    /// Asks one family of netlink.
    ///
    /// # Errors
    /// The system's answer.
    pub(crate) fn ask(protocol: isize, question: &[u8]) -> io::Result<Self> {
        let mut socket = Socket::new(protocol)?;
        socket.bind_auto()?;
        socket.connect(&SocketAddr::new(0, 0))?;
        // The kernel answers within the call: an answer that is not there yet never comes.
        socket.set_non_blocking(true)?;
        socket.send(question, 0)?;
        Ok(Self(socket))
    }

    /// The next datagram of the answer.
    ///
    /// # Errors
    /// The system's answer.
    pub(crate) fn receive(&mut self) -> io::Result<Vec<u8>> {
        self.0.recv_from_full().map(|(datagram, _kernel)| datagram)
    }
}

/// Resolvers that the system names elsewhere than in a file: none here.
pub(crate) fn resolvers() -> Option<Vec<IpAddr>> {
    None
}

/// The signal that ended a program.
pub(crate) fn signal(status: ExitStatus) -> Option<i32> {
    status.signal()
}

/// Makes a program the head of a group of its own, with all that it starts.
pub(crate) fn set_apart(command: &mut Command) -> &mut Command {
    command.process_group(0)
}

/// A program with everything that it started.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Group(Option<Pid>);

impl Group {
    /// The group of a program that [`set_apart`] started, at the lowest priority.
    pub(crate) fn of(child: &Child) -> Self {
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        // Best effort: a system that does not let us be modest is no reason to see nothing.
        let _modest = setpriority_pgrp(group, PRIORITY);
        Self(group)
    }

    /// Whether the program has ended. It is not reaped here, so that the number of its group cannot pass to another.
    pub(crate) fn has_ended(self, _child: &mut Child) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        self.0.is_none_or(|pid| !matches!(waitid(WaitId::Pid(pid), options), Ok(None)))
    }

    /// Kills what is left of the group.
    pub(crate) fn kill(self, _child: &mut Child) {
        if let Some(group) = self.0 {
            let _nobody_left = kill_process_group(group, Signal::KILL);
        }
    }
}
