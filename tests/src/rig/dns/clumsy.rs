//! Name servers that misbehave: relays before the first server of the tree, on UDP and TCP.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use super::name_servers::RESOLVER;
use super::place::Place;

/// How late the slow server answers.
pub const SLOW: Duration = Duration::from_millis(1_500);
/// Longest wait for the server behind.
const WAIT_MAX: Duration = Duration::from_secs(3);
/// Longest message.
const MESSAGE_BYTES_MAX: usize = 65_535;
/// Places of relays.
const RELAYS: [Place; 9] = [
    Place::Silent,
    Place::Slow,
    Place::UdpOnly,
    Place::TcpOnly,
    Place::NoEdns,
    Place::NoAuthority,
    Place::Refuses,
    Place::Fails,
    Place::OpenResolver,
];

/// Starts every relay; they end with this process.
pub(super) fn start() {
    for place in RELAYS {
        let address = SocketAddr::new(place.v4().parse().unwrap(), 53);
        if place != Place::TcpOnly {
            let socket = Arc::new(UdpSocket::bind(address).unwrap());
            std::thread::spawn(move || datagrams(place, &socket));
        }
        if place != Place::UdpOnly {
            let listener = TcpListener::bind(address).unwrap();
            std::thread::spawn(move || connections(place, &listener));
        }
    }
}

fn datagrams(place: Place, socket: &Arc<UdpSocket>) {
    let mut buffer = [0; MESSAGE_BYTES_MAX];
    while let Ok((length, from)) = socket.recv_from(&mut buffer) {
        let question = buffer[..length].to_vec();
        let socket = Arc::clone(socket);
        std::thread::spawn(move || {
            if let Some(answer) = answer(place, &question, over_udp) {
                // Whoever asked may have gone.
                let _gone = socket.send_to(&answer, from).is_err();
            }
        });
    }
}

fn connections(place: Place, listener: &TcpListener) {
    for stream in listener.incoming().flatten() {
        std::thread::spawn(move || one_connection(place, stream));
    }
}

fn one_connection(place: Place, mut stream: TcpStream) {
    while let Ok(question) = framed(&mut stream) {
        let Some(answer) = answer(place, &question, over_tcp) else { continue };
        if stream.write_all(&frame(&answer)).is_err() {
            return;
        }
    }
}

/// What a place answers, if anything.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other place that has a relay hands on what stands behind it")]
fn answer(place: Place, question: &[u8], behind: fn(&[u8], SocketAddr) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
    let first = SocketAddr::new(Place::A.v4().parse().unwrap(), 53);
    // The header (RFC 1035 section 4.1.1): RD is bit 0 of byte 2, AA bit 2; additional records are counted in bytes 10, 11.
    let (flags, additional) = (*question.get(2)?, *question.get(11)?);
    match place {
        Place::Silent => None,
        Place::Slow => {
            std::thread::sleep(SLOW);
            behind(question, first)
        }
        Place::NoEdns if additional > 0 => Some(refusal(question, 1)),
        Place::NoAuthority => behind(question, first).map(|mut answer| {
            answer[2] &= !0b100;
            answer
        }),
        Place::Fails => Some(code(question, 2)),
        Place::Refuses => Some(code(question, 5)),
        Place::OpenResolver if flags & 1 == 1 => behind(question, SocketAddr::new(RESOLVER.into(), 53)),
        _ => behind(question, first),
    }
}

/// The question with a code and nothing else, not even EDNS.
fn refusal(question: &[u8], code: u8) -> Vec<u8> {
    let end = question.get(12..).and_then(|rest| rest.iter().position(|byte| *byte == 0)).map_or(12, |at| 12 + at + 5);
    let mut answer = question[..end.min(question.len())].to_vec();
    answer[2] |= 0b1000_0000;
    answer[3] = code;
    answer[6..12].fill(0);
    answer
}

/// The question as it is, EDNS included, with a code.
fn code(question: &[u8], code: u8) -> Vec<u8> {
    let mut answer = question.to_vec();
    answer[2] |= 0b1000_0000;
    answer[3] = code;
    answer
}

fn over_udp(question: &[u8], to: SocketAddr) -> Option<Vec<u8>> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.set_read_timeout(Some(WAIT_MAX)).ok()?;
    socket.connect(to).ok()?;
    socket.send(question).ok()?;
    let mut buffer = vec![0; MESSAGE_BYTES_MAX];
    let length = socket.recv(&mut buffer).ok()?;
    buffer.truncate(length);
    Some(buffer)
}

fn over_tcp(question: &[u8], to: SocketAddr) -> Option<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&to, WAIT_MAX).ok()?;
    stream.set_read_timeout(Some(WAIT_MAX)).ok()?;
    stream.write_all(&frame(question)).ok()?;
    framed(&mut stream).ok()
}

/// A message behind its length (RFC 1035 section 4.2.2).
fn frame(message: &[u8]) -> Vec<u8> {
    [&u16::try_from(message.len()).unwrap().to_be_bytes()[..], message].concat()
}

fn framed(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut length = [0; 2];
    stream.read_exact(&mut length)?;
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut message)?;
    Ok(message)
}
