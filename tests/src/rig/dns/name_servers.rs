//! NSD, one for each set of zones, and unbound before them all.

use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::place::Place;
use crate::program::Program;

/// Where Debian lays it.
const UNBOUND: &str = "/usr/sbin/unbound";
/// Longest start of a server.
const START_MAX: Duration = Duration::from_secs(30);
/// Pause between two looks whether it listens.
const PAUSE: Duration = Duration::from_millis(5);

/// A zone that NSD serves.
pub(super) struct Served<'a> {
    /// Its name with the last dot.
    pub(super) name: String,
    /// Its file in the folder.
    pub(super) file: &'a str,
    /// Whether strangers may have the whole of it.
    pub(super) transfer: bool,
}

/// The resolver's address; its port is 53.
pub const RESOLVER: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// Starts an NSD for these zones at every address of these places.
pub(super) fn nsd(name: &str, places: &[Place], zones: &[Served<'_>], folder: &Path) -> Daemon {
    let own = folder.join(name);
    std::fs::create_dir(&own).unwrap();
    let path = |file: &str| own.join(file).display().to_string();
    let mut text = "server:\n".to_owned();
    for address in places.iter().flat_map(|place| place.addresses()) {
        text.push_str(&format!("  ip-address: {address}\n"));
    }
    text.push_str(&format!(
        "  server-count: 1\n  username: \"\"\n  chroot: \"\"\n  database: \"\"\n  zonesdir: \"{}\"\n  pidfile: \"{}\"\n\
         \x20 zonelistfile: \"{}\"\n  xfrdfile: \"{}\"\n  xfrdir: \"{}\"\n  logfile: \"{}\"\n  rrl-ratelimit: 0\n\
         \x20 rrl-whitelist-ratelimit: 0\nremote-control:\n  control-enable: no\n",
        folder.display(),
        path("pid"),
        path("zone.list"),
        path("xfrd.state"),
        own.display(),
        path("log"),
    ));
    for zone in zones {
        text.push_str(&format!("zone:\n  name: \"{}\"\n  zonefile: \"{}\"\n", zone.name, zone.file));
        if zone.transfer {
            text.push_str("  provide-xfr: 0.0.0.0/0 NOKEY\n");
        }
    }
    std::fs::write(own.join("nsd.conf"), text).unwrap();
    let first = places[0].v4().parse().unwrap();
    Daemon::start(Command::new("nsd").arg("-d").arg("-c").arg(own.join("nsd.conf")), first, &own)
}

/// Starts the resolver, which believes the root's key of this tree and validates.
pub(super) fn unbound(folder: &Path) -> Daemon {
    let own = folder.join("unbound");
    std::fs::create_dir(&own).unwrap();
    let text = format!(
        "server:\n  interface: {RESOLVER}\n  access-control: 0.0.0.0/0 allow\n  do-daemonize: no\n  username: \"\"\n\
         \x20 chroot: \"\"\n  directory: \"{}\"\n  pidfile: \"\"\n  use-syslog: no\n  verbosity: 1\n  num-threads: 1\n\
         \x20 root-hints: \"{}\"\n  trust-anchor-file: \"{}\"\n  module-config: \"validator iterator\"\n\
         \x20 trust-anchor-signaling: no\n  ratelimit: 0\n  ip-ratelimit: 0\n  local-zone: \"test.\" nodefault\n\
         remote-control:\n  control-enable: no\n",
        own.display(),
        folder.join("hints").display(),
        folder.join("anchor").display(),
    );
    std::fs::write(own.join("unbound.conf"), text).unwrap();
    // Where AppArmor is on, Debian's unbound may read its own folders only; a copy of it is another program.
    let copy = own.join("unbound");
    std::fs::copy(UNBOUND, &copy).unwrap_or_else(|error| panic!("{UNBOUND} (run `make setup-test`): {error}"));
    Daemon::start(Command::new(copy).arg("-d").arg("-c").arg(own.join("unbound.conf")), RESOLVER, &own)
}

/// A server that was started.
pub(super) struct Daemon {
    program: Program,
    address: Ipv4Addr,
}

impl Daemon {
    /// Starts it, without waiting for it. Debian keeps daemons where only root looks.
    fn start(command: &mut Command, address: Ipv4Addr, folder: &Path) -> Self {
        let folders = format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default());
        let mut own = Command::new(command.get_program());
        own.args(command.get_args()).env("PATH", folders);
        Self { program: Program::start(own, folder), address }
    }

    /// Waits until it answers.
    pub(super) fn until_listening(&mut self) {
        let address = self.address;
        let started = Instant::now();
        while TcpStream::connect((address, 53)).is_err() {
            assert!(self.program.runs(), "the server at {address} has ended: {}", self.program.said());
            assert!(started.elapsed() < START_MAX, "nobody listens on {address}: {}", self.program.said());
            std::thread::sleep(PAUSE);
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // NSD has children, which it ends when it is asked to end.
        self.program.terminate();
    }
}
