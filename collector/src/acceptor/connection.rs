//! The stream that the servers get: TLS, what the peer proved, and the ways in which the collector ends it.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep};
use tokio_rustls::server::TlsStream;
use tonic::transport::server::Connected;
use vedetta_core::actor::VerifiedCertificate;

use super::connections::Registered;
use super::{Handshaken, Places};

/// What is known of the other end.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Where it comes from.
    pub address: SocketAddr,
    /// The certificate whose key it proved; it may have expired.
    pub certificate: Option<VerifiedCertificate>,
}

/// How long a connection may last.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionLimits {
    /// In all.
    pub life: Duration,
    /// Without a byte in either direction.
    pub idle: Duration,
}

/// A connection with its end built in: it was cut, it lasted too long, or nothing moved for too long.
#[derive(Debug)]
pub struct Connection {
    stream: TlsStream<TcpStream>,
    peer: Peer,
    cut: Option<oneshot::Receiver<()>>,
    over: bool,
    end: Pin<Box<Sleep>>,
    idle_end: Pin<Box<Sleep>>,
    idle: Duration,
    _registered: Option<Registered>,
    _place: Places,
}

impl Connection {
    /// A connection whose handshake is done.
    #[must_use]
    pub fn new(
        handshaken: Handshaken,
        certificate: Option<VerifiedCertificate>,
        registered: Option<(Registered, oneshot::Receiver<()>)>,
        limits: ConnectionLimits,
    ) -> Self {
        let (registered, cut) = registered.unzip();
        Self {
            stream: handshaken.stream,
            peer: Peer { address: handshaken.address, certificate },
            cut,
            over: false,
            end: Box::pin(tokio::time::sleep(limits.life)),
            idle_end: Box::pin(tokio::time::sleep(limits.idle)),
            idle: limits.idle,
            _registered: registered,
            _place: handshaken.place,
        }
    }

    /// What is known of the other end.
    #[must_use]
    pub const fn peer(&self) -> &Peer {
        &self.peer
    }

    /// Fails once the connection has to end; otherwise wakes the task when it does.
    fn check(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        let cut = self.cut.as_mut().is_some_and(|cut| Pin::new(cut).poll(context).is_ready());
        if cut {
            self.cut = None;
        }
        let late = self.end.as_mut().poll(context).is_ready() || self.idle_end.as_mut().poll(context).is_ready();
        if self.over || cut || late {
            self.over = true;
            return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "the collector ended this connection"));
        }
        Ok(())
    }

    /// Starts the idle time anew when something moved.
    fn moved<T>(&mut self, outcome: &Poll<io::Result<T>>) {
        if matches!(outcome, Poll::Ready(Ok(_))) {
            let next = Instant::now() + self.idle;
            self.idle_end.as_mut().reset(next);
        }
    }
}

impl Connected for Connection {
    type ConnectInfo = Peer;

    fn connect_info(&self) -> Peer {
        self.peer.clone()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(context)?;
        let outcome = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.moved(&outcome);
        outcome
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.check(context)?;
        let outcome = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.moved(&outcome);
        outcome
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(context)?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(context)?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
