//! Typed by root, a command that works in the state folder runs as the account that the folder belongs to: what it leaves
//! there belongs to the service, which is not root.
//!
//! With the packaged layout the service rests while an enrolment changes the identity that it works with, and is started when
//! there is one afterwards. Where systemd does not run, nothing is started or stopped.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anyhow::Context as _;

use crate::identity;
use crate::platform::STATE_FOLDER;

/// The unit that the packages bring.
const SERVICE: &str = "vedetta-agent.service";
/// Where systemd puts it; `/usr/bin` came with the merged folders, which an upgraded Debian 11 may lack.
const SYSTEMCTL: [&str; 2] = ["/usr/bin/systemctl", "/bin/systemctl"];
/// Exists while systemd runs the host, sd_booted(3).
const SYSTEMD: &str = "/run/systemd/system";
/// Exit code when the command was ended by a signal.
const ENDED: u8 = 2;

/// What a command does to the state folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// It reads and writes there, beside the service or in its stead.
    InTheState,
    /// It changes the identity: the service must rest.
    OnTheIdentity,
}

/// Runs this very command as the owner of the state folder, when that is another account and this process may become it;
/// nothing when the command goes on as it is.
///
/// # Errors
/// When the program cannot be started again.
pub(super) fn hand_over(state: &Path, work: Work) -> anyhow::Result<Option<ExitCode>> {
    let Some(owner) = other_owner(state) else { return Ok(None) };
    let program = std::env::current_exe().context("finding this program")?;
    let mut command = Command::new(program);
    // The standard library also leaves every other group of root behind.
    command.args(std::env::args_os().skip(1)).uid(owner.uid()).gid(owner.gid());
    match work {
        Work::InTheState => Err(command.exec()).context("running as the account of the service"),
        Work::OnTheIdentity => {
            let has_service = state == Path::new(STATE_FOLDER) && Path::new(SYSTEMD).is_dir();
            if has_service {
                systemctl("stop");
            }
            let ended = command.status().context("running as the account of the service")?;
            if has_service && state.join(identity::FILE_NAME).exists() && !systemctl("start") {
                super::tell("Per far lavorare il servizio:  systemctl start vedetta-agent")?;
            }
            let code = ended.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(ENDED);
            Ok(Some(ExitCode::from(code)))
        }
    }
}

/// The owner of the state folder, when this process is root and the folder is not root's.
fn other_owner(state: &Path) -> Option<Metadata> {
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    std::fs::metadata(state).ok().filter(|folder| is_root && folder.uid() != 0)
}

/// Whether systemd did it.
fn systemctl(verb: &str) -> bool {
    let program = SYSTEMCTL.into_iter().find(|program| Path::new(program).exists()).unwrap_or(SYSTEMCTL[0]);
    let mut command = Command::new(program);
    command.args(["--quiet", "--no-ask-password", verb, SERVICE]).stdin(Stdio::null());
    command.status().is_ok_and(|ended| ended.success())
}
