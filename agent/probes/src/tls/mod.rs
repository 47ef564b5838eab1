//! Probe `tls`: what one TLS endpoint shows to any visitor.
//!
//! One handshake with everything that the library can offer, then one for each version that is still open. The
//! certificates are recorded before anybody judges them, so their facts come for expired and foreign ones too.
//!
//! The library speaks TLS 1.2 and 1.3 with modern suites. A server that has only older ones refuses the handshake:
//! that is the error `handshake_refused`, never a pass; which old versions it has is not seen.
//!
//! Read in this order: [`facts`] (what it may say), `connect`, `handshake`, `versions`, `certificate` (certificates as facts,
//! verdict on the chain and its reason).

mod bounded;
pub mod certificate;
pub(crate) mod connect;
mod dial;
pub mod facts;
mod handshake;
pub mod policy;
mod recorder;
mod starttls;
mod unseen;
mod versions;
pub mod wire;

use std::net::SocketAddr;
use std::time::Duration;

use rustls::version::{TLS12, TLS13};
use rustls::{AlertDescription, SupportedProtocolVersion};
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use vedetta_checks::catalogue::{Observation, ProbeError, ProbeSpec, Reach};
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::target::{Endpoint, Target, TargetKind};
use vedetta_checks::word::{ProbeName, Reason};

use crate::{Observing, Probe, ProbeContext};
use certificate::{Examination, RevocationLists, Staple};
use connect::Deadline;
use facts::TlsFacts;
use handshake::{Agreed, Failure, Handshake, Offer, shake};

/// Name of the probe in packs.
pub const NAME: ProbeName = ProbeName::from_static("tls");
/// Longest time for a whole look.
const DEADLINE: Duration = Duration::from_secs(20);
/// Every version that the library can offer.
const BOTH: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];
/// TLS 1.2 alone.
const ONLY_1_2: &[&SupportedProtocolVersion] = &[&TLS12];
/// TLS 1.3 alone.
const ONLY_1_3: &[&SupportedProtocolVersion] = &[&TLS13];

/// The probe; see the module.
#[derive(Debug, Clone, Copy)]
pub struct TlsProbe;

impl Probe for TlsProbe {
    fn spec(&self) -> ProbeSpec {
        ProbeSpec {
            name: NAME,
            version: 1,
            summary: "Certificates, trust, host name and versions of a TLS endpoint.",
            target: TargetKind::Endpoint,
            reach: Reach::Passive,
            deadline: DEADLINE,
            observation: ProbeSpec::schema_of::<TlsFacts>(),
        }
    }

    fn observe<'a>(&'a self, target: &'a Target, context: &'a ProbeContext) -> Observing<'a> {
        Box::pin(async move {
            let Target::Endpoint(endpoint) = target else {
                return Err(ProbeError::new("choose the target", Reason::DOES_NOT_APPLY, target.to_string()));
            };
            let facts = look(endpoint, context).await?;
            Ok(Observation::new(NAME, target.clone(), context.now, facts))
        })
    }
}

async fn look(endpoint: &Endpoint, context: &ProbeContext) -> Result<TlsFacts, ProbeError> {
    let deadline = Deadline::start(context.deadline);
    let expected = endpoint.expected_name();
    let name = ServerName::try_from(expected.clone())
        .map_err(|error| ProbeError::new("handshake", Reason::DOES_NOT_APPLY, format!("{expected}: {error}")))?;
    let (stream, address) = connect::open(endpoint, context, deadline).await?;
    let first = first_handshake(stream, address, &name, deadline).await;
    if let Err(failure) = &first.outcome
        && first.chain.is_empty()
    {
        return Err(ProbeError::new("handshake", failure.reason.clone(), format!("{address}: {}", failure.detail)));
    }
    let (accepts_tls_1_2, accepts_tls_1_3) = versions_of(&first, address, &name, deadline).await;
    let mut facts = told(&first, address, expected, &name, context, accepts_tls_1_2, accepts_tls_1_3);
    facts.starttls_protocol = Fact::Known(endpoint.starttls.map_or_else(String::new, |own| own.word().to_owned()));
    Ok(facts)
}

