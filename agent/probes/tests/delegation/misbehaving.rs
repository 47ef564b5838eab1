//! Servers that misbehave, in front of the first name server: each hands questions on and answers as its fault allows.

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::tree::FIRST;

/// How often a server looks whether the test has ended.
const LOOK: Duration = Duration::from_millis(20);
/// How long the slow server takes for each answer.
pub(crate) const SLOWNESS: Duration = Duration::from_millis(1_300);
/// Longest question or answer over UDP, in bytes.
const DATAGRAM_BYTES_MAX: usize = 4_096;
/// Place of the number of additional records, in the bytes of a message: 0 without EDNS.
const ADDITIONAL: std::ops::Range<usize> = 10..12;

/// A server that runs until it is dropped.
pub(crate) struct Running {
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _joined = thread.join();
        }
    }
}

/// What a server does with a question over UDP.
#[derive(Clone, Copy)]
enum Fault {
    Silent,
    None,
    Slow,
    NoEdns,
    /// Says nothing about IPv6 addresses.
    SilentOnSix,
}

/// Starts them all; none when the port is taken at one of the addresses.
pub(crate) fn start(port: u16) -> Option<Vec<Running>> {
    let at = |address: &str| SocketAddr::new(address.parse::<IpAddr>().expect("an address"), port);
    Some(vec![
        datagrams(at("127.31.2.7"), Fault::Silent)?,
        datagrams(at("127.31.3.7"), Fault::Silent)?,
        datagrams(at("127.31.2.8"), Fault::None)?,
        streams(at("127.31.2.9"))?,
        datagrams(at("127.31.2.10"), Fault::NoEdns)?,
        streams(at("127.31.2.10"))?,
        datagrams(at("127.31.2.11"), Fault::Slow)?,
        datagrams(at("127.31.2.13"), Fault::SilentOnSix)?,
        streams(at("127.31.2.13"))?,
        streams(at("127.31.2.11"))?,
    ])
}

fn running(work: impl FnOnce(&AtomicBool) + Send + 'static) -> Running {
    let ended = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&ended);
    Running { ended, thread: Some(thread::spawn(move || work(&seen))) }
}

fn datagrams(address: SocketAddr, fault: Fault) -> Option<Running> {
    let socket = UdpSocket::bind(address).ok()?;
    socket.set_read_timeout(Some(LOOK)).expect("a time limit");
    let behind = SocketAddr::new(FIRST.parse().expect("an address"), address.port());
    Some(running(move |ended| {
        let mut buffer = [0; DATAGRAM_BYTES_MAX];
        while !ended.load(Ordering::Relaxed) {
            let Ok((length, asker)) = socket.recv_from(&mut buffer) else { continue };
            let question = buffer[..length].to_vec();
            let socket = socket.try_clone().expect("a second handle");
            thread::spawn(move || answer(&socket, asker, &question, behind, fault));
        }
    }))
}

fn answer(socket: &UdpSocket, asker: SocketAddr, question: &[u8], behind: SocketAddr, fault: Fault) {
    match fault {
        Fault::Silent => return,
        Fault::None => {}
        Fault::Slow => thread::sleep(SLOWNESS),
        Fault::NoEdns if question[ADDITIONAL] != [0, 0] => {
            let mut refusal = question[..12].to_vec();
            refusal[2] |= 0x80;
            refusal[3] = 1;
            refusal[4..].fill(0);
            let _sent = socket.send_to(&refusal, asker);
            return;
        }
        Fault::SilentOnSix if asks_for_six(question) => return,
        Fault::NoEdns | Fault::SilentOnSix => {}
    }
    let relay = UdpSocket::bind(("127.0.0.1", 0)).expect("a socket");
    relay.set_read_timeout(Some(Duration::from_secs(1))).expect("a time limit");
    let mut buffer = [0; DATAGRAM_BYTES_MAX];
    let _sent = relay.send_to(question, behind);
    if let Ok(length) = relay.recv(&mut buffer) {
        let _sent = socket.send_to(&buffer[..length], asker);
    }
}

/// Whether a question is for AAAA: the two bytes of the type stand after the zero that ends the name.
fn asks_for_six(question: &[u8]) -> bool {
    let name_ends = question[12..].iter().position(|byte| *byte == 0).expect("the end of a name");
    question[12 + name_ends + 1..][..2] == [0, 28]
}

fn streams(address: SocketAddr) -> Option<Running> {
    let listener = TcpListener::bind(address).ok()?;
    listener.set_nonblocking(true).expect("a listener that does not wait");
    let behind = SocketAddr::new(FIRST.parse().expect("an address"), address.port());
    Some(running(move |ended| {
        while !ended.load(Ordering::Relaxed) {
            match listener.accept() {
                Ok((stream, _)) => _ = thread::spawn(move || relay(stream, behind)),
                Err(_) => thread::sleep(LOOK),
            }
        }
    }))
}

/// Hands one question and its answer on.
fn relay(mut asker: TcpStream, behind: SocketAddr) -> Option<()> {
    asker.set_nonblocking(false).ok()?;
    let mut server = TcpStream::connect(behind).ok()?;
    for stream in [&asker, &server] {
        stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    }
    server.write_all(&message(&mut asker)?).ok()?;
    let answer = message(&mut server)?;
    asker.write_all(&answer).ok()
}

/// One message with its length before it (RFC 1035 section 4.2.2).
fn message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut length = [0; 2];
    stream.read_exact(&mut length).ok()?;
    let mut bytes = length.to_vec();
    bytes.resize(2 + usize::from(u16::from_be_bytes(length)), 0);
    stream.read_exact(&mut bytes[2..]).ok()?;
    Some(bytes)
}
