//! What was seen of one mail server, whichever way it was looked at.

use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, ServerName};
use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use crate::ProbeContext;
use crate::tls::certificate::{Examination, RevocationLists, Staple, examine};
use crate::tls::facts::TlsFacts;

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

impl Seen {
    /// It turns to TLS, and nothing more was seen.
    pub(super) fn turned(why: &Unknown) -> Self {
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
    pub(super) fn without_tls(error: &ProbeError) -> Self {
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
    pub(super) fn of_whole_look(facts: TlsFacts, why: &Unknown) -> Self {
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

    pub(super) fn take_chain(&mut self, chain: Vec<CertificateDer<'static>>, host: &str, context: &ProbeContext) {
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
