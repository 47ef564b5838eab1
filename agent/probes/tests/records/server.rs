//! A real name server on loopback for the records of mail: NSD with the zones beside this file, ended with the test.

use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// How often a start is tried: another program may take the port first.
const STARTS_MAX: usize = 5;
/// How often, every 20 ms, the server is asked whether it is there.
const GREETINGS_MAX: usize = 250;
/// Zones; the last one has no file, so that NSD answers for it with a failure.
const ZONES: [&str; 3] = ["test", "example", "broken.test"];

/// A running server; it is ended when dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    process: Child,
    _folder: TempDir,
}

impl Server {
    /// Starts NSD on a free port.
    pub(crate) fn start() -> Self {
        (0..STARTS_MAX).find_map(|_| Self::try_start()).expect("nsd starts on a free port")
    }

    fn try_start() -> Option<Self> {
        let folder = tempfile::tempdir().expect("temporary folder");
        let port =
            UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|socket| socket.local_addr()).expect("a port").port();
        let configuration = folder.path().join("nsd.conf");
        std::fs::write(&configuration, configuration_text(folder.path(), port)).expect("configuration");
        // Debian keeps it where only root looks.
        let folders = format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default());
        let process = Command::new("nsd")
            .env("PATH", folders)
            .args(["-d", "-c"])
            .arg(&configuration)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program `nsd` is needed: run `make setup-test`");
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut server = Self { address, process, _folder: folder };
        server.is_up().then_some(server)
    }

    fn is_up(&mut self) -> bool {
        (0..GREETINGS_MAX).any(|_| {
            std::thread::sleep(Duration::from_millis(20));
            let runs = self.process.try_wait().expect("state of nsd").is_none();
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

fn configuration_text(folder: &Path, port: u16) -> String {
    let zones = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/zones");
    let path = |name: &str| folder.join(name).display().to_string();
    let mut text = format!(
        "server:\n  ip-address: 127.0.0.1@{port}\n  server-count: 1\n  username: \"\"\n  chroot: \"\"\n  database: \"\"\n  \
         zonesdir: \"{}\"\n  pidfile: \"{}\"\n  zonelistfile: \"{}\"\n  xfrdfile: \"{}\"\n  xfrdir: \"{}\"\n  \
         logfile: \"{}\"\nremote-control:\n  control-enable: no\n",
        zones.display(),
        path("nsd.pid"),
        path("zone.list"),
        path("xfrd.state"),
        folder.display(),
        path("nsd.log"),
    );
    for zone in ZONES {
        text.push_str(&format!("zone:\n  name: \"{zone}\"\n  zonefile: \"{zone}.zone\"\n"));
    }
    text
}
