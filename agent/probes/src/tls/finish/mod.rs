//! What only a finished handshake shows, by as few of them as possible.
//!
//! TLS 1.3 encrypts nearly everything, so the library finishes it (`modern`, by `current`), with `groups` and
//! `ccm_suites` for what the library lacks. Up to TLS 1.2 nearly everything comes in clear text; a small client of our
//! own (`legacy`) finishes one handshake to ask for another, and to see whether the session is taken up again.
//!
//! Connections: three with TLS 1.3 (one more where the application protocols must be asked one by one, and for each
//! further certificate), one with an older version beside it, two where nothing newer than TLS 1.2 is accepted.

mod aes_ccm;
mod bounded;
mod ccm_suites;
pub(crate) mod chance;
pub(crate) mod conversation;
mod current;
mod groups;
pub(crate) mod known;
pub(crate) mod legacy;
pub(crate) mod modern;
pub(crate) mod modular;
pub(crate) mod recorder;
pub(crate) mod rsa;
pub(crate) mod schemes;
#[cfg(test)]
pub(crate) mod tests;
mod tickets;

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::dial::Dialer;
use super::wire::Version;
use known::Known;
use legacy::session::{Plan, Session, establish};
use legacy::{renegotiation, resumption};
use modern::{Modern, Received};

/// What finished handshakes showed.
#[derive(Debug, Clone)]
pub(crate) struct Finished {
    /// Certificates that came encrypted, one entry for each kind of key, what a current client gets first; unknown
    /// (`does_not_apply`) without TLS 1.3, where they come in clear text.
    pub(crate) certificates: Fact<Vec<Received>>,
    /// IANA name of the TLS 1.3 suite that a current client agrees on.
    pub(crate) suite: Fact<String>,
    /// Application protocols that TLS 1.3 takes, the preferred first; what was known before where it was.
    pub(crate) protocols: Fact<Vec<String>>,
    /// Whether the server gives tickets, in the newest version that it has.
    pub(crate) session_tickets: Fact<bool>,
    /// Whether it takes a session up again, in the newest version that it has.
    pub(crate) resumption: Fact<bool>,
    /// Whether it takes data before the handshake ends.
    pub(crate) early_data: Fact<bool>,
    /// Whether it staples under TLS 1.3.
    pub(crate) ocsp_stapled: Fact<bool>,
    /// Whether it asks for a certificate of the client, in the newest version that it has.
    pub(crate) client_certificate: Fact<bool>,
    /// Whether it renegotiates when the client asks; `false` with TLS 1.3 only, which has none.
    pub(crate) client_renegotiation: Fact<bool>,
    /// The same without RFC 5746.
    pub(crate) insecure_renegotiation: Fact<bool>,
    /// A session up to TLS 1.2 that was begun, for whoever wants to resume it in another way.
    pub(crate) session: Option<(Plan, Session)>,
}

/// Finishes handshakes with a server of which `known` is known.
pub(crate) async fn finish(dialer: &Dialer, known: &Known) -> Finished {
    let (modern, old) = tokio::join!(
        async { if known.speaks_tls_1_3() { Some(Box::pin(modern::look(dialer, known)).await) } else { None } },
        Box::pin(old(dialer, known))
    );
    let no_modern = known.unseen.get(&Version::Tls13).cloned();
    let none = || Unknown::new(Reason::DOES_NOT_APPLY, "the server does not speak TLS 1.3");
    let mut finished = Finished {
        client_renegotiation: old.renegotiates,
        insecure_renegotiation: old.insecurely,
        session: old.session,
        ..Finished::unknown(&no_modern.clone().unwrap_or_else(none))
    };
    // Why the newest version showed nothing of what follows, where it is accepted or may be.
    let hidden = match &modern {
        Some(modern) => known::why(&modern.suite),
        None => no_modern.clone(),
    };
    let newest_failed = modern.is_none() || hidden.is_some();
    match modern {
        Some(modern) => finished.take_modern(modern),
        None => {
            finished.early_data = no_modern.map_or(Fact::Known(false), Fact::Unknown);
            if let Some(protocols) = &known.protocols {
                finished.protocols = Fact::Known(protocols.clone());
            }
        }
    }
    if newest_failed && (finished.session.is_some() || !known.speaks_tls_1_3()) {
        let resumption = match &finished.session {
            Some((plan, session)) => resumption::resumes(dialer, known, plan, session).await,
            // Unknown for the same reason.
            None => old.tickets.clone(),
        };
        finished.resumption = unless_hidden(resumption, hidden.as_ref());
        finished.session_tickets = unless_hidden(old.tickets, hidden.as_ref());
        finished.client_certificate = unless_hidden(old.asked_for_certificate, hidden.as_ref());
    }
    finished
}

