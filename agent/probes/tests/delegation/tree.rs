//! A whole tree of names on loopback: root and `test` on one server, the zones below on two others, and servers that misbehave.
//!
//! Every server has an address of its own in 127.31.0.0/16; all listen on one port, as name servers do.

use std::net::{Ipv4Addr, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::misbehaving::{self, Running};

/// How often a start is tried: another program may take the port first.
const STARTS_MAX: usize = 5;
/// How often a server is asked whether it is there.
const GREETINGS_MAX: usize = 200;
/// How long it has for an answer, and how long it is then left alone.
const GREETING_TIME: Duration = Duration::from_millis(25);
/// The start of authority of the root, with recursion desired, as a message (RFC 1035 section 4.1).
const GREETING: [u8; 17] = [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 1];
/// The server of the root and of `test`.
const ABOVE: &str = "127.31.0.1";
/// The first server of the zones.
pub(crate) const FIRST: &str = "127.31.0.2";
/// The second, in another network.
const SECOND: &str = "127.31.1.2";
/// A resolver that answers everybody.
pub(crate) const OPEN_RESOLVER: &str = "127.31.2.12";

/// A running tree; everything is ended when dropped.
pub(crate) struct Tree {
    pub(crate) port: u16,
    processes: Vec<Child>,
    _folder: TempDir,
    _misbehaving: Vec<Running>,
}

impl Tree {
    /// Starts everything on one free port.
    pub(crate) fn start() -> Self {
        (0..STARTS_MAX).find_map(|_| Self::try_start()).expect("nsd and unbound start on a free port")
    }

    /// Root hints of this tree.
    pub(crate) fn hints() -> String {
        format!(". 3600 NS a.root.\na.root. 3600 A {ABOVE}\n")
    }

    fn try_start() -> Option<Self> {
        let folder = tempfile::tempdir().expect("temporary folder");
        let any = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = any.local_addr().expect("its address").port();
        let mut tree = Self { port, processes: Vec::new(), _folder: folder, _misbehaving: misbehaving::start(port)? };
        for (address, zones) in [(ABOVE, "above"), (FIRST, "first"), (SECOND, "second")] {
            let configuration = name_server(tree._folder.path(), address, port, zones);
            tree.run("nsd", zones, &configuration);
        }
        let configuration = resolver(tree._folder.path(), port);
        tree.run("unbound", "unbound", &configuration);
        let up = [ABOVE, FIRST, SECOND, OPEN_RESOLVER].iter().all(|address| tree.is_up(address));
        up.then_some(tree)
    }

    fn run(&mut self, program: &str, name: &str, configuration: &str) {
        let file = self._folder.path().join(format!("{name}.conf"));
        std::fs::write(&file, configuration).expect("configuration");
        // Debian keeps servers where only root looks.
        let folders = format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default());
        let mut command = Command::new(program);
        command.env("PATH", folders).arg("-d").arg("-c").arg(&file);
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.processes
            .push(process.unwrap_or_else(|error| panic!("`{program}` is needed, run `make setup-test`: {error}")));
    }

    /// Waits until a server answers; a resolver that only listens is still waking up.
    fn is_up(&mut self, address: &str) -> bool {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
        socket.set_read_timeout(Some(GREETING_TIME)).expect("a time limit");
        (0..GREETINGS_MAX).any(|_| {
            let all_run = self.processes.iter_mut().all(|process| process.try_wait().expect("its state").is_none());
            let sent = socket.send_to(&GREETING, (address, self.port)).is_ok();
            let answered = sent && socket.recv(&mut [0; 512]).is_ok();
            if !answered {
                std::thread::sleep(GREETING_TIME);
            }
            all_run && answered
        })
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        for process in &mut self.processes {
            // Ended politely, so that it ends its own helper processes too; a kill would leave them.
            let _ended = Command::new("sh").arg("-c").arg(format!("kill {}", process.id())).status();
            let _status = process.wait();
        }
    }
}

fn name_server(folder: &Path, address: &str, port: u16, zones: &str) -> String {
    let folder_of_zones = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/delegation/zones").join(zones);
    let path = |name: &str| folder.join(format!("{zones}.{name}")).display().to_string();
    let mut text = format!(
        "server:\n  ip-address: {address}@{port}\n  server-count: 1\n  username: \"\"\n  chroot: \"\"\n  database: \"\"\n  \
         zonesdir: \"{}\"\n  pidfile: \"{}\"\n  zonelistfile: \"{}\"\n  xfrdfile: \"{}\"\n  xfrdir: \"{}\"\n  \
         logfile: \"{}\"\nremote-control:\n  control-enable: no\n",
        folder_of_zones.display(),
        path("pid"),
        path("list"),
        path("state"),
        folder.display(),
        path("log"),
    );
    for entry in std::fs::read_dir(&folder_of_zones).expect("the zones") {
        let file = entry.expect("a zone").file_name().into_string().expect("its name");
        let name = file.strip_suffix(".zone").expect("a zone file");
        let name = if name == "root" { "." } else { name };
        text.push_str(&format!("zone:\n  name: \"{name}\"\n  zonefile: \"{file}\"\n"));
        if name == "transfer.test" && zones == "second" {
            text.push_str("  provide-xfr: 127.0.0.0/8 NOKEY\n");
        }
    }
    text
}

/// A resolver, told where each zone is, since it cannot be told the port of the servers that a parent names.
fn resolver(folder: &Path, port: u16) -> String {
    let mut text = format!(
        "server:\n  interface: {OPEN_RESOLVER}@{port}\n  access-control: 127.0.0.0/8 allow\n  username: \"\"\n  chroot: \"\"\n  \
         directory: \"{}\"\n  pidfile: \"unbound.pid\"\n  use-syslog: no\n  num-threads: 1\n  module-config: \"iterator\"\n  \
         do-not-query-localhost: no\n  do-ip6: no\n  local-zone: \"test.\" nodefault\n  local-zone: \"127.in-addr.arpa.\" \
         nodefault\nremote-control:\n  control-enable: no\n",
        folder.display()
    );
    for (server, zones) in [(ABOVE, &[".", "test", "in-addr.arpa"]), (FIRST, &["good.test", "lame.test", "six.test"])] {
        for zone in zones {
            text.push_str(&format!("stub-zone:\n  name: \"{zone}\"\n  stub-addr: {server}@{port}\n"));
        }
    }
    text
}
