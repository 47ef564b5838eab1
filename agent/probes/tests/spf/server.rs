//! A real name server on loopback with one zone, and a door before it that lets chosen questions wait for ever.

use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket as StdUdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::Message;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinSet;

use crate::suite::Silent;

/// How often a start is tried: another program may take the port first.
const STARTS_MAX: usize = 5;
/// How often, every 20 ms, the server is asked whether it is there.
const GREETINGS_MAX: usize = 250;

/// A running server; it is ended when dropped.
pub(crate) struct Server {
    address: SocketAddr,
    process: Child,
    _folder: TempDir,
}

impl Server {
    /// Starts NSD on a free port with this zone of the root.
    pub(crate) fn start(zone: &str) -> Self {
        (0..STARTS_MAX).find_map(|_| Self::try_start(zone)).expect("nsd starts on a free port and reads the zone")
    }

    fn try_start(zone: &str) -> Option<Self> {
        let folder = tempfile::tempdir().expect("temporary folder");
        let port =
            StdUdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|socket| socket.local_addr()).expect("a port").port();
        std::fs::write(folder.path().join("root.zone"), zone).expect("zone");
        let configuration = folder.path().join("nsd.conf");
        std::fs::write(&configuration, configuration_text(folder.path(), port)).expect("configuration");
        // Debian keeps it where only root looks.
        let folders = format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default());
        let process = Command::new("nsd")
            .env("PATH", folders)
            .arg("-d")
            .arg("-c")
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

    /// Opens the door: an address at which the server answers, except for what is silent. It closes with the returned set.
    pub(crate) async fn door(&self, silent: Silent) -> (SocketAddr, JoinSet<()>) {
        let silent = Arc::new(silent);
        for _ in 0..STARTS_MAX {
            let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
            let address = udp.local_addr().expect("its address");
            let Ok(tcp) = TcpListener::bind(address).await else { continue };
            let mut tasks = JoinSet::new();
            tasks.spawn(relay_udp(Arc::new(udp), self.address, Arc::clone(&silent)));
            tasks.spawn(relay_tcp(tcp, self.address, silent));
            return (address, tasks);
        }
        panic!("no port is free for both UDP and TCP");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Ended politely, so that it ends its own helper processes too; a kill would leave them.
        let _ended = Command::new("sh").arg("-c").arg(format!("kill {}", self.process.id())).status();
        let _status = self.process.wait();
    }
}

async fn relay_udp(door: Arc<UdpSocket>, server: SocketAddr, silent: Arc<Silent>) {
    let mut relays = JoinSet::new();
    let mut buffer = vec![0; 65_535];
    while let Ok((size, asker)) = door.recv_from(&mut buffer).await {
        let question = buffer[..size].to_vec();
        if is_silent(&question, &silent) {
            continue;
        }
        let door = Arc::clone(&door);
        relays.spawn(async move {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
            socket.connect(server).await.expect("nsd");
            socket.send(&question).await.expect("a question to nsd");
            let mut answer = vec![0; 65_535];
            let size = socket.recv(&mut answer).await.expect("an answer of nsd");
            door.send_to(&answer[..size], asker).await.expect("an answer to the asker");
        });
    }
}

async fn relay_tcp(door: TcpListener, server: SocketAddr, silent: Arc<Silent>) {
    let mut relays = JoinSet::new();
    while let Ok((mut asker, _)) = door.accept().await {
        let silent = Arc::clone(&silent);
        relays.spawn(async move {
            let mut nsd = tokio::net::TcpStream::connect(server).await.expect("nsd");
            while let Ok(size) = asker.read_u16().await {
                let mut question = vec![0; usize::from(size)];
                if asker.read_exact(&mut question).await.is_err() || is_silent(&question, &silent) {
                    std::future::pending::<()>().await;
                }
                nsd.write_u16(size).await.expect("a question to nsd");
                nsd.write_all(&question).await.expect("a question to nsd");
                let size = nsd.read_u16().await.expect("an answer of nsd");
                let mut answer = vec![0; usize::from(size)];
                nsd.read_exact(&mut answer).await.expect("an answer of nsd");
                let _gone = asker.write_u16(size).await;
                let _gone = asker.write_all(&answer).await;
            }
        });
    }
}

fn is_silent(question: &[u8], silent: &Silent) -> bool {
    let message = Message::from_vec(question).expect("a question");
    let query = message.queries.first().expect("a question");
    let labels: Vec<String> = query.name().iter().map(|label| String::from_utf8_lossy(label).to_lowercase()).collect();
    silent.holds(&labels.join("."), u16::from(query.query_type()))
}

fn configuration_text(folder: &Path, port: u16) -> String {
    let path = |name: &str| folder.join(name).display().to_string();
    format!(
        "server:\n  ip-address: 127.0.0.1@{port}\n  server-count: 1\n  username: \"\"\n  chroot: \"\"\n  database: \"\"\n  \
         zonesdir: \"{0}\"\n  pidfile: \"{1}\"\n  zonelistfile: \"{2}\"\n  xfrdfile: \"{3}\"\n  xfrdir: \"{0}\"\n  \
         logfile: \"{4}\"\nremote-control:\n  control-enable: no\nzone:\n  name: \".\"\n  zonefile: \"root.zone\"\n",
        folder.display(),
        path("nsd.pid"),
        path("zone.list"),
        path("xfrd.state"),
        path("nsd.log"),
    )
}
