//! A process that the demonstration started: it is stopped by its own id, and its log says why it ended.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Command;

/// Lines of the log that are shown when a process ended by itself.
const LOG_LINES: usize = 15;

/// A running process.
pub(super) struct Child {
    name: &'static str,
    child: tokio::process::Child,
    log: PathBuf,
}

/// A command without any of our settings from the environment: what runs is what the demonstration says.
pub(super) fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("VEDETTA_")) {
        command.env_remove(name);
    }
    command
}

impl Child {
    /// Starts a command whose logs go to a file.
    pub(super) fn start(name: &'static str, mut command: Command, log: PathBuf) -> anyhow::Result<Self> {
        let file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .with_context(|| format!("scrivere {}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::from(file.try_clone().context("aprire il registro")?))
            .stderr(Stdio::from(file))
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("avviare {name}"))?;
        Ok(Self { name, child, log })
    }

    /// Waits until the process ends by itself, which it should not; answers with the end of its log.
    pub(super) async fn ended(&mut self) -> anyhow::Error {
        match self.child.wait().await {
            Ok(status) => anyhow::anyhow!("{} è terminato da solo ({status}):\n{}", self.name, self.log_end()),
            Err(error) => anyhow::anyhow!("{}: {error}", self.name),
        }
    }

    /// Asks the process to stop and waits; a process that does not is ended.
    pub(super) async fn stop(mut self, within: Duration) -> anyhow::Result<()> {
        if let Some(status) = self.child.try_wait().context("guardare il processo")? {
            return self.check(status);
        }
        let id = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(id) = id {
            kill_process(id, Signal::TERM).with_context(|| format!("fermare {}", self.name))?;
        }
        match tokio::time::timeout(within, self.child.wait()).await {
            Ok(status) => self.check(status.context("aspettare il processo")?),
            Err(_) => {
                self.child.kill().await.with_context(|| format!("fermare {}", self.name))?;
                anyhow::bail!("{} non si è fermato entro {} s", self.name, within.as_secs())
            }
        }
    }

    fn check(&self, status: ExitStatus) -> anyhow::Result<()> {
        anyhow::ensure!(status.success(), "{} si è fermato con un errore ({status}):\n{}", self.name, self.log_end());
        Ok(())
    }

    fn log_end(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        let start = lines.len().saturating_sub(LOG_LINES);
        lines.get(start..).unwrap_or_default().join("\n")
    }
}
