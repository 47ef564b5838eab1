//! Windows: what std tells, and unknown for what only Linux has.

use std::fs::{File, Metadata};
use std::io;
use std::net::IpAddr;
use std::os::windows::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::time::UNIX_EPOCH;

use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::FileSystemSize;

pub(crate) use std::os::windows::fs::symlink_file as symlink;

/// Where the system keeps its own programs. Only administrators write there.
pub(crate) const SYSTEM_FOLDERS: &[&str] =
    &["C:\\Windows\\System32", "C:\\Windows\\System32\\wbem", "C:\\Windows\\System32\\WindowsPowerShell\\v1.0"];
/// The environment that a program is given.
pub(crate) const ENVIRONMENT: &[(&str, &str)] = &[
    ("SystemRoot", "C:\\Windows"),
    ("PATH", "C:\\Windows\\System32;C:\\Windows;C:\\Windows\\System32\\wbem"),
    ("PATHEXT", ".COM;.EXE"),
];
/// The folder that a program starts in.
pub(crate) const PROGRAM_FOLDER: &str = "C:\\Windows\\System32";
/// `IDLE_PRIORITY_CLASS | CREATE_NO_WINDOW` of CreateProcess: the lowest priority, no window.
const CREATION_FLAGS: u32 = 0x0000_0040 | 0x0800_0000;

/// The mode of files is Linux's; who may read a file here stands in its access list, which is not read.
pub(crate) fn others_may_read(_metadata: &Metadata) -> Fact<bool> {
    Fact::unknown(Reason::UNSUPPORTED_SYSTEM, "the access list of the file is not read on Windows")
}

/// Whether a file is a program: the name says so, and the caller asked for it by name.
pub(crate) fn is_program(metadata: &Metadata) -> bool {
    metadata.is_file()
}

/// The file system that a file lies on: not told by std.
pub(crate) fn device(_metadata: &Metadata) -> Option<u64> {
    None
}

/// When a file was last written, in seconds since 1970; zero where the file system does not say.
pub(crate) fn written_seconds(metadata: &Metadata) -> i64 {
    let since = metadata.modified().ok().and_then(|written| written.duration_since(UNIX_EPOCH).ok());
    since.and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or(0)
}

/// What tells a file from every other one of this host: not told by std.
pub(crate) fn file_number(_metadata: &Metadata) -> Option<(u64, u64)> {
    None
}

/// The size of the file system at a path: not told by std.
///
/// # Errors
/// Always [`io::ErrorKind::Unsupported`].
pub(crate) fn file_system_size(_path: &Path) -> io::Result<FileSystemSize> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Network namespaces are Linux's.
///
/// # Errors
/// Always [`io::ErrorKind::Unsupported`].
pub(crate) fn enter_network_namespace(_namespace: &File) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// netlink(7) is Linux's: nobody can be asked.
pub(crate) enum KernelSocket {}

impl KernelSocket {
    /// Asks nobody.
    ///
    /// # Errors
    /// Always [`io::ErrorKind::Unsupported`].
    pub(crate) fn ask(_protocol: isize, _question: &[u8]) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Never called: there is no value of this type.
    ///
    /// # Errors
    /// None.
    pub(crate) fn receive(&mut self) -> io::Result<Vec<u8>> {
        match *self {}
    }
}

/// The resolvers of the interfaces that are up, each once, in the system's order.
pub(crate) fn resolvers() -> Option<Vec<IpAddr>> {
    let adapters = ipconfig::get_adapters().unwrap_or_default();
    let up = adapters.iter().filter(|adapter| adapter.oper_status() == ipconfig::OperStatus::IfOperStatusUp);
    let mut addresses: Vec<IpAddr> = Vec::new();
    for address in up.flat_map(ipconfig::Adapter::dns_servers) {
        // Site-local addresses are what Windows names where nobody gave it a resolver for IPv6 (RFC 3879 withdrew them).
        let is_placeholder = matches!(address, IpAddr::V6(address) if address.segments()[0] == 0xfec0);
        if !is_placeholder && !addresses.contains(address) {
            addresses.push(*address);
        }
    }
    Some(addresses)
}

/// Windows ends programs with a code, never by a signal.
pub(crate) fn signal(_status: ExitStatus) -> Option<i32> {
    None
}

/// Starts a program at the lowest priority and without a window.
pub(crate) fn set_apart(command: &mut Command) -> &mut Command {
    command.creation_flags(CREATION_FLAGS)
}

/// A program. What it starts itself is not held by it: no program that we start leaves another behind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Group;

impl Group {
    /// The program itself.
    pub(crate) fn of(_child: &Child) -> Self {
        Self
    }

    /// Whether the program has ended.
    pub(crate) fn has_ended(self, child: &mut Child) -> bool {
        !matches!(child.try_wait(), Ok(None))
    }

    /// Kills the program.
    pub(crate) fn kill(self, child: &mut Child) {
        let _nobody_left = child.kill();
    }
}
