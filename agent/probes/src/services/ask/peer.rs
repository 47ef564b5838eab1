//! The service at the other end: connections and datagrams with limits, whatever it answers.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio_rustls::TlsConnector;
use vedetta_checks::word::Reason;

use super::heard::Silence;
use crate::network::io_reason;

/// Most bytes that are read of one service on one connection.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Longest line, in bytes, without its end.
const LINE_BYTES_MAX: usize = 4 * 1024;
/// Bytes that are read at once.
const READ_BYTES: usize = 4 * 1024;
/// Longest datagram that is read, in bytes.
const DATAGRAM_BYTES_MAX: usize = 8 * 1024;
/// Most datagrams that are read after one was sent.
const DATAGRAMS_MAX: usize = 8;
/// Longest wait for the answer to a datagram before it is sent once more.
const DATAGRAM_TIME_MAX: Duration = Duration::from_millis(600);
/// First bytes of an alert of TLS, whatever its version: what a server of TLS says to somebody who does not speak it.
const TLS_ALERT: &[u8] = &[0x15, 0x03];

/// A byte stream to a service.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Where the answers come from.
#[derive(Debug, Clone)]
enum Line {
    /// From a service at this address.
    Network(SocketAddr),
    /// From these bytes, for tests with what hostile services may say.
    Recorded(Arc<[u8]>),
}

/// A service that can be asked.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    line: Line,
    /// Whether it waits for other hosts, yet could only be asked at a loopback address, since the host has no other.
    pub(super) is_stand_in: bool,
}

impl Peer {
    /// The service at an address of this host.
    pub(super) const fn at(address: SocketAddr, is_stand_in: bool) -> Self {
        Self { line: Line::Network(address), is_stand_in }
    }

    /// A service that says these bytes whatever it is asked.
    pub(super) fn recorded(bytes: &[u8]) -> Self {
        Self { line: Line::Recorded(Arc::from(bytes)), is_stand_in: false }
    }

    /// The same service, asked at a loopback address for want of another.
    pub(super) fn stand_in(self) -> Self {
        Self { is_stand_in: true, ..self }
    }

    /// Its address and port as text, for a protocol in which a question names them.
    pub(super) fn name(&self) -> String {
        match &self.line {
            Line::Network(address) => address.to_string(),
            Line::Recorded(_) => String::new(),
        }
    }

    /// Opens a connection.
    ///
    /// # Errors
    /// As the system says: closed, reset, unreachable.
    pub(super) async fn connect(&self) -> Result<Conversation, Silence> {
        let stream: Box<dyn Stream> = match &self.line {
            Line::Network(address) => Box::new(TcpStream::connect(address).await.map_err(|error| broken(&error))?),
            Line::Recorded(bytes) => Box::new(tokio::io::join(io::Cursor::new(Arc::clone(bytes)), tokio::io::sink())),
        };
        Ok(Conversation { stream, received: Vec::new(), used: 0, allowance: ANSWER_BYTES_MAX })
    }

    /// Sends a datagram, once more when nothing came, and hands the answers to `read` until it makes something of one.
    ///
    /// # Errors
    /// `timeout` when no answer came, `not_the_protocol` when no answer could be read, or as the system says.
    pub(super) async fn exchange<T>(
        &self,
        datagrams: &[&[u8]],
        mut read: impl FnMut(&[u8]) -> Option<T>,
    ) -> Result<T, Silence> {
        let address = match &self.line {
            Line::Network(address) => *address,
            Line::Recorded(bytes) => return read(bytes).ok_or(Silence::foreign()),
        };
        let here = SocketAddr::new(address.ip(), 0);
        let socket = UdpSocket::bind(here).await.map_err(|error| broken(&error))?;
        let mut silence = Silence::because(Reason::TIMEOUT);
        for datagram in datagrams {
            socket.send_to(datagram, address).await.map_err(|error| broken(&error))?;
            let wait = tokio::time::timeout(DATAGRAM_TIME_MAX, answer_from(&socket, address.ip(), &mut read)).await;
            match wait {
                Ok(Ok(Some(answer))) => return Ok(answer),
                Ok(Ok(None)) => return Err(Silence::foreign()),
                Ok(Err(error)) => silence = broken(&error),
                Err(_elapsed) => {}
            }
        }
        Err(silence)
    }
}

/// The first answer that can be read. It may come from another port, as of TFTP (RFC 1350 section 4), but not from another
/// host.
async fn answer_from<T>(
    socket: &UdpSocket,
    from: IpAddr,
    read: &mut impl FnMut(&[u8]) -> Option<T>,
) -> io::Result<Option<T>> {
    let mut buffer = vec![0; DATAGRAM_BYTES_MAX];
    for _ in 0..DATAGRAMS_MAX {
        let (size, sender) = socket.recv_from(&mut buffer).await?;
        if sender.ip() == from
            && let Some(answer) = read(buffer.get(..size).unwrap_or_default())
        {
            return Ok(Some(answer));
        }
    }
    Ok(None)
}

