//! One finished handshake, and what it leaves: a connection to go on with, and a session to resume.

use std::time::Duration;

use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use super::exchange::{self, CURVES, Exchanged};
use super::keys::Randoms;
use super::protection::Sender;
use super::renegotiation;
use super::suite::{Exchange, Recipe, recipe};
use crate::tls::dial::Dialer;
use crate::tls::finish::chance;
use crate::tls::finish::conversation::{Answer, Conversation, Said, message};
use crate::tls::finish::known::Known;
use crate::tls::wire::{
    ClientHello, Event, Extension, Group, HandshakeType, Parameters, RecordType, SuiteId, Version, extension, messages,
    split_records,
};

/// Shortest wait for the end of the server's handshake; longer where its flight took long.
const FINISHED_TIME_MIN: Duration = Duration::from_secs(2);
/// Longest wait for it.
const FINISHED_TIME_MAX: Duration = Duration::from_secs(5);
/// Type of the messages that only a client sends.
pub(crate) const CLIENT_KEY_EXCHANGE: HandshakeType = HandshakeType(16);
/// The last message of either side.
const FINISHED: HandshakeType = HandshakeType(20);
/// Warning of SSL 3.0 that the client has no certificate.
const NO_CERTIFICATE: [u8; 2] = [1, 41];
/// Content of the message that the cipher changes.
const CHANGE_CIPHER: [u8; 1] = [1];

/// What to greet with.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// Version.
    pub(crate) version: Version,
    /// The one suite that is offered.
    pub(crate) suite: SuiteId,
    /// What finishing takes.
    pub(crate) recipe: Recipe,
}

/// What a finished handshake leaves to resume.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// Session id that the server gave; empty when none.
    pub(crate) id: Vec<u8>,
    /// Ticket that the server gave.
    pub(crate) ticket: Option<Vec<u8>>,
}

/// A connection after its first handshake.
pub(crate) struct Established<'a> {
    /// The connection.
    pub(crate) conversation: Conversation<'a>,
    /// Protects what we send.
    pub(crate) sender: Sender,
    /// Whether the server knows RFC 5746.
    pub(crate) signalled: bool,
    /// How long silence must last before it counts as an answer to the request for another handshake.
    pub(crate) patience: Duration,
    /// The session.
    pub(crate) session: Session,
    /// Whether the server asked for a certificate of the client.
    pub(crate) asked_for_certificate: bool,
}

impl Plan {
    /// The newest version and the first suite that our client can finish; `None` when the server has nothing of the kind.
    pub(crate) fn of(known: &Known) -> Option<Self> {
        let curves = Self::curves(known);
        known.before_tls_1_3().find_map(|(version, suites)| {
            let takes = |suite: &SuiteId| {
                let recipe = recipe(*suite, suite.attributes()?, version)?;
                let without_curve = recipe.exchange == Exchange::Curve && curves.is_empty();
                (!without_curve).then_some(Self { version, suite: *suite, recipe })
            };
            suites.iter().find_map(takes)
        })
    }

    /// The curves to offer: ours, those alone that the server is known to take.
    fn curves(known: &Known) -> Vec<Group> {
        let taken = |group: &Group| {
            known.groups.is_empty() || known.groups.iter().any(|name| group.name() == Some(name.as_str()))
        };
        CURVES.into_iter().map(Group).filter(taken).collect()
    }

    /// The greeting, which asks for a ticket and binds the master secret.
    pub(crate) fn hello(&self, known: &Known) -> ClientHello {
        let hello = known.hello(self.version, vec![self.suite], &Self::curves(known));
        let hello = ClientHello { random: chance::random(), ..hello };
        if hello.extensions.is_none() {
            return hello;
        }
        hello
            .with(Extension::empty(extension::EXTENDED_MASTER_SECRET))
            .with(Extension::empty(extension::SESSION_TICKET))
    }
}

