//! One mail server: does it answer, does it turn to TLS, with which versions and which certificate.
//!
//! The look is lighter than that of the probe `tls`, which asks for every suite: one finished handshake and two hellos, up
//! to four before an old server. Only where the library cannot finish a handshake does `tls` look, since it speaks every
//! age of TLS.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustls::{ClientConfig, ProtocolVersion};
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::starttls::Starttls;
use vedetta_checks::target::{DomainName, Endpoint, Server};
use vedetta_checks::word::Reason;

use super::home::Reachable;
use super::reach::first_open;
use super::seen::Seen;
use super::shared::Inner;
use super::versions;
use crate::ProbeContext;
use crate::dns::delegation::networks;
use crate::network::io_reason;
use crate::tls::connect::Deadline;
use crate::tls::dial::Dialer;
use crate::tls::finish::recorder::{NoCertificate, Recorder};
use crate::tls::finish::schemes;
use crate::tls::wire::Version;
use crate::tls::{library, passive_look, starttls};

/// Longest conversation with one mail server.
const SERVER_TIME_MAX: Duration = Duration::from_secs(25);
/// Longest time for everything before TLS; some servers let a stranger wait for 6 seconds before they greet.
const CLEAR_TIME_MAX: Duration = Duration::from_secs(10);
/// The same at an address that the Internet does not carry: mostly no mail server is there, but something on the way that
/// accepts every connection.
const PRIVATE_CLEAR_TIME_MAX: Duration = Duration::from_secs(4);
/// Longest wait for one handshake.
const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(6);
/// Longest wait for our own goodbye to be taken.
const FAREWELL_TIME_MAX: Duration = Duration::from_millis(500);

/// Looks at one mail server, at the first of its addresses that answers, for the time that is left. Whether it waits for a
/// place among its neighbours is told in `waits`.
pub(super) async fn look(
    host: &str,
    addresses: &Reachable,
    shared: &Inner,
    waits: &AtomicBool,
    left: impl Fn() -> Duration,
    context: &ProbeContext,
) -> Seen {
    let silence = &shared.silence;
    let opening = first_open(addresses, context.smtp_port, Deadline::start(left()), Some(silence));
    let (mut stream, address) = match opening.await {
        Ok(open) => open,
        Err(error) => return Seen::without_tls(&error),
    };
    // Only who was reached takes a place: silent neighbours do not make each other wait.
    waits.store(true, Ordering::Relaxed);
    let _place = shared.place(address.ip()).await;
    waits.store(false, Ordering::Relaxed);
    let time = left().min(SERVER_TIME_MAX);
    let (started, deadline) = (Instant::now(), Deadline::start(time));
    let dialer = Dialer::new(address, Some(Starttls::Smtp), &context.identification, deadline).called(host);
    let turning = starttls::upgrade(&mut stream, Starttls::Smtp, &dialer);
    match deadline.run(patience(address.ip()), turning).await {
        Some(Ok(())) => {}
        Some(Err(error)) => return Seen::without_tls(&error),
        None => {
            silence.silent(address.ip());
            let detail = format!("starttls: {address}: it accepts a connection and does not turn to TLS in time");
            return Seen::unseen(&Unknown::new(Reason::TIMEOUT, detail));
        }
    }
    let shaken = match handshake(stream, host, deadline).await {
        Ok(shaken) => shaken,
        Err(why) if why.reason == Reason::TIMEOUT => return Seen::turned(&why),
        Err(why) => {
            let context = ProbeContext { deadline: time.saturating_sub(started.elapsed()), ..context.clone() };
            return by_the_whole_look(host, address.ip(), &why, &context).await;
        }
    };
    let mut seen = Seen::turned(&Unknown::new(Reason::NOT_FOUND, "the server sent no certificate"));
    seen.newest = Fact::Known(word(shaken.version));
    seen.oldest = versions::oldest(&dialer, host, shaken.version).await.map(word);
    seen.take_chain(shaken.chain, host, context);
    seen
}

/// How long a server that accepted a connection is listened to before TLS.
fn patience(address: IpAddr) -> Duration {
    if networks::is_private(address) && !address.is_loopback() { PRIVATE_CLEAR_TIME_MAX } else { CLEAR_TIME_MAX }
}

/// What a finished handshake gave.
struct Shaken {
    version: Version,
    chain: Vec<CertificateDer<'static>>,
}

/// Finishes one handshake, takes every certificate, and says goodbye.
async fn handshake(stream: TcpStream, host: &str, deadline: Deadline) -> Result<Shaken, Unknown> {
    let recorder = Arc::new(Recorder::new(schemes::without(&[])));
    let failed = |error: &rustls::Error| Unknown::new(library::reason(error), error.to_string());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut configuration = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(&error))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::<Recorder>::clone(&recorder))
        .with_client_cert_resolver(Arc::new(NoCertificate(Arc::clone(&recorder))));
    configuration.resumption = rustls::client::Resumption::disabled();
    let name = ServerName::try_from(host.to_owned())
        .map_err(|error| Unknown::new(Reason::DOES_NOT_APPLY, format!("{host}: {error}")))?;
    let attempt = TlsConnector::from(Arc::new(configuration)).connect(name, stream);
    let mut stream = match deadline.run(HANDSHAKE_TIME_MAX, attempt).await {
        None => return Err(Unknown::new(Reason::TIMEOUT, format!("{host}: no end of the handshake in time"))),
        Some(Err(error)) => {
            let reason = library::error_within(&error).map_or_else(|| io_reason(&error), library::reason);
            return Err(Unknown::new(reason, format!("{host}: {error}")));
        }
        Some(Ok(stream)) => stream,
    };
    let version = match stream.get_ref().1.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => Version::Tls13,
        Some(_) | None => Version::Tls12,
    };
    // Whether the server hears it changes nothing.
    let farewell = async {
        let _ = stream.write_all(b"QUIT\r\n").await;
        let _ = stream.shutdown().await;
    };
    let _in_time = deadline.run(FAREWELL_TIME_MAX, farewell).await;
    Ok(Shaken { version, chain: recorder.take().chain })
}

/// The look of the probe `tls`, for a server with which the library finds nothing in common.
async fn by_the_whole_look(host: &str, address: IpAddr, why: &Unknown, context: &ProbeContext) -> Seen {
    let Ok(name) = DomainName::parse(host) else { return Seen::turned(why) };
    let endpoint = Endpoint {
        server: Server::Name(name),
        port: context.smtp_port,
        server_name: None,
        address: Some(address),
        starttls: Some(Starttls::Smtp),
    };
    match passive_look(&endpoint, context).await {
        Ok(facts) => Seen::of_whole_look(facts, why),
        Err(error) if error.stage == "handshake" && error.reason != Reason::TIMEOUT => {
            let why = error.to_unknown();
            Seen { starttls: Fact::Known(false), broken: true, said: why.detail.clone(), ..Seen::turned(&why) }
        }
        Err(error) => Seen::turned(&error.to_unknown()),
    }
}

/// A version as facts name it: `1.3`, `SSLv3`.
fn word(version: Version) -> String {
    version.word().trim_start_matches("TLSv").to_owned()
}
