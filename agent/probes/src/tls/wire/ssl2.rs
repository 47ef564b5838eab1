//! SSL 2.0: its own messages, in clear text up to the server's answer.

use std::fmt;

use super::bytes::{Cursor, Malformed, shorts};
use super::suites::attributes::SuiteAttributes;
use super::version::Version;

/// A cipher kind of SSL 2.0: three bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ssl2Kind(pub u32);

/// Number and name of each; the last ones are OpenSSL's and others' additions to the draft.
const KINDS: &[(u32, &str)] = &[
    (0x01_0080, "SSL_CK_RC4_128_WITH_MD5"),
    (0x02_0080, "SSL_CK_RC4_128_EXPORT40_WITH_MD5"),
    (0x03_0080, "SSL_CK_RC2_128_CBC_WITH_MD5"),
    (0x04_0080, "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5"),
    (0x05_0080, "SSL_CK_IDEA_128_CBC_WITH_MD5"),
    (0x06_0040, "SSL_CK_DES_64_CBC_WITH_MD5"),
    (0x07_00C0, "SSL_CK_DES_192_EDE3_CBC_WITH_MD5"),
    (0x06_0140, "SSL_CK_DES_64_CBC_WITH_SHA"),
    (0x07_01C0, "SSL_CK_DES_192_EDE3_CBC_WITH_SHA"),
    (0x08_0080, "SSL_CK_RC4_64_WITH_MD5"),
    (0x00_0000, "SSL_CK_NULL_WITH_MD5"),
    (0xFF_0800, "SSL_CK_DES_64_CFB64_WITH_MD5_1"),
    (0xFF_0810, "SSL_CK_NULL"),
];

impl Ssl2Kind {
    /// Its name, if it is listed.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        KINDS.iter().find(|(number, _)| *number == self.0).map(|(_, name)| *name)
    }

    /// Every listed kind.
    pub fn listed() -> impl Iterator<Item = Self> {
        KINDS.iter().map(|(number, _)| Self(*number))
    }

    /// What it does, told as for the suites of later versions.
    #[must_use]
    pub fn attributes(self) -> Option<SuiteAttributes> {
        let same = match self.0 {
            0x01_0080 => "TLS_RSA_WITH_RC4_128_MD5",
            0x02_0080 => "TLS_RSA_EXPORT_WITH_RC4_40_MD5",
            0x03_0080 => "SSL_RSA_WITH_RC2_CBC_128_MD5",
            0x04_0080 => "TLS_RSA_EXPORT_WITH_RC2_CBC_40_MD5",
            0x05_0080 => "SSL_RSA_WITH_IDEA_CBC_MD5",
            0x06_0040 | 0xFF_0800 => "SSL_RSA_WITH_DES_CBC_MD5",
            0x07_00C0 => "SSL_RSA_WITH_3DES_EDE_CBC_MD5",
            0x06_0140 => "SSL_RSA_WITH_DES_CBC_SHA",
            0x07_01C0 => "SSL_RSA_WITH_3DES_EDE_CBC_SHA",
            0x08_0080 => "SSL_RSA_WITH_RC4_64_MD5",
            0x00_0000 | 0xFF_0810 => "SSL_RSA_WITH_NULL_MD5",
            _ => return None,
        };
        SuiteAttributes::of_name(same)
    }
}

impl fmt::Display for Ssl2Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "0x{:06X}", self.0)
    }
}

/// What a client of SSL 2.0 says first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ssl2ClientHello {
    /// Highest version that is offered: [`Version::Ssl2`], or a newer one to ask in the old form.
    pub version: Version,
    /// Kinds in the client's order; a suite of a newer version is its number.
    pub kinds: Vec<Ssl2Kind>,
    /// 16 to 32 bytes.
    pub challenge: Vec<u8>,
}

impl Ssl2ClientHello {
    /// The message with its two-byte record header.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let kinds: Vec<u8> = self.kinds.iter().flat_map(|kind| kind.0.to_be_bytes().into_iter().skip(1)).collect();
        let length = |content: &[u8]| u16::try_from(content.len()).unwrap_or(u16::MAX);
        let mut body = vec![1];
        body.extend(shorts([self.version.number(), length(&kinds), 0, length(&self.challenge)]));
        body.extend(&kinds);
        body.extend(&self.challenge);
        let mut record = (length(&body) | 0x8000).to_be_bytes().to_vec();
        record.extend(body);
        record
    }
}

