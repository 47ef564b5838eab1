//! From bytes as they come to handshake messages and alerts: records taken apart, messages put together.
//!
//! A message may lie in one record with others, or in as many records as it has bytes (RFC 8446 section 5.1).

use super::alert::Alert;
use super::bytes::Malformed;
use super::flight::FLIGHT_BYTES_MAX;
use super::stranger::Stranger;

/// Bytes in the header of a record.
const RECORD_HEADER_BYTES: usize = 5;
/// Longest content that a record may claim: compressed and encrypted (RFC 5246 section 6.2.3), in bytes.
const RECORD_CLAIM_BYTES_MAX: usize = (1 << 14) + 2048;
/// Bytes in the header of a handshake message.
const MESSAGE_HEADER_BYTES: usize = 4;

/// Type of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordType(pub u8);

impl RecordType {
    /// From here on records are encrypted.
    pub const CHANGE_CIPHER_SPEC: Self = Self(20);
    /// An alert.
    pub const ALERT: Self = Self(21);
    /// Handshake messages.
    pub const HANDSHAKE: Self = Self(22);
    /// Data of the application; in TLS 1.3 everything that is encrypted.
    pub const APPLICATION_DATA: Self = Self(23);
    /// A heartbeat (RFC 6520).
    pub const HEARTBEAT: Self = Self(24);
}

/// Type of a handshake message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HandshakeType(pub u8);

impl HandshakeType {
    /// The client's greeting.
    pub const CLIENT_HELLO: Self = Self(1);
    /// The server's greeting, or its wish for another one (HelloRetryRequest).
    pub const SERVER_HELLO: Self = Self(2);
    /// A ticket (RFC 5077).
    pub const NEW_SESSION_TICKET: Self = Self(4);
    /// HelloRetryRequest of the drafts of TLS 1.3.
    pub const HELLO_RETRY_REQUEST: Self = Self(6);
    /// Certificates.
    pub const CERTIFICATE: Self = Self(11);
    /// The server's part of the key exchange.
    pub const SERVER_KEY_EXCHANGE: Self = Self(12);
    /// The wish for a certificate of the client.
    pub const CERTIFICATE_REQUEST: Self = Self(13);
    /// The server's flight is over.
    pub const SERVER_HELLO_DONE: Self = Self(14);
    /// The staple (RFC 6066 section 8).
    pub const CERTIFICATE_STATUS: Self = Self(22);

    /// Whether the IANA registry has it ("TLS HandshakeType", 2024); every other number is none of TLS.
    #[must_use]
    pub const fn is_defined(self) -> bool {
        matches!(self.0, 0..=6 | 8 | 11..=16 | 20..=26 | 67 | 254)
    }
}

/// One thing that the server sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A whole handshake message in clear text.
    Handshake {
        /// Its type.
        kind: HandshakeType,
        /// What stands behind type and length.
        body: Vec<u8>,
    },
    /// An alert in clear text.
    Alert(Alert),
    /// Records are encrypted from here on.
    ChangeCipherSpec,
    /// A record that is encrypted or of another type.
    Record {
        /// Its type.
        kind: RecordType,
        /// Its content.
        content: Vec<u8>,
    },
    /// A message of SSL 2.0 without its header: the first byte is its type.
    Ssl2(Vec<u8>),
}

/// Why the bytes cannot be taken apart further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The first bytes are not TLS.
    #[error("{0}")]
    NotTls(Stranger),
    /// It began as TLS and went wrong.
    #[error("{0}")]
    Malformed(Malformed),
    /// More came than is taken.
    #[error("more than {FLIGHT_BYTES_MAX} bytes")]
    TooLarge,
}

/// Takes apart what a server sends, in whatever pieces it comes.
#[derive(Debug, Default)]
pub struct Decoder {
    records: Vec<u8>,
    /// Where the first record begins that was not taken yet.
    start: usize,
    messages: Vec<u8>,
    received: usize,
    began: bool,
    encrypted: bool,
}

