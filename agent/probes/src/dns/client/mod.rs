//! One question to one server, with the flags that the asker chose; nothing is followed, nothing is believed.
//!
//! Answers are kept for the run, so the same question to the same server travels once. A server that stays silent costs one
//! deadline in the whole run: 2.0 s, with the question repeated at 0.4 and 1.0 s and a TCP connection tried beside it; 4.5 s when
//! that connection or an earlier answer shows that the host lives. Afterwards every question to it fails at once.
//!
//! Read in this order: `question` (what is asked), [`wire`] and `rdata` (messages as bytes), `udp` and `tcp` (how they travel),
//! `server` (what is known of a server), `transfer` (a whole zone), `memory` (what is kept).

pub(crate) mod memory;
mod question;
mod rdata;
mod server;
mod tcp;
#[cfg(test)]
mod tests;
mod transfer;
mod udp;
pub mod wire;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use hickory_proto::op::{Message, ResponseCode};
use tokio::sync::{MutexGuard, OnceCell, Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout, timeout_at};
use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

pub(crate) use question::{Question, Transport};
pub(crate) use transfer::Transfer;

use crate::network::io_reason;
use crate::tls::connect::Deadline;
use memory::Memory;
use server::{Path, Server, Standing};
use udp::{Beside, Sending};
use wire::Parsed;

/// Longest wait for a server that gives no sign of life.
const SILENCE_TIME_MAX: Duration = Duration::from_millis(2_000);
/// Longest wait for a server whose host lives.
const SLOW_TIME_MAX: Duration = Duration::from_millis(4_500);
/// What a resolver that has answered before is given for every question, however late in a look.
const RESOLVER_TIME_MIN: Duration = Duration::from_millis(1_500);
/// How long questions to a resolver wait for the first one's answer; its answer may take long for reasons of its own.
const RESOLVER_SCOUT_TIME: Duration = Duration::from_millis(250);
/// Longest work that a look waits for, however long it may last itself.
const WORK_TIME_MAX: Duration = Duration::from_secs(60);
/// Most questions on their way at a time, to all servers.
const IN_FLIGHT_MAX: usize = 256;
/// Most answers that a run keeps; each is about half a kilobyte.
const ANSWERS_MAX: usize = 16_384;
/// Most servers of which a run keeps what it knows.
const SERVERS_MAX: usize = 16_384;

/// One answer and how it came.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    /// The message. Without `edns` in it, to a question with EDNS, the server does not understand EDNS.
    pub(crate) message: Message,
    /// The same records entry by entry, with their data as bytes, for checking signatures.
    pub(crate) raw: wire::Sections,
    /// Who answered.
    pub(crate) server: SocketAddr,
    /// Whether it came over TCP.
    pub(crate) over_tcp: bool,
    /// Time from question to answer.
    pub(crate) elapsed: Duration,
}

impl Reply {
    fn new(parsed: Parsed, server: SocketAddr, over_tcp: bool, elapsed: Duration) -> Self {
        Self { message: parsed.message, raw: parsed.raw, server, over_tcp, elapsed }
    }

    /// What the server says of the question as a whole.
    pub(crate) fn code(&self) -> ResponseCode {
        self.message.metadata.response_code
    }
}

/// On whose behalf questions are sent: one look at one domain.
#[derive(Debug)]
pub(crate) struct Asker {
    sent: AtomicU64,
    /// A slow server may take this look so long and no longer.
    patient_until: Instant,
    /// When the look must have ended.
    deadline: Deadline,
}

impl Asker {
    /// A look that begins now.
    pub(crate) fn new(deadline: Deadline) -> Self {
        Self { sent: AtomicU64::new(0), patient_until: Instant::now() + SLOW_TIME_MAX, deadline }
    }

    /// Does something that may wait, as long as the look may wait; none when its time is up, and the rest is left undone.
    pub(crate) async fn in_time<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.deadline.run(WORK_TIME_MAX, work).await
    }

    /// What a look is told of which it did not see the end.
    pub(crate) fn out_of_time(what: &impl std::fmt::Display) -> Unknown {
        Unknown::new(Reason::TIMEOUT, format!("{what}: no answer by the end of the look"))
    }

    /// Whether a failure may be that of the look, which had no more time: it says nothing to other looks.
    pub(crate) fn is_out_of_time(&self) -> bool {
        self.deadline.is_over()
    }

    fn count(&self) {
        self.sent.fetch_add(1, Ordering::Relaxed);
    }

    /// Questions that were sent for this look, repeats included.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

