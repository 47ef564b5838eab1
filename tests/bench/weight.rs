//! What an agent weighs on its host: memory, processor time and bytes written in an idle minute, its largest moment, its file
//! and its package, beside agents that Debian packages, all of them at the same time.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::collector::{Collector, free_port};
use crate::family::Family;
use crate::idle::{ask, start_agent, wait_for_rest};
use crate::peers;
use crate::process::{Program, bytes};
use crate::settings::Settings;
use crate::table::{Table, note, ratio};

/// How long everything is watched.
const IDLE: Duration = Duration::from_secs(60);
/// How often an exporter is asked: what Prometheus' own example sets.
const ASK_EVERY: Duration = Duration::from_secs(15);
/// Bytes of a megabyte.
const MB: f64 = 1e6;
/// Bytes of a kilobyte.
const KB: f64 = 1e3;
/// Where the packages of this version are, when somebody has made them.
const PACKAGES: &str = "target/packages";

/// One program that is weighed, with the Debian package that brings it.
struct Weighed {
    name: &'static str,
    package: Option<&'static str>,
    program: Program,
    before: Family,
}

impl Weighed {
    fn new(name: &'static str, package: Option<&'static str>, program: Program) -> anyhow::Result<Self> {
        let before = Family::of(program.id())?;
        Ok(Self { name, package, program, before })
    }
}

/// Weighs everything; then lists our packages.
pub(crate) fn measure(settings: &Settings) -> anyhow::Result<Vec<Table>> {
    let folder = settings.new_folder("weight")?;
    let collector = Collector::start(settings, &folder)?;
    let mut agent = start_agent(settings, &collector, &folder)?;
    whole_run(settings, &folder)?;
    wait_for_rest(&mut agent)?;

    let asked = free_port()?;
    let mut started = vec![
        ("zabbix_agentd", Some("zabbix-agent"), peers::zabbix_agentd(&folder)?),
        ("zabbix_agent2", Some("zabbix-agent2"), peers::zabbix_agent2(&folder)?),
        (
            "node_exporter, asked every 15 s",
            Some("prometheus-node-exporter"),
            peers::exporter(asked, "exporter", &folder)?,
        ),
        ("collectd, 5 plugins", Some("collectd-core"), peers::collectd(&folder)?),
        ("monit, every 30 s", Some("monit"), peers::monit(&folder)?),
        ("nrpe, not asked", Some("nagios-nrpe-server"), peers::nrpe(&folder)?),
    ];
    ask(asked)?;
    // What a peer does once, at its start, is not its idle minute.
    std::thread::sleep(ASK_EVERY);
    for (_, _, program) in &mut started {
        program.check()?;
    }
    let mut weighed = vec![Weighed::new("vedetta-agent run", None, agent)?];
    for (name, package, program) in started {
        weighed.push(Weighed::new(name, package, program)?);
    }
    let server = Family::of(collector.program.id())?;
    wait(asked)?;
    let mut tables = vec![table(&mut weighed)?];
    tables.push(collector_table(&collector, &server, settings)?);
    tables.extend(packages()?);
    drop(weighed);
    collector.stop()?;
    Ok(tables)
}

/// Asks the agent at work to look at everything and report, as a person would: a resting agent has done that many times.
fn whole_run(settings: &Settings, folder: &Path) -> anyhow::Result<()> {
    let mut command = Command::new(&settings.agent);
    command.arg("--state").arg(folder.join("agent")).args(["check", "--send", "--format", "json"]);
    let output = command.output().context("starting vedetta-agent check --send")?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    anyhow::ensure!(matches!(output.status.code(), Some(0 | 1)), "vedetta-agent check --send: {said}");
    Ok(())
}

