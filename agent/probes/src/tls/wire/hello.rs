//! What a client says first, with every part free to choose.

use super::bytes::{put_prefixed, shorts};
use super::records::{HandshakeType, RecordType};
use super::suites::SuiteId;
use super::version::Version;

/// Longest content of one record (RFC 8446 section 5.1), in bytes.
pub const RECORD_BYTES_MAX: usize = 1 << 14;
/// What stands where a client puts random bytes. No secret grows from it: no handshake is completed with it.
const RANDOM: [u8; 32] = *b"Vedetta probe: no session begins";

/// An extension of a hello.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Its IANA number.
    pub kind: u16,
    /// Its content.
    pub body: Vec<u8>,
}

/// A ClientHello of SSL 3.0 to TLS 1.3; each field is sent as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientHello {
    /// Version in the header of the record; 0x0301 is what servers of any age take.
    pub record_version: u16,
    /// Version in the message (`legacy_version`): the highest below TLS 1.3 that is offered.
    pub version: u16,
    /// 32 bytes that should be random.
    pub random: [u8; 32],
    /// Session to resume, at most 32 bytes.
    pub session_id: Vec<u8>,
    /// Suites in the client's order, signals among them.
    pub suites: Vec<SuiteId>,
    /// Methods of compression: 0 is none, 1 is DEFLATE (RFC 3749).
    pub compressions: Vec<u8>,
    /// Extensions in order; `None` leaves the whole block away, as clients before 2003 did.
    pub extensions: Option<Vec<Extension>>,
}

impl ClientHello {
    /// A hello that offers one version and these suites, without compression and extensions.
    ///
    /// TLS 1.3 needs more: its version stands in an extension.
    #[must_use]
    pub fn new(version: Version, suites: Vec<SuiteId>) -> Self {
        Self {
            record_version: version.number().clamp(Version::Ssl3.number(), Version::Tls10.number()),
            version: version.number().min(Version::Tls12.number()),
            random: RANDOM,
            session_id: Vec::new(),
            suites,
            compressions: vec![0],
            extensions: None,
        }
    }

    /// The same with this extension at the end.
    #[must_use]
    pub fn with(mut self, extension: Extension) -> Self {
        self.extensions.get_or_insert_default().push(extension);
        self
    }

    /// The handshake message: type, length, body.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        let mut body = self.version.to_be_bytes().to_vec();
        body.extend(self.random);
        put_prefixed(&mut body, 1, &self.session_id);
        put_prefixed(&mut body, 2, &shorts(self.suites.iter().map(|suite| suite.0)));
        put_prefixed(&mut body, 1, &self.compressions);
        if let Some(extensions) = &self.extensions {
            let mut block = Vec::new();
            for extension in extensions {
                block.extend(extension.kind.to_be_bytes());
                put_prefixed(&mut block, 2, &extension.body);
            }
            put_prefixed(&mut body, 2, &block);
        }
        let mut message = vec![HandshakeType::CLIENT_HELLO.0];
        put_prefixed(&mut message, 3, &body);
        message
    }

    /// The message in as few records as it needs.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        split_records(RecordType::HANDSHAKE, self.record_version, &self.message(), RECORD_BYTES_MAX)
    }
}

/// Puts a content into records of at most `bytes_max` bytes each (at least 1, at most [`RECORD_BYTES_MAX`]).
#[must_use]
pub fn split_records(kind: RecordType, version: u16, content: &[u8], bytes_max: usize) -> Vec<u8> {
    let mut records = Vec::with_capacity(content.len() + 5);
    for part in content.chunks(bytes_max.clamp(1, RECORD_BYTES_MAX)) {
        records.push(kind.0);
        records.extend(version.to_be_bytes());
        put_prefixed(&mut records, 2, part);
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hello_without_extensions_has_no_block_for_them() {
        let bytes = ClientHello::new(Version::Ssl3, vec![SuiteId(5)]).bytes();
        assert_eq!(bytes[..11], [22, 3, 0, 0, 45, 1, 0, 0, 41, 3, 0]);
        assert_eq!(bytes[43..], [0, 0, 2, 0, 5, 1, 0]);
    }

    #[test]
    fn extensions_stand_in_order_behind_their_length() {
        let hello = ClientHello::new(Version::Tls12, vec![SuiteId(5)])
            .with(Extension::server_name("a.it"))
            .with(Extension::empty(super::super::extension::EXTENDED_MASTER_SECRET));
        let bytes = hello.bytes();
        let block = [0, 17, 0, 0, 0, 9, 0, 7, 0, 0, 4, b'a', b'.', b'i', b't', 0, 23, 0, 0];
        assert_eq!(bytes[bytes.len() - block.len()..], block);
    }

    #[test]
    fn a_long_message_is_split_over_records() {
        let records = split_records(RecordType::HANDSHAKE, 0x0301, &[1, 2, 3], 2);
        assert_eq!(records, [22, 3, 1, 0, 2, 1, 2, 22, 3, 1, 0, 1, 3]);
        assert_eq!(split_records(RecordType::HANDSHAKE, 0x0301, &[1, 2, 3], 0).len(), 18);
    }
}
