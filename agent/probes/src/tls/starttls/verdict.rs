//! Whether what came under TLS answers the command that had been sent in clear text.
//!
//! A farewell is sent under TLS too. A server that kept the earlier command answers it first; the others answer only the
//! farewell, and no silence has to be waited for.

use vedetta_checks::starttls::Starttls;

use super::{ldap, sieve, xmpp};

/// What is tried on one protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trial {
    /// The command that rides behind the request for TLS, in clear text.
    pub(super) stowaway: Vec<u8>,
    /// What is sent under TLS; empty where the server would answer whatever it gets.
    pub(super) farewell: Vec<u8>,
}

/// Tag of the command in clear text, where the protocol has tags.
const STOWAWAY_TAG: &str = "a3";
/// Tag of the farewell.
const FAREWELL_TAG: &str = "a4";

/// The trial for a protocol; `None` where the client's next message after the request cannot be a command.
pub(super) fn trial(protocol: Starttls, server: &str, port: u16) -> Option<Trial> {
    let text = |stowaway: &str, farewell: &str| {
        Some(Trial { stowaway: stowaway.as_bytes().to_vec(), farewell: farewell.as_bytes().to_vec() })
    };
    match protocol {
        Starttls::Smtp | Starttls::Lmtp | Starttls::Ftp => text("NOOP\r\n", "QUIT\r\n"),
        Starttls::Imap => text(&format!("{STOWAWAY_TAG} NOOP\r\n"), &format!("{FAREWELL_TAG} LOGOUT\r\n")),
        // NOOP is for people who are logged in.
        Starttls::Pop3 => text("CAPA\r\n", "QUIT\r\n"),
        Starttls::Sieve => text(&format!("NOOP \"{STOWAWAY_TAG}\"\r\n"), "LOGOUT\r\n"),
        // There is no NOOP.
        Starttls::Nntp => text("DATE\r\n", "QUIT\r\n"),
        Starttls::Xmpp => text(&xmpp::header(server, port), ""),
        Starttls::Ldap => Some(Trial { stowaway: ldap::root_question(2), farewell: ldap::root_question(3) }),
        Starttls::Postgres => Some(Trial { stowaway: POSTGRES_STARTUP.to_vec(), farewell: Vec::new() }),
        Starttls::Mysql | Starttls::Rdp => None,
    }
}

/// Length 22, protocol 3.0, `user` = `vedetta`; the server asks for a password, or says why it does not.
const POSTGRES_STARTUP: &[u8] = b"\0\0\0\x16\0\x03\0\0user\0vedetta\0\0";

/// What the bytes that came so far tell: the command was answered, it was not, or nothing yet.
pub(super) fn answered(protocol: Starttls, bytes: &[u8]) -> Option<bool> {
    match protocol {
        Starttls::Smtp | Starttls::Lmtp | Starttls::Ftp => coded(bytes, 221),
        Starttls::Nntp => coded(bytes, 205),
        Starttls::Imap => tagged(bytes),
        Starttls::Pop3 => {
            let lines: Vec<_> = lines(bytes).collect();
            let statuses = lines.iter().filter(|line| line.starts_with("+OK") || line.starts_with("-ERR")).count();
            (statuses >= 2 || lines.iter().any(|line| line == ".")).then_some(true)
        }
        Starttls::Sieve => sieved(bytes),
        Starttls::Xmpp => bytes.windows(9).any(|part| part == b":features" || part == b"<features").then_some(true),
        Starttls::Ldap => directory(bytes),
        Starttls::Postgres => database(bytes),
        Starttls::Mysql | Starttls::Rdp => None,
    }
}

/// Whole lines, as text.
fn lines(bytes: &[u8]) -> impl Iterator<Item = String> {
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').and_then(|end| bytes.get(..end)).unwrap_or_default();
    whole.split(|byte| *byte == b'\n').map(|line| String::from_utf8_lossy(line).trim_end().to_owned())
}

/// Replies with codes: a positive one that is not the farewell's own, or any two.
fn coded(bytes: &[u8], farewell: u16) -> Option<bool> {
    let mut replies = 0;
    for line in lines(bytes) {
        let code = line.get(..3).and_then(|code| code.parse::<u16>().ok());
        let Some(code) = code.filter(|_| line.as_bytes().get(3) != Some(&b'-')) else { continue };
        replies += 1;
        match code {
            // A greeting after TLS, which no standard foresees, answers nothing.
            220 => replies -= 1,
            _ if replies > 1 => return Some(true),
            _ if code == farewell || code == 421 => return Some(false),
            // A server that does not know the farewell answers it with an error.
            100..300 => return Some(true),
            _ => {}
        }
    }
    None
}

