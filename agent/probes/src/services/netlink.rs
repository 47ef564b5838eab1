//! Dumps of the kernel's tables over netlink(7): sockets, interfaces, addresses, chains of the packet filter.
//!
//! A message is a length, a kind, flags and a body; a body is a fixed head and attributes. Nothing here believes a length
//! that goes beyond the bytes at hand.

use std::io;

use crate::platform::KernelSocket;

/// Most bytes of one dump.
const DUMP_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How often a dump is asked again when the table changed meanwhile.
const ATTEMPTS_MAX: usize = 3;

/// Families of netlink: the tables of routing and interfaces, and those of sockets (netlink(7)).
pub(super) const NETLINK_ROUTE: isize = 0;
pub(super) const NETLINK_SOCK_DIAG: isize = 4;
/// `NLM_F_REQUEST | NLM_F_DUMP`: a question for a whole table.
const FLAGS_DUMP: u16 = 0x0001 | 0x0300;
/// The table changed while it was told (`NLM_F_DUMP_INTR`).
const FLAG_INTERRUPTED: u16 = 0x0010;
/// Kinds of messages that are not of the table: nothing, an error or its absence, the end.
const KIND_NOOP: u16 = 1;
const KIND_ERROR: u16 = 2;
const KIND_DONE: u16 = 3;
/// Bytes of a message's head, and of an attribute's.
const HEAD_BYTES: usize = 16;
const ATTRIBUTE_HEAD_BYTES: usize = 4;
/// The bits of an attribute's kind that are its number; the others say how it is written.
const ATTRIBUTE_KIND: u16 = 0x3fff;

/// Why the kernel did not tell a table.
#[derive(Debug, thiserror::Error)]
pub(super) enum NetlinkError {
    /// The question could not be put, or the kernel refused it.
    #[error("ask the kernel for {what}: {source}")]
    Ask {
        /// The table.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The answer does not have the form of the protocol.
    #[error("read the kernel's answer on {what}: {problem}")]
    Form {
        /// The table.
        what: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The table goes beyond the limit.
    #[error("read the kernel's answer on {what}: more than {limit}")]
    TooLarge {
        /// The table.
        what: &'static str,
        /// The limit, with its unit.
        limit: String,
    },
}

impl NetlinkError {
    /// The number by which the kernel refused the question.
    pub(super) fn code(&self) -> Option<i32> {
        match self {
            Self::Ask { source, .. } => source.raw_os_error(),
            Self::Form { .. } | Self::TooLarge { .. } => None,
        }
    }
}

/// A question for one table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table<'a> {
    /// Its name, for errors.
    pub(super) what: &'static str,
    /// The family of netlink that holds it.
    pub(super) protocol: isize,
    /// Kind of the question.
    pub(super) kind: u16,
    /// Body of the question.
    pub(super) body: &'a [u8],
    /// Most rows that are read.
    pub(super) rows_max: usize,
}

impl Table<'_> {
    /// Every row of the table, as `read` understands the body of its message; a row that it passes over is left out.
    ///
    /// # Errors
    /// [`NetlinkError`] names the table and why it was not told.
    pub(super) fn dump<T>(&self, read: impl Fn(&[u8]) -> Result<Option<T>, Malformed>) -> Result<Vec<T>, NetlinkError> {
        for _ in 1..ATTEMPTS_MAX {
            let (rows, interrupted) = self.dump_once(&read)?;
            if !interrupted {
                return Ok(rows);
            }
        }
        // A table that never rests: what was told is what stood there while it was told.
        self.dump_once(&read).map(|(rows, _)| rows)
    }

