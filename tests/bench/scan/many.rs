//! A hundred servers, looked at by one process.

use std::process::Command;

use vedetta_tests::program::free_port;
use vedetta_tests::rig::keys::{Keys, Kind, NAME};
use vedetta_tests::rig::nginx;

use crate::process::run;
use crate::settings::Settings;
use crate::table::{Samples, Table};

/// Servers.
const SERVERS: usize = 4;
/// Ports of each.
const PORTS: usize = 25;
/// Exit codes of a check that ran: all is well, or something is not.
const RAN: [i32; 2] = [0, 1];

/// One `check` over every port.
pub(super) fn measure(settings: &Settings) -> anyhow::Result<Table> {
    let keys = Keys::of(&[Kind::Rsa2048]);
    let mut ports = Vec::new();
    let mut servers = Vec::new();
    for _ in 0..SERVERS {
        let own: Vec<u16> = (0..PORTS).map(|_| free_port()).collect();
        let lines = "ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;";
        servers.push(nginx::on_ports(&own, &[keys.get(Kind::Rsa2048)], lines));
        ports.extend(own);
    }
    let (mut wall, mut cpu, mut peak) = (Samples::default(), Samples::default(), Samples::default());
    for _ in 0..settings.scan_rounds {
        let folder = settings.new_folder("many")?;
        let mut command = Command::new(&settings.agent);
        command.arg("--state").arg(&folder).args(["check", "--category", "tls", "--format", "json"]);
        for port in &ports {
            command.arg("--target").arg(format!("tls://127.0.0.1:{port}?sni={NAME}"));
        }
        let cost = run(&mut command)?;
        let ran = cost.code.is_some_and(|code| RAN.contains(&code));
        anyhow::ensure!(ran, "vedetta-agent check ended with {:?}", cost.code);
        wall.push(cost.wall);
        cpu.push(cost.cpu);
        peak.push(cost.peak / super::MIB);
    }
    let heading = format!(
        "{} modern servers in one process, judged: median (least-greatest) of {}",
        ports.len(),
        settings.scan_rounds
    );
    let mut table = Table::new(heading, &["program", "wall s", "CPU s", "peak MiB"]);
    table.remark(format!("{SERVERS} nginx on {PORTS} ports each, on the same cores as the scanner"));
    table.row(["vedetta-agent check".to_owned(), wall.show(2), cpu.show(2), peak.show(1)]);
    Ok(table)
}
