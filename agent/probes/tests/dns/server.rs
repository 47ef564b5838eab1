//! A real name server on loopback: NSD with the zones beside this file, ended with the test.

use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// How often a start is tried: another program may take the port first.
const STARTS_MAX: usize = 5;
/// How often, every 20 ms, the server is asked whether it is there.
const GREETINGS_MAX: usize = 250;

/// A running server; it is ended when dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    process: Child,
    _folder: TempDir,
}

/// What a server serves: names of zones, each with its text; without a text, the file is missing and the zone fails.
pub(crate) type Zones<'a> = &'a [(&'a str, Option<&'a str>)];

impl Server {
    /// Starts NSD on a free port, authoritative for `test` and the zones below it that stand beside this file.
    pub(crate) fn start() -> Self {
        Self::at(
            Ipv4Addr::LOCALHOST,
            None,
            &[
                ("test", Some(include_str!("zones/test.zone"))),
                ("full.test", Some(include_str!("zones/full.test.zone"))),
                ("bare.test", Some(include_str!("zones/bare.test.zone"))),
                ("mixed.test", Some(include_str!("zones/mixed.test.zone"))),
                ("broken.test", None),
            ],
        )
    }

    /// Starts NSD at an address, on a port or on a free one.
    pub(crate) fn at(address: Ipv4Addr, port: Option<u16>, zones: Zones<'_>) -> Self {
        let start = || Self::start_once("nsd", address, port, |folder, address| nsd(folder, address, zones));
        (0..STARTS_MAX).find_map(|_| start()).expect("nsd starts on a free port")
    }

    /// Starts unbound on a free port of 127.0.0.1; it asks one server for everything below some zones.
    pub(crate) fn resolver(authority: SocketAddr, zones: &[&str]) -> Self {
        let start = || {
            Self::start_once("unbound", Ipv4Addr::LOCALHOST, None, |folder, address| {
                unbound(folder, address, authority, zones)
            })
        };
        (0..STARTS_MAX).find_map(|_| start()).expect("unbound starts on a free port")
    }

    fn start_once(
        program: &str,
        address: Ipv4Addr,
        port: Option<u16>,
        configured: impl Fn(&Path, SocketAddr) -> String,
    ) -> Option<Self> {
        let folder = tempfile::tempdir().expect("temporary folder");
        let free = || UdpSocket::bind((address, 0)).and_then(|socket| socket.local_addr()).expect("a port").port();
        let address = SocketAddr::from((address, port.unwrap_or_else(free)));
        let configuration = folder.path().join("server.conf");
        std::fs::write(&configuration, configured(folder.path(), address)).expect("configuration");
        // Debian keeps such programs where only root looks.
        let folders = format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default());
        let process = Command::new(program)
            .env("PATH", folders)
            .arg("-d")
            .arg("-c")
            .arg(&configuration)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("the program `{program}` is needed, run `make setup-test`: {error}"));
        let mut server = Self { address, process, _folder: folder };
        server.is_up().then_some(server)
    }

    fn is_up(&mut self) -> bool {
        (0..GREETINGS_MAX).any(|_| {
            std::thread::sleep(Duration::from_millis(20));
            let runs = self.process.try_wait().expect("state of the server").is_none();
            runs && TcpStream::connect(self.address).is_ok()
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Ended politely, so that it ends its own helper processes too; a kill would leave them.
        let _ended = Command::new("sh").arg("-c").arg(format!("kill {}", self.process.id())).status();
        let _status = self.process.wait();
    }
}

fn nsd(folder: &Path, address: SocketAddr, zones: Zones<'_>) -> String {
    let path = |name: &str| folder.join(name).display().to_string();
    let mut text = format!(
        "server:\n  ip-address: {}@{}\n  server-count: 1\n  username: \"\"\n  chroot: \"\"\n  database: \"\"\n  \
         zonesdir: \"{}\"\n  pidfile: \"{}\"\n  zonelistfile: \"{}\"\n  xfrdfile: \"{}\"\n  xfrdir: \"{}\"\n  \
         logfile: \"{}\"\nremote-control:\n  control-enable: no\n",
        address.ip(),
        address.port(),
        folder.display(),
        path("nsd.pid"),
        path("zone.list"),
        path("xfrd.state"),
        folder.display(),
        path("nsd.log"),
    );
    for (at, (zone, records)) in zones.iter().enumerate() {
        if let Some(records) = records {
            std::fs::write(folder.join(format!("{at}.zone")), records).expect("zone file");
        }
        text.push_str(&format!("zone:\n  name: \"{zone}\"\n  zonefile: \"{at}.zone\"\n"));
    }
    text
}

fn unbound(folder: &Path, address: SocketAddr, authority: SocketAddr, zones: &[&str]) -> String {
    let mut text = format!(
        "server:\n  interface: {}@{}\n  username: \"\"\n  chroot: \"\"\n  directory: \"{}\"\n  pidfile: \"{}\"\n  \
         use-syslog: no\n  logfile: \"{}\"\n  do-daemonize: no\n  do-not-query-localhost: no\n  \
         local-zone: \"test.\" nodefault\n  module-config: \"iterator\"\nremote-control:\n  control-enable: no\n",
        address.ip(),
        address.port(),
        folder.display(),
        folder.join("unbound.pid").display(),
        folder.join("unbound.log").display(),
    );
    for zone in zones {
        let authority = format!("{}@{}", authority.ip(), authority.port());
        text.push_str(&format!("stub-zone:\n  name: \"{zone}\"\n  stub-addr: {authority}\n"));
    }
    text
}
