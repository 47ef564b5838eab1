//! Programs that are measured: what Linux says about them in /proc.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;

/// Ticks of /proc/PID/stat in one second: USER_HZ, which is 100 for every program on Linux.
const TICKS_PER_SECOND: f64 = 100.0;
/// Time between two looks at a program that runs to its end; the last look before the end is its peak.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// A program that runs beside this one and is ended with it.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    /// Its name, for messages.
    pub(crate) name: String,
}

/// Memory of a program, in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    /// Resident, shared pages counted whole.
    pub(crate) resident: f64,
    /// Resident, shared pages counted by their share.
    pub(crate) proportional: f64,
    /// Resident and backed by no file: what the program has made itself, and nobody can take from it.
    pub(crate) anonymous: f64,
}

/// What a program that ran to its end has cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// From start to end, in seconds.
    pub(crate) wall: f64,
    /// User and system, in seconds.
    pub(crate) cpu: f64,
    /// Greatest resident memory, in bytes.
    pub(crate) peak: f64,
    /// Its exit code.
    pub(crate) code: Option<i32>,
}

impl Program {
    /// Starts a program; what it says goes into `NAME.log` of the folder.
    pub(crate) fn start(name: &str, command: &mut Command, folder: &Path) -> anyhow::Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let file = std::fs::File::create(&log).with_context(|| format!("making {}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("starting {name}"))?;
        Ok(Self { child, name: name.to_owned() })
    }

    /// Takes over a program whose output somebody else reads.
    pub(crate) fn of(name: &str, child: Child) -> Self {
        Self { child, name: name.to_owned() }
    }

    /// The id of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Fails when the program has ended.
    pub(crate) fn check(&mut self) -> anyhow::Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => anyhow::bail!("{} ended by itself: {status}", self.name),
        }
    }

    /// User and system time so far, in seconds.
    pub(crate) fn cpu(&self) -> anyhow::Result<f64> {
        let fields = stat(&self.child.id().to_string())?;
        Ok(ticks(&fields, 14)? + ticks(&fields, 15)?)
    }

    /// Its memory now.
    pub(crate) fn memory(&self) -> anyhow::Result<Memory> {
        let rollup = read(&PathBuf::from(format!("/proc/{}/smaps_rollup", self.child.id())))?;
        let bytes = |name| kilobytes(&rollup, name);
        Ok(Memory { resident: bytes("Rss:")?, proportional: bytes("Pss:")?, anonymous: bytes("Anonymous:")? })
    }

    /// Size of its program file, in bytes.
    pub(crate) fn file_bytes(&self) -> anyhow::Result<f64> {
        let link = format!("/proc/{}/exe", self.child.id());
        bytes(&std::fs::read_link(&link).with_context(|| format!("reading {link}"))?)
    }

    /// Asks it to end, and waits for it; kills it after the time.
    pub(crate) fn stop(mut self, within: Duration) -> anyhow::Result<()> {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status().context("starting kill")?;
        let until = Instant::now() + within;
        while asked.success() && Instant::now() < until {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        anyhow::bail!("{} did not end within {} s", self.name, within.as_secs())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended already, or ends now.
        if self.child.kill().is_ok() {
            let _status = self.child.wait();
        }
    }
}

/// Runs a program to its end, with its output thrown away.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<Cost> {
    let before = children_cpu()?;
    let started = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak = 0.0_f64;
    let ended = loop {
        // Between its end and our wait it has no memory any more: the last figure stands.
        if let Ok(grown) =
            std::fs::read_to_string(&status).map_err(Into::into).and_then(|text| kilobytes(&text, "VmHWM:"))
        {
            peak = peak.max(grown);
        }
        if let Some(ended) = child.try_wait()? {
            break ended;
        }
        std::thread::sleep(LOOK_EVERY);
    };
    let wall = started.elapsed().as_secs_f64();
    Ok(Cost { wall, cpu: children_cpu()? - before, peak, code: ended.code() })
}

/// Size of a file, in bytes.
#[expect(clippy::cast_precision_loss, reason = "no program has 2^52 bytes")]
pub(crate) fn bytes(path: &Path) -> anyhow::Result<f64> {
    Ok(std::fs::metadata(path).with_context(|| format!("looking at {}", path.display()))?.len() as f64)
}

/// User and system time of all programs that were waited for, in seconds.
fn children_cpu() -> anyhow::Result<f64> {
    let fields = stat("self")?;
    Ok(ticks(&fields, 16)? + ticks(&fields, 17)?)
}

/// The fields of /proc/PID/stat after the name, which may hold spaces; the first of them is field 3 of proc(5).
pub(crate) fn stat(pid: &str) -> anyhow::Result<Vec<String>> {
    let text = read(&PathBuf::from(format!("/proc/{pid}/stat")))?;
    let (_, rest) = text.rsplit_once(')').context("/proc/PID/stat has no name")?;
    Ok(rest.split_whitespace().map(str::to_owned).collect())
}

/// Seconds of a field of proc(5) that counts ticks.
pub(crate) fn ticks(fields: &[String], field: usize) -> anyhow::Result<f64> {
    let text = fields.get(field - 3).context("/proc/PID/stat is too short")?;
    Ok(text.parse::<f64>()? / TICKS_PER_SECOND)
}

/// Bytes of the line of a name, which says them in kilobytes.
pub(crate) fn kilobytes(text: &str, name: &str) -> anyhow::Result<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("no line {name}"))?;
    Ok(line.trim().trim_end_matches("kB").trim().parse::<f64>()? * 1024.0)
}

/// The text of a file of the system.
pub(crate) fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}