    fn dump_once<T>(
        &self,
        read: impl Fn(&[u8]) -> Result<Option<T>, Malformed>,
    ) -> Result<(Vec<T>, bool), NetlinkError> {
        let failed = |source| NetlinkError::Ask { what: self.what, source };
        let mut socket = KernelSocket::ask(self.protocol, &self.question()).map_err(failed)?;
        let mut answer = Answer { rows: Vec::new(), finished: false, interrupted: false };
        let mut bytes_total = 0;
        while !answer.finished {
            let datagram = socket.receive().map_err(failed)?;
            bytes_total += datagram.len();
            self.read_datagram(&datagram, &read, &mut answer)?;
            if bytes_total > DUMP_BYTES_MAX {
                return Err(NetlinkError::TooLarge { what: self.what, limit: format!("{DUMP_BYTES_MAX} bytes") });
            }
        }
        Ok((answer.rows, answer.interrupted))
    }

    fn question(&self) -> Vec<u8> {
        let length = u32::try_from(HEAD_BYTES + self.body.len()).unwrap_or(u32::MAX);
        let mut bytes = length.to_ne_bytes().to_vec();
        bytes.extend(self.kind.to_ne_bytes());
        bytes.extend(FLAGS_DUMP.to_ne_bytes());
        bytes.extend([0; 8]); // sequence and port: one question on a socket of its own needs neither
        bytes.extend(self.body);
        bytes
    }

    fn read_datagram<T>(
        &self,
        datagram: &[u8],
        read: impl Fn(&[u8]) -> Result<Option<T>, Malformed>,
        answer: &mut Answer<T>,
    ) -> Result<(), NetlinkError> {
        let malformed = |Malformed(problem)| NetlinkError::Form { what: self.what, problem };
        let mut rest = datagram;
        while !rest.is_empty() && !answer.finished {
            let (message, after) = Message::split(rest).map_err(malformed)?;
            rest = after;
            answer.interrupted |= message.flags & FLAG_INTERRUPTED != 0;
            match message.kind {
                KIND_NOOP => {}
                KIND_ERROR | KIND_DONE => {
                    // The end carries a number as an error does; both are zero when all went well.
                    let code = number_at(message.body, 0).map(u32::from_ne_bytes).map_or(0, u32::cast_signed);
                    if code < 0 {
                        let source = io::Error::from_raw_os_error(code.saturating_neg());
                        return Err(NetlinkError::Ask { what: self.what, source });
                    }
                    answer.finished = true;
                }
                _ => answer.rows.extend(read(message.body).map_err(malformed)?),
            }
            if answer.rows.len() > self.rows_max {
                return Err(NetlinkError::TooLarge { what: self.what, limit: format!("{} rows", self.rows_max) });
            }
        }
        Ok(())
    }
}

/// What was read of an answer so far.
struct Answer<T> {
    rows: Vec<T>,
    finished: bool,
    interrupted: bool,
}

/// Bytes that do not have the form of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed(pub(super) &'static str);

/// One message.
struct Message<'a> {
    kind: u16,
    flags: u16,
    body: &'a [u8],
}

impl<'a> Message<'a> {
    /// The first message and the bytes after it.
    fn split(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), Malformed> {
        let length = number_at(bytes, 0).map(u32::from_ne_bytes).ok_or(Malformed("a message without a length"))?;
        let kind = number_at(bytes, 4).map(u16::from_ne_bytes);
        let flags = number_at(bytes, 6).map(u16::from_ne_bytes);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let (Some(kind), Some(flags), Some(body)) = (kind, flags, bytes.get(HEAD_BYTES..length)) else {
            return Err(Malformed("a message longer or shorter than it says"));
        };
        // Messages begin at multiples of four bytes (netlink(7), NLMSG_ALIGN); the last one need not be filled up.
        Ok((Self { kind, flags, body }, bytes.get(length.next_multiple_of(4)..).unwrap_or_default()))
    }
}

/// The attributes in the bytes after the fixed head of a body.
pub(super) struct Attributes<'a>(&'a [u8]);

impl<'a> Attributes<'a> {
    /// The attributes that begin `head` bytes into a body.
    pub(super) fn after(body: &'a [u8], head: usize) -> Result<Self, Malformed> {
        body.get(head..).map(Self).ok_or(Malformed("a body shorter than its head"))
    }

