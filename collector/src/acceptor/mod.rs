//! The collector's own TLS acceptor, for both ports.
//!
//! tonic's own TLS settings have no reload, no denylist and no deadline for a handshake, so connections are accepted
//! here: at most [`HANDSHAKES_MAX`] handshakes at once, each within [`HANDSHAKE_TIME_MAX`]; the others wait in the
//! kernel's backlog. The configuration is taken anew for each connection, so a renewed certificate is used at once.
//!
//! [`addresses`] bounds what one source address may take up; [`agents`] sends each connection of the agents' port to one of two servers by what it proved; [`connections`] knows
//! the open ones, so that a revoked agent's is cut; [`connection`] is the stream that the servers get.

pub mod addresses;
pub mod agents;
pub mod connection;
pub mod connections;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use addresses::{AddressPlace, Addresses};

use crate::stop::Stop;

/// Most handshakes at once on one port.
pub const HANDSHAKES_MAX: usize = 256;
/// Longest time for one handshake.
pub const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(5);
/// Pause after the system refused to accept (out of file descriptors).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Limits of one port.
#[derive(Debug, Clone, Copy)]
pub struct PortLimits {
    /// Most handshakes at once.
    pub handshakes: usize,
    /// Longest time for one handshake.
    pub handshake_time: Duration,
    /// Most open connections.
    pub connections: usize,
    /// Most connections of one source address, handshakes among them; one that proved an agent's key no longer counts.
    pub per_address: usize,
}

/// One listening port with TLS.
#[derive(Debug)]
pub struct TlsPort {
    /// Where it listens.
    pub listener: TcpListener,
    /// The configuration for the next connection.
    pub configuration: watch::Receiver<Arc<ServerConfig>>,
    /// Its limits.
    pub limits: PortLimits,
}

/// A connection whose handshake is done.
#[derive(Debug)]
pub struct Handshaken {
    /// The stream.
    pub stream: TlsStream<TcpStream>,
    /// Where it comes from.
    pub address: SocketAddr,
    /// Its places; held as long as it lives.
    pub place: Places,
}

/// What a connection takes up of a port's limits.
#[derive(Debug)]
pub struct Places {
    _open: OwnedSemaphorePermit,
    _address: Option<AddressPlace>,
    _stranger: Option<OwnedSemaphorePermit>,
}

impl Places {
    /// The connection proved who it is: its address, which may be a proxy for a whole province, counts no longer.
    pub fn leave_address(&mut self) {
        self._address = None;
    }

    /// The connection proved nothing: it takes a place among the few of strangers.
    pub fn among_strangers(&mut self, place: OwnedSemaphorePermit) {
        self._stranger = Some(place);
    }
}

impl TlsPort {
    /// Accepts connections until the collector stops, and hands over each whose handshake succeeded.
    ///
    /// `deliver` runs within the handshake's task: while it waits for room, the connection counts as a handshake.
    pub async fn run<Deliver, Delivered>(self, deliver: Deliver, stop: Stop)
    where
        Deliver: Fn(Handshaken) -> Delivered + Clone + Send + 'static,
        Delivered: Future<Output = ()> + Send,
    {
        let handshakes = Arc::new(Semaphore::new(self.limits.handshakes));
        let places = Arc::new(Semaphore::new(self.limits.connections));
        let addresses = Addresses::new(self.limits.per_address);
        let stopped = stop.wait();
        tokio::pin!(stopped);
        loop {
            let accepted = tokio::select! {
                () = &mut stopped => return,
                accepted = self.accept(&handshakes, &places, &addresses) => accepted,
            };
            let Some((tcp, address, handshake, place)) = accepted else { continue };
            let acceptor = TlsAcceptor::from(Arc::clone(&self.configuration.borrow()));
            let deliver = deliver.clone();
            let time = self.limits.handshake_time;
            tokio::spawn(async move {
                match tokio::time::timeout(time, acceptor.accept(tcp)).await {
                    Ok(Ok(stream)) => deliver(Handshaken { stream, address, place }).await,
                    Ok(Err(error)) => tracing::debug!(%address, %error, "TLS handshake failed"),
                    Err(_) => tracing::debug!(%address, "TLS handshake took too long"),
                }
                drop(handshake);
            });
        }
    }

    /// One TCP connection with its places; `None` when its address has too many, or the system refused and a pause was
    /// made.
    async fn accept(
        &self,
        handshakes: &Arc<Semaphore>,
        places: &Arc<Semaphore>,
        addresses: &Addresses,
    ) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit, Places)> {
        let handshake = Arc::clone(handshakes).acquire_owned().await.ok()?;
        let place = Arc::clone(places).acquire_owned().await.ok()?;
        match self.listener.accept().await {
            Ok((tcp, address)) => {
                let Some(own) = addresses.take(address.ip()) else {
                    tracing::debug!(%address, "a connection was refused: its address has too many");
                    return None;
                };
                // Without it a short answer may wait for the peer's delayed acknowledgement; the connection works anyway.
                if let Err(error) = tcp.set_nodelay(true) {
                    tracing::debug!(%address, %error, "cannot set TCP_NODELAY");
                }
                Some((tcp, address, handshake, Places { _open: place, _address: Some(own), _stranger: None }))
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