/// Asks servers, and keeps what they answered and how they behave.
#[derive(Debug)]
pub(crate) struct Client {
    servers: Memory<SocketAddr, Arc<Server>>,
    answers: Memory<(SocketAddr, Question), Kept>,
    in_flight: Semaphore,
}

/// What one server said to one question; empty while it is being asked.
type Kept = Arc<OnceCell<Result<Arc<Reply>, Unknown>>>;

impl Default for Client {
    fn default() -> Self {
        Self {
            servers: Memory::new(SERVERS_MAX),
            answers: Memory::new(ANSWERS_MAX),
            in_flight: Semaphore::new(IN_FLIGHT_MAX),
        }
    }
}

impl Client {
    /// Asks one server one question, unless the run has asked it already.
    ///
    /// # Errors
    /// The reason of the silence: `timeout`, `closed`, `corrupt` ...
    pub(crate) async fn ask(
        &self,
        server: SocketAddr,
        question: &Question,
        asker: &Asker,
    ) -> Result<Arc<Reply>, Unknown> {
        let cell = self.answers.get_or(&(server, question.clone()), Arc::default);
        // Left undone at the end of the look, so that the next one asks anew.
        let asked = cell.get_or_init(|| async { Box::pin(self.exchange(server, question, asker)).await.map(Arc::new) });
        let Question { kind, name, .. } = question;
        let late = || Err(Asker::out_of_time(&format_args!("{kind} of {name} at {server}")));
        asker.in_time(asked).await.map_or_else(late, Clone::clone)
    }

    /// How long a server took to answer at worst; none when it has not answered over UDP, or is silent.
    pub(crate) fn measured(&self, server: SocketAddr) -> Option<Duration> {
        match self.servers.get(&server)?.udp.standing() {
            Standing::Answers(measured) => Some(measured),
            Standing::Untried | Standing::Silent(_) => None,
        }
    }

    /// Whether a server is known to be silent over UDP.
    pub(crate) fn is_silent(&self, server: SocketAddr) -> bool {
        self.servers.get(&server).is_some_and(|known| matches!(known.udp.standing(), Standing::Silent(_)))
    }

    async fn exchange(&self, server: SocketAddr, question: &Question, asker: &Asker) -> Result<Reply, Unknown> {
        let known = self.servers.get_or(&server, Arc::default);
        let conversation = Conversation { client: self, known: &known, server, question, asker };
        let edns = question.edns && known.takes_edns();
        let reply = conversation.hold(edns).await?;
        if !edns || !question::refuses_edns(reply.code()) {
            return Ok(reply);
        }
        let plain = conversation.hold(false).await?;
        if !question::refuses_edns(plain.code()) {
            known.plain.store(true, Ordering::Relaxed);
        }
        Ok(plain)
    }

    /// Leave to send: the place where the pace towards a network is kept.
    async fn admitted<'a>(&'a self, known: &'a Server) -> (Option<SemaphorePermit<'a>>, Option<SemaphorePermit<'a>>) {
        // Neither semaphore is ever closed.
        let of_server = known.slots.acquire().await.ok();
        (of_server, self.in_flight.acquire().await.ok())
    }
}

/// One question on its way to one server.
#[derive(Clone, Copy)]
struct Conversation<'a> {
    client: &'a Client,
    known: &'a Server,
    server: SocketAddr,
    question: &'a Question,
    asker: &'a Asker,
}

