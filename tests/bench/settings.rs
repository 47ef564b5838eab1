//! What `run.sh` hands over in the environment.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;

/// What is measured, and for how long.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The collector's program.
    pub(crate) collector: PathBuf,
    /// The agent's program, built as it is shipped.
    pub(crate) agent: PathBuf,
    /// An empty folder on the disk that is measured.
    pub(crate) folder: PathBuf,
    /// The commit that was built.
    pub(crate) commit: String,
    /// How long idle agents are watched.
    pub(crate) idle: Duration,
    /// Rounds of the intake.
    pub(crate) rounds: usize,
    /// Agents that report at once.
    pub(crate) agents: usize,
    /// The one part that is wanted; all of them when there is none.
    pub(crate) only: Option<Part>,
    /// sslyze's program.
    pub(crate) sslyze: PathBuf,
    /// checkdmarc's program.
    pub(crate) checkdmarc: PathBuf,
    /// Whether testssl.sh, which takes minutes, runs too.
    pub(crate) testssl: bool,
    /// Rounds of the scanners.
    pub(crate) scan_rounds: usize,
}

/// A part of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// One full run of the pack.
    Check,
    /// The collector's intake.
    Intake,
    /// Idle agents.
    Idle,
    /// A look at the host beside other tools.
    Host,
    /// Scanners of TLS.
    Tls,
    /// Zones of DNS and mail.
    Dns,
    /// An agent's memory, time, writes and size beside others.
    Weight,
}

impl Settings {
    /// Reads the environment.
    pub(crate) fn from_environment() -> anyhow::Result<Self> {
        let only = part()?;
        Ok(Self {
            // The scanners need no collector, so that none may have been built.
            collector: if matches!(only, Some(Part::Tls | Part::Dns | Part::Host)) {
                PathBuf::new()
            } else {
                path("BENCH_COLLECTOR")?
            },
            agent: path("BENCH_AGENT")?,
            folder: path("BENCH_FOLDER")?,
            commit: text("BENCH_COMMIT")?,
            idle: Duration::from_secs(number("BENCH_IDLE_SECONDS")?),
            rounds: usize::try_from(number("BENCH_ROUNDS")?)?,
            agents: usize::try_from(number("BENCH_AGENTS")?)?,
            only,
            sslyze: PathBuf::from(text("BENCH_SSLYZE")?),
            checkdmarc: PathBuf::from(text("BENCH_CHECKDMARC")?),
            testssl: text("BENCH_TESTSSL")? == "1",
            scan_rounds: usize::try_from(number("BENCH_SCAN_ROUNDS")?)?,
        })
    }

    /// Whether a part is wanted.
    pub(crate) fn wants(&self, part: Part) -> bool {
        self.only.is_none_or(|only| only == part)
    }

    /// A new empty folder for one part of the run.
    pub(crate) fn new_folder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = self.folder.join(name);
        remove(&folder)?;
        std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        Ok(folder)
    }
}

/// Removes a folder that a part of the run has finished with.
pub(crate) fn remove(folder: &Path) -> anyhow::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", folder.display()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

fn part() -> anyhow::Result<Option<Part>> {
    Ok(Some(match text("BENCH_ONLY")?.as_str() {
        "" => return Ok(None),
        "check" => Part::Check,
        "intake" => Part::Intake,
        "idle" => Part::Idle,
        "tls" => Part::Tls,
        "dns" => Part::Dns,
        "host" => Part::Host,
        "weight" => Part::Weight,
        other => anyhow::bail!("BENCH_ONLY={other} is none of check, intake, idle, host, tls, dns, weight"),
    }))
}

fn text(name: &str) -> anyhow::Result<String> {
    std::env::var(name).with_context(|| format!("{name} is not set; `make bench` sets it"))
}

fn path(name: &str) -> anyhow::Result<PathBuf> {
    let path = PathBuf::from(text(name)?);
    anyhow::ensure!(path.exists(), "{name}: there is no {}", path.display());
    Ok(path)
}

fn number(name: &str) -> anyhow::Result<u64> {
    let text = text(name)?;
    let number = text.parse().ok().filter(|number| *number > 0);
    number.with_context(|| format!("{name}={text} is no number above 0"))
}
