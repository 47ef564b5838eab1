//! The probes `dns` and `mail` beside checkdmarc and zonemaster, on the same zones in the same run, and beside the raw limit.
//!
//! All of it happens in a network of its own ([`vedetta_tests::network`]), where the servers of the rig stand at their true
//! ports: zonemaster asks port 53 alone. Read in this order: [`tools`] (who is measured), [`bare`] (the limit).

mod bare;
mod tools;

use std::process::Command;

use anyhow::Context as _;
use vedetta_tests::rig::dns::zone::Zone;
use vedetta_tests::rig::dns::zones::{HOSTS, delegation, dkim, dmarc, exchangers, spf, transport};
use vedetta_tests::rig::dns::{Tree, place};

use self::tools::Tool;
use crate::process::{Cost, run};
use crate::settings::Settings;
use crate::table::{Samples, Table, note, print, ratio};

/// What this program is told to do once it is in a network of its own.
pub(crate) const INSIDE: &str = "zones-inside";
/// Mail domains of the long list.
const DOMAINS: usize = 75;
/// Most rounds with servers that are silent or slow: some tools take half a minute there.
const TROUBLED_ROUNDS: usize = 3;
/// Bytes of a MiB.
const MIB: f64 = 1_048_576.0;

/// Every table of this part, printed by this program started once more in a network of its own.
pub(crate) fn measure_apart() -> anyhow::Result<()> {
    note("zones: checkdmarc, zonemaster and ours");
    let own = std::env::current_exe().context("finding this program")?;
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--net", "--", "sh", "-c"]);
    command.arg("ip link set lo up && exec \"$0\" \"$1\"").arg(own).arg(INSIDE);
    let status = command.status().context("starting unshare")?;
    anyhow::ensure!(status.success(), "the tables on zones could not be made: {status}");
    Ok(())
}

/// Grows the tree and prints every table. Inside.
pub(crate) fn measure(settings: &Settings) -> anyhow::Result<()> {
    let mail = mail_zones();
    let zones = [&mail, delegation::SERVERS, &[HOSTS]].concat();
    let tree = Tree::grow(&zones);
    let names: Vec<&str> = mail.iter().map(|zone| zone.name).collect();
    print(&many(settings, &tree, &names)?)?;
    let heading = "One mail domain, whole: delegation, DNSSEC and mail";
    print(&one(settings, &tree, heading, "mxgood.test", settings.scan_rounds)?)?;
    let troubled = settings.scan_rounds.min(TROUBLED_ROUNDS);
    let heading = "One domain with a name server that never answers";
    print(&one(settings, &tree, heading, "deadns.test", troubled)?)?;
    let late = vedetta_tests::rig::dns::clumsy::SLOW.as_secs_f64();
    let heading = format!("One domain with a name server that answers after {late} s");
    print(&one(settings, &tree, &heading, "slow.test", troubled)?)
}

/// Of each family as many as there are, by turns, until the list is full.
fn mail_zones() -> Vec<Zone> {
    let families = [spf::ZONES, dmarc::ZONES, dkim::ZONES, transport::ZONES, exchangers::ZONES];
    let longest = families.iter().map(|family| family.len()).max().unwrap_or(0);
    let turns = (0..longest).flat_map(|turn| families.iter().filter_map(move |family| family.get(turn)));
    turns.copied().take(DOMAINS).collect()
}

/// What one tool cost.
#[derive(Default)]
struct Figures {
    wall: Samples,
    cpu: Samples,
    peak: Samples,
    questions: Samples,
}

impl Figures {
    fn add(&mut self, cost: &Cost, questions: f64) {
        self.wall.push(cost.wall);
        self.cpu.push(cost.cpu);
        self.peak.push(cost.peak / MIB);
        self.questions.push(questions);
    }
}

/// A tool's command, run once; what the whole network said meanwhile counts as its questions.
fn look(tool: &Tool, commands: Vec<Command>) -> anyhow::Result<(Cost, f64)> {
    let before = datagrams()?;
    let mut whole = Cost { wall: 0.0, cpu: 0.0, peak: 0.0, code: Some(0) };
    for mut command in commands {
        let cost = run(&mut command)?;
        anyhow::ensure!(tool.ran(cost.code), "{} ended with {:?}", tool.name, cost.code);
        whole.wall += cost.wall;
        whole.cpu += cost.cpu;
        whole.peak = whole.peak.max(cost.peak);
    }
    // Each question has its answer.
    Ok((whole, (datagrams()? - before) / 2.0))
}

