//! Making one connection: the first address that answers.

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use vedetta_proto::limits::COLLECTOR_NAME;

use super::{CONNECT_SECONDS_MAX, ConnectError, HANDSHAKE_SECONDS_MAX, Proxy};

/// Connects to the first address that answers, through the proxy if there is one.
///
/// # Errors
/// [`ConnectError`] of the last address that was tried; those before it are in the log.
pub async fn dial(
    addresses: &[String],
    proxy: Option<&Proxy>,
    tls: &Arc<ClientConfig>,
) -> Result<TlsStream<TcpStream>, ConnectError> {
    let mut last = ConnectError::NoAddress;
    for address in addresses {
        match dial_one(address, proxy, tls).await {
            Ok(stream) => return Ok(stream),
            Err(error) => {
                tracing::info!("{error}");
                last = error;
            }
        }
    }
    Err(last)
}

async fn dial_one(
    address: &str,
    proxy: Option<&Proxy>,
    tls: &Arc<ClientConfig>,
) -> Result<TlsStream<TcpStream>, ConnectError> {
    let valid = address.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    if !valid {
        return Err(ConnectError::Address(address.to_owned()));
    }
    let timed_out =
        |step, seconds| move |_elapsed| ConnectError::TimedOut { address: address.to_owned(), step, seconds };
    let tcp = tokio::time::timeout(Duration::from_secs(CONNECT_SECONDS_MAX), tcp(address, proxy))
        .await
        .map_err(timed_out("connecting", CONNECT_SECONDS_MAX))??;
    let name = ServerName::try_from(COLLECTOR_NAME).map_err(|_| ConnectError::Address(COLLECTOR_NAME.to_owned()))?;
    let handshake = TlsConnector::from(Arc::clone(tls)).connect(name, tcp);
    tokio::time::timeout(Duration::from_secs(HANDSHAKE_SECONDS_MAX), handshake)
        .await
        .map_err(timed_out("TLS handshake", HANDSHAKE_SECONDS_MAX))?
        .map_err(|source| ConnectError::Tls { address: address.to_owned(), hint: hint(&source), source })
}

async fn tcp(address: &str, proxy: Option<&Proxy>) -> Result<TcpStream, ConnectError> {
    let failed = |source| ConnectError::Tcp { address: address.to_owned(), source };
    let stream = match proxy {
        None => TcpStream::connect(address).await.map_err(failed)?,
        Some(proxy) => proxy
            .connect(address)
            .await
            .map_err(|source| ConnectError::Proxy { address: address.to_owned(), source })?,
    };
    stream.set_nodelay(true).map_err(failed)?;
    Ok(stream)
}

/// What a person should look at first.
fn hint(error: &std::io::Error) -> &'static str {
    let text = error.to_string();
    if text.contains("NotValidYet")
        || text.contains("not valid yet")
        || text.contains("Expired")
        || text.contains("expired")
    {
        "; check the clock of this host"
    } else if text.contains("UnknownIssuer") || text.contains("UnknownCA") || text.contains("ApplicationVerification") {
        "; this is not the collector that the host was enrolled with, or something on the way opens the encryption"
    } else {
        ""
    }
}
