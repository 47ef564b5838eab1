//! One mail server: does it answer, does it turn to TLS, with which versions and which certificate.
//!
//! The look is lighter than that of the probe `tls`, which asks for every suite: one finished handshake and two hellos, up
//! to four before an old server. Only where the library cannot finish a handshake does `tls` look, since it speaks every
//! age of TLS.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustls::{ClientConfig, ProtocolVersion};
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::starttls::Starttls;
use vedetta_checks::target::{DomainName, Endpoint, Server};
use vedetta_checks::word::Reason;

use super::reach::first_open;
use super::shared::Inner;
use super::versions;
use crate::ProbeContext;
use crate::dns::delegation::networks;
use crate::network::io_reason;
use crate::tls::certificate::{Examination, RevocationLists, Staple, examine};
use crate::tls::connect::Deadline;
use crate::tls::dial::Dialer;
use crate::tls::facts::TlsFacts;
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
/// Answers to STARTTLS itself (RFC 3207 section 4, RFC 5321 section 4.2.2); with others a server turns the visitor away
/// before it says what it offers.
const STARTTLS_REFUSALS: [&str; 6] = ["454", "500", "501", "502", "503", "530"];

/// What was seen of one mail server.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// Whether it answers as a mail server.
    pub(crate) answers: Fact<bool>,
    /// Whether it turns to TLS.
    pub(crate) starttls: Fact<bool>,
    /// Whether it refused, in words, to turn to TLS or to speak with this visitor.
    pub(crate) refused: bool,
    /// Whether it agreed to turn to TLS, and then no handshake came to an end.
    pub(crate) broken: bool,
    /// What it said or did instead of turning to TLS; for a person.
    pub(crate) said: String,
    /// Newest version of TLS, as a word.
    pub(crate) newest: Fact<String>,
    /// Oldest version of TLS, as a word.
    pub(crate) oldest: Fact<String>,
    /// Certificates in the order sent, as a current client gets them.
    pub(crate) chain: Fact<Vec<CertificateDer<'static>>>,
    /// Why they are trusted or not, as a word of the probe `tls`.
    pub(crate) trust: Fact<String>,
    /// Whether its own is for its name.
    pub(crate) name_matches: Fact<bool>,
    /// When its own ends.
    pub(crate) not_after: Fact<Timestamp>,
}

/// Looks at one mail server, at the first of its addresses that answers, for the time that is left.
pub(super) async fn look(
    host: &str,
    addresses: &[IpAddr],
    shared: &Inner,
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
    let _place = shared.place(address.ip()).await;
    let time = left().min(SERVER_TIME_MAX);
    let deadline = Deadline::start(time);
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
            let context = ProbeContext { deadline: time, ..context.clone() };
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

impl Seen {
    /// It turns to TLS, and nothing more was seen.
    fn turned(why: &Unknown) -> Self {
        Self { answers: Fact::Known(true), starttls: Fact::Known(true), ..Self::unseen(why) }
    }

    /// Nothing seen, for one reason.
    pub(super) fn unseen(why: &Unknown) -> Self {
        Self {
            answers: Fact::Unknown(why.clone()),
            starttls: Fact::Unknown(why.clone()),
            refused: false,
            broken: false,
            said: String::new(),
            newest: Fact::Unknown(why.clone()),
            oldest: Fact::Unknown(why.clone()),
            chain: Fact::Unknown(why.clone()),
            trust: Fact::Unknown(why.clone()),
            name_matches: Fact::Unknown(why.clone()),
            not_after: Fact::Unknown(why.clone()),
        }
    }

    /// It was not reached, or does not turn to TLS.
    fn without_tls(error: &ProbeError) -> Self {
        let mut seen = Self::unseen(&error.to_unknown());
        let is_unreached = error.stage == "connect";
        seen.said.clone_from(&error.detail);
        if error.reason == Reason::NO_STARTTLS {
            (seen.answers, seen.starttls) = (Fact::Known(true), Fact::Known(false));
        } else if error.reason == Reason::REFUSED_STARTTLS {
            let code = error.detail.trim_start_matches("smtp: ").get(..3).unwrap_or_default();
            seen.answers = Fact::Known(true);
            seen.refused = true;
            if STARTTLS_REFUSALS.contains(&code) {
                seen.starttls = Fact::Known(false);
            }
        } else if error.reason == Reason::NOT_THE_PROTOCOL || (is_unreached && error.reason == Reason::CLOSED) {
            seen.answers = Fact::Known(false);
        }
        seen
    }

    /// What the probe `tls` says; it keeps no certificates as bytes, so those stay unknown for the reason `why`.
    fn of_whole_look(facts: TlsFacts, why: &Unknown) -> Self {
        let accepts = &facts.accepts;
        let by_age = [
            (&accepts.sslv2, "SSLv2"),
            (&accepts.sslv3, "SSLv3"),
            (&accepts.tls_1_0, "1.0"),
            (&accepts.tls_1_1, "1.1"),
            (&accepts.tls_1_2, "1.2"),
            (&accepts.tls_1_3, "1.3"),
        ];
        // A version that could not be told hides whether it is the oldest.
        let oldest = by_age.into_iter().find(|(accepted, _)| **accepted != Fact::Known(false));
        let oldest = match oldest {
            Some((Fact::Known(_), word)) => Fact::Known(word.to_owned()),
            Some((Fact::Unknown(why), _)) => Fact::Unknown(why.clone()),
            None => Fact::unknown(Reason::NOT_FOUND, "no version is accepted"),
        };
        let not_after = match facts.leaf {
            Fact::Known(leaf) => leaf.not_after,
            Fact::Unknown(why) => Fact::Unknown(why),
        };
        Self {
            oldest,
            newest: facts.version,
            trust: facts.trust,
            name_matches: facts.name_matches,
            not_after,
            ..Self::turned(why)
        }
    }

    fn take_chain(&mut self, chain: Vec<CertificateDer<'static>>, host: &str, context: &ProbeContext) {
        let Ok(name) = ServerName::try_from(host.to_owned()) else { return };
        if chain.is_empty() {
            return;
        }
        let around = Examination {
            name: &name,
            now: context.now,
            extra_roots: &context.extra_roots,
            staple: Staple::NotSeen,
            revocation_lists: &RevocationLists::default(),
        };
        let set = examine(&chain, &around);
        self.trust = set.trust;
        self.name_matches = set.name_matches;
        if let Some(leaf) = set.chain.into_iter().next() {
            self.not_after = leaf.not_after;
        }
        self.chain = Fact::Known(chain);
    }
}
