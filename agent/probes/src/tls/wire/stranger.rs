//! What answers in a language that is not TLS.

use std::fmt;

/// A guess at the protocol, from its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stranger {
    /// HTTP in clear text.
    Http,
    /// SSH.
    Ssh,
    /// A greeting of SMTP or FTP.
    Greeting220,
    /// A greeting of POP3.
    Pop3,
    /// A greeting of IMAP.
    Imap,
    /// A greeting of MySQL or `MariaDB`.
    Mysql,
    /// Some other text.
    Text,
    /// Nothing that is known.
    Bytes,
}

impl Stranger {
    /// The guess from what came so far.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        const STARTS: &[(&[u8], Stranger)] = &[
            (b"HTTP/", Stranger::Http),
            (b"<html", Stranger::Http),
            (b"<HTML", Stranger::Http),
            (b"<!DOCTYPE", Stranger::Http),
            (b"SSH-", Stranger::Ssh),
            (b"220", Stranger::Greeting220),
            (b"+OK", Stranger::Pop3),
            (b"* OK", Stranger::Imap),
            (b"* PREAUTH", Stranger::Imap),
        ];
        if let Some((_, stranger)) = STARTS.iter().find(|(start, _)| bytes.starts_with(start)) {
            return *stranger;
        }
        // Length of the packet in three bytes, number 0, version 10 of the protocol.
        if matches!(bytes, [_, _, 0, 0, 10, ..]) {
            return Self::Mysql;
        }
        let printable = |byte: &u8| matches!(byte, b' '..=b'~' | b'\r' | b'\n' | b'\t');
        if !bytes.is_empty() && bytes.iter().take(64).all(printable) { Self::Text } else { Self::Bytes }
    }
}

impl fmt::Display for Stranger {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Http => "it answers in plain HTTP",
            Self::Ssh => "it answers as an SSH server",
            Self::Greeting220 => "it greets as a mail or file server in clear text",
            Self::Pop3 => "it greets as a POP3 server in clear text",
            Self::Imap => "it greets as an IMAP server in clear text",
            Self::Mysql => "it greets as a MySQL server in clear text",
            Self::Text => "it answers in plain text",
            Self::Bytes => "it answers in bytes that are no TLS",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_are_told_by_their_first_bytes() {
        for (bytes, expected) in [
            (&b"HTTP/1.1 400 Bad Request\r\n"[..], Stranger::Http),
            (b"SSH-2.0-OpenSSH_9.2p1\r\n", Stranger::Ssh),
            (b"220 mail.example.it ESMTP\r\n", Stranger::Greeting220),
            (b"* OK IMAP4rev1\r\n", Stranger::Imap),
            (b"\x4a\0\0\0\x0a8.0.36", Stranger::Mysql),
            (b"hello\n", Stranger::Text),
            (b"\xde\xad\xbe\xef", Stranger::Bytes),
            (b"", Stranger::Bytes),
        ] {
            assert_eq!(Stranger::of(bytes), expected, "{bytes:?}");
        }
    }
}
