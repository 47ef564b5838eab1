//! One hello, one answer: opens a connection, greets, reads the flight, and says what it means.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::word::Reason;

use crate::tls::dial::Dialer;
use crate::tls::wire::{self, Alert, Decoder, End, Flight, Stranger, SuiteId, Until, Version};

/// Longest wait for the server's greeting. A virtual machine that loads its TLS on the first hello takes seconds.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(6);
/// Longest wait for the server's greeting once the server has answered anything.
const NEXT_ANSWER_TIME_MAX: Duration = Duration::from_secs(3);
/// Longest wait for the rest of the flight once its greeting is there.
const REST_TIME_MAX: Duration = Duration::from_secs(2);
/// Hang-ups in a row that are taken for a server with too many callers, if it says no by an alert else.
pub(super) const HANG_UPS_MAX: u32 = 2;
/// Pause before a connection that failed is tried once more.
const RETRY_PAUSE: Duration = Duration::from_millis(150);

/// Asks one server, and remembers what concerns every further hello.
#[derive(Debug)]
pub(super) struct Asker<'a> {
    dialer: &'a Dialer,
    server_name: Option<&'a str>,
    /// The server refuses the name itself.
    name_refused: AtomicBool,
    /// A connection came as far as TLS.
    reached: AtomicBool,
    /// The server answered a hello, in whatever way; or is not waited for any longer.
    answered: AtomicBool,
    /// The server refused by a plain alert, so it knows how to.
    alerted: AtomicBool,
    /// The server says nothing behind its greeting: waiting for it would be paid on every connection.
    stalls: AtomicBool,
    /// The server says no by hanging up: what a hang-up means was found out once.
    says_no_by_hanging_up: AtomicBool,
    /// The server hung up where it accepts: it does so by chance, or limits its callers.
    hangs_up_at_random: AtomicBool,
    /// The first that came in another language, which settles the whole look.
    stranger: Mutex<Option<Stranger>>,
}

/// What an answer means for the question.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The asked version with one of the offered suites.
    Accepted(SuiteId, Box<Flight>),
    /// No; `odd` when a server that understood the hello would have said it in another way.
    Refused {
        /// How it was said.
        end: End,
        /// Whether it may mean something else than no.
        odd: bool,
    },
    /// Nothing came in time.
    Silent,
    /// It is no TLS.
    Stranger(Stranger),
    /// No connection could be opened, though others were before.
    Unreachable(ProbeError),
}

impl<'a> Asker<'a> {
    /// Asks over this dialer, with this name.
    pub(super) fn new(dialer: &'a Dialer, server_name: Option<&'a str>) -> Self {
        Self {
            dialer,
            server_name,
            name_refused: AtomicBool::new(false),
            reached: AtomicBool::new(false),
            answered: AtomicBool::new(false),
            alerted: AtomicBool::new(false),
            stalls: AtomicBool::new(false),
            says_no_by_hanging_up: AtomicBool::new(false),
            hangs_up_at_random: AtomicBool::new(false),
            stranger: Mutex::new(None),
        }
    }

    /// From now on a hang-up on suites is a plain no.
    pub(super) fn take_hang_up_for_no(&self) {
        self.says_no_by_hanging_up.store(true, Ordering::Relaxed);
    }

    /// Remembers that a hang-up was no answer: the same question was answered afterwards.
    pub(super) fn note_random_hang_up(&self) {
        self.hangs_up_at_random.store(true, Ordering::Relaxed);
    }

    /// Whether a hang-up was found to be no answer.
    pub(super) fn hangs_up_at_random(&self) -> bool {
        self.hangs_up_at_random.load(Ordering::Relaxed)
    }

    /// Whether a hang-up is no word of this server, which says no by an alert: worth a second try.
    pub(super) async fn may_have_been_busy(&self) -> bool {
        let knows_alerts = self.alerted.load(Ordering::Relaxed);
        if knows_alerts {
            tokio::time::sleep(RETRY_PAUSE).await;
        }
        knows_alerts
    }

    /// Whether a hang-up on suites is this server's plain no.
    pub(super) fn hang_up_is_no(&self) -> bool {
        self.says_no_by_hanging_up.load(Ordering::Relaxed)
    }

