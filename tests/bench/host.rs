//! What a whole look at this host costs, beside the tools that people use for the same questions, on the same host in the
//! same run: lynis and oscap for the whole, apt and needrestart for updates, lsof and nmap for open ports.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use crate::process::{Cost, run};
use crate::settings::Settings;
use crate::table::{Samples, Table, note, ratio};

/// Rounds of what takes a second or less.
const ROUNDS: usize = 5;
/// Rounds of lynis and oscap, which take minutes.
const SLOW_ROUNDS: usize = 1;
/// Bytes of a MiB.
const MIB: f64 = 1_048_576.0;
/// Longest time for oscap, in seconds: on a host with many files it takes hours.
const OSCAP_SECONDS_MAX: &str = "120";
/// The profile of the Center for Internet Security for servers, level 1.
const CIS: &str = "xccdf_org.ssgproject.content_profile_cis_level1_server";

/// Runs what reads every file of the host, with empty folders in place of temporary files and of this repository, whose
/// builds hold more files than the host. The working folder stays the repository: its files are still read by name.
const APART: &str = "mount -t tmpfs tmpfs /tmp && mount -t tmpfs tmpfs \"$PWD\" && exec \"$@\"";

/// One program that is measured.
struct Tool {
    name: &'static str,
    command: Vec<String>,
    /// Exit codes after a run that did its work.
    ran: &'static [i32],
    rounds: usize,
}

/// What one program cost.
#[derive(Default)]
struct Figures {
    wall: Samples,
    cpu: Samples,
    peak: Samples,
}

impl Tool {
    fn new(name: &'static str, command: &[&str], ran: &'static [i32]) -> Self {
        Self { name, command: command.iter().map(|&word| word.to_owned()).collect(), ran, rounds: ROUNDS }
    }

    /// Runs it once; GNU time tells the peak of its largest process, of children too.
    fn look(&self, folder: &Path) -> anyhow::Result<Cost> {
        let said = folder.join("peak");
        let mut command = Command::new("time");
        command.args(["--quiet", "-f", "%M", "-o"]).arg(&said).args(&self.command).env("LC_ALL", "C");
        let cost = run(&mut command)?;
        anyhow::ensure!(
            cost.code.is_some_and(|code| self.ran.contains(&code)),
            "{} ended with {:?}",
            self.name,
            cost.code
        );
        let text = std::fs::read_to_string(&said).with_context(|| format!("reading {}", said.display()))?;
        let kilobytes: f64 = text.trim().parse().with_context(|| format!("the peak of {}: {text:?}", self.name))?;
        Ok(Cost { peak: kilobytes * 1024.0, ..cost })
    }
}

/// Measures all of them.
pub(crate) fn measure(settings: &Settings) -> anyhow::Result<Table> {
    let folder = settings.new_folder("host")?;
    let tools = tools(settings, &folder)?;
    let mut figures: Vec<Figures> = tools.iter().map(|_| Figures::default()).collect();
    for round in 0..ROUNDS {
        note(&format!("host: round {} of {ROUNDS}", round + 1));
        // Interleaved, so that what else happens on the machine happens to all.
        for (tool, figures) in tools.iter().zip(&mut figures).filter(|(tool, _)| round < tool.rounds) {
            let cost = tool.look(&folder)?;
            figures.wall.push(cost.wall);
            figures.cpu.push(cost.cpu);
            figures.peak.push(cost.peak / MIB);
        }
    }
    let columns = ["program", "CPU s", "x ours", "wall s", "peak MiB", "x ours"];
    let mut table = Table::new(format!("A look at this host: median (least-greatest) of {ROUNDS}"), &columns);
    table.remark(format!("{} packages are installed; lynis and oscap ran {SLOW_ROUNDS} time(s)", installed()?));
    table.remark(format!("oscap is stopped after {OSCAP_SECONDS_MAX} s: what it cost until then"));
    table.remark("x ours: of the same question above it; peak: the largest process, that of children too");
    let mut own = Figures::default();
    for (tool, figures) in tools.iter().zip(figures) {
        if tool.name.starts_with(OURS) {
            own.cpu.clone_from(&figures.cpu);
            own.peak.clone_from(&figures.peak);
        }
        table.row([
            tool.name.to_owned(),
            figures.cpu.show(2),
            ratio(figures.cpu.median(), own.cpu.median()),
            figures.wall.show(2),
            figures.peak.show(1),
            ratio(figures.peak.median(), own.peak.median()),
        ]);
    }
    Ok(table)
}

/// How our own rows begin.
const OURS: &str = "vedetta-agent";

/// Ours, then those that answer the same question, three times.
fn tools(settings: &Settings, folder: &Path) -> anyhow::Result<Vec<Tool>> {
    let agent = settings.agent.to_str().context("the agent's path is no text")?;
    let state = folder.join("state");
    let state = state.to_str().context("the folder's path is no text")?;
    let ours = |name, arguments: &[&str]| {
        Tool::new(name, &[&[agent, "--state", state][..], arguments, &["--format", "json"]].concat(), &[0, 1])
    };
    let slow = |name, command: &[&str], ran| Tool {
        rounds: SLOW_ROUNDS,
        ..Tool::new(name, &[&["unshare", "--mount", "sh", "-c", APART, "sh"][..], command].concat(), ran)
    };
    let content = std::env::var("BENCH_SCAP").context("BENCH_SCAP is not set")?;
    let log = folder.join("lynis.log");
    let report = folder.join("lynis.dat");
    let logs = [log.to_str().context("no text")?, report.to_str().context("no text")?];
    Ok(vec![
        ours("vedetta-agent check", &["check"]),
        slow(
            "lynis audit system --quick",
            &["lynis", "audit", "system", "--quick", "--no-colors", "--logfile", logs[0], "--report-file", logs[1]],
            &[0, 1, 66, 78],
        ),
        slow(
            "oscap, CIS level 1",
            &["timeout", OSCAP_SECONDS_MAX, "oscap", "xccdf", "eval", "--profile", CIS, &content],
            // Not 0 or 2 but 124 when its time was over.
            &[0, 2, 124],
        ),
        ours("vedetta-agent probe packages", &["probe", "packages"]),
        Tool::new("apt-get -s dist-upgrade", &["apt-get", "-s", "dist-upgrade"], &[0]),
        Tool::new("apt list --upgradable", &["apt", "list", "--upgradable"], &[0]),
        Tool::new("needrestart -b -r l", &["needrestart", "-b", "-r", "l"], &[0, 1]),
        ours("vedetta-agent probe services", &["probe", "services"]),
        Tool::new("lsof -nP -i", &["lsof", "-nP", "-i"], &[0, 1]),
        Tool::new("nmap -sT -p- 127.0.0.1", &["nmap", "-sT", "-p-", "127.0.0.1"], &[0]),
    ])
}

fn installed() -> anyhow::Result<usize> {
    let listed = Command::new("dpkg-query").args(["-W", "-f", "${db:Status-Abbrev}\n"]).output()?;
    anyhow::ensure!(listed.status.success(), "dpkg-query ended with {}", listed.status);
    Ok(String::from_utf8_lossy(&listed.stdout).lines().filter(|line| line.starts_with("ii")).count())
}
