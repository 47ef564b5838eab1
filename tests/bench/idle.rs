//! What an idle agent costs its host, beside agents that Debian packages, over the same time.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::collector::{Collector, free_port};
use crate::peers;
use crate::process::{Memory, Program};
use crate::settings::Settings;
use crate::table::{Table, note, ratio};

/// The agent rests when its processor time stood still for so long.
const REST: Duration = Duration::from_secs(10);
/// Longest wait for that.
const REST_WAIT_MAX: Duration = Duration::from_secs(300);
/// Time between two looks at memory.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How often Prometheus asks by default is every minute; every 15 s is what its own example sets.
const ASK_EVERY: Duration = Duration::from_secs(15);
/// Longest answer of a peer, in bytes.
const ANSWER_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// One program that is watched.
#[derive(Debug)]
struct Watched {
    name: String,
    program: Program,
    cpu_before: f64,
    greatest: f64,
    last: Memory,
}

impl Watched {
    fn new(name: &str, mut program: Program) -> anyhow::Result<Self> {
        program.check()?;
        let last = program.memory()?;
        Ok(Self { name: name.to_owned(), cpu_before: program.cpu()?, greatest: last.resident, last, program })
    }

    fn look(&mut self) -> anyhow::Result<()> {
        self.program.check()?;
        self.last = self.program.memory()?;
        self.greatest = self.greatest.max(self.last.resident);
        Ok(())
    }
}

/// Starts everything, waits until our agent rests, and watches.
pub(crate) fn measure(settings: &Settings) -> anyhow::Result<Table> {
    let folder = settings.new_folder("idle")?;
    let collector = Collector::start(settings, &folder)?;
    let agent = start_agent(settings, &collector, &folder)?;
    let asked = free_port()?;
    let mut peers = vec![("zabbix_agent2, not asked", peers::zabbix_agent2(&folder)?)];
    peers.push(("prometheus-node-exporter, not asked", peers::exporter(free_port()?, "exporter", &folder)?));
    peers.push(("prometheus-node-exporter, asked every 15 s", peers::exporter(asked, "exporter-asked", &folder)?));
    ask(asked).context("asking prometheus-node-exporter")?;

    let mut watched = vec![Watched::new("vedetta-agent run", agent)?];
    for (name, program) in peers {
        watched.push(Watched::new(name, program)?);
    }
    watch(settings.idle, asked, &mut watched)?;
    let table = table(settings, &watched)?;
    drop(watched);
    collector.stop()?;
    Ok(table)
}

fn watch(time: Duration, asked: SocketAddr, watched: &mut [Watched]) -> anyhow::Result<()> {
    let started = Instant::now();
    let (mut look, mut question) = (started + LOOK_EVERY, started + ASK_EVERY);
    while started.elapsed() < time {
        let now = Instant::now();
        if now >= question {
            ask(asked)?;
            question += ASK_EVERY;
        }
        if now >= look {
            watched.iter_mut().try_for_each(Watched::look)?;
            look += LOOK_EVERY;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    watched.iter_mut().try_for_each(Watched::look)
}

/// Enrols an agent for this host, lets it report, and waits until it rests.
pub(crate) fn start_agent(settings: &Settings, collector: &Collector, folder: &Path) -> anyhow::Result<Program> {
    let state = folder.join("agent");
    let agent = |arguments: &[&str]| {
        let mut command = Command::new(&settings.agent);
        command.arg("--state").arg(&state).args(arguments);
        command
    };
    let code = collector.code()?;
    let enrolled = agent(&["enrol", &code]).output().context("starting vedetta-agent enrol")?;
    let said = String::from_utf8_lossy(&enrolled.stderr).into_owned();
    anyhow::ensure!(enrolled.status.success(), "vedetta-agent enrol: {said}");
    let mut program = Program::start("agent", &mut agent(&["run"]), folder)?;
    wait_for_rest(&mut program)?;
    let sent = agent(&["outbox", "--sent"]).output().context("starting vedetta-agent outbox")?;
    anyhow::ensure!(sent.status.success() && !sent.stdout.is_empty(), "the agent has reported nothing: see agent.log");
    Ok(program)
}

/// Waits until the processor time of a program stands still.
pub(crate) fn wait_for_rest(program: &mut Program) -> anyhow::Result<()> {
    let until = Instant::now() + REST_WAIT_MAX;
    let mut still_since = (Instant::now(), program.cpu()?);
    while still_since.0.elapsed() < REST {
        anyhow::ensure!(Instant::now() < until, "the agent does not rest within {} s", REST_WAIT_MAX.as_secs());
        std::thread::sleep(Duration::from_millis(200));
        program.check()?;
        let cpu = program.cpu()?;
        if cpu > still_since.1 {
            still_since = (Instant::now(), cpu);
        }
    }
    note("  the agent has reported and rests");
    Ok(())
}

/// One question as Prometheus asks it.
pub(crate) fn ask(address: SocketAddr) -> anyhow::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.write_all(format!("GET /metrics HTTP/1.0\r\nHost: {address}\r\n\r\n").as_bytes())?;
    let mut answer = String::new();
    stream.take(ANSWER_BYTES_MAX).read_to_string(&mut answer)?;
    anyhow::ensure!(answer.starts_with("HTTP/1.0 200"), "no metrics: {}", answer.lines().next().unwrap_or_default());
    Ok(())
}

fn table(settings: &Settings, watched: &[Watched]) -> anyhow::Result<Table> {
    let seconds = settings.idle.as_secs_f64();
    let columns =
        ["program", "RSS MB", "greatest", "PSS MB", "ours/this", "anonymous", "CPU s", "CPU %", "file MB", "ours/this"];
    let mut table = Table::new(format!("Idle for {seconds} s, all at the same time"), &columns);
    table.remark("vedetta-agent (profile dist) is enrolled, has run the whole pack and reported to a real collector");
    table.remark("MB: a million bytes; anonymous: backed by no file, so not the pages of the program itself");
    table.remark("ours/this: PSS of vedetta-agent by that of the program, size of its file by that of the program's");
    let ours = watched.first().context("nothing was watched")?;
    let (our_pss, our_file) = (ours.last.proportional, ours.program.file_bytes()?);
    for program in watched {
        let cpu = program.program.cpu()? - program.cpu_before;
        let file = program.program.file_bytes()?;
        table.row([
            program.name.clone(),
            format!("{:.1}", program.last.resident / 1e6),
            format!("{:.1}", program.greatest / 1e6),
            format!("{:.1}", program.last.proportional / 1e6),
            ratio(our_pss, program.last.proportional),
            format!("{:.1}", program.last.anonymous / 1e6),
            format!("{cpu:.2}"),
            format!("{:.3}", cpu / seconds * 100.0),
            format!("{:.1}", file / 1e6),
            ratio(our_file, file),
        ]);
    }
    Ok(table)
}
