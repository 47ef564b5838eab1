//! The `tls` probe beside other scanners, on the same servers in the same run, and beside the raw limit.
//!
//! Read in this order: [`tools`] (who is measured), [`servers`] (what they look at), [`hellos`] (the limit), [`many`] (a
//! hundred servers at once).

mod hellos;
mod many;
mod servers;
mod tools;

use vedetta_tests::rig::relay::{Manner, Relay};

use self::servers::Scanned;
use self::tools::{Report, Tool};
use crate::process::run;
use crate::settings::Settings;
use crate::table::{Samples, Table, note, ratio};

/// Bytes of a MiB.
const MIB: f64 = 1_048_576.0;

/// What one tool cost on one server.
#[derive(Default)]
struct Figures {
    wall: Samples,
    cpu: Samples,
    peak: Samples,
    connections: usize,
    suites: usize,
}

/// Every table of this part.
pub(crate) fn measure(settings: &Settings) -> anyhow::Result<Vec<Table>> {
    let tools = tools::every(settings)?;
    let mut tables = Vec::new();
    for server in servers::every()? {
        note(&format!("scanners on the {} server", server.name));
        tables.push(one_server(settings, &tools, &server)?);
    }
    note("a hundred servers at once");
    tables.push(many::measure(settings)?);
    Ok(tables)
}

fn one_server(settings: &Settings, tools: &[Tool], server: &Scanned) -> anyhow::Result<Table> {
    let mut figures: Vec<Figures> = tools.iter().map(|_| Figures::default()).collect();
    let mut ours = None;
    // Once through a relay that counts, and is not timed; whoever takes minutes is timed here, since it runs but once.
    for (tool, figures) in tools.iter().zip(&mut figures) {
        let relay = Relay::to(server.port(), Manner::Faithful);
        let (report, cost) = tool.look(relay.port, &settings.new_folder("scan")?)?;
        figures.connections = relay.connections();
        figures.suites = report.count();
        if tool.runs_once() {
            figures.add(&cost);
        }
        ours = ours.or(Some(report));
    }
    let ours = ours.unwrap_or_default();
    // Interleaved, so that what else happens on the machine happens to all.
    let mut limits = [Samples::default(), Samples::default()];
    let mut exchanges = 0;
    for round in 0..settings.scan_rounds {
        note(&format!("round {} of {}", round + 1, settings.scan_rounds));
        for (tool, figures) in tools.iter().zip(&mut figures).filter(|(tool, _)| !tool.runs_once()) {
            let folder = settings.new_folder("scan")?;
            figures.add(&run(&mut tool.command(server.port(), &folder))?);
        }
        for (limit, at_once) in limits.iter_mut().zip(hellos::AT_ONCE) {
            let bare = hellos::exchange(server.port(), &ours, at_once)?;
            limit.push(bare.wall);
            exchanges = bare.exchanges;
        }
    }
    Ok(table(settings, tools, &figures, &limits, exchanges, server))
}

fn table(
    settings: &Settings,
    tools: &[Tool],
    figures: &[Figures],
    limits: &[Samples],
    exchanges: usize,
    server: &Scanned,
) -> Table {
    let heading = format!(
        "Scanners on a {} server ({}): median (least-greatest) of {}, process start included",
        server.name, server.about, settings.scan_rounds
    );
    let columns = ["program", "wall s", "of ours", "CPU s", "peak MiB", "connections", "suites"];
    let mut table = Table::new(heading, &columns);
    let ours = figures.first().map_or(f64::NAN, |figures| figures.wall.median());
    for (tool, figures) in tools.iter().zip(figures) {
        table.row([
            tool.name.clone(),
            figures.wall.show(3),
            ratio(figures.wall.median(), ours),
            figures.cpu.show(2),
            figures.peak.show(1),
            figures.connections.to_string(),
            figures.suites.to_string(),
        ]);
    }
    for (limit, at_once) in limits.iter().zip(hellos::AT_ONCE) {
        let name = format!("bare hellos, {at_once} at a time");
        let (wall, ratio) = (limit.show(3), ratio(limit.median(), ours));
        let nothing = || "-".to_owned();
        table.row([name, wall, ratio, nothing(), nothing(), exchanges.to_string(), nothing()]);
    }
    for remark in tools::REMARKS {
        table.remark(*remark);
    }
    if !tools.iter().any(Tool::runs_once) {
        table.remark("testssl.sh was left out: it takes minutes (BENCH_QUICK=1 or BENCH_TESTSSL=0)");
    }
    table
}

impl Figures {
    fn add(&mut self, cost: &crate::process::Cost) {
        self.wall.push(cost.wall);
        self.cpu.push(cost.cpu);
        self.peak.push(cost.peak / MIB);
    }
}

impl Report {
    /// How many suites were found, in all versions.
    fn count(&self) -> usize {
        self.0.values().map(std::collections::BTreeSet::len).sum()
    }
}
