//! What only a finished TLS 1.3 handshake shows: certificates by kind of key, staple, application protocols, tickets,
//! data before the handshake ends, resumption, and the wish for a client's certificate.

use rustls::AlertDescription;
use rustls_pki_types::CertificateDer;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::current::{Agreed, Client, Failure, Handshake};
use super::known::Known;
use super::schemes::{self, Kind};
use crate::tls::dial::Dialer;

/// Application protocols that are asked for. A server that prefers the second shows by choosing it that its own order
/// counts (RFC 7301 section 3.2).
const PROTOCOLS: [&str; 2] = ["http/1.1", "h2"];
/// Further certificates that are asked for, each of another kind of key.
const FURTHER_CERTIFICATES_MAX: usize = 3;

/// Certificates that came together, and the revocation state that came along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Received {
    /// Certificates in the order sent.
    pub(crate) chain: Vec<CertificateDer<'static>>,
    /// OCSP response in DER, if one came.
    pub(crate) staple: Option<Vec<u8>>,
}

/// What TLS 1.3 showed.
#[derive(Debug, Clone)]
pub(crate) struct Modern {
    /// One entry for each kind of key, what a current client gets first.
    pub(crate) certificates: Fact<Vec<Received>>,
    /// IANA name of the suite that a current client agrees on.
    pub(crate) suite: Fact<String>,
    /// Application protocols that the server takes, the preferred first.
    pub(crate) protocols: Fact<Vec<String>>,
    /// Whether it sends tickets.
    pub(crate) session_tickets: Fact<bool>,
    /// Whether a ticket is worth something.
    pub(crate) resumption: Fact<bool>,
    /// Whether a ticket allows data before the handshake ends (RFC 8446 section 4.2.10).
    pub(crate) early_data: Fact<bool>,
    /// Whether it staples.
    pub(crate) ocsp_stapled: Fact<bool>,
    /// Whether it wants a certificate of the client.
    pub(crate) client_certificate: Fact<bool>,
}

/// Looks by three handshakes: one with everything, one that resumes, one that asks for another kind of key. What older
/// versions showed in clear text does not spare the last: they cannot ask for each kind apart.
pub(crate) async fn look(dialer: &Dialer, known: &Known) -> Modern {
    let client = match Client::new(dialer, known, schemes::without(&[])) {
        Ok(client) => client,
        Err(failure) => return Modern::unknown(&failure.why),
    };
    let (first, chosen) = first(&client, known).await;
    let mut modern = match &first.outcome {
        Ok(agreed) => Modern::of(&client, &first, agreed),
        Err(failure) => Modern::broken_off(&first, failure),
    };
    if first.outcome.is_ok() {
        let chosen = chosen.as_deref();
        let (again, ()) =
            tokio::join!(again(&client, chosen, known), further_certificates(dialer, known, &mut modern, chosen));
        modern.protocols = again.protocols;
        // Without a ticket there is nothing to resume: as known as that none came.
        modern.resumption = again.resumed.unwrap_or_else(|| modern.session_tickets.clone());
    } else if let Some(protocols) = &known.protocols {
        modern.protocols = Fact::Known(protocols.clone());
    }
    modern
}

/// The handshake with everything on offer; without application protocols for a server that has others.
async fn first(client: &Client<'_>, known: &Known) -> (Handshake, Option<String>) {
    let offered: Vec<&str> = match &known.protocols {
        Some(protocols) => protocols.iter().map(String::as_str).collect(),
        None => PROTOCOLS.to_vec(),
    };
    let mut first = client.shake(&offered).await;
    if first.alert() == Some(AlertDescription::NoApplicationProtocol) {
        first = client.shake(&[]).await;
    }
    let chosen = first.outcome.as_ref().ok().and_then(|agreed| agreed.protocol.clone());
    (first, chosen)
}

/// What the handshakes after the first showed.
struct Again {
    /// `None` when there was no ticket to try.
    resumed: Option<Fact<bool>>,
    protocols: Fact<Vec<String>>,
}

/// Tries the ticket, and on the way the application protocol that was not chosen.
async fn again(client: &Client<'_>, chosen: Option<&str>, known: &Known) -> Again {
    let told = known.protocols.clone().map(Fact::Known);
    let has_ticket = client.tickets.seen() > 0;
    let Some(chosen) = chosen else {
        let protocols = told.unwrap_or(Fact::Known(Vec::new()));
        return Again { resumed: resumed(client, &[]).await, protocols };
    };
    if let Some(protocols) = told {
        return Again { resumed: resumed(client, &[chosen]).await, protocols };
    }
    let other = if chosen == "h2" { "http/1.1" } else { "h2" };
    if chosen == "h2" {
        // Nearly every server with h2 takes http/1.1 too: one handshake answers both questions.
        let second = client.shake(&[other]).await;
        let protocols = takes(&second, other).map(|also| list(chosen, other, also));
        let refused = second.alert() == Some(AlertDescription::NoApplicationProtocol);
        let resumed = if refused { resumed(client, &[chosen]).await } else { has_ticket.then(|| second.resumed()) };
        return Again { resumed, protocols };
    }
    // A server that chose http/1.1 hardly has h2, and may refuse a client with nothing else.
    let (chosen_alone, other_alone) = ([chosen], [other]);
    let (resumed, second) = tokio::join!(resumed(client, &chosen_alone), client.shake_afresh(&other_alone));
    Again { resumed, protocols: takes(&second, other).map(|also| list(chosen, other, also)) }
}

