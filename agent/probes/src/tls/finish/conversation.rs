//! A connection on which both sides speak by turns, message by message.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;
use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use crate::network::io_reason;
use crate::tls::dial::{Dialer, Dialled};
use crate::tls::wire::{Alert, ClientHello, Decoder, Event, HandshakeType, ServerHello, messages};

/// Longest wait for the answer to a greeting.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(5);
/// Shortest wait after which silence counts.
const PATIENCE_TIME_MIN: Duration = Duration::from_millis(300);
/// How many times a flight's time is waited for before silence counts.
const PATIENCE_FACTOR: u32 = 10;
/// The same where the server must answer, so that silence leaves a question open.
const PACE_FACTOR: u32 = 20;
/// Bytes that are read at once.
const READ_BYTES: usize = 8 << 10;

/// An open conversation.
pub(crate) struct Conversation<'a> {
    dialer: &'a Dialer,
    dialled: Dialled<'a>,
    decoder: Decoder,
    /// Every handshake message of both sides, one behind the other, as `Finished` takes them.
    pub(crate) transcript: Vec<u8>,
}

/// What the other side did next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// It sent something.
    Event(Event),
    /// It closed the connection.
    Closed,
    /// It cut the connection.
    Reset,
    /// Nothing, for as long as was waited.
    Silent,
    /// Nothing until the look had to end, which was sooner: that tells nothing.
    TimeIsUp,
    /// Something that is no TLS, told as text.
    Nonsense(String),
}

impl Said {
    /// Why nothing more can be told, after an end that was not expected.
    pub(crate) fn unknown(&self) -> Unknown {
        match self {
            Self::Event(Event::Alert(alert)) => Unknown::new(Reason::HANDSHAKE_REFUSED, alert.to_string()),
            Self::Event(_) => Unknown::new(Reason::NOT_TLS, "a message that has no place here"),
            Self::Closed => Unknown::new(Reason::CLOSED, "the server ended the connection"),
            Self::Reset => Unknown::new(Reason::RESET, "the server cut the connection"),
            Self::Silent => Unknown::new(Reason::TIMEOUT, "the server did not answer in time"),
            Self::TimeIsUp => Unknown::new(Reason::TIMEOUT, "the time for the whole look was up before the answer"),
            Self::Nonsense(what) => Unknown::new(Reason::NOT_TLS, what),
        }
    }
}

/// The server's first flight up to TLS 1.2.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// Its greeting.
    pub(crate) hello: ServerHello,
    /// Its certificates in the order sent; empty when none came.
    pub(crate) certificates: Vec<Vec<u8>>,
    /// Body of its part of the key exchange.
    pub(crate) key_exchange: Option<Vec<u8>>,
    /// Whether it asked for a certificate of the client.
    pub(crate) asked_for_certificate: bool,
    /// Whether it took up an earlier session: the cipher changes, or a ticket comes, right behind its greeting.
    pub(crate) resumed: bool,
    /// How long it took from the greeting to the end of this flight.
    pub(crate) took: Duration,
}

impl Answer {
    /// How long silence must last before it counts: many times what this server needed for a whole flight with a
    /// signature, at least [`PATIENCE_TIME_MIN`], at most `time_max`.
    pub(crate) fn patience(&self, time_max: Duration) -> Duration {
        (self.took * PATIENCE_FACTOR).max(PATIENCE_TIME_MIN).min(time_max)
    }

    /// How long to wait for what the server must say: by its own pace, between these bounds.
    pub(crate) fn pace(&self, time_min: Duration, time_max: Duration) -> Duration {
        (self.took * PACE_FACTOR).max(time_min).min(time_max)
    }
}

impl<'a> Conversation<'a> {
    /// Opens one more connection.
    ///
    /// # Errors
    /// Those of [`Dialer::open`].
    pub(crate) async fn open(dialer: &'a Dialer) -> Result<Self, Unknown> {
        let dialled = dialer.open().await.map_err(|error| Unknown::new(error.reason, error.detail))?;
        Ok(Self { dialer, dialled, decoder: Decoder::default(), transcript: Vec::new() })
    }

    /// Opens a connection, greets, and reads the answer to its end.
    ///
    /// # Errors
    /// The connection, or whatever came instead of an answer.
    pub(crate) async fn greet(dialer: &'a Dialer, hello: &ClientHello) -> Result<(Self, Answer), Unknown> {
        let mut conversation = Self::open(dialer).await?;
        conversation.transcript.extend(hello.message());
        let begin = Instant::now();
        conversation.send(&hello.bytes()).await;
        let answer = conversation.answer().await?;
        let answer = Answer { took: begin.elapsed(), ..answer };
        Ok((conversation, answer))
    }

