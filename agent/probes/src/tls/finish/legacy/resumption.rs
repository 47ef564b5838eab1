//! Whether a session of SSL 3.0 to TLS 1.2 is taken up again.

use vedetta_checks::fact::{Fact, Unknown};

use super::session::{Plan, Session};
use crate::tls::dial::Dialer;
use crate::tls::finish::chance;
use crate::tls::finish::conversation::{Answer, Conversation};
use crate::tls::finish::known::Known;
use crate::tls::wire::{Extension, extension};

/// Offers the session once, by its ticket and its id; nothing is asked of a server that gave neither.
pub(crate) async fn resumes(dialer: &Dialer, known: &Known, plan: &Plan, session: &Session) -> Fact<bool> {
    if session.ticket.is_none() && session.id.is_empty() {
        return Fact::Known(false);
    }
    // A client with a ticket makes up an id, so that the answer tells whether it was taken (RFC 5077 section 3.4).
    let id = if session.id.is_empty() { chance::random::<32>().to_vec() } else { session.id.clone() };
    match offer(dialer, known, plan, session, id).await {
        Ok(answer) => Fact::Known(answer.resumed),
        Err(why) => Fact::Unknown(why),
    }
}

/// The server's answer to a hello with the session's ticket and this id.
///
/// # Errors
/// Whatever came instead of an answer.
pub(crate) async fn offer(
    dialer: &Dialer,
    known: &Known,
    plan: &Plan,
    session: &Session,
    id: Vec<u8>,
) -> Result<Answer, Unknown> {
    let mut hello = plan.hello(known);
    hello.session_id = id;
    if let (Some(extensions), Some(ticket)) = (&mut hello.extensions, &session.ticket) {
        extensions.retain(|extension| extension.kind != extension::SESSION_TICKET);
        extensions.push(Extension { kind: extension::SESSION_TICKET, body: ticket.clone() });
    }
    Conversation::greet(dialer, &hello).await.map(|(_, answer)| answer)
}