/// What kind of certificate stands in an answer of SSL 2.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ssl2CertificateKind {
    /// X.509, the only kind there is.
    X509,
    /// None, or a kind that is not defined.
    Other(u8),
}

/// The error numbers of SSL 2.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ssl2Error(pub u16);

impl Ssl2Error {
    /// None of the offered kinds will do.
    pub const NO_CIPHER: Self = Self(1);
}

/// What a server of SSL 2.0 answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ssl2ServerHello {
    /// Version as sent; 2 is SSL 2.0.
    pub version: u16,
    /// Whether an earlier session goes on.
    pub session_hit: bool,
    /// Kind of the certificate.
    pub certificate_kind: Ssl2CertificateKind,
    /// The certificate, as sent; empty if none.
    pub certificate: Vec<u8>,
    /// Kinds that both sides have, or all that the server has: both readings of the draft are in use.
    pub kinds: Vec<Ssl2Kind>,
    /// Identifier of the connection.
    pub connection_id: Vec<u8>,
}

/// Reads a SERVER-HELLO of SSL 2.0 without its record header.
///
/// # Errors
/// It is another message, or its lengths do not fit.
pub fn ssl2_server_hello(message: &[u8]) -> Result<Ssl2ServerHello, Malformed> {
    const WHAT: &str = "SSLv2 SERVER-HELLO";
    let mut cursor = Cursor::new(message, WHAT);
    if cursor.byte()? != 4 {
        return Err(Malformed::Value(WHAT));
    }
    let session_hit = cursor.byte()? != 0;
    let certificate_kind = match cursor.byte()? {
        1 => Ssl2CertificateKind::X509,
        other => Ssl2CertificateKind::Other(other),
    };
    let version = cursor.short()?;
    let [certificate, kinds, connection] = [cursor.short()?, cursor.short()?, cursor.short()?];
    let certificate = cursor.take(usize::from(certificate))?.to_vec();
    let mut list = Cursor::new(cursor.take(usize::from(kinds))?, WHAT);
    let connection_id = cursor.take(usize::from(connection))?.to_vec();
    let mut kinds = Vec::new();
    while !list.is_empty() {
        kinds.push(Ssl2Kind(list.three()?));
    }
    Ok(Ssl2ServerHello { version, session_hit, certificate_kind, certificate, kinds, connection_id })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Vec<u8> {
        let mut message = vec![4, 0, 1, 0, 2, 0, 5, 0, 6, 0, 2];
        message.extend(b"CERTI");
        message.extend([1, 0, 0x80, 7, 0, 0xC0]);
        message.extend([9, 9]);
        message
    }

    #[test]
    fn an_answer_is_read_with_certificate_and_kinds() {
        let hello = ssl2_server_hello(&answer()).expect("a SERVER-HELLO");
        assert_eq!((hello.version, hello.certificate.as_slice()), (2, &b"CERTI"[..]));
        let kinds: Vec<String> = hello.kinds.iter().map(ToString::to_string).collect();
        assert_eq!(kinds, ["0x010080", "0x0700C0"]);
    }

    #[test]
    fn an_answer_that_is_cut_anywhere_is_refused() {
        let message = answer();
        for end in 0..message.len() {
            assert!(ssl2_server_hello(&message[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn a_greeting_says_its_lengths() {
        let hello =
            Ssl2ClientHello { version: Version::Ssl2, kinds: vec![Ssl2Kind(0x01_0080)], challenge: vec![7; 16] };
        let bytes = hello.bytes();
        assert_eq!(bytes[..11], [0x80, 28, 1, 0, 2, 0, 3, 0, 0, 0, 16]);
        assert_eq!(bytes.len(), 30);
    }

    #[test]
    fn what_every_kind_does_is_known() {
        assert!(Ssl2Kind::listed().all(|kind| kind.attributes().is_some()));
        assert!(Ssl2Kind(0x04_0080).attributes().is_some_and(|suite| suite.export && suite.cbc()));
    }
}