    /// Sends bytes as they are. That it fails is seen when the answer is read: who hangs up may say why before.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        let _ = self.dialer.deadline.run(ANSWER_TIME_MAX, self.dialled.stream.write_all(bytes)).await;
    }

    /// What the other side does within a time.
    pub(crate) async fn next(&mut self, time_max: Duration) -> Said {
        let deadline = self.dialer.deadline;
        match deadline.run(time_max, self.read()).await {
            Some(said) => said,
            None if deadline.is_over() => Said::TimeIsUp,
            None => Said::Silent,
        }
    }

    async fn read(&mut self) -> Said {
        // On the heap: many conversations are held at once.
        let mut buffer = vec![0; READ_BYTES];
        loop {
            match self.decoder.next_event() {
                Ok(Some(event)) => return Said::Event(event),
                Ok(None) => {}
                Err(error) => return Said::Nonsense(error.to_string()),
            }
            match self.dialled.stream.read(&mut buffer).await {
                Ok(0) => return Said::Closed,
                Ok(count) => {
                    if let Err(error) = self.decoder.push(buffer.get(..count).unwrap_or_default()) {
                        return Said::Nonsense(error.to_string());
                    }
                }
                Err(error) if io_reason(&error) == Reason::CLOSED => return Said::Closed,
                Err(_) => return Said::Reset,
            }
        }
    }

    /// The next message or end that is no warning.
    pub(crate) async fn next_but_warnings(&mut self, time_max: Duration) -> Said {
        loop {
            let said = self.next(time_max).await;
            if !matches!(&said, Said::Event(Event::Alert(alert)) if alert.is_warning()) {
                return said;
            }
        }
    }

    async fn answer(&mut self) -> Result<Answer, Unknown> {
        let first = self.next_but_warnings(ANSWER_TIME_MAX).await;
        let Said::Event(Event::Handshake { kind: HandshakeType::SERVER_HELLO, body }) = &first else {
            return Err(first.unknown());
        };
        let hello =
            messages::server_hello(body).map_err(|malformed| Unknown::new(Reason::NOT_TLS, malformed.to_string()))?;
        self.keep(HandshakeType::SERVER_HELLO, body);
        let mut answer = Answer {
            hello,
            certificates: Vec::new(),
            key_exchange: None,
            asked_for_certificate: false,
            resumed: false,
            took: Duration::ZERO,
        };
        loop {
            let said = self.next_but_warnings(ANSWER_TIME_MAX).await;
            match said {
                Said::Event(Event::Handshake { kind, body }) => {
                    self.keep(kind, &body);
                    match kind {
                        HandshakeType::CERTIFICATE => {
                            answer.certificates = messages::certificate(&body).unwrap_or_default();
                        }
                        HandshakeType::SERVER_KEY_EXCHANGE => answer.key_exchange = Some(body),
                        HandshakeType::CERTIFICATE_REQUEST => answer.asked_for_certificate = true,
                        HandshakeType::SERVER_HELLO_DONE => return Ok(answer),
                        HandshakeType::NEW_SESSION_TICKET => {
                            answer.resumed = true;
                            return Ok(answer);
                        }
                        // Whatever else belongs to the flight is of no use here.
                        HandshakeType(_) => {}
                    }
                }
                Said::Event(Event::ChangeCipherSpec) => {
                    answer.resumed = true;
                    return Ok(answer);
                }
                other @ (Said::Event(_)
                | Said::Closed
                | Said::Reset
                | Said::Silent
                | Said::TimeIsUp
                | Said::Nonsense(_)) => return Err(other.unknown()),
            }
        }
    }

    /// Adds a message of the server to the transcript.
    pub(crate) fn keep(&mut self, kind: HandshakeType, body: &[u8]) {
        self.transcript.extend(message(kind, body));
    }
}

/// A handshake message: type, length, body.
pub(crate) fn message(kind: HandshakeType, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes();
    let length = length.iter().skip(1).copied();
    std::iter::once(kind.0).chain(length).chain(body.iter().copied()).collect()
}

/// The alert that says goodbye in order.
pub(crate) const GOODBYE: [u8; 2] = [1, Alert::CLOSE_NOTIFY];
