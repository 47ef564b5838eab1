//! From what each version showed to what is told of the server.

use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::Seen;
use super::ask::Asker;
use super::enumeration::{Enumeration, Intolerance, WithoutServerName};
use super::experiment::{Experiments, NameAnswer};
use super::greeting::Style;
use super::harvest::{Features, Harvest};
use super::remaining::Last;
use super::survey::Survey;
use crate::tls::dial::Dialer;
use crate::tls::wire::{End, Group, KeyExchange, SuiteId, Version};

/// Why what TLS 1.3 says in secret cannot be told by hellos.
const SECRET: &str = "only TLS 1.3 is accepted, which says it in secret";

/// The error of a look that found no version: the word that fits what was seen most often told best.
pub(super) fn nothing(seen: &Seen, dialer: &Dialer) -> ProbeError {
    let ends: Vec<&End> =
        seen.newest_first().filter_map(|survey| survey.first_end.as_ref()).chain([&seen.ssl2.end]).collect();
    let address = dialer.address;
    let error = |reason: Reason, detail: String| ProbeError::new("handshake", reason, format!("{address}: {detail}"));
    if let Some(End::NotTls(stranger)) = ends.iter().find(|end| matches!(end, End::NotTls(_))) {
        return error(Reason::NOT_TLS, stranger.to_string());
    }
    if let Some(End::Malformed(malformed)) = ends.iter().find(|end| matches!(end, End::Malformed(_))) {
        return error(Reason::NOT_TLS, malformed.to_string());
    }
    if ends.contains(&&End::TooLarge) {
        return error(Reason::TOO_LARGE, "the answer to a hello".to_owned());
    }
    if let Some(End::Alert(alert)) = ends.iter().find(|end| matches!(end, End::Alert(_))) {
        return error(Reason::HANDSHAKE_REFUSED, alert.to_string());
    }
    if ends.iter().any(|end| matches!(end, End::Answered | End::Ssl2Error(_))) {
        return error(Reason::HANDSHAKE_REFUSED, "nothing that was offered is accepted".to_owned());
    }
    if ends.contains(&&End::Timeout) {
        return error(Reason::TIMEOUT, "no answer to a hello".to_owned());
    }
    if ends.contains(&&End::Reset) {
        return error(Reason::RESET, "the connection is cut after a hello".to_owned());
    }
    error(Reason::CLOSED, "the connection is closed after a hello".to_owned())
}

/// Everything as it is told.
pub(super) fn enumeration(asker: &Asker<'_>, experiments: &Experiments, seen: Seen, last: Last) -> Enumeration {
    let intolerances = intolerances(experiments, &seen, &last);
    let without_server_name = without_server_name(asker, experiments, &seen);
    let [ssl3, tls_1_0, tls_1_1, tls_1_2] = &seen.legacy;
    let versions = [ssl3.seen(), tls_1_0.seen(), tls_1_1.seen(), tls_1_2.seen(), seen.modern.seen()];
    let legacy_accepted = seen.newest_legacy().is_some();
    let mut harvest = Harvest::default();
    for survey in seen.legacy.iter().rev() {
        harvest.add(survey.harvest.clone());
    }
    let mut chains = harvest.chains;
    if let Some(chain) =
        seen.ssl2.chain.filter(|chain| chains.iter().all(|other| other.certificates != chain.certificates))
    {
        chains.push(chain);
    }
    let feature = |part: fn(&Features) -> Option<bool>| match (&harvest.features, seen.modern.accepted()) {
        (Some(features), _) => part(features).map_or_else(not_asked, Fact::Known),
        (None, true) => Fact::unknown(Reason::DOES_NOT_APPLY, SECRET),
        (None, false) => Fact::unknown(Reason::DOES_NOT_APPLY, "only SSLv2 is accepted, which has none of it"),
    };
    // A field that was not seen may stand behind a version that was not seen, or a message that did not come.
    let unseen = seen.legacy.iter().find_map(|survey| survey.unknown.clone());
    let fields = seen.legacy.iter().flat_map(Survey::picks).filter_map(SuiteId::attributes);
    let hidden = fields.into_iter().any(|suite| suite.key_exchange == KeyExchange::Dhe);
    Enumeration {
        ssl2_accepted: seen.ssl2.accepted,
        ssl2: seen.ssl2.kinds,
        groups: groups(&seen.groups, &harvest.groups, &seen.modern, &seen.legacy),
        finite_field: match (harvest.finite_field, unseen) {
            (Some(field), _) => Fact::Known(field),
            (None, Some(why)) => Fact::Unknown(why),
            (None, None) if hidden => Fact::unknown(Reason::NOT_FOUND, "the server did not send its finite field"),
            (None, None) => Fact::unknown(Reason::DOES_NOT_APPLY, "no finite-field suite is accepted below TLS 1.3"),
        },
        signature_schemes: if tls_1_2.accepted() {
            Fact::Known(harvest.signature_schemes)
        } else {
            Fact::unknown(
                Reason::DOES_NOT_APPLY,
                "TLS 1.2 is not accepted: older versions do not say, newer ones in secret",
            )
        },
        application_protocols: match seen.protocols {
            Some(protocols) => Fact::Known(protocols),
            None if seen.modern.accepted() => secret(),
            None => not_asked(),
        },
        compression: match harvest.compression {
            Some(compression) => Fact::Known(compression),
            // TLS 1.3 has none, and SSL 2.0 neither.
            None if !legacy_accepted => Fact::Known(false),
            None => not_asked(),
        },
        secure_renegotiation: feature(|features| features.secure_renegotiation),
        fallback_scsv: last.fallback_scsv,
        extended_master_secret: feature(|features| features.extended_master_secret),
        session_tickets: feature(|features| features.session_ticket),
        client_certificate: harvest.client_certificate.map_or_else(secret, Fact::Known),
        staple: match (harvest.staple, legacy_accepted) {
            (Some(staple), _) => Fact::Known(Some(staple)),
            (None, true) if harvest.staple_asked => Fact::Known(None),
            (None, true) => not_asked(),
            (None, false) => secret(),
        },
        without_server_name,
        server_name_refused: asker.name_refused(),
        intolerances,
        chains,
        versions,
    }
}