impl Conversation<'_> {
    async fn hold(&self, edns: bool) -> Result<Reply, Unknown> {
        match self.question.transport {
            Transport::Tcp => self.over_tcp(edns).await,
            Transport::Udp => self.over_udp(edns, Beside::Connection).await,
            Transport::UdpThenTcp => {
                if self.known.prefers_tcp() {
                    return self.over_tcp(edns).await;
                }
                match self.over_udp(edns, Beside::Question).await {
                    Ok(reply) if reply.message.metadata.truncation && !reply.over_tcp => self.over_tcp(edns).await,
                    Ok(reply) => Ok(reply),
                    // Nobody listens there over UDP; a few listen over TCP alone.
                    Err(why) if why.reason == Reason::CLOSED => self.over_tcp(edns).await.map_err(|_| why),
                    Err(why) => Err(why),
                }
            }
        }
    }

    async fn over_udp(&self, edns: bool, beside: Beside) -> Result<Reply, Unknown> {
        let path = &self.known.udp;
        let scout = self.scout(path).await?;
        let _leave = self.client.admitted(self.known).await;
        let started = Instant::now();
        let host_lives = AtomicBool::new(false);
        let sending = Sending { edns, beside, is_scout: scout.is_some(), started, host_lives: &host_lives };
        match self.send_and_wait(&sending).await {
            Ok((parsed, over_tcp)) => {
                let elapsed = started.elapsed();
                let used = if over_tcp { &self.known.tcp } else { path };
                used.answered(elapsed);
                Ok(Reply::new(parsed, self.server, over_tcp, elapsed))
            }
            Err(why) => {
                // A resolver that answered once lives: its silence is that of the servers it asks.
                let asks_others = self.question.recursion_desired && matches!(path.standing(), Standing::Answers(_));
                if !asks_others {
                    path.silent(&why, started);
                }
                Err(why)
            }
        }
    }

    /// Waits for the first question to a server that nobody has asked; holds the place when this is the first.
    async fn scout<'a>(&self, path: &'a Path) -> Result<Option<MutexGuard<'a, ()>>, Unknown> {
        let place = match path.standing() {
            Standing::Answers(_) => return Ok(None),
            Standing::Silent(why) => return Err(why),
            Standing::Untried if self.question.recursion_desired => {
                timeout(RESOLVER_SCOUT_TIME, path.scout.lock()).await.ok()
            }
            Standing::Untried => Some(path.scout.lock().await),
        };
        match path.standing() {
            Standing::Answers(_) => Ok(None),
            Standing::Silent(why) => Err(why),
            Standing::Untried => Ok(place),
        }
    }

    async fn over_tcp(&self, edns: bool) -> Result<Reply, Unknown> {
        let path = &self.known.tcp;
        if let Standing::Silent(why) = path.standing() {
            return Err(why);
        }
        let _leave = self.client.admitted(self.known).await;
        let started = Instant::now();
        let outcome = self.connected(started, edns).await;
        match outcome {
            Ok(parsed) => {
                let elapsed = started.elapsed();
                path.answered(elapsed);
                Ok(Reply::new(parsed, self.server, true, elapsed))
            }
            Err(why) => {
                path.silent(&why, started);
                Err(why)
            }
        }
    }

    async fn connected(&self, started: Instant, edns: bool) -> Result<Parsed, Unknown> {
        let mut stream = timeout_at(started + SILENCE_TIME_MAX, tcp::connect(self.server))
            .await
            .map_err(|_| self.late("TCP connection", SILENCE_TIME_MAX))?
            .map_err(|error| self.broken(&error))?;
        self.count();
        let deadline = self.longest(started).max(started + SILENCE_TIME_MAX);
        timeout_at(deadline, tcp::converse(&mut stream, self.question, edns))
            .await
            .map_err(|_| self.late("answer over TCP", deadline - started))?
            .map_err(|error| self.broken(&error))
    }

    /// The end of all patience: what takes its time may not take it from a look again and again.
    fn longest(&self, started: Instant) -> Instant {
        let longest = (started + SLOW_TIME_MAX).min(self.asker.patient_until);
        if self.question.recursion_desired { longest.max(started + RESOLVER_TIME_MIN) } else { longest }
    }

    fn count(&self) {
        self.asker.count();
    }

    fn late(&self, what: &str, time: Duration) -> Unknown {
        let Question { kind, name, .. } = self.question;
        let seconds = time.as_secs_f32();
        Unknown::new(Reason::TIMEOUT, format!("{kind} of {name} at {}: no {what} within {seconds:.1} s", self.server))
    }

    fn broken(&self, error: &std::io::Error) -> Unknown {
        let Question { kind, name, .. } = self.question;
        let is_nonsense = error.kind() == std::io::ErrorKind::InvalidData;
        let reason = if is_nonsense { Reason::CORRUPT } else { io_reason(error) };
        Unknown::new(reason, format!("{kind} of {name} at {}: {error}", self.server))
    }
}
