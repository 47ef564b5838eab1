//! One handshake that accepts every certificate, records it, and says what was agreed or why nothing was.
//!
//! Accepting everything is the point: nothing is sent over these connections, and an expired or foreign certificate is
//! what we came to see. The judgement of the certificates is `trust`'s, from the recorded bytes.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::{AlertDescription, ClientConfig, PeerIncompatible, ProtocolVersion, SupportedProtocolVersion};
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use vedetta_checks::word::Reason;

use super::bounded::Bounded;
use super::connect::Deadline;
use super::recorder::Recorder;
use crate::network::io_reason;

/// Longest wait for one handshake.
const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(5);
/// Longest wait for the farewell after a handshake.
const FAREWELL_TIME_MAX: Duration = Duration::from_secs(1);
/// Most bytes that are read in one handshake; long chains stay below 64 KiB.
const HANDSHAKE_BYTES_MAX: usize = 256 * 1024;
/// Application protocols that a browser offers.
const BROWSER_PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// What is offered to the server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offer {
    /// TLS versions.
    pub(crate) versions: &'static [&'static SupportedProtocolVersion],
    /// Whether the application protocols of a browser are offered.
    pub(crate) protocols: bool,
}

/// What both sides agreed on.
#[derive(Debug, Clone)]
pub(crate) struct Agreed {
    /// TLS version as `1.2` or `1.3`.
    pub(crate) version: String,
    /// IANA name of the cipher suite.
    pub(crate) suite: String,
    /// Application protocol, one or none.
    pub(crate) alpn: Vec<String>,
}

/// Why nothing was agreed.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    /// As a word.
    pub(crate) reason: Reason,
    /// What was seen exactly.
    pub(crate) detail: String,
    /// The alert that the server sent, if it sent one.
    pub(crate) alert: Option<AlertDescription>,
    /// Whether the server answered with a TLS version that was not offered.
    pub(crate) other_version: bool,
}

/// One handshake: the certificates as sent, even when it broke off later, and its outcome.
#[derive(Debug, Clone)]
pub(crate) struct Handshake {
    /// TLS versions that were offered.
    pub(crate) versions: &'static [&'static SupportedProtocolVersion],
    /// Certificates in the order sent; empty when none came.
    pub(crate) chain: Vec<CertificateDer<'static>>,
    /// What was agreed, or why not.
    pub(crate) outcome: Result<Agreed, Failure>,
}

/// Shakes hands over an open connection.
pub(crate) async fn shake(stream: TcpStream, name: ServerName<'static>, offer: Offer, deadline: Deadline) -> Handshake {
    let recorder = Arc::new(Recorder::default());
    let outcome = match configuration(offer, Arc::clone(&recorder)) {
        Err(error) => Err(failure_of_library(&error)),
        Ok(configuration) => {
            let connector = TlsConnector::from(Arc::new(configuration));
            let attempt = connector.connect(name, Bounded::new(stream, HANDSHAKE_BYTES_MAX));
            match deadline.run(HANDSHAKE_TIME_MAX, attempt).await {
                None => Err(Failure {
                    reason: Reason::TIMEOUT,
                    detail: "the server did not finish the handshake in time".to_owned(),
                    alert: None,
                    other_version: false,
                }),
                Some(Err(error)) => Err(failure_of(&error)),
                Some(Ok(mut stream)) => {
                    let agreed = agreed(stream.get_ref().1);
                    // A polite end; whether the server hears it changes nothing.
                    let _farewell = deadline.run(FAREWELL_TIME_MAX, stream.shutdown()).await;
                    Ok(agreed)
                }
            }
        }
    };
    Handshake { versions: offer.versions, chain: recorder.take(), outcome }
}

fn configuration(offer: Offer, recorder: Arc<Recorder>) -> Result<ClientConfig, rustls::Error> {
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    // The library offers the suites of every version it knows; ours is the greeting of these versions alone.
    provider.cipher_suites.retain(|suite| offer.versions.contains(&suite.version()));
    let mut configuration = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(offer.versions)?
        .dangerous()
        .with_custom_certificate_verifier(recorder)
        .with_no_client_auth();
    if offer.protocols {
        configuration.alpn_protocols = BROWSER_PROTOCOLS.iter().map(|protocol| protocol.to_vec()).collect();
    }
    configuration.resumption = rustls::client::Resumption::disabled();
    Ok(configuration)
}

fn agreed(connection: &rustls::ClientConnection) -> Agreed {
    let version = match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_2) => "1.2".to_owned(),
        Some(ProtocolVersion::TLSv1_3) => "1.3".to_owned(),
        other => format!("{other:?}"),
    };
    let suite = connection.negotiated_cipher_suite().map(|suite| format!("{:?}", suite.suite())).unwrap_or_default();
    Agreed {
        version,
        // The library writes the names of version 1.3 with the version in front; IANA does not.
        suite: suite.replacen("TLS13_", "TLS_", 1),
        alpn: connection.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned()).into_iter().collect(),
    }
}

fn failure_of(error: &io::Error) -> Failure {
    match error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>()) {
        Some(cause) => failure_of_library(cause),
        None => Failure { reason: io_reason(error), detail: error.to_string(), alert: None, other_version: false },
    }
}

fn failure_of_library(error: &rustls::Error) -> Failure {
    use rustls::Error as E;
    let reason = if matches!(error, E::AlertReceived(_) | E::PeerIncompatible(_) | E::NoCertificatesPresented) {
        Reason::HANDSHAKE_REFUSED
    } else if matches!(
        error,
        E::InvalidMessage(_)
            | E::InappropriateMessage { .. }
            | E::InappropriateHandshakeMessage { .. }
            | E::PeerMisbehaved(_)
            | E::DecryptError
            | E::PeerSentOversizedRecord
    ) {
        Reason::NOT_TLS
    } else {
        Reason::PROBE_FAILED
    };
    let alert = if let E::AlertReceived(alert) = error { Some(*alert) } else { None };
    let other_version = matches!(
        error,
        E::PeerIncompatible(
            PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
                | PeerIncompatible::ServerDoesNotSupportTls12Or13
                | PeerIncompatible::Tls12NotOfferedOrEnabled
        )
    );
    Failure { reason, detail: error.to_string(), alert, other_version }
}
