//! What is wrong with the server's own certificate, whoever issued it.

use rustls_pki_types::ServerName;
use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;
use x509_parser::extensions::{KeyUsage, ParsedExtension, X509Extension};
use x509_parser::prelude::X509Certificate;

use super::der::{Elements, INTEGER, SEQUENCE, inside};
use super::issuers::demands_the_unknown;
use super::key::{weak_key, weak_signature};
use super::names;
use super::problem::{Problem, Problems};

/// One day, in seconds, as the CA/Browser Forum counts it.
const DAY_SECONDS: i64 = 86_400;
/// Longest validity, in days (Baseline Requirements 6.3.2; shorter ones follow from 2026 on).
const VALIDITY_DAYS_MAX: i64 = 398;
/// A certificate that ends within this many days should have been renewed.
const SOON_DAYS: i64 = 14;
/// Extension of the subject alternative names.
const SUBJECT_ALT_NAMES: &str = "2.5.29.17";
/// Extensions that decide about a server's certificate: key usage, names, basic constraints, extended key usage.
const COUNTING: &[&str] = &["2.5.29.15", SUBJECT_ALT_NAMES, "2.5.29.19", "2.5.29.37"];
/// TLS feature extension (RFC 7633).
const TLS_FEATURE: &str = "1.3.6.1.5.5.7.1.24";
/// Features that ask for a staple: `status_request` and `status_request_v2`.
const STATUS_REQUESTS: &[&[u8]] = &[&[5], &[17]];

/// The problems that stand in the certificate itself: dates, names, purposes, key, signature and form.
pub(super) fn problems(
    leaf: &X509Certificate<'_>,
    is_self_signed: bool,
    name: Option<&ServerName<'_>>,
    now: i64,
) -> Problems {
    let mut problems = dates(leaf, now);
    named(leaf, name, &mut problems);
    purposes(leaf, is_self_signed, &mut problems);
    problems.extend(weak_key(leaf.public_key()));
    problems.extend(weak_signature(leaf));
    form(leaf, &mut problems);
    problems
}

/// The problems that dates alone show; the last moment belongs to the validity (RFC 5280 section 4.1.2.5).
pub(crate) fn dates(leaf: &X509Certificate<'_>, now: i64) -> Problems {
    let mut problems = Problems::default();
    let (first, last) = (leaf.validity().not_before.timestamp(), leaf.validity().not_after.timestamp());
    let is_current = (first..=last).contains(&now);
    problems.add_if(now > last, Problem::Expired);
    problems.add_if(now < first, Problem::NotYetValid);
    problems.add_if(is_current && last.saturating_sub(now) <= SOON_DAYS * DAY_SECONDS, Problem::ExpiresWithin14Days);
    let seconds = last.saturating_sub(first).saturating_add(1);
    problems.add_if(seconds > VALIDITY_DAYS_MAX * DAY_SECONDS, Problem::ValidityOver398Days);
    problems
}

/// Without any name in the right place the certificate names nobody: that is the cause, and a mismatch is told beside it
/// only when the common name is for another server too.
fn named(leaf: &X509Certificate<'_>, name: Option<&ServerName<'_>>, problems: &mut Problems) {
    if has_names(leaf) {
        problems.add_if(name.is_some_and(|name| !names::matches(leaf, name)), Problem::NameMismatch);
        return;
    }
    if leaf.extensions().iter().any(|extension| is_broken(extension, &[SUBJECT_ALT_NAMES])) {
        // Whether there are names cannot be told: that it is malformed says it.
        return;
    }
    problems.add(Problem::NoSubjectAltName);
    let has_common_name = leaf.subject().iter_common_name().next().is_some();
    let is_for_another = name.is_some_and(|name| has_common_name && !names::common_name_matches(leaf, name));
    problems.add_if(is_for_another, Problem::NameMismatch);
}

/// Whether it carries a name of a server at all.
pub(super) fn has_names(leaf: &X509Certificate<'_>) -> bool {
    names::presented(leaf).next().is_some()
}

fn purposes(leaf: &X509Certificate<'_>, is_self_signed: bool, problems: &mut Problems) {
    let purposes = leaf.extended_key_usage().ok().flatten();
    problems.add_if(purposes.is_some_and(|purposes| !purposes.value.server_auth), Problem::EkuWithoutServerAuth);
    // Programs that make self-signed certificates mark them as authorities by habit: that they are self-signed says it.
    problems.add_if(!is_self_signed && is_authority(leaf), Problem::LeafIsCa);
    let usage = leaf.key_usage().ok().flatten().map(|usage| usage.value);
    let is_useless =
        |usage: &KeyUsage| !usage.digital_signature() && !usage.key_encipherment() && !usage.key_agreement();
    problems
        .add_if(!is_self_signed && !is_authority(leaf) && usage.is_some_and(is_useless), Problem::KeyUsageWithoutTls);
}

fn is_authority(certificate: &X509Certificate<'_>) -> bool {
    certificate.basic_constraints().ok().flatten().is_some_and(|constraints| constraints.value.ca)
}

fn form(leaf: &X509Certificate<'_>, problems: &mut Problems) {
    problems.add_if(leaf.extensions_map().is_err(), Problem::DuplicateExtension);
    let serial = leaf.raw_serial();
    let is_negative = serial.first().is_some_and(|byte| byte & 0x80 != 0);
    problems.add_if(is_negative || serial.iter().all(|byte| *byte == 0), Problem::SerialNotPositive);
    problems.add_if(demands_the_unknown(leaf), Problem::UnsupportedCriticalExtension);
    problems.add_if(leaf.extensions().iter().any(|extension| is_broken(extension, COUNTING)), Problem::Malformed);
}

/// Whether an extension is one of these and cannot be read.
fn is_broken(extension: &X509Extension<'_>, identifiers: &[&str]) -> bool {
    matches!(extension.parsed_extension(), ParsedExtension::ParseError { .. })
        && identifiers.contains(&extension.oid.to_id_string().as_str())
}

/// Whether it asks for the revocation state to be sent along (RFC 7633).
pub(super) fn must_staple(leaf: &X509Certificate<'_>) -> bool {
    leaf.extensions().iter().filter(|extension| extension.oid.to_id_string() == TLS_FEATURE).any(|extension| {
        let features = inside(extension.value, SEQUENCE).unwrap_or_default();
        Elements::new(features).any(|feature| feature.tag == INTEGER && STATUS_REQUESTS.contains(&feature.value))
    })
}

/// Signed certificate timestamps inside the certificate (RFC 6962 section 3.3).
pub(super) fn timestamps(leaf: &X509Certificate<'_>) -> Fact<i64> {
    const TIMESTAMPS: &str = "1.3.6.1.4.1.11129.2.4.2";
    let extension = leaf.extensions().iter().find(|extension| extension.oid.to_id_string() == TIMESTAMPS);
    match extension.map(|extension| extension.parsed_extension()) {
        None => Fact::Known(0),
        Some(ParsedExtension::SCT(timestamps)) => Fact::Known(i64::try_from(timestamps.len()).unwrap_or(i64::MAX)),
        Some(_unreadable) => Fact::unknown(Reason::CORRUPT, "signed certificate timestamps are not readable"),
    }
}