/// One connection to a service.
pub(super) struct Conversation {
    stream: Box<dyn Stream>,
    received: Vec<u8>,
    /// How many of the received bytes were handed out.
    used: usize,
    /// Bytes that may still be read.
    allowance: usize,
}

impl Conversation {
    /// Says something.
    ///
    /// # Errors
    /// As the system says.
    pub(super) async fn send(&mut self, bytes: &[u8]) -> Result<(), Silence> {
        self.stream.write_all(bytes).await.map_err(|error| broken(&error))
    }

    /// Takes leave; whether it is heard is all the same.
    pub(super) async fn leave(&mut self, bytes: &[u8]) {
        let _unheard = self.stream.write_all(bytes).await;
        let _unheard = self.stream.shutdown().await;
    }

    /// One line without its end.
    ///
    /// # Errors
    /// `closed` when the service hung up before the end of the line, `not_the_protocol` when no line is that long,
    /// `too_large` when lines do not end, or as the system says.
    pub(super) async fn line(&mut self) -> Result<String, Silence> {
        loop {
            let waiting = self.waiting();
            if let Some(end) = waiting.iter().position(|byte| *byte == b'\n') {
                let line =
                    String::from_utf8_lossy(waiting.get(..end).unwrap_or_default()).trim_end_matches('\r').to_owned();
                self.used += end + 1;
                return Ok(line);
            }
            if waiting.len() > LINE_BYTES_MAX {
                return Err(Silence::foreign());
            }
            self.must_receive().await?;
        }
    }

    /// So many bytes.
    ///
    /// # Errors
    /// As [`Conversation::line`].
    pub(super) async fn exact(&mut self, size: usize) -> Result<Vec<u8>, Silence> {
        if size > ANSWER_BYTES_MAX {
            return Err(Silence::because(Reason::TOO_LARGE));
        }
        loop {
            if let Some(part) = self.waiting().get(..size) {
                let part = part.to_vec();
                self.used += size;
                return Ok(part);
            }
            self.must_receive().await?;
        }
    }

    /// A part of known size.
    ///
    /// # Errors
    /// As [`Conversation::line`].
    pub(super) async fn array<const SIZE: usize>(&mut self) -> Result<[u8; SIZE], Silence> {
        let part = self.exact(SIZE).await?;
        part.try_into().map_err(|_| Silence::foreign())
    }

    /// Everything that comes until it is enough, the service hangs up, or there is too much of it.
    ///
    /// # Errors
    /// As the system says; `closed` when nothing came at all, `too_large` when too much came before.
    pub(super) async fn gather(&mut self, is_enough: impl Fn(&[u8]) -> bool) -> Result<Vec<u8>, Silence> {
        loop {
            let is_full = self.allowance == 0;
            if (!self.waiting().is_empty() && is_enough(self.waiting())) || is_full || !self.receive().await? {
                break;
            }
        }
        let gathered = self.waiting().to_vec();
        self.used = self.received.len();
        match (gathered.is_empty(), self.allowance) {
            (false, _) => Ok(gathered),
            (true, 0) => Err(Silence::because(Reason::TOO_LARGE)),
            (true, _) => Err(Silence::because(Reason::CLOSED)),
        }
    }

    /// What comes first, without taking it.
    ///
    /// # Errors
    /// As [`Conversation::line`].
    pub(super) async fn peek(&mut self) -> Result<&[u8], Silence> {
        if self.waiting().is_empty() {
            self.must_receive().await?;
        }
        Ok(self.waiting())
    }

    /// The same connection within TLS from here on.
    ///
    /// # Errors
    /// `handshake_refused` when there is no TLS with it.
    pub(super) async fn encrypt(self, connector: &TlsConnector, name: ServerName<'static>) -> Result<Self, Silence> {
        let stream = connector.connect(name, self.stream).await;
        let stream = stream.map_err(|_| Silence::because(Reason::HANDSHAKE_REFUSED))?;
        Ok(Self { stream: Box::new(stream), received: Vec::new(), used: 0, allowance: self.allowance })
    }

    /// The received bytes that nobody has taken.
    fn waiting(&self) -> &[u8] {
        self.received.get(self.used..).unwrap_or_default()
    }

    async fn must_receive(&mut self) -> Result<(), Silence> {
        if self.allowance == 0 {
            return Err(Silence::because(Reason::TOO_LARGE));
        }
        if self.receive().await? { Ok(()) } else { Err(Silence::because(Reason::CLOSED)) }
    }

    /// Waits for more; false when the service hung up.
    async fn receive(&mut self) -> Result<bool, Silence> {
        let mut part = [0; READ_BYTES];
        let window = part.get_mut(..self.allowance.min(READ_BYTES)).unwrap_or_default();
        let size = self.stream.read(window).await.map_err(|error| broken(&error))?;
        self.allowance -= size;
        let is_first = self.received.is_empty();
        self.received.extend_from_slice(window.get(..size).unwrap_or_default());
        if is_first && self.received.starts_with(TLS_ALERT) {
            return Err(Silence::encrypted());
        }
        Ok(size > 0)
    }
}

fn broken(error: &io::Error) -> Silence {
    Silence::because(io_reason(error))
}
