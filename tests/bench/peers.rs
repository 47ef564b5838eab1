//! Agents that Debian packages, each set up as its manual begins: one host, nobody but this one, files in our own folder.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::process::Program;

/// Longest wait for a peer to listen.
const START_TIME_MAX: Duration = Duration::from_secs(30);
/// Ports that peers take end below those that the system gives away.
const PORTS: Range<u16> = 20_000..32_768;
/// What collectd looks at: the five that its example switches on first and that need no other package.
const COLLECTD_PLUGINS: [&str; 5] = ["cpu", "memory", "load", "df", "interface"];

/// Zabbix's newer agent, written in Go.
pub(crate) fn zabbix_agent2(folder: &Path) -> anyhow::Result<Program> {
    let place = folder.display();
    let settings = format!(
        "{}PidFile={place}/zabbix2.pid\nControlSocket={place}/zabbix2.sock\nPluginSocket={place}/zabbix2-plugin.sock\n",
        zabbix(free_low_port()?)
    );
    let file = written(folder, "zabbix2.conf", &settings)?;
    Program::start("zabbix2", Command::new("zabbix_agent2").arg("-f").arg("-c").arg(&file), folder)
}

/// Zabbix's older agent, written in C, one process for each connection.
pub(crate) fn zabbix_agentd(folder: &Path) -> anyhow::Result<Program> {
    let port = free_low_port()?;
    let settings = format!("{}PidFile={}/zabbix.pid\nAllowRoot=1\n", zabbix(port), folder.display());
    let file = written(folder, "zabbix.conf", &settings)?;
    let program = Program::start("zabbix", Command::new("zabbix_agentd").arg("-f").arg("-c").arg(&file), folder)?;
    listening(program, ([127, 0, 0, 1], port).into())
}

fn zabbix(port: u16) -> String {
    format!("LogType=console\nServer=127.0.0.1\nHostname=bench\nListenIP=127.0.0.1\nListenPort={port}\n")
}

/// Prometheus' exporter of a host's figures.
pub(crate) fn exporter(address: SocketAddr, name: &str, folder: &Path) -> anyhow::Result<Program> {
    let listen = format!("--web.listen-address={address}");
    listening(Program::start(name, Command::new("prometheus-node-exporter").arg(listen), folder)?, address)
}

/// collectd, which looks every ten seconds and writes figures into files, as its own example does.
pub(crate) fn collectd(folder: &Path) -> anyhow::Result<Program> {
    let place = folder.display();
    let plugins: String = COLLECTD_PLUGINS.iter().map(|plugin| format!("LoadPlugin {plugin}\n")).collect();
    let settings = format!(
        "Hostname \"bench\"\nBaseDir \"{place}\"\nPIDFile \"{place}/collectd.pid\"\nTypesDB \"/usr/share/collectd/types.db\"\n\
         Interval 10\n{plugins}LoadPlugin csv\n<Plugin csv>\n  DataDir \"{place}/collectd\"\n</Plugin>\n"
    );
    let file = written(folder, "collectd.conf", &settings)?;
    Program::start("collectd", Command::new("collectd").arg("-f").arg("-C").arg(&file), folder)
}

/// monit, which looks at the host every thirty seconds.
pub(crate) fn monit(folder: &Path) -> anyhow::Result<Program> {
    let place = folder.display();
    let settings = format!(
        "set daemon 30\nset pidfile {place}/monit.pid\nset idfile {place}/monit.id\nset statefile {place}/monit.state\n\
         check system bench\n  if memory usage > 90% then alert\ncheck filesystem root with path /\n  if space usage > 90% then alert\n"
    );
    let file = written(folder, "monitrc", &settings)?;
    Program::start("monit", Command::new("monit").arg("-I").arg("-c").arg(&file), folder)
}

/// The server of Nagios' plugins, which waits to be asked.
pub(crate) fn nrpe(folder: &Path) -> anyhow::Result<Program> {
    let port = free_low_port()?;
    let settings = format!(
        "server_address=127.0.0.1\nserver_port={port}\nallowed_hosts=127.0.0.1\npid_file={}/nrpe.pid\n\
         nrpe_user=nagios\nnrpe_group=nagios\n",
        folder.display()
    );
    let file = written(folder, "nrpe.cfg", &settings)?;
    let program = Program::start("nrpe", Command::new("nrpe").arg("-f").arg("-c").arg(&file), folder)?;
    listening(program, ([127, 0, 0, 1], port).into())
}

/// A file of settings; monit takes none that others can read.
fn written(folder: &Path, name: &str, text: &str) -> anyhow::Result<std::path::PathBuf> {
    let file = folder.join(name);
    std::fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600))?;
    Ok(file)
}

fn free_low_port() -> anyhow::Result<u16> {
    let port = PORTS.clone().find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    port.with_context(|| format!("no free port from {} to {}", PORTS.start, PORTS.end))
}

fn listening(mut program: Program, address: SocketAddr) -> anyhow::Result<Program> {
    let until = Instant::now() + START_TIME_MAX;
    while TcpStream::connect(address).is_err() {
        program.check()?;
        anyhow::ensure!(Instant::now() < until, "{} does not listen on {address}", program.name);
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(program)
}
