//! The HTTPS port of pages and API: connections from the collector's own acceptor, served over HTTP/1.1 with a
//! deadline for every part of a request.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::CONNECTION;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use tokio::sync::mpsc;
use tower::Service as _;

use crate::acceptor::agents::provider;
use crate::acceptor::connection::{Connection, ConnectionLimits};
use crate::acceptor::{HANDSHAKE_TIME_MAX, HANDSHAKES_MAX, Handshaken, PortLimits, TlsPort};
use crate::authority::{AuthorityError, ServerIdentity};
use crate::stop::Stop;

/// Most connections of one address; a browser opens six, and a whole office or a reverse proxy may share one.
pub const CONNECTIONS_OF_ADDRESS_MAX: usize = 128;
/// Longest time for the head of a request, the pause before the next one on the same connection included.
pub const HEAD_TIME_MAX: Duration = Duration::from_secs(15);
/// Longest time for the body of a request and its answer, the hashing of a passphrase included.
pub const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);
/// Largest head of a request, in bytes.
const HEAD_BYTES_MAX: usize = 32 * 1024;
/// The port's limits.
pub const PORT_LIMITS: PortLimits = PortLimits {
    handshakes: HANDSHAKES_MAX,
    handshake_time: HANDSHAKE_TIME_MAX,
    connections: 512,
    per_address: CONNECTIONS_OF_ADDRESS_MAX,
};
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

/// How long a request may take.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// For its head.
    pub head: Duration,
    /// For its body and the answer.
    pub request: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self { head: HEAD_TIME_MAX, request: REQUEST_TIME_MAX }
    }
}

/// Serves the pages until the collector stops; ends when the last open connection has ended. Each request carries the
/// address it came from.
///
/// # Errors
/// When the port cannot be used.
pub async fn serve(port: TlsPort, pages: axum::Router, times: Times, stop: Stop) -> std::io::Result<()> {
    let (sender, mut connections) = mpsc::channel(WAITING_MAX);
    let deliver = move |handshaken: Handshaken| {
        let sender = sender.clone();
        async move {
            // The server is gone only while the collector stops; the connection is dropped with it.
            let _stopping = sender.send(Connection::new(handshaken, None, None, CONNECTION_LIMITS)).await.is_err();
        }
    };
    let acceptor = tokio::spawn(port.run(deliver, stop.clone()));
    let in_time = from_fn(move |request: Request, next: Next| answer_in_time(times.request, request, next));
    let mut services = pages.layer(in_time).into_make_service_with_connect_info::<SocketAddr>();
    let mut http = Builder::new(TokioExecutor::new()).http1_only();
    http.http1().timer(TokioTimer::new()).header_read_timeout(times.head).max_buf_size(HEAD_BYTES_MAX);
    let open = GracefulShutdown::new();
    let stopped = stop.wait();
    tokio::pin!(stopped);
    loop {
        let connection = tokio::select! {
            () = &mut stopped => break,
            connection = connections.recv() => connection,
        };
        let Some(connection) = connection else { break };
        let address = connection.peer().address;
        let Ok(service) = services.call(address).await;
        let serving = http.serve_connection(TokioIo::new(connection), TowerToHyperService::new(service)).into_owned();
        let serving = open.watch(serving);
        tokio::spawn(async move {
            if let Err(error) = serving.await {
                tracing::debug!(%address, error, "a browser's connection ended");
            }
        });
    }
    acceptor.abort();
    open.shutdown().await;
    Ok(())
}

/// A body that comes too slowly ends its request, whatever page it is for.
async fn answer_in_time(time: Duration, request: Request, next: Next) -> Response {
    match tokio::time::timeout(time, next.run(request)).await {
        Ok(response) => response,
        Err(_) => (StatusCode::REQUEST_TIMEOUT, [(CONNECTION, "close")]).into_response(),
    }
}