/// Finishes one handshake, and asks for another right behind it.
///
/// # Errors
/// The connection, a server that goes back on what it accepted before, or one that wants a certificate of ours.
pub(crate) async fn establish<'a>(dialer: &'a Dialer, known: &Known, plan: &Plan) -> Result<Established<'a>, Unknown> {
    let hello = plan.hello(known);
    let (mut conversation, answer) = Conversation::greet(dialer, &hello).await?;
    let exchanged = exchanged(plan, &answer)?;
    let number = plan.version.number();
    let mut flight = Vec::new();
    if answer.asked_for_certificate && plan.version == Version::Ssl3 {
        flight.extend(split_records(RecordType::ALERT, number, &NO_CERTIFICATE, NO_CERTIFICATE.len()));
    } else if answer.asked_for_certificate {
        let none = message(HandshakeType::CERTIFICATE, &[0, 0, 0]);
        flight.extend(split_records(RecordType::HANDSHAKE, number, &none, none.len()));
        conversation.transcript.extend(none);
    }
    let ours = message(CLIENT_KEY_EXCHANGE, &exchanged.message);
    flight.extend(split_records(RecordType::HANDSHAKE, number, &ours, ours.len()));
    conversation.transcript.extend(ours);
    flight.extend(split_records(RecordType::CHANGE_CIPHER_SPEC, number, &CHANGE_CIPHER, CHANGE_CIPHER.len()));

    let derivation = plan.recipe.derivation;
    let randoms = Randoms { client: hello.random, server: answer.hello.random };
    let bound = answer.hello.extension(extension::EXTENDED_MASTER_SECRET).is_some();
    let session_hash = bound.then(|| derivation.handshake_hash(&conversation.transcript));
    let master = derivation.master(&exchanged.premaster, &randoms, session_hash.as_deref());
    let block = derivation.key_block(&master, &randoms, plan.recipe.shape.block_bytes());
    let verify = derivation.client_finished(&master, &conversation.transcript);
    let own_trouble = || Unknown::new(Reason::PROBE_FAILED, "no keys came out of the key exchange");
    let mut sender = Sender::new(plan.version, plan.recipe.shape, &block).ok_or_else(own_trouble)?;
    let finished = sender.record(RecordType::HANDSHAKE.0, &message(FINISHED, &verify)).ok_or_else(own_trouble)?;
    flight.extend(finished);
    let signalled = answer.hello.extension(extension::RENEGOTIATION_INFO).is_some();
    let again = renegotiation::request(&mut sender, known, plan, signalled.then_some(verify.as_slice()));
    flight.extend(again.ok_or_else(own_trouble)?);
    conversation.send(&flight).await;

    let ticket = servers_end(&mut conversation, answer.pace(FINISHED_TIME_MIN, FINISHED_TIME_MAX)).await?;
    Ok(Established {
        conversation,
        sender,
        signalled,
        patience: answer.patience(renegotiation::ANSWER_TIME_MAX),
        session: Session { id: answer.hello.session_id, ticket },
        asked_for_certificate: answer.asked_for_certificate,
    })
}

/// Our part of the key exchange, as the server's part asks for it.
///
/// # Errors
/// A server that chose what was not offered, or a part that cannot be answered.
pub(crate) fn exchanged(plan: &Plan, answer: &Answer) -> Result<Exchanged, Unknown> {
    if answer.hello.suite != plan.suite || answer.hello.version() != Some(plan.version) {
        let detail =
            format!("{} of {:?} was chosen, which was not offered", answer.hello.suite, answer.hello.version());
        return Err(Unknown::new(Reason::NOT_TLS, detail));
    }
    let leaf = answer.certificates.first().map(Vec::as_slice).unwrap_or_default();
    let parameters = answer.key_exchange.as_deref().zip(plan.suite.attributes()).and_then(|(body, suite)| {
        messages::server_key_exchange(body, suite, plan.version).ok().map(|read| read.parameters)
    });
    let exchanged = match (plan.recipe.exchange, &parameters) {
        (Exchange::Rsa, _) => exchange::rsa(plan.version, leaf, plan.version),
        (Exchange::Curve, Some(Parameters::Curve { group, public })) => exchange::curve(group.0, public),
        (Exchange::FiniteField, Some(Parameters::FiniteField { prime, generator, public })) => {
            exchange::finite_field(prime, generator, public)
        }
        (Exchange::Curve | Exchange::FiniteField, _) => None,
    };
    exchanged.ok_or_else(|| Unknown::new(Reason::NOT_TLS, "the key exchange of the server cannot be answered"))
}

/// Reads up to the server's `Finished`, which is not opened; gives the ticket that came before it.
async fn servers_end(conversation: &mut Conversation<'_>, time_max: Duration) -> Result<Option<Vec<u8>>, Unknown> {
    let mut ticket = None;
    let mut changed = false;
    loop {
        match conversation.next_but_warnings(time_max).await {
            Said::Event(Event::Handshake { kind: HandshakeType::NEW_SESSION_TICKET, body }) => {
                ticket = messages::new_session_ticket(&body).ok().map(|message| message.ticket);
                ticket.take_if(|ticket| ticket.is_empty());
            }
            Said::Event(Event::ChangeCipherSpec) => changed = true,
            Said::Event(Event::Record { kind: RecordType::HANDSHAKE, .. }) if changed => return Ok(ticket),
            other @ (Said::Event(_)
            | Said::Closed
            | Said::Reset
            | Said::Silent
            | Said::TimeIsUp
            | Said::Nonsense(_)) => return Err(other.unknown()),
        }
    }
}
