//! What becomes of the service that the packages install, once the host is enrolled. Nothing is started here: root, in
//! whose stead this command works in the state folder (`account.rs`), starts the unit when it ends.

use std::path::Path;

use crate::config::Config;
use crate::platform::STATE_FOLDER;

/// Where packages put the unit; the second on systems whose `/lib` is a folder of its own.
const UNIT_FILES: [&str; 2] =
    ["/usr/lib/systemd/system/vedetta-agent.service", "/lib/systemd/system/vedetta-agent.service"];
/// What exists while systemd runs this host, sd_booted(3).
const SYSTEMD: &str = "/run/systemd/system";
/// This program as the kernel names a process of it.
const PROCESS: &str = "vedetta-agent";

/// What becomes of the service now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// It starts when this command ends.
    Starts,
    /// It is installed, and a person must start it.
    Stands,
    /// It is installed on a system that starts services in another way than systemd.
    Unmanaged,
    /// There is none for this state folder.
    Absent,
}

impl Unit {
    /// What there is.
    pub(super) fn found(config: &Config) -> Self {
        if config.state != Path::new(STATE_FOLDER) {
            return Self::Absent;
        }
        // The service of Windows waits for the identity by itself.
        if cfg!(windows) {
            return Self::Starts;
        }
        let is_installed = UNIT_FILES.iter().any(|file| Path::new(file).is_file());
        match (is_installed, Path::new(SYSTEMD).is_dir()) {
            (false, _) => Self::Absent,
            (true, false) => Self::Unmanaged,
            (true, true) if is_in_roots_stead() => Self::Starts,
            (true, true) => Self::Stands,
        }
    }

    /// The program as a person calls it: the state of the service is for root and the agent's own user.
    pub(super) const fn program(self) -> &'static str {
        match self {
            Self::Starts | Self::Stands | Self::Unmanaged if cfg!(unix) => "sudo vedetta-agent",
            Self::Starts | Self::Stands | Self::Unmanaged | Self::Absent => "vedetta-agent",
        }
    }
}

/// Whether another process of this program waits for this one to end.
fn is_in_roots_stead() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:")).map(str::trim).unwrap_or_default();
    std::fs::read_to_string(format!("/proc/{parent}/comm")).is_ok_and(|name| name.trim() == PROCESS)
}