/// Datagrams of UDP that were sent in this network so far (proc_net(5): the second line of `Udp:`, fourth figure).
fn datagrams() -> anyhow::Result<f64> {
    let mut sent = 0.0;
    let text = std::fs::read_to_string("/proc/net/snmp").context("reading /proc/net/snmp")?;
    let figures = text.lines().filter(|line| line.starts_with("Udp: ")).nth(1).context("no line `Udp:`")?;
    sent += figures.split_whitespace().nth(4).context("no count of datagrams")?.parse::<f64>()?;
    let text = std::fs::read_to_string("/proc/net/snmp6").context("reading /proc/net/snmp6")?;
    let six = text.lines().find_map(|line| line.strip_prefix("Udp6OutDatagrams")).context("no Udp6OutDatagrams")?;
    sent += six.trim().parse::<f64>()?;
    Ok(sent)
}

fn many(settings: &Settings, tree: &Tree, names: &[&str]) -> anyhow::Result<Table> {
    let tools = [Tool::ours_on_mail(settings), Tool::checkdmarc(settings), Tool::ours(settings)];
    let heading = format!(
        "{} mail domains in one process: median (least-greatest) of {}, process start included",
        names.len(),
        settings.scan_rounds
    );
    let commands = |tool: &Tool| tool.many(settings, tree, names);
    let remarks = [
        "ours on mail: SPF, DKIM, DMARC, MTA-STS, TLS-RPT, DANE, BIMI, each mail server with STARTTLS; the last row judges",
        "delegation and DNSSEC too; checkdmarc looks at its own list, without STARTTLS; unbound's cache is warm",
    ];
    table(&heading, &tools, commands, settings.scan_rounds, names, &remarks)
}

fn one(settings: &Settings, tree: &Tree, heading: &str, name: &str, rounds: usize) -> anyhow::Result<Table> {
    let tools = [Tool::ours(settings), Tool::zonemaster()?];
    let heading = format!("{heading} ({name}): median (least-greatest) of {rounds}, process start included");
    let commands = |tool: &Tool| tool.one(settings, tree, name);
    let remarks =
        ["ours: `probe dns`, then `probe mail`, each a process of its own; zonemaster looks at the zone alone"];
    table(&heading, &tools, commands, rounds, &[name], &remarks)
}

fn table(
    heading: &str,
    tools: &[Tool],
    commands: impl Fn(&Tool) -> anyhow::Result<Vec<Command>>,
    rounds: usize,
    names: &[&str],
    remarks: &[&str],
) -> anyhow::Result<Table> {
    let mut figures: Vec<Figures> = tools.iter().map(|_| Figures::default()).collect();
    // Once to fill the resolver's cache.
    look(&tools[0], commands(&tools[0])?)?;
    let mut limits: [Samples; 2] = Default::default();
    for round in 0..rounds {
        note(&format!("zones: round {} of {rounds}", round + 1));
        // Interleaved, so that what else happens on the machine happens to all.
        for (tool, figures) in tools.iter().zip(&mut figures) {
            let (cost, questions) = look(tool, commands(tool)?)?;
            figures.add(&cost, questions);
        }
        let questions = figures.first().map_or(0.0, |ours| ours.questions.median());
        for (limit, at_once) in limits.iter_mut().zip(bare::AT_ONCE) {
            limit.push(bare::exchange(place::Place::A, names, questions, at_once)?);
        }
    }
    let mut table = Table::new(heading, &["program", "wall s", "of ours", "CPU s", "peak MiB", "questions"]);
    let ours = figures.first().map_or(f64::NAN, |figures| figures.wall.median());
    for (tool, figures) in tools.iter().zip(&figures) {
        table.row([
            tool.name.clone(),
            figures.wall.show(3),
            ratio(figures.wall.median(), ours),
            figures.cpu.show(2),
            figures.peak.show(1),
            format!("{:.0}", figures.questions.median()),
        ]);
    }
    let questions = figures.first().map_or(0.0, |figures| figures.questions.median());
    for (limit, at_once) in limits.iter().zip(bare::AT_ONCE) {
        let (name, nothing) = (format!("bare questions, {at_once} at a time"), || "-".to_owned());
        let (wall, ratio) = (limit.show(3), ratio(limit.median(), ours));
        table.row([name, wall, ratio, nothing(), nothing(), format!("{questions:.0}")]);
    }
    remarks.iter().for_each(|remark| table.remark(*remark));
    table.remark("questions: datagrams in the whole network meanwhile, halved; the resolver's own are among them");
    Ok(table)
}