/// Whether a ticket is taken; `None` when the server gives none.
async fn resumed(client: &Client<'_>, protocols: &[&str]) -> Option<Fact<bool>> {
    if client.tickets.seen() == 0 {
        return None;
    }
    if client.tickets.left() == 0 {
        // A handshake that was refused has used the last one up: the next brings another.
        let _ = client.shake(protocols).await;
    }
    Some(client.shake(protocols).await.resumed())
}

/// Whether a server took the one protocol that it was offered.
fn takes(handshake: &Handshake, protocol: &str) -> Fact<bool> {
    match &handshake.outcome {
        Ok(agreed) => Fact::Known(agreed.protocol.as_deref() == Some(protocol)),
        Err(Failure { alert: Some(AlertDescription::NoApplicationProtocol), .. }) => Fact::Known(false),
        Err(failure) => Fact::Unknown(failure.why.clone()),
    }
}

fn list(chosen: &str, other: &str, also: bool) -> Vec<String> {
    let mut protocols = vec![chosen.to_owned()];
    protocols.extend(also.then(|| other.to_owned()));
    protocols
}

/// Asks for certificates of other kinds of key until the server has no more.
async fn further_certificates(dialer: &Dialer, known: &Known, modern: &mut Modern, protocol: Option<&str>) {
    let Fact::Known(received) = &mut modern.certificates else { return };
    let mut kinds: Vec<Kind> = known.kinds_in_clear.iter().filter_map(|kind| Kind::of_key(*kind)).collect();
    let mut newest = received.first().and_then(Received::kind);
    for _ in 0..FURTHER_CERTIFICATES_MAX {
        // A kind that cannot be told cannot be left out of the question either.
        let Some(kind) = newest else { return };
        kinds.push(kind);
        let schemes = schemes::without(&kinds);
        if schemes.is_empty() {
            return;
        }
        let Ok(client) = Client::new(dialer, known, schemes) else { return };
        let handshake = client.shake_afresh(protocol.as_slice()).await;
        let Some(more) = handshake.received() else { return };
        if received.iter().any(|earlier| earlier.chain == more.chain) {
            return;
        }
        // A server that gives what it has, whatever it is asked for, is not asked again.
        newest = more.kind().filter(|kind| !kinds.contains(kind));
        received.push(more);
    }
}

impl Received {
    fn kind(&self) -> Option<Kind> {
        self.chain.first().and_then(Kind::of_certificate)
    }
}

impl Handshake {
    fn alert(&self) -> Option<AlertDescription> {
        self.outcome.as_ref().err().and_then(|failure| failure.alert)
    }

    fn received(&self) -> Option<Received> {
        let staple = (!self.seen.staple.is_empty()).then(|| self.seen.staple.clone());
        (!self.seen.chain.is_empty()).then(|| Received { chain: self.seen.chain.clone(), staple })
    }

    fn resumed(&self) -> Fact<bool> {
        match &self.outcome {
            Ok(agreed) => Fact::Known(agreed.resumed),
            Err(failure) => Fact::Unknown(failure.why.clone()),
        }
    }
}

impl Modern {
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
        }
    }

    /// A handshake that did not end well may still have shown the certificates.
    fn broken_off(handshake: &Handshake, failure: &Failure) -> Self {
        let mut modern = Self::unknown(&failure.why);
        if let Some(received) = handshake.received() {
            modern.ocsp_stapled = Fact::Known(received.staple.is_some());
            modern.certificates = Fact::Known(vec![received]);
            modern.client_certificate = Fact::Known(handshake.seen.asked_for_certificate);
        } else {
            let detail = format!("certificate not retrieved: {}", failure.why.detail);
            modern.certificates = Fact::unknown(failure.why.reason.clone(), detail);
        }
        modern
    }

    fn of(client: &Client<'_>, handshake: &Handshake, agreed: &Agreed) -> Self {
        let received = handshake.received();
        let ticket = client.tickets.seen() > 0;
        let told = |value: bool| match &agreed.ended {
            Err(why) if !ticket => Fact::Unknown(why.clone()),
            Ok(()) | Err(_) => Fact::Known(value),
        };
        let no_certificate = || Unknown::new(Reason::NOT_FOUND, "the server sent no certificate");
        Self {
            ocsp_stapled: match &received {
                Some(received) => Fact::Known(received.staple.is_some()),
                None => Fact::Unknown(no_certificate()),
            },
            certificates: received
                .map_or_else(|| Fact::Unknown(no_certificate()), |received| Fact::Known(vec![received])),
            suite: Fact::Known(agreed.suite.clone()),
            protocols: Fact::Known(Vec::new()),
            session_tickets: told(ticket),
            resumption: told(false),
            early_data: told(client.tickets.early_data()),
            client_certificate: Fact::Known(handshake.seen.asked_for_certificate),
        }
    }
}