/// A no of an older version tells nothing of the newest one where that showed nothing.
fn unless_hidden(older: Fact<bool>, hidden: Option<&Unknown>) -> Fact<bool> {
    match (older, hidden) {
        (Fact::Known(false), Some(why)) => Fact::Unknown(why.clone()),
        (older, _) => older,
    }
}

impl Finished {
    /// Nothing seen, for one reason.
    pub(crate) fn unknown(why: &Unknown) -> Self {
        let unknown = || Fact::Unknown(why.clone());
        Self {
            certificates: Fact::Unknown(why.clone()),
            suite: Fact::Unknown(why.clone()),
            protocols: Fact::Unknown(why.clone()),
            session_tickets: unknown(),
            resumption: unknown(),
            early_data: unknown(),
            ocsp_stapled: unknown(),
            client_certificate: unknown(),
            client_renegotiation: unknown(),
            insecure_renegotiation: unknown(),
            session: None,
        }
    }

    fn take_modern(&mut self, modern: Modern) {
        self.certificates = modern.certificates;
        self.suite = modern.suite;
        self.protocols = modern.protocols;
        self.session_tickets = modern.session_tickets;
        self.resumption = modern.resumption;
        self.early_data = modern.early_data;
        self.ocsp_stapled = modern.ocsp_stapled;
        self.client_certificate = modern.client_certificate;
    }
}

/// What a handshake up to TLS 1.2 showed.
struct Old {
    renegotiates: Fact<bool>,
    insecurely: Fact<bool>,
    tickets: Fact<bool>,
    asked_for_certificate: Fact<bool>,
    session: Option<(Plan, Session)>,
}

impl Old {
    fn unknown(why: &Unknown) -> Self {
        let unknown = || Fact::Unknown(why.clone());
        Self {
            renegotiates: unknown(),
            insecurely: unknown(),
            tickets: unknown(),
            asked_for_certificate: unknown(),
            session: None,
        }
    }
}

async fn old(dialer: &Dialer, known: &Known) -> Old {
    if known.before_tls_1_3().next().is_none() {
        // TLS 1.3 has no renegotiation (RFC 8446 section 4.1.2), nor has SSL 2.0.
        let no = known.no_before_tls_1_3(Version::Ssl3);
        let none = || Unknown::new(Reason::DOES_NOT_APPLY, "no version from SSL 3.0 to TLS 1.2 is accepted");
        let why = known::why(&no).unwrap_or_else(none);
        return Old { renegotiates: no.clone(), insecurely: no, ..Old::unknown(&why) };
    }
    let Some(plan) = Plan::of(known) else {
        let detail = "no suite of SSL 3.0 to TLS 1.2 that this probe can finish a handshake with";
        return Old::unknown(&Unknown::new(Reason::DOES_NOT_APPLY, detail));
    };
    let mut established = match establish(dialer, known, &plan).await {
        Ok(established) => established,
        Err(why) => return Old::unknown(&why),
    };
    let renegotiates = renegotiation::renegotiates(&mut established).await;
    let (session, signalled) = (established.session.clone(), established.signalled);
    let asked_for_certificate = established.asked_for_certificate;
    Old {
        insecurely: renegotiates.clone().map(|renegotiates| renegotiates && !signalled),
        renegotiates,
        tickets: Fact::Known(session.ticket.is_some()),
        asked_for_certificate: Fact::Known(asked_for_certificate),
        session: Some((plan, session)),
    }
}
