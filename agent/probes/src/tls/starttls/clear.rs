//! The clear-text side of a connection: reads exactly what is wanted, within limits, and leaves the rest to TLS.
//!
//! What the system has received is looked at before it is taken, so nothing behind the wanted part is ever consumed.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;
use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::starttls::Starttls;
use vedetta_checks::word::Reason;

use super::super::connect::Deadline;
use super::{STAGE, foreign};
use crate::network::io_reason;

/// Longest time for everything that is said before TLS; some mail servers let visitors wait for 6 seconds.
const CLEAR_TIME_MAX: Duration = Duration::from_secs(15);
/// Longest line, in bytes; RFC 5321 allows 512, long lists of IMAP capabilities stay below.
const LINE_BYTES_MAX: usize = 8 * 1024;
/// Most bytes that are read before TLS on one connection.
const CLEAR_BYTES_MAX: usize = 64 * 1024;
/// Bytes that are looked at at once.
const WINDOW_BYTES: usize = 1024;

/// Where the wanted part ends in the bytes that are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Border {
    /// Not in these bytes.
    Further,
    /// Behind so many of them.
    At(usize),
    /// They are not of the protocol.
    Foreign,
}

/// A connection before TLS.
#[derive(Debug)]
pub(super) struct Clear<'a> {
    stream: &'a mut TcpStream,
    protocol: Starttls,
    deadline: Deadline,
    since: Instant,
    /// Bytes that may still be read.
    allowance: usize,
    /// Bytes that were seen behind the part that was read last.
    behind: usize,
    /// What is sent in one segment with the request for TLS; nothing but in the test for injection.
    stowaway: Vec<u8>,
    has_spoken: bool,
    requested: bool,
}

impl<'a> Clear<'a> {
    /// A conversation that begins now.
    pub(super) fn new(stream: &'a mut TcpStream, protocol: Starttls, deadline: Deadline, stowaway: Vec<u8>) -> Self {
        let since = Instant::now();
        Self {
            stream,
            protocol,
            deadline,
            since,
            allowance: CLEAR_BYTES_MAX,
            behind: 0,
            stowaway,
            has_spoken: false,
            requested: false,
        }
    }

    /// The protocol that is spoken.
    pub(super) const fn protocol(&self) -> Starttls {
        self.protocol
    }

    /// Whether TLS was asked for.
    pub(super) const fn requested(&self) -> bool {
        self.requested
    }

    /// Whether anything was said to the service.
    pub(super) const fn has_spoken(&self) -> bool {
        self.has_spoken
    }

    /// Whether a further command goes along with the request.
    pub(super) fn has_stowaway(&self) -> bool {
        !self.stowaway.is_empty()
    }

    /// The address of this end, as a host may call itself.
    pub(super) fn own_address(&self) -> Option<std::net::IpAddr> {
        self.stream.local_addr().ok().map(|address| address.ip())
    }

    /// Sends a command or a message.
    ///
    /// # Errors
    /// Stage `starttls`: closed, reset or timeout.
    pub(super) async fn send(&mut self, bytes: &[u8]) -> Result<(), ProbeError> {
        self.has_spoken = true;
        match self.deadline.run(self.time_left(), self.stream.write_all(bytes)).await {
            Some(Ok(())) => Ok(()),
            Some(Err(error)) => Err(self.broken(&error, "sending a command")),
            None => Err(self.late("sending a command")),
        }
    }

    /// Sends the request for TLS.
    ///
    /// # Errors
    /// As [`Clear::send`].
    pub(super) async fn request(&mut self, request: &[u8]) -> Result<(), ProbeError> {
        self.requested = true;
        let together = [request, self.stowaway.as_slice()].concat();
        self.send(&together).await
    }

    /// Reads one line without its end. `first` are the bytes that it may begin with; empty for any.
    ///
    /// # Errors
    /// Stage `starttls`: not the protocol (also for control characters), too large, closed, reset or timeout.
    pub(super) async fn line(&mut self, what: &str, first: &[u8]) -> Result<String, ProbeError> {
        let mut length = 0_usize;
        let line = self
            .take(what, |seen| {
                let begins_foreign =
                    length == 0 && !first.is_empty() && !seen.first().is_some_and(|b| first.contains(b));
                let end = seen.iter().position(|byte| *byte == b'\n');
                let part = seen.get(..end.unwrap_or(seen.len())).unwrap_or_default();
                length += part.len();
                if begins_foreign || part.iter().any(|byte| is_foreign_to_text(*byte)) {
                    return Border::Foreign;
                }
                end.map_or(Border::Further, |end| Border::At(end + 1))
            })
            .await?;
        Ok(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned())
    }

