//! One TLS 1.3 handshake that accepts every certificate, and says what was agreed or why nothing was.
//!
//! Accepting everything is the point: nothing is sent over these connections, and an expired or foreign certificate is
//! what we came to see. The judgement of the certificates is made from the recorded bytes.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::Resumption;
use rustls::version::TLS13;
use rustls::{AlertDescription, ClientConfig, HandshakeKind, SignatureScheme};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use super::bounded::Bounded;
use super::groups;
use super::known::Known;
use super::recorder::{NoCertificate, Recorder, Seen};
use super::tickets::Tickets;
use crate::network::io_reason;
use crate::tls::dial::Dialer;
use crate::tls::library;

/// Longest wait for one handshake.
const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(5);
/// Longest wait for tickets and the server's farewell after ours.
const FAREWELL_TIME_MAX: Duration = Duration::from_secs(1);
/// Most bytes that are read in one connection; long chains stay below 64 KiB.
const CONNECTION_BYTES_MAX: usize = 256 * 1024;
/// Bytes of unasked-for application data that are read, and thrown away, at a time.
const DISCARD_BYTES: usize = 4096;

/// A client for one server, with what it learnt from one handshake to the next.
pub(crate) struct Client<'a> {
    dialer: &'a Dialer,
    server_name: ServerName<'static>,
    recorder: Arc<Recorder>,
    /// Tickets that the server gave.
    pub(crate) tickets: Arc<Tickets>,
    configuration: ClientConfig,
}

/// What both sides agreed on.
#[derive(Debug, Clone)]
pub(crate) struct Agreed {
    /// IANA name of the cipher suite.
    pub(crate) suite: String,
    /// Application protocol, if the server took one.
    pub(crate) protocol: Option<String>,
    /// Whether an earlier session was taken up.
    pub(crate) resumed: bool,
    /// Whether everything was read that the server sent unasked: a ticket came, or the end of the connection.
    pub(crate) ended: Result<(), Unknown>,
}

/// Why nothing was agreed.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    /// The reason and what was seen exactly.
    pub(crate) why: Unknown,
    /// The alert that the server sent, if it sent one.
    pub(crate) alert: Option<AlertDescription>,
}

/// One handshake: what came, even when it broke off later, and its outcome.
#[derive(Debug, Clone)]
pub(crate) struct Handshake {
    /// What came.
    pub(crate) seen: Seen,
    /// What was agreed, or why not.
    pub(crate) outcome: Result<Agreed, Failure>,
}

