//! What the connections brought, as facts. Pure; three-valued: what could not be seen never makes a no.

mod certificates;
mod versions;

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::attack::{Attacked, from_suites};
use super::enumerate::WithoutServerName;
use super::facts::{TlsFacts, VulnerabilityFacts};
use super::look::Seen;
use super::{policy, unseen};
use crate::ProbeContext;

/// Every fact of a look but the turn from clear text and the count of connections.
pub(super) fn told(seen: &Seen<'_>, context: &ProbeContext) -> TlsFacts {
    let not_seen = Unknown::new(Reason::NOT_FOUND, "not seen");
    let mut facts = unseen::unseen(seen.address.to_string(), name_text(seen), &not_seen);
    let enumeration = seen.enumeration;
    facts.protocols = versions::protocols(enumeration, versions::sorted);
    facts.suites = policy::suite_names(&facts.protocols);
    facts.accepts = versions::accepts(enumeration);
    facts.server_order = versions::protocols(enumeration, versions::preferred);
    facts.server_order.sslv2 = Fact::unknown(Reason::DOES_NOT_APPLY, "with SSLv2 the client chooses");
    facts.server_preference = versions::preference(enumeration);
    facts.groups = enumeration.groups.clone().map(|groups| groups.iter().map(ToString::to_string).collect());
    facts.dh_bits = enumeration.finite_field.clone().map(|field| i64::try_from(field.bits).unwrap_or(i64::MAX));
    facts.dh_known_prime =
        enumeration.finite_field.clone().map(|field| field.known_prime.unwrap_or_default().to_owned());
    facts.forward_secrecy = versions::forward_secrecy(enumeration);
    facts.signature_algorithms =
        enumeration.signature_schemes.clone().map(|schemes| schemes.iter().map(ToString::to_string).collect());
    facts.compression = enumeration.compression.clone();
    facts.secure_renegotiation = enumeration.secure_renegotiation.clone();
    facts.fallback_scsv = enumeration.fallback_scsv.clone();
    facts.extended_master_secret = enumeration.extended_master_secret.clone();
    facts.without_server_name = enumeration.without_server_name.clone().map(|how| how_word(how).to_owned());
    let intolerances = enumeration.intolerances.iter().map(|intolerance| intolerance.word().to_owned());
    facts.intolerances = Fact::Known(intolerances.collect());
    facts.version = versions::newest(enumeration);
    finished(&mut facts, seen);
    facts.vulnerabilities = vulnerabilities(seen);
    certificates::tell(&mut facts, seen, context);
    facts.profiles = policy::judge(&policy::Seen::of(&facts));
    facts
}

fn name_text(seen: &Seen<'_>) -> String {
    seen.expected.to_str().into_owned()
}

/// The parts that finished handshakes tell, alone or together with the hellos.
fn finished(facts: &mut TlsFacts, seen: &Seen<'_>) {
    let (finished, enumeration) = (seen.finished, seen.enumeration);
    facts.alpn = match (&finished.protocols, &enumeration.application_protocols) {
        (Fact::Unknown(why), Fact::Unknown(also)) if why.reason == Reason::DOES_NOT_APPLY => {
            Fact::Unknown(also.clone())
        }
        (told, _) => told.clone(),
    };
    facts.client_renegotiation = finished.client_renegotiation.clone();
    facts.session_tickets = either(&finished.session_tickets, &enumeration.session_tickets);
    facts.resumption = finished.resumption.clone();
    facts.early_data = finished.early_data.clone();
    let stapled = enumeration.staple.clone().map(|staple| staple.is_some());
    facts.ocsp_stapled = either(&finished.ocsp_stapled, &stapled);
    facts.client_certificate = either(&finished.client_certificate, &enumeration.client_certificate);
    facts.suite = match &finished.suite {
        Fact::Known(suite) => Fact::Known(suite.clone()),
        Fact::Unknown(why) => {
            versions::older_suite(enumeration).map_or_else(|| Fact::Unknown(why.clone()), Fact::Known)
        }
    };
}

/// Yes when one of them is; no when both say no, or one does and the other has nothing to say.
fn either(one: &Fact<bool>, other: &Fact<bool>) -> Fact<bool> {
    let silent = |why: &Unknown| why.reason == Reason::DOES_NOT_APPLY;
    match (one, other) {
        (Fact::Known(true), _) | (_, Fact::Known(true)) => Fact::Known(true),
        (Fact::Known(false), Fact::Known(false)) => Fact::Known(false),
        (Fact::Known(false), Fact::Unknown(why)) | (Fact::Unknown(why), Fact::Known(false)) if silent(why) => {
            Fact::Known(false)
        }
        (Fact::Unknown(why), Fact::Unknown(also)) if silent(why) => Fact::Unknown(also.clone()),
        (Fact::Unknown(why), _) | (_, Fact::Unknown(why)) => Fact::Unknown(why.clone()),
    }
}

fn vulnerabilities(seen: &Seen<'_>) -> VulnerabilityFacts {
    let known = from_suites(seen.enumeration);
    let crafted = |of: fn(&Attacked) -> &Fact<bool>, what: &str| match seen.attacked {
        Some(attacked) => of(attacked).clone(),
        None => Fact::unknown(Reason::NEEDS_ACTIVE, what),
    };
    VulnerabilityFacts {
        heartbleed: crafted(|attacked| &attacked.heartbleed, "a heartbeat that asks for too much"),
        ccs: crafted(|attacked| &attacked.ccs, "a ChangeCipherSpec that comes early"),
        robot: crafted(|attacked| &attacked.robot, "RSA messages with wrong padding"),
        ticketbleed: crafted(|attacked| &attacked.ticketbleed, "a session id of one byte"),
        poodle: known.poodle,
        drown: known.drown,
        freak: known.freak,
        logjam: known.logjam,
        sweet32: known.sweet32,
        beast: known.beast,
        lucky13: known.lucky13,
        crime: known.crime,
        rc4: known.rc4,
        export: known.export,
        des: known.des,
        null: known.null,
        anonymous: known.anonymous,
        insecure_renegotiation: seen.finished.insecure_renegotiation.clone(),
    }
}

const fn how_word(how: WithoutServerName) -> &'static str {
    match how {
        WithoutServerName::Same => "same",
        WithoutServerName::OtherCertificate => "other_certificate",
        WithoutServerName::Refused => "refused",
    }
}
