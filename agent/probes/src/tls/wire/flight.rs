//! The server's first flight over a connection: what came, and how it ended.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::alert::Alert;
use super::bytes::Malformed;
use super::messages::{self, ServerHello};
use super::records::{DecodeError, Decoder, Event, HandshakeType};
use super::ssl2::{Ssl2Error, Ssl2ServerHello, ssl2_server_hello};
use super::stranger::Stranger;

/// Most bytes that are taken of one flight: a long chain, even with one byte a record.
pub const FLIGHT_BYTES_MAX: usize = 256 << 10;
/// Bytes that are read at once.
const READ_BYTES: usize = 8 << 10;
/// Warnings that are kept; a server that only warns is cut off by [`FLIGHT_BYTES_MAX`].
const WARNINGS_MAX: usize = 16;

/// How far a flight is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Up to the ServerHello or HelloRetryRequest.
    ServerHello,
    /// Up to a message, or to the end of the flight if it does not come.
    Message(HandshakeType),
    /// Up to the end of the server's clear text: ServerHelloDone, or the ServerHello of TLS 1.3.
    Done,
}

/// How a flight ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Everything that was wanted came, or the flight is over.
    Answered,
    /// The server ended it by an alert.
    Alert(Alert),
    /// The server refused in the words of SSL 2.0.
    Ssl2Error(Ssl2Error),
    /// The server closed the connection.
    Closed,
    /// The connection was cut.
    Reset,
    /// Nothing more came in time. `exchange` itself never says so: it knows no clock.
    Timeout,
    /// The first bytes are another protocol's.
    NotTls(Stranger),
    /// It began as TLS and broke its rules.
    Malformed(Malformed),
    /// More came than is taken.
    TooLarge,
}

/// What came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flight {
    /// ServerHello or HelloRetryRequest.
    pub server_hello: Option<ServerHello>,
    /// Body of the Certificate message; see [`messages::certificate`].
    pub certificate: Option<Vec<u8>>,
    /// Body of the CertificateStatus message.
    pub certificate_status: Option<Vec<u8>>,
    /// Body of the ServerKeyExchange.
    pub key_exchange: Option<Vec<u8>>,
    /// Body of the CertificateRequest.
    pub certificate_request: Option<Vec<u8>>,
    /// Whether the flight came to its ServerHelloDone.
    pub done: bool,
    /// Answer of SSL 2.0.
    pub ssl2: Option<Ssl2ServerHello>,
    /// Warnings on the way.
    pub warnings: Vec<Alert>,
    /// Bytes that came.
    pub bytes: usize,
}

/// Sends a greeting and reads the answer.
///
/// The flight is handed in so that what came before a time limit of the caller is not lost.
pub async fn exchange<S>(stream: &mut S, greeting: &[u8], until: Until, flight: &mut Flight) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // A server that hangs up may have said why before: read even when writing fails.
    let written = stream.write_all(greeting).await;
    let end = read(stream, &mut Decoder::default(), until, flight).await;
    if end == End::Closed && written.is_err() { End::Reset } else { end }
}

/// Reads a flight; the decoder keeps what stands behind it.
pub async fn read<S>(stream: &mut S, decoder: &mut Decoder, until: Until, flight: &mut Flight) -> End
where
    S: AsyncRead + Unpin,
{
    let mut buffer = vec![0; READ_BYTES];
    loop {
        match decoder.next_event() {
            Ok(Some(event)) => {
                if let Some(end) = flight.take(event, until) {
                    return end;
                }
                continue;
            }
            Ok(None) => {}
            Err(DecodeError::NotTls(stranger)) => return End::NotTls(stranger),
            Err(DecodeError::Malformed(malformed)) => return End::Malformed(malformed),
            Err(DecodeError::TooLarge) => return End::TooLarge,
        }
        let count = match stream.read(&mut buffer).await {
            Ok(0) => return End::Closed,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return End::Closed,
            Err(_) => return End::Reset,
        };
        flight.bytes = flight.bytes.saturating_add(count);
        if decoder.push(buffer.get(..count).unwrap_or_default()).is_err() {
            return End::TooLarge;
        }
    }
}

impl Flight {
    /// Takes one event; the end when nothing more is wanted.
    fn take(&mut self, event: Event, until: Until) -> Option<End> {
        match event {
            Event::Handshake { kind, body } => self.take_message(kind, body, until),
            Event::Alert(alert) if alert.is_warning() => {
                if self.warnings.len() < WARNINGS_MAX {
                    self.warnings.push(alert);
                }
                None
            }
            Event::Alert(alert) => Some(End::Alert(alert)),
            Event::ChangeCipherSpec | Event::Record { .. } => {
                // Behind a ServerHello only what is encrypted follows; before it this has no place.
                let end = if self.server_hello.is_some() {
                    End::Answered
                } else {
                    End::Malformed(Malformed::Value("flight"))
                };
                Some(end)
            }
            Event::Ssl2(message) => Some(self.take_ssl2(&message)),
        }
    }

