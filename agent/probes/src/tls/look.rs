//! One whole look: where to connect, which questions in which order, and what came of them.

use std::net::SocketAddr;

use rustls_pki_types::ServerName;
use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::starttls::Starttls;
use vedetta_checks::target::Endpoint;
use vedetta_checks::word::Reason;

use super::attack::{self, Attacked};
use super::certificate::RevocationLists;
use super::connect::{self, Deadline};
use super::dial::Dialer;
use super::enumerate::{Enumeration, enumerate};
use super::facts::{StarttlsFacts, TlsFacts};
use super::finish::known::Known;
use super::finish::{Finished, finish};
use super::{starttls, told, unseen};
use crate::ProbeContext;
use crate::files::Root;

/// Everything that the connections of one look brought.
pub(super) struct Seen<'a> {
    /// Address and port that answered.
    pub(super) address: SocketAddr,
    /// Name or address that the certificate should carry.
    pub(super) expected: ServerName<'static>,
    /// From hellos alone.
    pub(super) enumeration: &'a Enumeration,
    /// From finished handshakes.
    pub(super) finished: &'a Finished,
    /// From crafted messages; `None` where they are not allowed.
    pub(super) attacked: Option<&'a Attacked>,
    /// Revocation lists of this host.
    pub(super) revocation_lists: &'a RevocationLists,
}

/// Looks at one endpoint.
///
/// # Errors
/// Stage `resolve`, `connect`, `starttls` or `handshake`, with the reason, when nothing of TLS could be seen.
pub(super) async fn look(endpoint: &Endpoint, context: &ProbeContext) -> Result<TlsFacts, ProbeError> {
    let deadline = Deadline::start(context.deadline);
    let expected = endpoint.expected_name();
    let name = ServerName::try_from(expected.clone())
        .map_err(|error| ProbeError::new("handshake", Reason::DOES_NOT_APPLY, format!("{expected}: {error}")))?;
    let address = connect::choose(endpoint, context, deadline).await?;
    let dialer = Dialer::new(address, endpoint.starttls, &context.identification, deadline).called(&expected);
    let enumeration = match enumerate(&dialer, sent_name(&name)).await {
        Ok(enumeration) => enumeration,
        Err(error) if error.reason == Reason::NO_STARTTLS => return Ok(without_tls(&dialer, expected, &error)),
        // A refusal that stands in the place of TLS is the service's, not a broken handshake.
        Err(error) if error.stage == "handshake" && endpoint.starttls.is_some() => {
            return Err(starttls::late_refusal(&dialer).await.unwrap_or(error));
        }
        Err(error) => return Err(error),
    };
    let known = Known::of(&enumeration, name.clone());
    let finished = finish(&dialer, &known).await;
    let attacked =
        if context.active { Some(attack::attack(&dialer, &known, finished.session.as_ref()).await) } else { None };
    let seen = Seen {
        address,
        expected: name.clone(),
        enumeration: &enumeration,
        finished: &finished,
        attacked: attacked.as_ref(),
        revocation_lists: &RevocationLists::read(&Root::new(&context.root)),
    };
    let mut facts = told::told(&seen, context);
    facts.starttls_protocol = Fact::Known(before_tls(&dialer));
    facts.starttls = starttls_facts(&dialer, &name, context).await;
    facts.connections = i64::from(dialer.opened());
    Ok(facts)
}

/// The name in the hello: an address is never sent (RFC 6066 section 3).
fn sent_name<'a>(name: &'a ServerName<'_>) -> Option<&'a str> {
    if let ServerName::DnsName(name) = name { Some(name.as_ref()) } else { None }
}

/// What is spoken before TLS, as a word; empty where TLS begins at once.
fn before_tls(dialer: &Dialer) -> String {
    dialer.starttls.map(Starttls::word).unwrap_or_default().to_owned()
}

/// A service that speaks its protocol and has no turn to TLS: that is a fact, and nothing else was seen.
fn without_tls(dialer: &Dialer, expected: String, error: &ProbeError) -> TlsFacts {
    let mut facts = unseen::unseen(dialer.address.to_string(), expected, &error.to_unknown());
    facts.starttls_protocol = Fact::Known(before_tls(dialer));
    if let Some(protocol) = dialer.starttls {
        facts.starttls = Fact::Known(StarttlsFacts {
            protocol: protocol.word().to_owned(),
            offered: Fact::Known(false),
            injectable: Fact::unknown(Reason::DOES_NOT_APPLY, "the service does not turn to TLS"),
        });
    }
    facts.connections = i64::from(dialer.opened());
    facts
}

async fn starttls_facts(dialer: &Dialer, name: &ServerName<'static>, context: &ProbeContext) -> Fact<StarttlsFacts> {
    let Some(protocol) = dialer.starttls else {
        return Fact::unknown(Reason::DOES_NOT_APPLY, "TLS begins at once");
    };
    let injectable = if context.active {
        starttls::injectable(dialer, name).await
    } else {
        Fact::Unknown(Unknown::new(Reason::NEEDS_ACTIVE, "a second command behind the request"))
    };
    Fact::Known(StarttlsFacts { protocol: protocol.word().to_owned(), offered: Fact::Known(true), injectable })
}
