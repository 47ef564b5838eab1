//! Running a program of Windows itself, where no safe interface does the same: `icacls`, `sc`.

use std::io;
use std::os::windows::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// Where the system keeps its programs. Only administrators write there.
const SYSTEM_FOLDER: &str = "C:\\Windows\\System32";
/// `CREATE_NO_WINDOW` of CreateProcess.
const NO_WINDOW: u32 = 0x0800_0000;
/// Most characters of what a program said that an error tells.
const SAID_MAX: usize = 300;

/// Runs a program to its end; answers what it said.
///
/// # Errors
/// That it cannot be started, or its exit code with what it said.
pub(super) fn run_system_program(name: &str, arguments: &[&str]) -> io::Result<String> {
    let output = Command::new(Path::new(SYSTEM_FOLDER).join(name))
        .args(arguments)
        .creation_flags(NO_WINDOW)
        .current_dir(SYSTEM_FOLDER)
        .stdin(Stdio::null())
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() {
        return Ok(said);
    }
    let said: String = said.chars().take(SAID_MAX).collect();
    Err(io::Error::other(format!("{name} {}: {}: {said}", arguments.join(" "), output.status)))
}