fn tagged(bytes: &[u8]) -> Option<bool> {
    lines(bytes).find_map(|line| match line.split(' ').next() {
        Some(STOWAWAY_TAG) => Some(true),
        Some(FAREWELL_TAG) => Some(false),
        _ => None,
    })
}

/// The server shows its capabilities again, unasked (RFC 5804 section 2.2), then answers.
fn sieved(bytes: &[u8]) -> Option<bool> {
    let lines: Vec<_> = lines(bytes).collect();
    let statuses = lines.iter().filter(|line| sieve::status(line).is_some()).count();
    let expected = if lines.iter().any(|line| line.starts_with('"')) { 2 } else { 1 };
    let tagged = lines.iter().any(|line| line.contains("TAG") && line.contains(STOWAWAY_TAG));
    (tagged || statuses > expected).then_some(true)
}

fn directory(mut bytes: &[u8]) -> Option<bool> {
    while let Some((message, behind)) = ldap::parse(bytes) {
        match message.id {
            2 => return Some(true),
            3 => return Some(false),
            _ => bytes = behind,
        }
    }
    None
}

/// An answer to the start-up, be it a refusal; but PostgreSQL since 2021 answers with 08P01 that it saw the trick.
fn database(bytes: &[u8]) -> Option<bool> {
    match bytes.first()? {
        b'R' => Some(true),
        b'E' => {
            let size = bytes.get(1..5).and_then(|size| <[u8; 4]>::try_from(size).ok()).map(u32::from_be_bytes)?;
            let message = bytes.get(5..usize::try_from(size).ok()?.checked_add(1)?)?;
            Some(!message.split(|byte| *byte == 0).any(|field| field == b"C08P01"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_from_farewells() {
        let cases: &[(Starttls, &str, Option<bool>)] = &[
            (Starttls::Smtp, "250 2.0.0 Ok\r\n", Some(true)),
            (Starttls::Smtp, "250-a\r\n", None),
            (Starttls::Smtp, "221 bye\r\n", Some(false)),
            (Starttls::Smtp, "220 again\r\n221 bye\r\n", Some(false)),
            (Starttls::Smtp, "500 what?\r\n", None),
            (Starttls::Smtp, "500 what?\r\n221 bye\r\n", Some(true)),
            (Starttls::Smtp, "221 by", None),
            (Starttls::Ftp, "530 log in\r\n221 bye\r\n", Some(true)),
            (Starttls::Nntp, "111 20261122000000\r\n", Some(true)),
            (Starttls::Nntp, "205 bye\r\n", Some(false)),
            (Starttls::Imap, "* BYE\r\na4 OK\r\n", Some(false)),
            (Starttls::Imap, "a3 OK\r\n* BYE\r\na4 OK\r\n", Some(true)),
            (Starttls::Pop3, "+OK bye\r\n", None),
            (Starttls::Pop3, "+OK\r\nSTLS\r\n.\r\n", Some(true)),
            (Starttls::Pop3, "-ERR\r\n+OK\r\n", Some(true)),
            (Starttls::Sieve, "\"SASL\" \"PLAIN\"\r\nOK\r\nOK bye\r\n", None),
            (Starttls::Sieve, "\"SASL\" \"PLAIN\"\r\nOK\r\nNO\r\nOK\r\n", Some(true)),
            (Starttls::Sieve, "\"SASL\" \"\"\r\nOK\r\nOK (TAG \"a3\") \"Done\"\r\n", Some(true)),
            (Starttls::Sieve, "OK\r\n", None),
            (Starttls::Xmpp, "<?xml version='1.0'?><stream:stream><stream:features>", Some(true)),
            (Starttls::Xmpp, "<stream:error/>", None),
            (Starttls::Postgres, "R\0\0\0\x08\0\0\0\x05", Some(true)),
            (Starttls::Postgres, "E\0\0\0\x20SFATAL\0C28000\0", None),
            (Starttls::Postgres, "E\0\0\0\x14SFATAL\0C28000\0\0\0", Some(true)),
            (Starttls::Postgres, "E\0\0\0\x14SFATAL\0C08P01\0\0\0", Some(false)),
        ];
        for (protocol, bytes, expected) in cases {
            assert_eq!(answered(*protocol, bytes.as_bytes()), *expected, "{protocol:?} {bytes:?}");
        }
        assert_eq!(answered(Starttls::Ldap, &[0x30, 5, 2, 1, 2, 0x65, 0]), Some(true));
        assert_eq!(answered(Starttls::Ldap, &[0x30, 5, 2, 1, 3, 0x65, 0]), Some(false));
        assert_eq!(answered(Starttls::Ldap, &[0x30, 5, 2, 1]), None);
    }

    #[test]
    fn the_postgres_start_up_states_its_own_length() {
        assert_eq!(POSTGRES_STARTUP.len(), usize::from(POSTGRES_STARTUP[3]));
    }
}