fn secret<T>() -> Fact<T> {
    Fact::unknown(Reason::DOES_NOT_APPLY, SECRET)
}

fn not_asked<T>() -> Fact<T> {
    Fact::unknown(Reason::NOT_FOUND, "no hello that asks for it was answered")
}

fn groups(modern: &[Group], legacy: &[Group], survey_1_3: &Survey, surveys: &[Survey]) -> Fact<Vec<Group>> {
    let unknown = [survey_1_3].into_iter().chain(surveys).find_map(|survey| survey.unknown.as_ref());
    let mut groups = modern.to_vec();
    groups.extend(legacy.iter().filter(|group| !modern.contains(group)));
    match unknown {
        Some(unknown) if groups.is_empty() || (survey_1_3.unknown.is_some() && survey_1_3.accepted()) => {
            Fact::Unknown(unknown.clone())
        }
        Some(_) | None => Fact::Known(groups),
    }
}

fn without_server_name(asker: &Asker<'_>, experiments: &Experiments, seen: &Seen) -> Fact<WithoutServerName> {
    if asker.name_refused() {
        return Fact::unknown(Reason::DOES_NOT_APPLY, "the server refuses the name and answers only without any");
    }
    match experiments.name() {
        Some(NameAnswer::Same) => Fact::Known(WithoutServerName::Same),
        Some(NameAnswer::Other) => Fact::Known(WithoutServerName::OtherCertificate),
        Some(NameAnswer::Refused) => Fact::Known(WithoutServerName::Refused),
        None if !asker.has_server_name() => Fact::unknown(Reason::DOES_NOT_APPLY, "an address is never sent as a name"),
        None if seen.newest_legacy().is_none() => Fact::unknown(Reason::DOES_NOT_APPLY, SECRET),
        None => Fact::unknown(Reason::NOT_FOUND, "the server did not answer that question"),
    }
}

fn intolerances(experiments: &Experiments, seen: &Seen, last: &Last) -> Vec<Intolerance> {
    let mut intolerances = Vec::new();
    match seen.style {
        Style::Full => {}
        Style::Short => intolerances.push(Intolerance::LongHello),
        Style::Bare => intolerances.push(Intolerance::Extensions),
        Style::BareShort => intolerances.extend([Intolerance::LongHello, Intolerance::Extensions]),
    }
    if !last.supported_versions {
        intolerances.push(Intolerance::SupportedVersions);
    }
    if experiments.grease() == Some(false) {
        intolerances.push(Intolerance::Grease);
    }
    if version_gap(seen) {
        intolerances.push(Intolerance::VersionGap);
    }
    intolerances.sort_unstable();
    intolerances
}

/// Whether a version is refused between two that are accepted.
fn version_gap(seen: &Seen) -> bool {
    let accepted: Vec<bool> = seen.newest_first().map(Survey::accepted).collect();
    let first = accepted.iter().position(|accepted| *accepted);
    let last = accepted.iter().rposition(|accepted| *accepted);
    let (Some(first), Some(last)) = (first, last) else { return false };
    let told = |version: &Survey| version.unknown.is_none();
    seen.newest_first().enumerate().any(|(index, survey)| {
        (first..last).contains(&index) && !survey.accepted() && told(survey) && survey.version != Version::Ssl3
    })
}
