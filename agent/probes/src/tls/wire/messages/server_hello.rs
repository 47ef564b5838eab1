//! ServerHello and HelloRetryRequest.

use super::super::bytes::{Cursor, Malformed};
use super::super::extension;
use super::super::groups::Group;
use super::super::hello::Extension;
use super::super::suites::SuiteId;
use super::super::version::Version;

/// What stands as random in a HelloRetryRequest (RFC 8446 section 4.1.3): the SHA-256 of its name.
const RETRY_RANDOM: [u8; 32] = [
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91, 0xC2, 0xA2, 0x11,
    0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
];

/// The server's greeting, or its wish for another hello.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerHello {
    /// Version in the message; TLS 1.3 says 0x0303 here.
    pub legacy_version: u16,
    /// 32 bytes.
    pub random: [u8; 32],
    /// Session, at most 32 bytes.
    pub session_id: Vec<u8>,
    /// The chosen suite.
    pub suite: SuiteId,
    /// The chosen method of compression.
    pub compression: u8,
    /// Extensions in order.
    pub extensions: Vec<Extension>,
}

impl ServerHello {
    /// The number of the version that was agreed on.
    #[must_use]
    pub fn version_number(&self) -> u16 {
        match self.extension(extension::SUPPORTED_VERSIONS) {
            Some([high, low]) => u16::from_be_bytes([*high, *low]),
            Some(_) | None => self.legacy_version,
        }
    }

    /// The version that was agreed on, if it is one.
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        Version::from_number(self.version_number())
    }

    /// Whether it is a HelloRetryRequest.
    #[must_use]
    pub fn is_retry(&self) -> bool {
        self.random == RETRY_RANDOM
    }

    /// The content of an extension, if it is there.
    #[must_use]
    pub fn extension(&self, kind: u16) -> Option<&[u8]> {
        self.extensions.iter().find(|extension| extension.kind == kind).map(|extension| extension.body.as_slice())
    }

    /// The group that TLS 1.3 chose: of the key that was taken, or that is wished for.
    #[must_use]
    pub fn group(&self) -> Option<Group> {
        match self.extension(extension::KEY_SHARE) {
            Some([high, low, ..]) => Some(Group(u16::from_be_bytes([*high, *low]))),
            Some(_) | None => None,
        }
    }

    /// The application protocol that was chosen below TLS 1.3.
    #[must_use]
    pub fn application_protocol(&self) -> Option<String> {
        let mut cursor = Cursor::new(self.extension(extension::ALPN)?, "ALPN");
        let mut list = cursor.inside(2, "ALPN").ok()?;
        list.prefixed(1).ok().map(|name| String::from_utf8_lossy(name).into_owned())
    }
}

/// Reads a ServerHello or HelloRetryRequest.
///
/// # Errors
/// Its lengths do not fit.
pub fn server_hello(body: &[u8]) -> Result<ServerHello, Malformed> {
    const WHAT: &str = "ServerHello";
    let mut cursor = Cursor::new(body, WHAT);
    let legacy_version = cursor.short()?;
    let random = <[u8; 32]>::try_from(cursor.take(32)?).map_err(|_| Malformed::Short(WHAT))?;
    let session_id = cursor.prefixed(1)?;
    if session_id.len() > 32 {
        return Err(Malformed::Value(WHAT));
    }
    let suite = SuiteId(cursor.short()?);
    let compression = cursor.byte()?;
    let mut extensions = Vec::new();
    if !cursor.is_empty() {
        let mut block = cursor.inside(2, WHAT)?;
        while !block.is_empty() {
            extensions.push(Extension { kind: block.short()?, body: block.prefixed(2)?.to_vec() });
        }
        cursor.end()?;
    }
    Ok(ServerHello { legacy_version, random, session_id: session_id.to_vec(), suite, compression, extensions })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello(extensions: &[u8]) -> Vec<u8> {
        let mut body = vec![3, 3];
        body.extend(RETRY_RANDOM);
        body.extend([2, 8, 8, 0x13, 0x02, 0]);
        body.extend(extensions);
        body
    }

    #[test]
    fn version_and_group_of_a_retry_request_are_read() {
        let read = server_hello(&hello(&[0, 12, 0, 43, 0, 2, 3, 4, 0, 51, 0, 2, 0x11, 0xEC])).expect("a hello");
        assert!(read.is_retry());
        assert_eq!(
            (read.version(), read.group(), read.suite),
            (Some(Version::Tls13), Some(Group(0x11EC)), SuiteId(0x1302))
        );
    }

    #[test]
    fn a_hello_without_extensions_is_one() {
        let read = server_hello(&hello(&[])).expect("a hello");
        assert_eq!((read.version(), read.extensions.len(), read.group()), (Some(Version::Tls12), 0, None));
    }

    #[test]
    fn the_application_protocol_is_read() {
        let read = server_hello(&hello(&[0, 9, 0, 16, 0, 5, 0, 3, 2, b'h', b'2'])).expect("a hello");
        assert_eq!(read.application_protocol().as_deref(), Some("h2"));
    }

    #[test]
    fn a_hello_that_is_cut_is_refused_and_none_panics() {
        let whole = hello(&[0, 6, 0, 43, 0, 2, 3, 4]);
        let without_extensions = whole.len() - 8;
        for end in (0..whole.len()).filter(|end| *end != without_extensions) {
            assert!(server_hello(&whole[..end]).is_err(), "cut at {end}");
        }
        for position in 0..whole.len() {
            for bit in 0..8 {
                let mut flipped = whole.clone();
                flipped[position] ^= 1 << bit;
                if let Ok(read) = server_hello(&flipped) {
                    let _ = (read.version(), read.group(), read.application_protocol());
                }
            }
        }
    }
}
