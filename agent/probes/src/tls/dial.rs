//! Every connection of one look: to one address, through STARTTLS where the endpoint needs it, counted and bounded.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use tokio::net::TcpStream;
use tokio::sync::{Semaphore, SemaphorePermit};
use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::starttls::Starttls;
use vedetta_checks::word::Reason;

use super::connect::{self, Deadline};

/// Connections that are open to one target at the same time.
const CONNECTIONS_AT_ONCE: usize = 8;
/// Connections of one look, all together: six versions with every suite that a server may have, and the other questions.
pub(crate) const CONNECTIONS_MAX: u32 = 900;

/// Opens the connections of one look.
#[derive(Debug)]
pub(crate) struct Dialer {
    /// Where to.
    pub(crate) address: SocketAddr,
    /// What is spoken before TLS.
    pub(crate) starttls: Option<Starttls>,
    /// How the probe names itself to others.
    pub(crate) identification: String,
    /// Name or address that the server is expected to answer to; XMPP asks for it before TLS begins.
    pub(crate) server_name: String,
    /// When the look must have ended.
    pub(crate) deadline: Deadline,
    permits: Semaphore,
    opened: AtomicU32,
    turned: AtomicBool,
}

/// An open connection, ready for the first byte of TLS; it gives its place back when dropped.
#[derive(Debug)]
pub(crate) struct Dialled<'a> {
    /// The connection.
    pub(crate) stream: TcpStream,
    _permit: Option<SemaphorePermit<'a>>,
}

impl Dialer {
    /// A dialer to an address that was found to answer.
    pub(crate) fn new(
        address: SocketAddr,
        starttls: Option<Starttls>,
        identification: &str,
        deadline: Deadline,
    ) -> Self {
        Self {
            address,
            starttls,
            identification: identification.to_owned(),
            server_name: address.ip().to_string(),
            deadline,
            permits: Semaphore::new(CONNECTIONS_AT_ONCE),
            opened: AtomicU32::new(0),
            turned: AtomicBool::new(false),
        }
    }

    /// The same dialer to a server that is called by a name, not by its address.
    #[must_use]
    pub(crate) fn called(self, server_name: &str) -> Self {
        Self { server_name: server_name.to_owned(), ..self }
    }

    /// Connections that were opened so far.
    pub(crate) fn opened(&self) -> u32 {
        self.opened.load(Ordering::Relaxed)
    }

    /// Opens one more connection, and turns it to TLS where the endpoint begins in clear text.
    ///
    /// # Errors
    /// Stage `connect` (closed, timeout, reset, unreachable, or `busy` when the look opened all that it may), or stage
    /// `starttls` (`no_starttls`, `refused_starttls`, timeout, closed, reset, not the protocol).
    pub(crate) async fn open(&self) -> Result<Dialled<'_>, ProbeError> {
        let mut dialled = self.open_clear().await?;
        if let Some(protocol) = self.starttls {
            super::starttls::upgrade(&mut dialled.stream, protocol, self).await?;
        }
        Ok(dialled)
    }

    /// Opens one more connection and says nothing on it.
    ///
    /// # Errors
    /// As [`Dialer::open`], stage `connect`.
    pub(crate) async fn open_clear(&self) -> Result<Dialled<'_>, ProbeError> {
        // The semaphore is never closed.
        let permit = self.permits.acquire().await.ok();
        let stream = self.connect_once().await?;
        Ok(Dialled { stream, _permit: permit })
    }

    /// Connects in the place of a connection that is held already; it counts like any other.
    ///
    /// # Errors
    /// As [`Dialer::open`], stage `connect`.
    pub(crate) async fn connect_once(&self) -> Result<TcpStream, ProbeError> {
        if self.opened.fetch_add(1, Ordering::Relaxed) >= CONNECTIONS_MAX {
            self.opened.fetch_sub(1, Ordering::Relaxed);
            let detail = format!("{CONNECTIONS_MAX} connections were opened, which is the limit");
            return Err(ProbeError::new("connect", Reason::BUSY, detail));
        }
        let stream = connect::connect(self.address, self.deadline).await?;
        // Every message is written at once; waiting for more would only add time.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }

    /// Whether the service agreed to TLS on any connection of this look.
    pub(crate) fn has_turned(&self) -> bool {
        self.turned.load(Ordering::Relaxed)
    }

    /// Keeps in mind that the service agreed to TLS.
    pub(crate) fn note_turned(&self) {
        self.turned.store(true, Ordering::Relaxed);
    }
}
