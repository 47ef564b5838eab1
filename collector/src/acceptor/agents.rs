//! The agents' port: TLS 1.3 only, no resumption (so the registry is always asked), and two servers behind it. Which one
//! a connection reaches is decided by what it proved: without a certificate, enrolment and nothing else.

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::server::NoServerSessionStorage;
use rustls::time_provider::TimeProvider;
use rustls_pki_types::UnixTime;
use tokio::sync::{Semaphore, mpsc};

use super::connection::{Connection, ConnectionLimits};
use super::connections::Connections;
use super::{HANDSHAKE_TIME_MAX, HANDSHAKES_MAX, Handshaken, PortLimits, TlsPort};
use crate::authority::verifier::{AgentVerifier, read_certificate};
use crate::authority::{Authority, AuthorityError, ServerIdentity};
use crate::clock::Clock;
use crate::stop::Stop;

/// Most open connections on the agents' port.
pub const CONNECTIONS_MAX: usize = 4_096;
/// Most open connections that proved nothing: enrolment is rare and short.
pub const STRANGERS_MAX: usize = 64;
/// Most connections of one address that proved nothing, handshakes among them. Behind one address may be the computers
/// of a whole Comune; those that are enrolled stop counting when their handshake is done.
pub const CONNECTIONS_OF_ADDRESS_MAX: usize = 128;
/// Handshaken connections that wait for their server.
const WAITING_MAX: usize = 64;

/// The port's limits.
pub const PORT_LIMITS: PortLimits = PortLimits {
    handshakes: HANDSHAKES_MAX,
    handshake_time: HANDSHAKE_TIME_MAX,
    connections: CONNECTIONS_MAX,
    per_address: CONNECTIONS_OF_ADDRESS_MAX,
};
/// A connection that only enrols is short.
pub const ENROLMENT_LIMITS: ConnectionLimits =
    ConnectionLimits { life: Duration::from_secs(60), idle: Duration::from_secs(20) };
/// A report session: the servers' own keep-alive moves bytes every 30 s, so silence means a dead peer.
pub const SESSION_LIMITS: ConnectionLimits =
    ConnectionLimits { life: Duration::from_secs(3_600), idle: Duration::from_secs(90) };

/// The two ways behind the port.
#[derive(Debug)]
pub struct Ways {
    /// Connections without a certificate.
    pub enrolment: mpsc::Receiver<Connection>,
    /// Connections that proved an agent's key.
    pub agents: mpsc::Receiver<Connection>,
}

#[derive(Debug)]
struct ClockOfTls(Clock);

impl TimeProvider for ClockOfTls {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().as_second()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

/// The one provider of cryptography.
#[must_use]
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// The configuration of the agents' port with the collector's certificate of the day.
///
/// # Errors
/// When certificate and key do not fit.
pub fn configuration(
    authority: &Authority,
    identity: ServerIdentity,
    clock: &Clock,
) -> Result<Arc<ServerConfig>, AuthorityError> {
    let wrong = |error: rustls::Error| AuthorityError::Issue { what: "the agents' port", why: error.to_string() };
    let verifier = AgentVerifier::new(authority, provider()).map_err(wrong)?;
    let mut configuration = ServerConfig::builder_with_details(provider(), Arc::new(ClockOfTls(clock.clone())))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(wrong)?
        .with_client_cert_verifier(Arc::new(verifier))
        .with_single_cert(identity.chain, identity.key)
        .map_err(wrong)?;
    configuration.alpn_protocols = vec![b"h2".to_vec()];
    configuration.session_storage = Arc::new(NoServerSessionStorage {});
    configuration.send_tls13_tickets = 0;
    Ok(Arc::new(configuration))
}

/// Accepts on the port and sorts connections into the two ways until the collector stops.
#[must_use]
pub fn start(port: TlsPort, connections: Connections, stop: Stop) -> (tokio::task::JoinHandle<()>, Ways) {
    let (to_enrolment, enrolment) = mpsc::channel(WAITING_MAX);
    let (to_agents, agents) = mpsc::channel(WAITING_MAX);
    let strangers = Arc::new(Semaphore::new(STRANGERS_MAX));
    let deliver = move |mut handshaken: Handshaken| {
        let (to_enrolment, to_agents, connections) = (to_enrolment.clone(), to_agents.clone(), connections.clone());
        let strangers = Arc::clone(&strangers);
        async move {
            let (_, tls) = handshaken.stream.get_ref();
            let Some(leaf) = tls.peer_certificates().and_then(|chain| chain.first()) else {
                let Ok(place) = strangers.try_acquire_owned() else {
                    tracing::debug!(address = %handshaken.address, "too many connections without a certificate");
                    return;
                };
                handshaken.place.among_strangers(place);
                let connection = Connection::new(handshaken, None, None, ENROLMENT_LIMITS);
                // The server is gone only while the collector stops; the connection is dropped with it.
                let _stopping = to_enrolment.send(connection).await.is_err();
                return;
            };
            let Some(certificate) = read_certificate(leaf) else {
                tracing::warn!(address = %handshaken.address, "a certificate of our authority names no agent");
                return;
            };
            handshaken.place.leave_address();
            let Some(registered) = connections.register(certificate.agent) else {
                tracing::warn!(agent = %certificate.agent, "a connection was refused: the agent has too many open");
                return;
            };
            let connection = Connection::new(handshaken, Some(certificate), Some(registered), SESSION_LIMITS);
            let _stopping = to_agents.send(connection).await.is_err();
        }
    };
    (tokio::spawn(port.run(deliver, stop)), Ways { enrolment, agents })
}