    /// The name to send, unless the server refuses it.
    pub(super) fn server_name(&self) -> Option<&'a str> {
        if self.name_refused() { None } else { self.server_name }
    }

    /// Whether there is a name to send at all.
    pub(super) const fn has_server_name(&self) -> bool {
        self.server_name.is_some()
    }

    /// From now on without the name.
    pub(super) fn refuse_name(&self) {
        self.name_refused.store(true, Ordering::Relaxed);
    }

    /// Whether the server refused the name.
    pub(super) fn name_refused(&self) -> bool {
        self.name_refused.load(Ordering::Relaxed)
    }

    /// Whether a connection came as far as TLS.
    pub(super) fn reached(&self) -> bool {
        self.reached.load(Ordering::Relaxed)
    }

    /// From now on waits less: the server answered nothing at all so far.
    pub(super) fn lose_patience(&self) {
        self.answered.store(true, Ordering::Relaxed);
    }

    /// What spoke another language, if anything did.
    pub(super) fn stranger(&self) -> Option<Stranger> {
        self.stranger.lock().map_or(None, |stranger| *stranger)
    }

    /// Asks, and judges the answer against the version and the suites that were offered.
    ///
    /// # Errors
    /// No connection could be opened at all.
    pub(super) async fn outcome(
        &self,
        greeting: &[u8],
        version: Version,
        offered: &[SuiteId],
    ) -> Result<Outcome, ProbeError> {
        if let Some(stranger) = self.stranger() {
            return Ok(Outcome::Stranger(stranger));
        }
        match self.ask(greeting).await {
            Ok((flight, end)) => Ok(judge(flight, end, version, offered)),
            Err(error) if self.reached() => Ok(Outcome::Unreachable(error)),
            Err(error) => Err(error),
        }
    }

    /// Asks what may be refused for one small part of it: a hang-up counts only when it comes twice, for it may be chance.
    ///
    /// # Errors
    /// No connection could be opened at all.
    pub(super) async fn confirmed(
        &self,
        greeting: &[u8],
        version: Version,
        offered: &[SuiteId],
    ) -> Result<Outcome, ProbeError> {
        let outcome = self.outcome(greeting, version, offered).await?;
        if !outcome.is_hang_up() {
            return Ok(outcome);
        }
        tokio::time::sleep(RETRY_PAUSE).await;
        self.outcome(greeting, version, offered).await
    }

    /// Sends a greeting on a connection of its own and reads the flight.
    ///
    /// # Errors
    /// The connection could not be opened, twice.
    pub(super) async fn ask(&self, greeting: &[u8]) -> Result<(Flight, End), ProbeError> {
        let mut dialled = match self.dialer.open().await {
            Err(error) if [Reason::CLOSED, Reason::RESET].contains(&error.reason) => {
                // A server that limits its callers lets the next one in.
                tokio::time::sleep(RETRY_PAUSE).await;
                self.dialer.open().await?
            }
            outcome => outcome?,
        };
        self.reached.store(true, Ordering::Relaxed);
        let mut flight = Flight::default();
        let mut decoder = Decoder::default();
        let stream = &mut dialled.stream;
        let greet = async {
            // A server that hangs up may have said why before: read even when writing fails.
            let written = stream.write_all(greeting).await;
            let end = wire::read(stream, &mut decoder, Until::ServerHello, &mut flight).await;
            if end == End::Closed && written.is_err() { End::Reset } else { end }
        };
        let answered = self.answered.load(Ordering::Relaxed);
        let time_max = if answered { NEXT_ANSWER_TIME_MAX } else { ANSWER_TIME_MAX };
        let end = self.dialer.deadline.run(time_max, greet).await.unwrap_or(End::Timeout);
        if end != End::Timeout {
            self.answered.store(true, Ordering::Relaxed);
        }
        if matches!(end, End::Alert(alert) if is_plain_refusal(alert)) {
            self.alerted.store(true, Ordering::Relaxed);
        }
        if let End::NotTls(stranger) = end
            && let Ok(mut first) = self.stranger.lock()
        {
            first.get_or_insert(stranger);
        }
        let more =
            flight.server_hello.as_ref().is_some_and(|hello| !hello.is_retry() && hello.version_number() < 0x0304);
        if end == End::Answered && more && !self.stalls.load(Ordering::Relaxed) {
            let rest = wire::read(stream, &mut decoder, Until::Done, &mut flight);
            if self.dialer.deadline.run(REST_TIME_MAX, rest).await.is_none() {
                self.stalls.store(true, Ordering::Relaxed);
            }
        }
        Ok((flight, end))
    }
}

/// What a flight means for a question about a version and suites.
fn judge(flight: Flight, end: End, version: Version, offered: &[SuiteId]) -> Outcome {
    if let Some(hello) = &flight.server_hello {
        let suite = hello.suite;
        if hello.version() == Some(version) && offered.contains(&suite) {
            return Outcome::Accepted(suite, Box::new(flight));
        }
        // Another version, or a suite that nobody offered: not what was asked for.
        return Outcome::Refused { end: End::Answered, odd: false };
    }
    match end {
        End::Timeout => Outcome::Silent,
        End::NotTls(stranger) => Outcome::Stranger(stranger),
        End::Alert(alert) => Outcome::Refused { odd: !is_plain_refusal(alert), end },
        End::Closed | End::Reset | End::Malformed(_) | End::TooLarge => Outcome::Refused { end, odd: true },
        End::Answered | End::Ssl2Error(_) => Outcome::Refused { end, odd: false },
    }
}

/// Whether an alert says no to what was offered, by a server that could read the hello.
const fn is_plain_refusal(alert: Alert) -> bool {
    matches!(
        alert.description,
        Alert::HANDSHAKE_FAILURE
            | Alert::PROTOCOL_VERSION
            | Alert::INSUFFICIENT_SECURITY
            | Alert::ILLEGAL_PARAMETER
            | Alert::INAPPROPRIATE_FALLBACK
            | Alert::MISSING_EXTENSION
            | Alert::UNRECOGNIZED_NAME
            | Alert::NO_APPLICATION_PROTOCOL
    )
}

impl Outcome {
    /// Whether the connection ended without a word.
    pub(super) const fn is_hang_up(&self) -> bool {
        matches!(self, Self::Refused { end: End::Closed | End::Reset, .. })
    }

    /// The alert of a refusal, if it was one.
    pub(super) const fn alert(&self) -> Option<u8> {
        match self {
            Self::Refused { end: End::Alert(alert), .. } => Some(alert.description),
            Self::Refused { .. } | Self::Accepted(..) | Self::Silent | Self::Stranger(_) | Self::Unreachable(_) => None,
        }
    }
}
