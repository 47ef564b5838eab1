//! A question over UDP: repeated when nothing comes, with TCP beside it, and given up when nothing shows that the host lives.

use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::time::{Instant, sleep_until};
use vedetta_checks::fact::Unknown;

use super::server::{SLOW, Standing};
use super::wire::{self, Parsed};
use super::{Conversation, SILENCE_TIME_MAX, question, tcp};

/// When a question without an answer is sent again, after the first time; twice and four times the server's own pace if that is later.
const REPEATS: [(Duration, u32); 2] = [(Duration::from_millis(400), 2), (Duration::from_millis(1_000), 4)];
/// How long an answer to the plain form of a question waits for that to the whole form: some answer the last to ask first.
const PLAIN_ANSWER_WAIT: Duration = Duration::from_millis(300);
/// When TCP is tried beside it.
const BESIDE_AFTER: Duration = Duration::from_millis(400);
/// Largest datagram that is read, in bytes: more than is asked for, for servers that do not listen.
const DATAGRAM_BYTES_MAX: usize = 4_096;

/// What is tried over TCP while UDP is silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    /// A connection only, which shows that the host lives.
    Connection,
    /// The question itself.
    Question,
}

/// How one question is sent.
pub(super) struct Sending<'a> {
    /// Whether it carries EDNS.
    pub(super) edns: bool,
    /// What is tried over TCP.
    pub(super) beside: Beside,
    /// Whether it is the first one to this server; the others stop when the server turns out to be silent.
    pub(super) is_scout: bool,
    /// When it was begun.
    pub(super) started: Instant,
    /// Set when something shows that the host lives.
    pub(super) host_lives: &'a AtomicBool,
}

impl Conversation<'_> {
    /// Sends, repeats and waits. Says whether the answer came over TCP.
    pub(super) async fn send_and_wait(&self, sending: &Sending<'_>) -> Result<(Parsed, bool), Unknown> {
        let broken = |error: io::Error| self.broken(&error);
        let socket = bound(self.server).await.map_err(broken)?;
        let id = question::number();
        let bytes = self.question.bytes(id, sending.edns).map_err(broken)?;
        self.count();
        socket.send(&bytes).await.map_err(broken)?;
        let mut nonsense = None;
        let mut plain = None;
        let mut sent = 0;
        let beside = self.beside(sending);
        tokio::pin!(beside);
        let mut buffer = vec![0; DATAGRAM_BYTES_MAX];
        let mut deadline = self.first_deadline(sending.started);
        loop {
            tokio::select! {
                received = socket.recv(&mut buffer) => {
                    let length = received.map_err(broken)?;
                    match wire::parse(buffer.get(..length).unwrap_or_default()) {
                        Ok(parsed) if self.question.is_answered_by(&parsed.message, id) => {
                            // The whole question is on its way too, and only its answer holds signatures and shows EDNS.
                            let may_lack = sending.edns && parsed.message.edns.is_none();
                            if !may_lack || sent < REPEATS.len() {
                                return Ok((parsed, false));
                            }
                            plain = Some(parsed);
                            deadline = deadline.min(Instant::now() + PLAIN_ANSWER_WAIT);
                        }
                        // An answer to another question, or a forged one.
                        Ok(_) => {}
                        Err(error) => nonsense = Some(error),
                    }
                }
                parsed = &mut beside => return Ok((parsed, true)),
                why = self.known.udp.died(), if !sending.is_scout => {
                    return plain.map(|parsed| (parsed, false)).ok_or(why);
                }
                () = self.repeat_time(sending.started, sent) => {
                    sent += 1;
                    self.count();
                    socket.send(&bytes).await.map_err(broken)?;
                    if sent == REPEATS.len() && sending.edns {
                        // At last in the plainest form too: some answer nothing that they do not understand.
                        let bytes = self.question.bytes(id, false).map_err(broken)?;
                        self.count();
                        socket.send(&bytes).await.map_err(broken)?;
                    }
                }
                () = sleep_until(deadline) => {
                    if let Some(parsed) = plain {
                        return Ok((parsed, false));
                    }
                    let longest = self.longest(sending.started);
                    if sending.host_lives.load(Ordering::Relaxed) && deadline < longest {
                        deadline = longest;
                        continue;
                    }
                    let cause = nonsense.map(|error| self.broken(&io::Error::new(io::ErrorKind::InvalidData, error)));
                    return Err(cause.unwrap_or_else(|| self.late("answer", deadline - sending.started)));
                }
            }
        }
    }

    /// How long is waited at first: longer for a server that is known to be slow, and for one that asks others.
    fn first_deadline(&self, started: Instant) -> Instant {
        match self.known.udp.standing() {
            Standing::Answers(measured) if measured >= SLOW || self.question.recursion_desired => self.longest(started),
            Standing::Answers(_) | Standing::Untried | Standing::Silent(_) => started + SILENCE_TIME_MAX,
        }
    }

    async fn repeat_time(&self, started: Instant, sent: usize) {
        let Some((after, times)) = REPEATS.get(sent) else { return pending().await };
        let pace = match self.known.udp.standing() {
            Standing::Answers(measured) => measured,
            Standing::Untried | Standing::Silent(_) => Duration::ZERO,
        };
        sleep_until(started + (*after).max(pace * *times)).await;
    }

    /// TCP while UDP is silent: an answer, or nothing for ever. A server that answers over UDP is known to live.
    async fn beside(&self, sending: &Sending<'_>) -> Parsed {
        if matches!(self.known.udp.standing(), Standing::Answers(_)) {
            return pending().await;
        }
        sleep_until(sending.started + BESIDE_AFTER).await;
        let Ok(mut stream) = tcp::connect(self.server).await else { return pending().await };
        sending.host_lives.store(true, Ordering::Relaxed);
        if sending.beside == Beside::Connection {
            return pending().await;
        }
        self.count();
        match tcp::converse(&mut stream, self.question, sending.edns).await {
            Ok(parsed) => {
                self.known.tcp_came_first.store(true, Ordering::Relaxed);
                parsed
            }
            Err(_closed) => pending().await,
        }
    }
}

/// A socket of this question's own: its port is chosen by the system at random, and only the server's answers reach it.
async fn bound(server: SocketAddr) -> io::Result<UdpSocket> {
    let local: SocketAddr = if server.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
    let socket = UdpSocket::bind(local).await?;
    socket.connect(server).await?;
    Ok(socket)
}