    /// Reads so many bytes.
    ///
    /// # Errors
    /// Stage `starttls`: too large, closed, reset or timeout.
    pub(super) async fn exact(&mut self, what: &str, bytes: usize) -> Result<Vec<u8>, ProbeError> {
        let mut missing = bytes;
        if missing == 0 {
            return Ok(Vec::new());
        }
        self.take(what, |seen| {
            if seen.len() >= missing {
                return Border::At(missing);
            }
            missing -= seen.len();
            Border::Further
        })
        .await
    }

    /// Reads up to the border that `border` finds; it is shown every byte once, in the order received.
    ///
    /// # Errors
    /// Stage `starttls`: not the protocol, too large, closed, reset or timeout.
    pub(super) async fn take(
        &mut self,
        what: &str,
        mut border: impl FnMut(&[u8]) -> Border,
    ) -> Result<Vec<u8>, ProbeError> {
        let mut taken = Vec::new();
        loop {
            let mut window = [0_u8; WINDOW_BYTES];
            let seen = self.look(&mut window, what).await?;
            let seen = window.get_mut(..seen).unwrap_or_default();
            let (size, ended) = match border(seen) {
                Border::Further => (seen.len(), false),
                Border::At(size) => (size.min(seen.len()), true),
                Border::Foreign => return Err(foreign(self.protocol, &beginning(&[&taken, &*seen].concat()))),
            };
            self.behind = seen.len() - size;
            let part = seen.get_mut(..size).unwrap_or_default();
            // They are here already: this does not wait.
            if let Err(error) = self.stream.read_exact(part).await {
                return Err(self.broken(&error, what));
            }
            taken.extend_from_slice(part);
            if ended {
                return Ok(taken);
            }
            if size > self.allowance || taken.len() > LINE_BYTES_MAX {
                return Err(self.too_much(what));
            }
            self.allowance -= size;
        }
    }

    /// An answer with more lines, or longer ones, than any server of the protocol has to give.
    pub(super) fn too_much(&self, what: &str) -> ProbeError {
        ProbeError::new(STAGE, Reason::TOO_LARGE, format!("{}: {what} does not end", self.protocol.word()))
    }

    /// Makes sure that the service is silent after its positive reply, as it must be: the client speaks first in TLS.
    ///
    /// # Errors
    /// Stage `starttls`: not the protocol, when something else than empty space was seen behind the reply.
    pub(super) async fn nothing_behind(&mut self) -> Result<(), ProbeError> {
        if self.behind == 0 {
            return Ok(());
        }
        let rest = self.exact("the end of the reply", self.behind).await?;
        if rest.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        Err(foreign(self.protocol, &format!("after it agreed to TLS it still said in clear: {}", beginning(&rest))))
    }

    /// Waits for bytes and looks at them without taking them; never none.
    async fn look(&mut self, window: &mut [u8], what: &str) -> Result<usize, ProbeError> {
        match self.deadline.run(self.time_left(), self.stream.peek(window)).await {
            Some(Ok(0)) => {
                let detail = format!("{}: the server hung up before {what}", self.protocol.word());
                Err(ProbeError::new(STAGE, Reason::CLOSED, detail))
            }
            Some(Ok(seen)) => Ok(seen),
            Some(Err(error)) => Err(self.broken(&error, what)),
            None => Err(self.late(what)),
        }
    }

    fn time_left(&self) -> Duration {
        CLEAR_TIME_MAX.saturating_sub(self.since.elapsed())
    }

    fn broken(&self, error: &std::io::Error, what: &str) -> ProbeError {
        ProbeError::new(STAGE, io_reason(error), format!("{}: {what}: {error}", self.protocol.word()))
    }

    fn late(&self, what: &str) -> ProbeError {
        ProbeError::new(STAGE, Reason::TIMEOUT, format!("{}: {what} did not come in time", self.protocol.word()))
    }
}

/// Whether a byte stands in no line of text; bell, tabulators, ends of pages and escapes do, in banners of the playful.
const fn is_foreign_to_text(byte: u8) -> bool {
    matches!(byte, 0..=6 | 0x0E..=0x1A | 0x1C..=0x1F)
}

/// The beginning of what was read, for a message: text as it is, anything else as hexadecimal digits.
pub(super) fn beginning(bytes: &[u8]) -> String {
    let part = bytes.get(..bytes.len().min(64)).unwrap_or_default();
    match std::str::from_utf8(part) {
        Ok(text) if !text.chars().any(|character| character.is_control() && !character.is_whitespace()) => {
            format!("`{}`", text.trim_end())
        }
        _ => part.iter().take(24).map(|byte| format!("{byte:02x}")).collect(),
    }
}