impl<'a> Client<'a> {
    /// A client that offers these signature schemes, and the groups that the server takes.
    ///
    /// # Errors
    /// When the library refuses the offer.
    pub(crate) fn new(dialer: &'a Dialer, known: &Known, schemes: Vec<SignatureScheme>) -> Result<Self, Failure> {
        let recorder = Arc::new(Recorder::new(schemes));
        let tickets = Arc::new(Tickets::default());
        let mut provider = rustls::crypto::aws_lc_rs::default_provider();
        provider.cipher_suites.retain(|suite| suite.tls13().is_some());
        provider.cipher_suites.extend(super::ccm_suites::suites());
        provider.kx_groups = groups::offered(&known.groups);
        let mut configuration = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&TLS13])
            .map_err(|error| failure_of_library(&error))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::<Recorder>::clone(&recorder))
            .with_client_cert_resolver(Arc::new(NoCertificate(Arc::clone(&recorder))));
        configuration.enable_sni = known.sends_name;
        configuration.resumption = Resumption::store(Arc::<Tickets>::clone(&tickets));
        Ok(Self { dialer, server_name: known.server_name.clone(), recorder, tickets, configuration })
    }

    /// Shakes hands over one more connection, offering these application protocols and a ticket if there is one.
    pub(crate) async fn shake(&self, protocols: &[&str]) -> Handshake {
        let mut configuration = self.configuration.clone();
        configuration.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        let outcome = self.attempt(configuration, self.tickets.left() == 0).await;
        Handshake { seen: self.recorder.take(), outcome }
    }

    /// The same without a ticket, by a client that waits for none.
    pub(crate) async fn shake_afresh(&self, protocols: &[&str]) -> Handshake {
        let recorder = Arc::new(Recorder::new(self.recorder.schemes().to_vec()));
        let mut configuration = self.configuration.clone();
        configuration.resumption = Resumption::disabled();
        configuration.dangerous().set_certificate_verifier(Arc::<Recorder>::clone(&recorder));
        configuration.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        let outcome = self.attempt(configuration, false).await;
        Handshake { seen: recorder.take(), outcome }
    }

    async fn attempt(&self, configuration: ClientConfig, to_the_end: bool) -> Result<Agreed, Failure> {
        let dialled = self
            .dialer
            .open()
            .await
            .map_err(|error| Failure { why: Unknown::new(error.reason, error.detail), alert: None })?;
        let connector = TlsConnector::from(Arc::new(configuration));
        let stream = Bounded::new(dialled.stream, CONNECTION_BYTES_MAX);
        let attempt = connector.connect(self.server_name.clone(), stream);
        match self.dialer.deadline.run(HANDSHAKE_TIME_MAX, attempt).await {
            None => {
                let why = Unknown::new(Reason::TIMEOUT, "the server did not finish the handshake in time");
                Err(Failure { why, alert: None })
            }
            Some(Err(error)) => Err(failure_of(&error)),
            Some(Ok(mut stream)) => {
                let ended = if to_the_end {
                    self.farewell(&mut stream).await
                } else {
                    // A polite end; whether the server hears it changes nothing.
                    let _ = self.dialer.deadline.run(FAREWELL_TIME_MAX, stream.shutdown()).await;
                    Ok(())
                };
                Ok(agreed(stream.get_ref().1, ended))
            }
        }
    }

    /// Ends our side and reads on until a ticket or the server's own goodbye came.
    ///
    /// A server writes its tickets as soon as it has read the end of our handshake, hence before it reads our goodbye
    /// (RFC 8446 section 4.6.1): when the connection has ended, no ticket is missing.
    async fn farewell(&self, stream: &mut TlsStream<Bounded<TcpStream>>) -> Result<(), Unknown> {
        let to_the_end = async {
            // The end of our side only: after a goodbye of TLS the library must not meet a broken record.
            let _ = stream.get_mut().0.shutdown().await;
            let mut discarded = vec![0; DISCARD_BYTES];
            loop {
                match stream.read(&mut discarded).await {
                    Ok(0) => return Ok(()),
                    Ok(_) => {}
                    Err(error) => return end_of(&error),
                }
            }
        };
        let until = async {
            tokio::select! {
                ended = to_the_end => ended,
                () = self.tickets.arrived() => Ok(()),
            }
        };
        let late = || Err(Unknown::new(Reason::TIMEOUT, "the server did not end the connection after the handshake"));
        self.dialer.deadline.run(FAREWELL_TIME_MAX, until).await.unwrap_or_else(late)
    }
}

/// A connection that ends without the goodbye of TLS has ended all the same; one that ends with an alert refused us, but
/// for the one by which OpenSSL 3 complains that we left without a goodbye.
fn end_of(error: &io::Error) -> Result<(), Unknown> {
    let alert = match library::error_within(error) {
        Some(rustls::Error::AlertReceived(AlertDescription::DecodeError)) => return Ok(()),
        Some(rustls::Error::AlertReceived(_)) => true,
        Some(_) | None => false,
    };
    let ended = [io::ErrorKind::UnexpectedEof, io::ErrorKind::ConnectionReset, io::ErrorKind::BrokenPipe];
    if !alert && ended.contains(&error.kind()) { Ok(()) } else { Err(failure_of(error).why) }
}

fn agreed(connection: &rustls::ClientConnection, ended: Result<(), Unknown>) -> Agreed {
    let suite = connection.negotiated_cipher_suite().map(|suite| format!("{:?}", suite.suite())).unwrap_or_default();
    Agreed {
        // The library writes the names of version 1.3 with the version in front; IANA does not.
        suite: suite.replacen("TLS13_", "TLS_", 1),
        protocol: connection.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned()),
        resumed: connection.handshake_kind() == Some(HandshakeKind::Resumed),
        ended,
    }
}

fn failure_of(error: &io::Error) -> Failure {
    match library::error_within(error) {
        Some(cause) => failure_of_library(cause),
        None => Failure { why: Unknown::new(io_reason(error), error.to_string()), alert: None },
    }
}

fn failure_of_library(error: &rustls::Error) -> Failure {
    let alert = if let rustls::Error::AlertReceived(alert) = error { Some(*alert) } else { None };
    Failure { why: Unknown::new(library::reason(error), error.to_string()), alert }
}