impl Decoder {
    /// Takes more bytes.
    ///
    /// # Errors
    /// [`DecodeError::TooLarge`] beyond [`FLIGHT_BYTES_MAX`] bytes in all.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        self.received = self.received.saturating_add(bytes.len());
        if self.received > FLIGHT_BYTES_MAX {
            return Err(DecodeError::TooLarge);
        }
        self.records.extend_from_slice(bytes);
        Ok(())
    }

    /// Bytes that came in all.
    #[must_use]
    pub const fn received(&self) -> usize {
        self.received
    }

    /// The next thing that is there as a whole; `None` when more bytes are needed.
    ///
    /// # Errors
    /// The bytes are no TLS, or it broke its own rules.
    pub fn next_event(&mut self) -> Result<Option<Event>, DecodeError> {
        loop {
            if let Some(event) = self.next_message()? {
                return Ok(Some(event));
            }
            let pending = self.records.get(self.start..).unwrap_or_default();
            if !self.began && pending.first().is_some_and(|byte| byte & 0x80 != 0) {
                return self.next_ssl2();
            }
            let Some((kind, content)) = next_record(pending, self.began)? else {
                self.forget();
                return Ok(None);
            };
            let content = content.to_vec();
            self.start += RECORD_HEADER_BYTES + content.len();
            self.began = true;
            if let Some(event) = self.take_record(kind, content)? {
                return Ok(Some(event));
            }
        }
    }

    /// Drops the records that were taken, once in a while, so that one byte a record costs no more than its bytes.
    fn forget(&mut self) {
        self.records.drain(..self.start.min(self.records.len()));
        self.start = 0;
    }

    fn take_record(&mut self, kind: RecordType, content: Vec<u8>) -> Result<Option<Event>, DecodeError> {
        match kind {
            RecordType::HANDSHAKE if !self.encrypted => {
                self.messages.extend(content);
                Ok(None)
            }
            RecordType::ALERT if !self.encrypted => {
                Alert::parse(&content).map(|alert| Some(Event::Alert(alert))).map_err(DecodeError::Malformed)
            }
            RecordType::CHANGE_CIPHER_SPEC => {
                self.encrypted = true;
                Ok(Some(Event::ChangeCipherSpec))
            }
            kind => Ok(Some(Event::Record { kind, content })),
        }
    }

    fn next_message(&mut self) -> Result<Option<Event>, DecodeError> {
        // Before its length counts, which is nonsense then too.
        if self.messages.first().is_some_and(|kind| !HandshakeType(*kind).is_defined()) {
            return Err(DecodeError::Malformed(Malformed::Value("handshake message")));
        }
        let [kind, high, middle, low, ..] = *self.messages.as_slice() else { return Ok(None) };
        let length = usize::try_from(u32::from_be_bytes([0, high, middle, low])).unwrap_or(usize::MAX);
        if length > FLIGHT_BYTES_MAX {
            return Err(DecodeError::TooLarge);
        }
        let end = MESSAGE_HEADER_BYTES + length;
        let Some(body) = self.messages.get(MESSAGE_HEADER_BYTES..end) else { return Ok(None) };
        let body = body.to_vec();
        self.messages.drain(..end);
        Ok(Some(Event::Handshake { kind: HandshakeType(kind), body }))
    }

    /// A message of SSL 2.0: two bytes of length with the highest bit set, no padding.
    fn next_ssl2(&mut self) -> Result<Option<Event>, DecodeError> {
        let pending = self.records.get(self.start..).unwrap_or_default();
        let [high, low, kind, ..] = *pending else { return Ok(None) };
        // Type 4 is the server's greeting, 0 an error; anything else comes from a stranger.
        if kind != 4 && kind != 0 {
            return Err(DecodeError::NotTls(Stranger::of(pending)));
        }
        let length = usize::from(u16::from_be_bytes([high & 0x7F, low]));
        let Some(message) = pending.get(2..2 + length) else { return Ok(None) };
        let message = message.to_vec();
        self.start += 2 + length;
        if message.is_empty() {
            return Err(DecodeError::NotTls(Stranger::Bytes));
        }
        Ok(Some(Event::Ssl2(message)))
    }
}

/// The record at the start of the bytes, if it is there as a whole.
fn next_record(pending: &[u8], began: bool) -> Result<Option<(RecordType, &[u8])>, DecodeError> {
    let wrong = |bytes: &[u8]| {
        if began {
            DecodeError::Malformed(Malformed::Value("record"))
        } else {
            DecodeError::NotTls(Stranger::of(bytes))
        }
    };
    let known_type = |kind: u8| (RecordType::CHANGE_CIPHER_SPEC.0..=RecordType::HEARTBEAT.0).contains(&kind);
    if pending.first().is_some_and(|kind| !known_type(*kind)) || pending.get(1).is_some_and(|major| *major != 3) {
        return Err(wrong(pending));
    }
    let [kind, _, _, high, low, ..] = *pending else { return Ok(None) };
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length > RECORD_CLAIM_BYTES_MAX {
        return Err(wrong(pending));
    }
    let content = pending.get(RECORD_HEADER_BYTES..RECORD_HEADER_BYTES + length);
    Ok(content.map(|content| (RecordType(kind), content)))
}

