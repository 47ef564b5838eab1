//! The way to the collector: addresses in order, an HTTP proxy if there is one, TLS 1.3 both ways, HTTP/2 on top.
//!
//! The collector is known by its certificate authority and one fixed name, never by its address. One connection serves
//! one exchange and is closed after it. Every step has its time limit.

mod dial;
mod proxy;
mod tls;

use std::sync::Mutex;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tonic::transport::{Channel, Endpoint};
use tower::service_fn;
use vedetta_proto::limits::COLLECTOR_NAME;

pub use dial::dial;
pub use proxy::{Proxy, ProxyError, credentials};
pub use tls::{Enrolling, TlsError, enrolling, identified};

/// Longest time to reach one address, in seconds: name, TCP and proxy together.
pub const CONNECT_SECONDS_MAX: u64 = 10;
/// Longest time for one TLS handshake, in seconds.
pub const HANDSHAKE_SECONDS_MAX: u64 = 10;

/// Why the collector was not reached.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// An address is written wrongly.
    #[error("`{0}` is no address of a collector: write it as name:port")]
    Address(String),
    /// TCP did not come about.
    #[error("cannot connect to {address}: {source}")]
    Tcp {
        /// The address as configured.
        address: String,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The proxy did not let us through.
    #[error("cannot reach {address} through the proxy: {source}")]
    Proxy {
        /// The collector's address.
        address: String,
        /// What the proxy did.
        source: ProxyError,
    },
    /// TLS failed; both sides' certificates are checked here.
    #[error("no trusted connection with {address}: {source}{hint}")]
    Tls {
        /// The collector's address.
        address: String,
        /// What failed.
        source: std::io::Error,
        /// What to look at, when the cause is a common one.
        hint: &'static str,
    },
    /// A step took too long.
    #[error("{address} gave no answer within {seconds} s ({step})")]
    TimedOut {
        /// The collector's address.
        address: String,
        /// What was attempted.
        step: &'static str,
        /// The limit.
        seconds: u64,
    },
    /// Our own TLS settings are unusable.
    #[error("{0}")]
    Settings(#[from] TlsError),
    /// HTTP/2 did not come about.
    #[error("the collector does not speak HTTP/2: {0}")]
    Http2(tonic::transport::Error),
    /// There is no address.
    #[error("no address of the collector is known")]
    NoAddress,
}

/// A gRPC channel over one connection that is already made.
///
/// # Errors
/// [`ConnectError::Http2`] when the other side does not speak it.
pub async fn channel(stream: TlsStream<TcpStream>) -> Result<Channel, ConnectError> {
    let held = Mutex::new(Some(TokioIo::new(stream)));
    let connector = service_fn(move |_| {
        // A second connection would need a new dial: the exchange ends instead, and is tried again as a whole.
        let taken = held.lock().ok().and_then(|mut held| held.take());
        async move { taken.ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotConnected)) }
    });
    // The scheme is http because TLS is already beneath; the name is what HTTP/2 calls the authority.
    let uri = format!("http://{COLLECTOR_NAME}");
    let endpoint = Endpoint::from_shared(uri)
        .map_err(ConnectError::Http2)?
        .connect_timeout(Duration::from_secs(HANDSHAKE_SECONDS_MAX))
        .http2_keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(10));
    endpoint.connect_with_connector(connector).await.map_err(ConnectError::Http2)
}

#[cfg(test)]
mod tests;
