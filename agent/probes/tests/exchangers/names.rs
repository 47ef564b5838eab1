//! The names of these tests: NSD with the zones that a test hands in, ended with the test.

use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// How often a start is tried: another program may take the port first.
const STARTS_MAX: usize = 5;
/// How often, every 20 ms, the server is asked whether it is there.
const GREETINGS_MAX: usize = 250;
/// What every zone begins with.
const BEGIN: &str = "$TTL 60\n@ SOA ns.test. office.test. 1 3600 600 86400 60\n@ NS ns.test.\n";
/// First and last moment of signatures, around the moment that counts as now.
const VALIDITY: [&str; 4] = ["-s", "20260101000000", "-e", "20270101000000"];

/// A running name server; it is ended when dropped.
pub(crate) struct Names {
    pub(crate) address: SocketAddr,
    process: Child,
    folder: TempDir,
}

impl Names {
    /// Starts NSD with the records of `test` and of the reverse zone of 127.0.0.0/8.
    pub(crate) fn start(records: &str, pointers: &str) -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
        write("test.zone", &format!("{BEGIN}ns A 127.0.0.1\n{records}\n"));
        write("reverse.zone", &format!("{BEGIN}{pointers}\n"));
        Self::serve(folder, &[("test", "test.zone"), ("127.in-addr.arpa", "reverse.zone")])
    }

    /// Starts NSD with a root, with `signed` below it, which is signed, and with `plain`, which is not.
    pub(crate) fn signed(signed: &str, plain: &str) -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
        write("signed", &format!("{BEGIN}{signed}\n"));
        write("plain", &format!("{BEGIN}{plain}\n"));
        sign(folder.path(), "signed.", "signed");
        let digest = std::fs::read_to_string(folder.path().join("dsset-signed.")).expect("a digest");
        let root = "ns.test. A 127.0.0.1\nsigned. NS ns.test.\nplain. NS ns.test.\n";
        write("root", &format!("{BEGIN}{root}{digest}\n"));
        sign(folder.path(), ".", "root");
        Self::serve(folder, &[(".", "root.signed"), ("signed", "signed.signed"), ("plain", "plain")])
    }

    /// Digests of the root's keys, as a file of trust anchors.
    pub(crate) fn anchors(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("dsset-.")).expect("the root's digests")
    }

    fn serve(folder: TempDir, zones: &[(&str, &str)]) -> Self {
        for _ in 0..STARTS_MAX {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
            let address = socket.local_addr().expect("its address");
            drop(socket);
            let file = folder.path().join("nsd.conf");
            std::fs::write(&file, configuration(folder.path(), address.port(), zones)).expect("a file");
            let mut process = with_folders("nsd").arg("-d").arg("-c").arg(&file).spawn().expect(NEEDED);
            if is_up(&mut process, address) {
                return Self { address, process, folder };
            }
        }
        panic!("nsd does not start");
    }
}

impl Drop for Names {
    fn drop(&mut self) {
        // Ended politely, so that it ends its own helper processes too; a kill would leave them.
        let _ended = Command::new("sh").arg("-c").arg(format!("kill {}", self.process.id())).status();
        let _status = self.process.wait();
    }
}

/// What is said when a program is missing.
const NEEDED: &str = "the programs `nsd`, `dnssec-keygen` and `dnssec-signzone` are needed: run `make setup-test`";

/// A program that Debian may keep where only root looks.
fn with_folders(program: &str) -> Command {
    let mut command = Command::new(program);
    command.env("PATH", format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default()));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Signs the file of a zone with a new key, which signs everything.
fn sign(folder: &Path, zone: &str, file: &str) {
    let keygen =
        with_folders("dnssec-keygen").current_dir(folder).args(["-a", "ECDSAP256SHA256", "-f", "KSK", zone]).status();
    assert!(keygen.expect(NEEDED).success(), "dnssec-keygen {zone}");
    let mut signzone = with_folders("dnssec-signzone");
    signzone.current_dir(folder).args(["-S", "-z", "-o", zone]).args(VALIDITY).arg(file);
    assert!(signzone.status().expect(NEEDED).success(), "dnssec-signzone {zone}");
}

fn is_up(process: &mut Child, address: SocketAddr) -> bool {
    (0..GREETINGS_MAX).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        let runs = process.try_wait().expect("state of nsd").is_none();
        runs && TcpStream::connect(address).is_ok()
    })
}

fn configuration(folder: &Path, port: u16, zones: &[(&str, &str)]) -> String {
    let path = |name: &str| folder.join(name).display().to_string();
    let mut text = format!(
        "server:\n  ip-address: 127.0.0.1@{port}\n  server-count: 1\n  username: \"\"\n  chroot: \"\"\n  database: \"\"\n  \
         zonesdir: \"{}\"\n  pidfile: \"{}\"\n  zonelistfile: \"{}\"\n  xfrdfile: \"{}\"\n  xfrdir: \"{}\"\n  \
         logfile: \"{}\"\nremote-control:\n  control-enable: no\n",
        folder.display(),
        path("nsd.pid"),
        path("zone.list"),
        path("xfrd.state"),
        folder.display(),
        path("nsd.log"),
    );
    for (zone, file) in zones {
        text.push_str(&format!("zone:\n  name: \"{zone}\"\n  zonefile: \"{file}\"\n"));
    }
    text
}
