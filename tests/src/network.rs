//! A network and a file system of a journey's own: Linux namespaces, with root inside and without root outside.

use std::io::Read as _;
use std::net::Ipv4Addr;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};

use crate::program::{ask, run};

/// Set inside, so that the journey runs there instead of starting itself once more.
const INSIDE: &str = "JOURNEY_IS_ALONE";
/// Every protocol (ETH_P_ALL, packet(7)), in network byte order.
const EVERY_PROTOCOL: u16 = 3_u16.to_be();
/// Number of UDP in the header of an IP packet.
const UDP: u8 = 17;
/// How often a capture looks whether it should end.
const CAPTURE_PAUSE: Duration = Duration::from_millis(100);
/// Longest packet that is read, in bytes.
const PACKET_BYTES_MAX: usize = 65_536;

/// Runs a journey where only loopback exists, so that neither the machine's sockets nor other journeys are seen, and
/// where it may mount. `name` is the test's own: the test starts itself again inside.
#[expect(clippy::print_stdout, reason = "what the test prints inside is what it prints")]
pub fn alone(name: &str, journey: impl FnOnce()) {
    if std::env::var_os(INSIDE).is_some() {
        return journey();
    }
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--net", "--mount", "--", "sh", "-c"]);
    command.arg("ip link set lo up && exec \"$0\" --exact \"$1\" --nocapture");
    command.arg(std::env::current_exe().unwrap()).arg(name).env(INSIDE, "1");
    let answer = ask(&mut command);
    assert!(answer.code == 0 && answer.out.contains("1 passed"), "{name}: {}{}", answer.out, answer.err);
    print!("{}", answer.out);
}

/// Lets packets to a network of others leave through loopback, where nobody answers them but a capture sees them.
pub fn route_into_nothing(network: &str) {
    run(Command::new("ip").args(["route", "add", network, "dev", "lo", "src", "127.0.0.1"]));
}

/// Mounts a small disk on a folder.
pub fn mount_small_disk(folder: &std::path::Path, bytes: u64) {
    run(Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={bytes}"), "tmpfs"]).arg(folder));
}

/// Where an IPv4 packet goes.
struct Packet {
    to: Ipv4Addr,
    /// The port, when it is a datagram of UDP.
    datagram_to: Option<u16>,
}

/// What goes over the network while it lives.
pub struct Capture {
    packets: Arc<Mutex<Vec<Packet>>>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Capture {
    /// Sees every IPv4 packet from now on; only inside [`alone`].
    pub fn start() -> Self {
        let protocol = Protocol::from(i32::from(EVERY_PROTOCOL));
        let mut socket = Socket::new(Domain::PACKET, Type::DGRAM, Some(protocol)).unwrap();
        socket.set_read_timeout(Some(CAPTURE_PAUSE)).unwrap();
        let (packets, ended) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (seen, end) = (Arc::clone(&packets), Arc::clone(&ended));
        let thread = std::thread::spawn(move || {
            let mut bytes = vec![0; PACKET_BYTES_MAX];
            while !end.load(Ordering::SeqCst) {
                let Ok(length) = socket.read(&mut bytes) else { continue };
                seen.lock().unwrap().extend(destination(&bytes[..length]));
            }
        });
        Self { packets, ended, thread: Some(thread) }
    }

    /// How many packets went to an address so far.
    pub fn packets_to(&self, address: Ipv4Addr) -> usize {
        self.packets.lock().unwrap().iter().filter(|packet| packet.to == address).count()
    }

    /// How many datagrams went to a port so far, at whatever address: names are asked by UDP first (RFC 7766 section 5).
    pub fn datagrams_to(&self, port: u16) -> usize {
        self.packets.lock().unwrap().iter().filter(|packet| packet.datagram_to == Some(port)).count()
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

/// Destination of an IPv4 packet (RFC 791 section 3.1), and of the UDP datagram in it (RFC 768).
fn destination(packet: &[u8]) -> Option<Packet> {
    let (version, header) = (packet.first()? >> 4, usize::from(packet.first()? & 0x0f) * 4);
    if version != 4 {
        return None;
    }
    let address: [u8; 4] = packet.get(16..20)?.try_into().ok()?;
    let port: Option<[u8; 2]> = packet.get(header + 2..header + 4).and_then(|bytes| bytes.try_into().ok());
    let datagram_to = port.filter(|_| packet.get(9) == Some(&UDP)).map(u16::from_be_bytes);
    Some(Packet { to: Ipv4Addr::from(address), datagram_to })
}
