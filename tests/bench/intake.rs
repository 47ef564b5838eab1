//! Results per second, durable on disk through the real collector, beside the raw limits in the same rounds.

use std::path::Path;
use std::sync::Arc;

use vedetta_proto::agent::Batch;

use crate::collector::{Collector, address_of};
use crate::load::{BATCHES, Load, RESULTS, Session, run};
use crate::process::Program;
use crate::settings::{Settings, remove};
use crate::table::{Samples, Table, note, ratio};
use crate::tls::{Identity, connect, identified};
use crate::{bare, clock, disk};

/// One way for the same messages.
#[derive(Debug, Default)]
struct Way {
    name: String,
    per_second: Samples,
    /// Processor time of the server for one result, in microseconds.
    server_cpu: Samples,
    /// Acknowledgement that all but one in a hundred were quicker than, in milliseconds.
    slow_ack: Samples,
    peak: Samples,
}

impl Way {
    fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

/// Measures every way in every round, one after the other, so that each sees the same neighbours.
pub(crate) fn measure(settings: &Settings) -> anyhow::Result<Table> {
    let runtime = tokio::runtime::Runtime::new()?;
    let batches = Arc::new(crate::load::batches(clock::now().as_millisecond()));
    let bytes = disk::encode(&batches);
    let many = settings.agents;
    let mut collector = Way::new("collector, durable, with findings and audit");
    let mut wire = Way::new("bare tonic with mTLS, nothing kept");
    let mut disks = Vec::new();
    for together in [1, many] {
        let sync =
            if together == 1 { "a sync each batch".to_owned() } else { format!("a sync each {together} batches") };
        disks.push((
            together,
            Way::new(format!("journal alone, {sync}")),
            Way::new(format!("write + fdatasync, {sync}")),
        ));
    }
    for round in 1..=settings.rounds {
        note(&format!("  round {round} of {}", settings.rounds));
        let folder = settings.new_folder("intake")?;
        runtime.block_on(through_collector(settings, &folder, &batches, &mut collector))?;
        runtime.block_on(through_bare_server(settings, &batches, &mut wire))?;
        for (together, journal, plain) in &mut disks {
            let folder = settings.new_folder("disk")?;
            let time_journal = || disk::journal(&folder.join("journal"), &bytes, many, *together);
            let time_plain = || disk::file(&folder, &bytes, many, *together);
            // Who comes second finds the disk busier: they take turns.
            let (of_journal, of_plain) = if round % 2 == 0 {
                let first = time_journal()?;
                (first, time_plain()?)
            } else {
                let first = time_plain()?;
                (time_journal()?, first)
            };
            journal.per_second.push(results(many) / of_journal);
            plain.per_second.push(results(many) / of_plain);
            remove(&folder)?;
        }
        remove(&folder)?;
    }
    Ok(table(settings, &bytes, &collector, &wire, &disks))
}

async fn through_collector(
    settings: &Settings,
    folder: &Path,
    batches: &Arc<Vec<Batch>>,
    way: &mut Way,
) -> anyhow::Result<()> {
    let collector = Collector::start(settings, folder)?;
    let identities = collector.enrol(settings.agents).await?;
    let mut sessions = Vec::with_capacity(identities.len());
    for (number, identity) in identities.iter().enumerate() {
        sessions.push(session(collector.agents, number, identity).await?);
    }
    load(&collector.program, sessions, batches, way).await?;
    collector.stop()
}

async fn through_bare_server(settings: &Settings, batches: &Arc<Vec<Batch>>, way: &mut Way) -> anyhow::Result<()> {
    let folder = settings.new_folder("bare")?;
    let (server, address, identity) = bare::start(&folder).await?;
    let mut sessions = Vec::with_capacity(settings.agents);
    for number in 0..settings.agents {
        sessions.push(session(address, number, &identity).await?);
    }
    load(&server, sessions, batches, way).await?;
    drop(server);
    remove(&folder)
}

async fn session(to: std::net::SocketAddr, number: usize, identity: &Identity) -> anyhow::Result<Session> {
    let channel = connect(to, address_of(number), identified(identity)?).await?;
    Session::open(channel, u8::try_from(number % 250)? + 1, clock::now().as_millisecond()).await
}

async fn load(
    server: &Program,
    sessions: Vec<Session>,
    batches: &Arc<Vec<Batch>>,
    way: &mut Way,
) -> anyhow::Result<()> {
    let agents = sessions.len();
    let mut before = 0.0;
    let Load { wall, waits } = run(sessions, Arc::clone(batches), || {
        before = server.cpu()?;
        Ok(())
    })
    .await?;
    way.per_second.push(results(agents) / wall);
    way.server_cpu.push((server.cpu()? - before) * 1e6 / results(agents));
    way.slow_ack.push(waits.get(waits.len() * 99 / 100).copied().unwrap_or(f64::NAN) * 1e3);
    way.peak.push(server.memory()?.resident / 1e6);
    Ok(())
}

/// How many results so many agents send.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn results(agents: usize) -> f64 {
    (agents * BATCHES * RESULTS) as f64
}

fn table(settings: &Settings, bytes: &[Vec<u8>], collector: &Way, wire: &Way, disks: &[(usize, Way, Way)]) -> Table {
    let columns = ["way", "results/s", "collector/this", "server CPU us/result", "99 % of acks ms", "server MB"];
    let mut table =
        Table::new(format!("Intake: median (least-greatest) of {} interleaved rounds", settings.rounds), &columns);
    let whole: usize = bytes.iter().map(Vec::len).sum();
    table.remark(format!(
        "{} agents at once, each {BATCHES} batches of {RESULTS} results on a connection of its own; {} bytes a result on the wire",
        settings.agents,
        whole / (BATCHES * RESULTS)
    ));
    table.remark("a host has 1,000 pairs of check and target: their results are first new, then changed; one in ten fails, in turn");
    table.remark("the load, the server and whatever else runs here share the cores: compare within a round, not with another machine");
    let mut row = |way: &Way, server: bool| {
        let shown = |samples: &Samples, decimals| if server { samples.show(decimals) } else { "-".to_owned() };
        table.row([
            way.name.clone(),
            way.per_second.show(0),
            ratio(collector.per_second.median(), way.per_second.median()),
            shown(&way.server_cpu, 1),
            shown(&way.slow_ack, 0),
            shown(&way.peak, 0),
        ]);
    };
    row(collector, true);
    row(wire, true);
    for (_, journal, _) in disks {
        row(journal, false);
    }
    for (_, _, plain) in disks {
        row(plain, false);
    }
    for (_, journal, plain) in disks {
        let share = ratio(journal.per_second.median(), plain.per_second.median());
        table.remark(format!("{}: {share} of write + fdatasync of the same bytes", journal.name));
    }
    table
}
