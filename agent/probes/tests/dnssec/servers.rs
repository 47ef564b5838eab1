//! NSD with the zones of a tree, and unbound before it, on ports of loopback; both end with the test.

use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How often, every 20 ms, a server is asked whether it is there.
const GREETINGS_MAX: usize = 500;

/// A running server; it is ended when dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    process: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Ended politely, so that it ends its own helper processes too; a kill would leave them.
        let _ended = Command::new("kill").arg(self.process.id().to_string()).status();
        let _status = self.process.wait();
    }
}

fn free_port() -> u16 {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    socket.local_addr().expect("its address").port()
}

fn start(program: &str, arguments: &[&str], configuration: &Path, port: u16) -> Server {
    // Debian keeps them where only root looks.
    let folders = format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default());
    let log = configuration.with_extension("log");
    let output = std::fs::File::create(&log).expect("a log");
    let process = Command::new(program)
        .env("PATH", folders)
        .args(arguments)
        .arg(configuration)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(output)
        .spawn()
        .unwrap_or_else(|error| panic!("the program `{program}` is needed: run `make setup-test`: {error}"));
    let mut server = Server { address: (Ipv4Addr::LOCALHOST, port).into(), process };
    for _greeting in 0..GREETINGS_MAX {
        std::thread::sleep(Duration::from_millis(20));
        assert!(
            server.process.try_wait().expect("its state").is_none(),
            "{program} ended: {}",
            std::fs::read_to_string(&log).unwrap_or_default()
        );
        if TcpStream::connect(server.address).is_ok() {
            return server;
        }
    }
    panic!("{program} does not answer: {}", std::fs::read_to_string(&log).unwrap_or_default());
}

/// Starts NSD with these zones, each in a file of its name in the folder.
pub(crate) fn authority(folder: &Path, zones: &[String]) -> Server {
    let port = free_port();
    let inside = |name: &str| folder.join(name).display().to_string();
    let mut text = format!(
        "server:\n  ip-address: 127.0.0.1@{port}\n  server-count: 1\n  username: \"\"\n  chroot: \"\"\n  database: \"\"\n  \
         zonesdir: \"{}\"\n  pidfile: \"{}\"\n  zonelistfile: \"{}\"\n  xfrdfile: \"{}\"\n  xfrdir: \"{}\"\n  \
         logfile: \"{}\"\nremote-control:\n  control-enable: no\n",
        folder.display(),
        inside("nsd.pid"),
        inside("zone.list"),
        inside("xfrd.state"),
        folder.display(),
        inside("nsd.log"),
    );
    for zone in zones {
        text.push_str(&format!("zone:\n  name: \"{zone}\"\n  zonefile: \"{zone}signed\"\n"));
    }
    let configuration = folder.join("nsd.conf");
    std::fs::write(&configuration, text).expect("a configuration");
    start("nsd", &["-d", "-c"], &configuration, port)
}

/// Starts unbound, which asks that server for everything and validates with the tree's trust anchor.
pub(crate) fn resolver(folder: &Path, authority: SocketAddr, anchor: &Path) -> Server {
    let port = free_port();
    let text = format!(
        "server:\n  interface: 127.0.0.1@{port}\n  do-daemonize: no\n  use-syslog: no\n  username: \"\"\n  chroot: \"\"\n  \
         directory: \"{}\"\n  pidfile: \"\"\n  num-threads: 1\n  do-ip6: no\n  do-not-query-localhost: no\n  \
         trust-anchor-file: \"{}\"\n  module-config: \"validator iterator\"\n  \
         local-zone: \"hidden.tree.\" refuse\nremote-control:\n  control-enable: no\n\
         forward-zone:\n  name: \".\"\n  forward-addr: 127.0.0.1@{}\n",
        folder.display(),
        anchor.display(),
        authority.port(),
    );
    let configuration = folder.join("unbound.conf");
    std::fs::write(&configuration, text).expect("a configuration");
    start("unbound", &["-d", "-c"], &configuration, port)
}