fn wait(asked: std::net::SocketAddr) -> anyhow::Result<()> {
    note(&format!("  idle for {} s", IDLE.as_secs()));
    let started = Instant::now();
    let mut question = started + ASK_EVERY;
    while started.elapsed() < IDLE {
        if Instant::now() >= question {
            ask(asked).context("asking prometheus-node-exporter")?;
            question += ASK_EVERY;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

fn table(weighed: &mut [Weighed]) -> anyhow::Result<Table> {
    let columns = [
        "program",
        "RSS MB",
        "ours/this",
        "PSS MB",
        "own MB",
        "ours/this",
        "peak MB",
        "CPU ms",
        "written kB",
        "file MB",
        "deb MB",
        "ours/this",
    ];
    let mut table = Table::new(
        format!("The weight of an agent in {} idle seconds, all at the same time", IDLE.as_secs()),
        &columns,
    );
    table.remark(
        "vedetta-agent (profile dist) is enrolled, has looked at everything twice and reported to a real collector",
    );
    table.remark("MB: a million bytes; all processes of a program together; own: private and changed, so that nobody else has a use of it");
    table.remark(
        "peak: greatest RSS since its start, ours with whole runs in it; written: to the disk; file: the program alone",
    );
    table.remark(
        "deb: the package as it is fetched, without what it depends on; ours from target/packages, when it was made",
    );
    let mut ours: Option<(Family, f64)> = None;
    for one in weighed {
        one.program.check()?;
        let now = Family::of(one.program.id())?;
        let deb = one.package.map_or_else(own_deb, fetched).unwrap_or(f64::NAN);
        let (own, own_deb) = ours.get_or_insert_with(|| (now.clone(), deb));
        let show = |bytes: f64| if bytes.is_nan() { "-".to_owned() } else { format!("{:.1}", bytes / MB) };
        let compared = |own: f64, this: f64| if (own / this).is_nan() { "-".to_owned() } else { ratio(own, this) };
        table.row([
            one.name.to_owned(),
            show(now.resident),
            compared(own.resident, now.resident),
            show(now.proportional),
            show(now.private_dirty),
            compared(own.private_dirty, now.private_dirty),
            show(now.peak),
            format!("{:.0}", (now.cpu - one.before.cpu) * 1e3),
            format!("{:.0}", (now.written - one.before.written) / KB),
            show(one.program.file_bytes()?),
            show(deb),
            compared(*own_deb, deb),
        ]);
    }
    Ok(table)
}

fn collector_table(collector: &Collector, before: &Family, settings: &Settings) -> anyhow::Result<Table> {
    let now = Family::of(collector.program.id())?;
    let columns = ["program", "RSS MB", "PSS MB", "own MB", "peak MB", "CPU ms", "written kB", "file MB"];
    let mut table = Table::new("The collector in the same time, with one agent", &columns);
    table.remark("built with the profile release, at full speed");
    table.row([
        "vedetta-collector serve".to_owned(),
        format!("{:.1}", now.resident / MB),
        format!("{:.1}", now.proportional / MB),
        format!("{:.1}", now.private_dirty / MB),
        format!("{:.1}", now.peak / MB),
        format!("{:.0}", (now.cpu - before.cpu) * 1e3),
        format!("{:.0}", (now.written - before.written) / KB),
        format!("{:.1}", bytes(&settings.collector)? / MB),
    ]);
    Ok(table)
}

/// Our packages by name and size; no table when nobody has made them.
fn packages() -> anyhow::Result<Option<Table>> {
    let mut table = Table::new("Packages", &["file", "MB"]);
    let Ok(entries) = std::fs::read_dir(PACKAGES) else { return Ok(None) };
    let mut rows = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if [".deb", ".rpm", ".tar.gz", ".msi", ".zip"].iter().any(|ending| name.ends_with(ending)) {
            rows.push((name, bytes(&entry.path())?));
        }
    }
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    let is_empty = rows.is_empty();
    rows.into_iter().for_each(|(name, bytes)| table.row([name, format!("{:.1}", bytes / MB)]));
    Ok((!is_empty).then_some(table))
}

/// Bytes of our own package for this kind of machine, when somebody has made it.
fn own_deb() -> Option<f64> {
    let kind = String::from_utf8(Command::new("dpkg").arg("--print-architecture").output().ok()?.stdout).ok()?;
    let ending = format!("_{}.deb", kind.trim());
    let mut entries = std::fs::read_dir(PACKAGES).ok()?.filter_map(Result::ok);
    let file = entries.find(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        name.starts_with("vedetta-agent_") && name.ends_with(&ending)
    })?;
    bytes(&file.path()).ok()
}

/// Bytes of a Debian package as it is fetched.
fn fetched(package: &str) -> Option<f64> {
    let shown = Command::new("apt-cache").args(["show", "--no-all-versions", package]).output().ok()?;
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    text.lines().find_map(|line| line.strip_prefix("Size: "))?.trim().parse().ok()
}
