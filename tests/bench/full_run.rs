//! What one full run of the pack costs the host.

use std::process::Command;

use crate::process::{bytes, run};
use crate::settings::Settings;
use crate::table::{Samples, Table};

/// How often the pack is run.
const RUNS: usize = 5;
/// `vedetta-agent check`: nothing failed, or something did. Anything else did not run.
const RAN: [i32; 2] = [0, 1];

/// Runs `vedetta-agent check` over this host.
pub(crate) fn measure(settings: &Settings) -> anyhow::Result<Table> {
    let (mut wall, mut cpu, mut peak) = (Samples::default(), Samples::default(), Samples::default());
    let state = settings.new_folder("check")?;
    for _ in 0..RUNS {
        let cost = run(Command::new(&settings.agent).arg("--state").arg(&state).args(["check", "--format", "json"]))?;
        let ran = cost.code.is_some_and(|code| RAN.contains(&code));
        anyhow::ensure!(ran, "vedetta-agent check ended with {:?}", cost.code);
        wall.push(cost.wall);
        cpu.push(cost.cpu);
        peak.push(cost.peak / 1e6);
    }
    let columns = ["program", "CPU s", "wall s", "peak MB", "file MB"];
    let mut table =
        Table::new(format!("One full run of the pack on this host: median (least-greatest) of {RUNS}"), &columns);
    table.row([
        "vedetta-agent check".to_owned(),
        cpu.show(2),
        wall.show(2),
        peak.show(1),
        format!("{:.1}", bytes(&settings.agent)? / 1e6),
    ]);
    Ok(table)
}