    fn take_message(&mut self, kind: HandshakeType, body: Vec<u8>, until: Until) -> Option<End> {
        match kind {
            HandshakeType::SERVER_HELLO => match messages::server_hello(&body) {
                Ok(hello) => {
                    let last = until == Until::ServerHello || hello.is_retry() || hello.version_number() >= 0x0304;
                    self.server_hello = Some(hello);
                    if last {
                        return Some(End::Answered);
                    }
                }
                Err(malformed) => return Some(End::Malformed(malformed)),
            },
            HandshakeType::CERTIFICATE => self.certificate = Some(body),
            HandshakeType::CERTIFICATE_STATUS => self.certificate_status = Some(body),
            HandshakeType::SERVER_KEY_EXCHANGE => self.key_exchange = Some(body),
            HandshakeType::CERTIFICATE_REQUEST => self.certificate_request = Some(body),
            HandshakeType::SERVER_HELLO_DONE => {
                self.done = true;
                return Some(End::Answered);
            }
            // Messages that a probe never asks for are passed over.
            HandshakeType(_) => {}
        }
        (until == Until::Message(kind)).then_some(End::Answered)
    }

    fn take_ssl2(&mut self, message: &[u8]) -> End {
        if let [0, high, low] = message {
            return End::Ssl2Error(Ssl2Error(u16::from_be_bytes([*high, *low])));
        }
        match ssl2_server_hello(message) {
            Ok(hello) => {
                self.ssl2 = Some(hello);
                End::Answered
            }
            Err(malformed) => End::Malformed(malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::hello::split_records;
    use super::super::records::RecordType;
    use super::*;

    /// A ServerHello of TLS 1.2 with suite 0x002F, a Certificate without any, and ServerHelloDone.
    fn answer() -> Vec<u8> {
        let mut hello = vec![2, 0, 0, 38, 3, 3];
        hello.extend([5; 32]);
        hello.extend([0, 0, 0x2F, 0]);
        hello.extend([11, 0, 0, 3, 0, 0, 0, 14, 0, 0, 0]);
        hello
    }

    async fn flight_of(bytes: Vec<u8>, until: Until) -> (Flight, End) {
        let (mut client, mut server) = tokio::io::duplex(1 << 20);
        server.write_all(&bytes).await.expect("room");
        drop(server);
        let mut flight = Flight::default();
        let end = read(&mut client, &mut Decoder::default(), until, &mut flight).await;
        (flight, end)
    }

    fn records(content: &[u8], bytes_max: usize) -> Vec<u8> {
        split_records(RecordType::HANDSHAKE, 0x0303, content, bytes_max)
    }

    #[tokio::test]
    async fn a_flight_is_read_to_its_end_with_one_byte_a_record() {
        let (flight, end) = flight_of(records(&answer(), 1), Until::Done).await;
        assert_eq!(end, End::Answered);
        assert!(flight.done && flight.certificate.is_some());
    }

    #[tokio::test]
    async fn a_warning_does_not_end_the_flight() {
        let mut bytes = vec![21, 3, 1, 0, 2, 1, 112];
        bytes.extend(records(&answer(), 99));
        let (flight, end) = flight_of(bytes, Until::ServerHello).await;
        assert_eq!(end, End::Answered);
        assert_eq!(flight.warnings, [Alert { level: 1, description: 112 }]);
        assert!(flight.server_hello.is_some());
    }

    #[tokio::test]
    async fn ends_are_told_apart() {
        let failure = Alert { level: 2, description: 40 };
        for (bytes, expected) in [
            (vec![], End::Closed),
            (vec![21, 3, 1, 0, 2, 2, 40], End::Alert(failure)),
            (b"HTTP/1.0 400".to_vec(), End::NotTls(Stranger::Http)),
            (vec![22, 3, 1, 0, 1], End::Closed),
            (vec![0x80, 3, 0, 0, 1], End::Ssl2Error(Ssl2Error::NO_CIPHER)),
            (vec![20, 3, 1, 0, 1, 1], End::Malformed(Malformed::Value("flight"))),
            (records(&[2, 0, 0, 1, 3], 99), End::Malformed(Malformed::Short("ServerHello"))),
            (records(&[11, 0xff, 0, 0], 99), End::TooLarge),
        ] {
            assert_eq!(flight_of(bytes.clone(), Until::Done).await.1, expected, "{bytes:?}");
        }
    }

    #[tokio::test]
    async fn no_flight_with_a_flipped_bit_panics() {
        let whole = records(&answer(), 20);
        for position in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[position / 8] ^= 1 << (position % 8);
            let _ = flight_of(bytes, Until::Done).await;
        }
    }
}
