//! The HTTPS port of pages and API: connections from the collector's own acceptor, served by axum.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::sync::mpsc;

use crate::acceptor::agents::provider;
use crate::acceptor::connection::{Connection, ConnectionLimits};
use crate::acceptor::{HANDSHAKE_TIME_MAX, HANDSHAKES_MAX, Handshaken, PortLimits, TlsPort};
use crate::authority::{AuthorityError, ServerIdentity};
use crate::stop::Stop;

/// The port's limits.
pub const PORT_LIMITS: PortLimits =
    PortLimits { handshakes: HANDSHAKES_MAX, handshake_time: HANDSHAKE_TIME_MAX, connections: 512 };
/// How long a browser's connection lasts: a slow or silent one is ended.
pub const CONNECTION_LIMITS: ConnectionLimits =
    ConnectionLimits { life: Duration::from_secs(600), idle: Duration::from_secs(60) };
/// Handshaken connections that wait for the server.
const WAITING_MAX: usize = 64;

/// The configuration of the people's port: TLS 1.3 and 1.2 (RFC 9325), HTTP/1.1.
///
/// # Errors
/// When certificate and key do not fit.
pub fn configuration(identity: ServerIdentity) -> Result<Arc<ServerConfig>, AuthorityError> {
    let wrong = |error: rustls::Error| AuthorityError::Issue { what: "the people's port", why: error.to_string() };
    let mut configuration = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(wrong)?
        .with_no_client_auth()
        .with_single_cert(identity.chain, identity.key)
        .map_err(wrong)?;
    configuration.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(configuration))
}

/// What axum takes connections from.
#[derive(Debug)]
struct Listener {
    connections: mpsc::Receiver<Connection>,
    address: SocketAddr,
}

impl axum::serve::Listener for Listener {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        match self.connections.recv().await {
            Some(connection) => {
                let address = connection.peer().address;
                (connection, address)
            }
            // The acceptor has stopped; the server stops by its own signal.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// Serves the pages until the collector stops.
///
/// # Errors
/// When the server cannot go on.
pub async fn serve(port: TlsPort, pages: axum::Router, stop: Stop) -> std::io::Result<()> {
    let address = port.listener.local_addr()?;
    let (sender, connections) = mpsc::channel(WAITING_MAX);
    let deliver = move |handshaken: Handshaken| {
        let sender = sender.clone();
        async move {
            // The server is gone only while the collector stops; the connection is dropped with it.
            let _stopping = sender.send(Connection::new(handshaken, None, None, CONNECTION_LIMITS)).await.is_err();
        }
    };
    let acceptor = tokio::spawn(port.run(deliver, stop.clone()));
    let served = axum::serve(Listener { connections, address }, pages).with_graceful_shutdown(stop.wait()).await;
    acceptor.abort();
    served
}
