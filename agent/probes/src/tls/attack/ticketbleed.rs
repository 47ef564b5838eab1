//! Ticketbleed, CVE-2016-9244: a session id of one byte comes back as one of 32, the rest being memory.
//!
//! The server's advisory (F5 K05121675) and the finder's account: the client offers a ticket of the server and a short id;
//! a flawed server takes the ticket up and echoes 32 bytes that begin with the short id. One that echoes exactly the id,
//! or begins a new session, is sound.

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use crate::tls::dial::Dialer;
use crate::tls::finish::known::Known;
use crate::tls::finish::legacy::resumption;
use crate::tls::finish::legacy::session::{Plan, Session};
use crate::tls::wire::Version;

/// The short id.
const SHORT_ID: [u8; 1] = [0xA5];

/// Whether the server sends memory behind a short session id.
pub(super) async fn try_it(dialer: &Dialer, known: &Known, session: Option<&(Plan, Session)>) -> Fact<bool> {
    if known.before_tls_1_3().next().is_none() {
        // TLS 1.3 echoes the id as it is, and takes no ticket of the old kind.
        return known.no_before_tls_1_3(Version::Ssl3);
    }
    let Some((plan, session)) = session else {
        return Fact::Unknown(Unknown::new(Reason::NOT_FOUND, "no handshake up to TLS 1.2 could be finished"));
    };
    if session.ticket.is_none() {
        // SSL 3.0 has no tickets, whatever the server would give under TLS.
        return if plan.version == Version::Ssl3 {
            known.no_before_tls_1_3(Version::Tls10)
        } else {
            Fact::Known(false)
        };
    }
    match resumption::offer(dialer, known, plan, session, SHORT_ID.to_vec()).await {
        Ok(answer) => {
            let id = &answer.hello.session_id;
            Fact::Known(answer.resumed && id.len() > SHORT_ID.len() && id.starts_with(&SHORT_ID))
        }
        Err(why) => Fact::Unknown(why),
    }
}