/// Offers everything that a browser offers; then less, to a server that stumbles over it.
///
/// The first outcome stands unless the server shows a certificate to the smaller offer.
async fn first_handshake(
    stream: TcpStream,
    address: SocketAddr,
    name: &ServerName<'static>,
    deadline: Deadline,
) -> Handshake {
    let first = shake(stream, name.clone(), Offer { versions: BOTH, protocols: true }, deadline).await;
    let Err(failure) = &first.outcome else { return first };
    let less = if failure.alert == Some(AlertDescription::NoApplicationProtocol) {
        // A server of another application protocol: ask as one that has no wish.
        BOTH
    } else if first.chain.is_empty()
        && [Reason::CLOSED, Reason::RESET, Reason::HANDSHAKE_REFUSED].contains(&failure.reason)
    {
        // Some old servers hang up on the larger greeting of version 1.3.
        ONLY_1_2
    } else {
        return first;
    };
    let second = again(address, name, less, deadline).await;
    if second.chain.is_empty() { first } else { second }
}

/// Tries each version alone that the first handshake did not settle, both at once.
async fn versions_of(
    first: &Handshake,
    address: SocketAddr,
    name: &ServerName<'static>,
    deadline: Deadline,
) -> (Fact<bool>, Fact<bool>) {
    let agreed = first.outcome.as_ref().ok().map(|agreed| agreed.version.as_str());
    let chose_1_2 = agreed == Some("1.2") && first.versions == BOTH;
    let try_alone = async |word: &str, only: &'static [&'static SupportedProtocolVersion], chose_other: bool| {
        if agreed == Some(word) {
            return Fact::Known(true);
        }
        versions::accepts(&again(address, name, only, deadline).await, chose_other)
    };
    tokio::join!(try_alone("1.2", ONLY_1_2, false), try_alone("1.3", ONLY_1_3, chose_1_2))
}

/// One more handshake on a connection of its own, without a wish for an application protocol.
async fn again(
    address: SocketAddr,
    name: &ServerName<'static>,
    versions: &'static [&'static SupportedProtocolVersion],
    deadline: Deadline,
) -> Handshake {
    match connect::connect(address, deadline).await {
        Ok(stream) => shake(stream, name.clone(), Offer { versions, protocols: false }, deadline).await,
        Err(error) => {
            let failure = Failure { reason: error.reason, detail: error.detail, alert: None, other_version: false };
            Handshake { versions, chain: Vec::new(), outcome: Err(failure) }
        }
    }
}

/// Everything that was seen, as facts.
fn told(
    first: &Handshake,
    address: SocketAddr,
    expected: String,
    name: &ServerName<'_>,
    context: &ProbeContext,
    accepts_tls_1_2: Fact<bool>,
    accepts_tls_1_3: Fact<bool>,
) -> TlsFacts {
    let around = Examination {
        name,
        now: context.now,
        extra_roots: &context.extra_roots,
        staple: Staple::NotSeen,
        revocation_lists: &RevocationLists::default(),
    };
    let set = certificate::examine(&first.chain, &around);
    let not_asked = Unknown::new(Reason::NOT_FOUND, "not asked");
    let mut facts = unseen::unseen(address.to_string(), expected, &not_asked);
    facts.version = agreed(first, |agreed| agreed.version.clone());
    facts.suite = agreed(first, |agreed| agreed.suite.clone());
    facts.alpn = agreed(first, |agreed| agreed.alpn.clone());
    facts.accepts.tls_1_2 = accepts_tls_1_2;
    facts.accepts.tls_1_3 = accepts_tls_1_3;
    facts.leaf = set.chain.first().cloned().map_or_else(no_certificate, Fact::Known);
    facts.chain = if set.chain.is_empty() { no_certificate() } else { Fact::Known(set.chain.clone()) };
    facts.trusted = set.trusted.clone();
    facts.trust = set.trust.clone();
    facts.name_matches = set.name_matches.clone();
    facts.certificates = if set.chain.is_empty() { no_certificate() } else { Fact::Known(vec![set]) };
    facts
}

fn agreed<T>(handshake: &Handshake, part: impl Fn(&Agreed) -> T) -> Fact<T> {
    match &handshake.outcome {
        Ok(agreed) => Fact::Known(part(agreed)),
        Err(failure) => Fact::unknown(failure.reason.clone(), &failure.detail),
    }
}

fn no_certificate<T>() -> Fact<T> {
    Fact::unknown(Reason::NOT_FOUND, "the server sent no certificate")
}