#[cfg(test)]
mod tests {
    use super::super::hello::split_records;
    use super::*;

    fn events(decoder: &mut Decoder) -> Result<Vec<Event>, DecodeError> {
        let mut events = Vec::new();
        while let Some(event) = decoder.next_event()? {
            events.push(event);
        }
        Ok(events)
    }

    fn of(bytes: &[u8]) -> Result<Vec<Event>, DecodeError> {
        let mut decoder = Decoder::default();
        decoder.push(bytes)?;
        events(&mut decoder)
    }

    fn message(kind: u8, body: &[u8]) -> Event {
        Event::Handshake { kind: HandshakeType(kind), body: body.to_vec() }
    }

    #[test]
    fn messages_are_the_same_however_they_are_cut() {
        let content = [2, 0, 0, 3, 7, 8, 9, 14, 0, 0, 0];
        let expected = vec![message(2, &[7, 8, 9]), message(14, &[])];
        for bytes_max in 1..=content.len() {
            let bytes = split_records(RecordType::HANDSHAKE, 0x0303, &content, bytes_max);
            assert_eq!(of(&bytes), Ok(expected.clone()), "records of {bytes_max}");
            let mut decoder = Decoder::default();
            let mut one_by_one = Vec::new();
            for byte in bytes {
                decoder.push(&[byte]).expect("few bytes");
                one_by_one.extend(events(&mut decoder).expect("TLS"));
            }
            assert_eq!(one_by_one, expected, "records of {bytes_max}, byte by byte");
        }
    }

    #[test]
    fn an_alert_between_the_parts_of_a_message_is_told() {
        let bytes = [22, 3, 1, 0, 2, 2, 0, 21, 3, 1, 0, 2, 1, 112, 22, 3, 1, 0, 3, 0, 1, 5];
        let alert = Event::Alert(Alert { level: 1, description: 112 });
        assert_eq!(of(&bytes), Ok(vec![alert, message(2, &[5])]));
    }

    #[test]
    fn strangers_are_no_tls() {
        assert_eq!(of(b"HTTP/1.1 400 Bad"), Err(DecodeError::NotTls(Stranger::Http)));
        assert_eq!(of(b"\x16\x09\x00\x00"), Err(DecodeError::NotTls(Stranger::Bytes)));
        assert_eq!(of(b"\x16\x03\x01\xff\xff"), Err(DecodeError::NotTls(Stranger::Bytes)));
        assert_eq!(of(b"\xff\xff\xff"), Err(DecodeError::NotTls(Stranger::Bytes)));
    }

    #[test]
    fn nonsense_behind_a_record_is_malformed() {
        let bytes = [21, 3, 1, 0, 2, 1, 112, b'H', b'T'];
        let mut decoder = Decoder::default();
        decoder.push(&bytes).expect("few bytes");
        assert!(matches!(decoder.next_event(), Ok(Some(Event::Alert(_)))));
        assert!(matches!(decoder.next_event(), Err(DecodeError::Malformed(_))));
    }

    #[test]
    fn a_message_of_an_undefined_type_is_malformed_whatever_length_it_claims() {
        for length in [0, 0xee] {
            let bytes = [22, 3, 3, 0, 4, 0xee, length, length, length];
            assert_eq!(of(&bytes), Err(DecodeError::Malformed(Malformed::Value("handshake message"))), "{length}");
        }
    }

    #[test]
    fn a_message_of_ssl_2_is_told() {
        assert_eq!(of(&[0x80, 3, 0, 0, 1]), Ok(vec![Event::Ssl2(vec![0, 0, 1])]));
    }

    #[test]
    fn more_than_the_limit_is_refused() {
        assert_eq!(of(&vec![0; FLIGHT_BYTES_MAX + 1]), Err(DecodeError::TooLarge));
        assert_eq!(of(&[22, 3, 1, 0, 4, 2, 0xff, 0xff, 0xff]), Err(DecodeError::TooLarge));
    }

    #[test]
    fn what_comes_after_the_change_of_cipher_is_not_read() {
        let bytes = [20, 3, 3, 0, 1, 1, 22, 3, 3, 0, 2, 9, 9];
        let encrypted = Event::Record { kind: RecordType::HANDSHAKE, content: vec![9, 9] };
        assert_eq!(of(&bytes), Ok(vec![Event::ChangeCipherSpec, encrypted]));
    }
}