    /// The content of the first attribute of a kind.
    pub(super) fn find(&self, wanted: u16) -> Result<Option<&'a [u8]>, Malformed> {
        let mut rest = self.0;
        while !rest.is_empty() {
            let length = number_at(rest, 0).map(u16::from_ne_bytes).map_or(0, usize::from);
            let kind = number_at(rest, 2).map(u16::from_ne_bytes);
            let (Some(kind), Some(content)) = (kind, rest.get(ATTRIBUTE_HEAD_BYTES..length)) else {
                return Err(Malformed("an attribute longer or shorter than it says"));
            };
            if kind & ATTRIBUTE_KIND == wanted {
                return Ok(Some(content));
            }
            rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        }
        Ok(None)
    }

    /// The text of an attribute, without the zero at its end; nothing when it is not there or is no UTF-8.
    pub(super) fn text(&self, wanted: u16) -> Result<Option<String>, Malformed> {
        let text = self.find(wanted)?.and_then(|bytes| std::str::from_utf8(bytes).ok());
        Ok(text.map(|text| text.trim_end_matches('\0').to_owned()))
    }
}

/// The bytes of a number in a body.
pub(super) fn number_at<const BYTES: usize>(body: &[u8], offset: usize) -> Option<[u8; BYTES]> {
    body.get(offset..)?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: Table<'_> = Table { what: "rows", protocol: 0, kind: 20, body: &[], rows_max: 2 };

    fn message(kind: u16, body: &[u8]) -> Vec<u8> {
        let mut bytes = u32::try_from(HEAD_BYTES + body.len()).expect("a small body").to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.extend([0; 10]);
        bytes.extend(body);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    fn read(datagram: &[u8]) -> Result<Answer<Vec<u8>>, NetlinkError> {
        let mut answer = Answer { rows: Vec::new(), finished: false, interrupted: false };
        TABLE.read_datagram(datagram, |body| Ok(Some(body.to_vec())), &mut answer)?;
        Ok(answer)
    }

    #[test]
    fn rows_are_read_until_the_end_is_told() {
        let datagram = [message(20, b"one"), message(KIND_NOOP, b""), message(20, b"two"), message(KIND_DONE, &[0; 4])];
        let answer = read(&datagram.concat()).expect("an answer");
        assert_eq!(answer.rows, [b"one".to_vec(), b"two".to_vec()]);
        assert!(answer.finished && !answer.interrupted);
    }

    #[test]
    fn a_refusal_carries_its_number() {
        for kind in [KIND_ERROR, KIND_DONE] {
            let error = read(&message(kind, &(-1_i32).to_ne_bytes())).err().expect("an error");
            assert_eq!(error.code(), Some(1), "{error}");
        }
    }

    #[test]
    fn a_message_or_attribute_that_breaks_the_form_is_an_error_and_no_panic() {
        let whole = message(20, b"body");
        for length in 1..whole.len() {
            assert!(read(&whole[..length]).is_err(), "{length} bytes of a message");
        }
        assert!(read(&[0; 64]).is_err() && read(&[0xff; 64]).is_err());
        for attributes in [&[0_u8; 4][..], &[0xff; 8], &[5, 0, 1, 0], &[1]] {
            assert!(Attributes(attributes).find(9).is_err(), "{attributes:?}");
        }
    }

    #[test]
    fn more_rows_than_the_limit_are_no_answer() {
        let rows = [message(20, b"1"), message(20, b"2"), message(20, b"3")].concat();
        assert!(matches!(read(&rows), Err(NetlinkError::TooLarge { .. })));
    }

    #[test]
    fn attributes_are_found_by_their_kind_whatever_their_order() {
        let bytes = [[6, 0, 3, 0, b'l', b'o', 0, 0], [5, 0, 11, 0x80, 1, 0, 0, 0]].concat();
        let attributes = Attributes(&bytes);
        assert_eq!(attributes.text(3), Ok(Some("lo".to_owned())));
        assert_eq!(attributes.find(11), Ok(Some(&[1_u8][..])));
        assert_eq!(attributes.find(4), Ok(None));
    }
}
