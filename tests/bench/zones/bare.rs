//! The raw limit: bare questions over UDP, with nothing decided in between.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use vedetta_tests::rig::dns::place::Place;

/// Questions under way at the same time, for each row of the limit.
pub(super) const AT_ONCE: [usize; 2] = [1, 64];
/// Longest wait for a server on loopback.
const WAIT_MAX: Duration = Duration::from_secs(5);
/// Types that are asked for by turns: A, NS, MX, TXT (RFC 1035 section 3.2.2).
const KINDS: [u16; 4] = [1, 2, 15, 16];
/// Longest answer without EDNS, in bytes.
const ANSWER_BYTES_MAX: usize = 512;

/// Asks a server so many questions on these names, and answers how many seconds all answers took.
pub(super) fn exchange(server: Place, names: &[&str], questions: f64, at_once: usize) -> anyhow::Result<f64> {
    let socket = UdpSocket::bind("0.0.0.0:0").context("binding for bare questions")?;
    socket.connect((server.v4(), 53)).context("connecting for bare questions")?;
    socket.set_read_timeout(Some(WAIT_MAX))?;
    let mut kinds = KINDS.into_iter().cycle();
    let messages: Vec<Vec<u8>> = names
        .iter()
        .cycle()
        .zip(0_u16..)
        .map(|(name, id)| message(id, name, kinds.next()))
        .take(counted(questions))
        .collect();
    let started = Instant::now();
    let mut answer = [0; ANSWER_BYTES_MAX];
    let (first, later) = messages.split_at(at_once.min(messages.len()));
    for message in first {
        socket.send(message).context("asking a bare question")?;
    }
    // One more goes out for each that comes back.
    let mut later = later.iter();
    for _ in 0..messages.len() {
        socket.recv(&mut answer).context("waiting for the answer to a bare question")?;
        if let Some(message) = later.next() {
            socket.send(message).context("asking a bare question")?;
        }
    }
    Ok(started.elapsed().as_secs_f64())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of questions")]
fn counted(questions: f64) -> usize {
    questions.max(1.0) as usize
}

/// A question without EDNS (RFC 1035 section 4.1).
fn message(id: u16, name: &str, kind: Option<u16>) -> Vec<u8> {
    let mut message = id.to_be_bytes().to_vec();
    message.extend([0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    for label in name.split('.') {
        message.push(u8::try_from(label.len()).unwrap_or(0));
        message.extend(label.as_bytes());
    }
    message.push(0);
    message.extend(kind.unwrap_or(1).to_be_bytes());
    message.extend([0, 1]);
    message
}
