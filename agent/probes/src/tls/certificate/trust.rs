//! Whether the certificates lead to a trusted root, and why not; whether the server's own carries the expected name.
//!
//! The verdict is rustls-webpki's. Its reason is about the path search ("unknown issuer"); a person needs to know which
//! part is missing, so the reason is found again from the certificates themselves.

use std::time::Duration;

use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;
use webpki::{EndEntityCert, Error, KeyUsage};
use x509_parser::prelude::{FromDer, X509Certificate};

/// The word of a chain that is trusted; every other word of `trust` says why it is not.
pub(crate) const TRUSTED: &str = "trusted";

/// Judges the chain at `now` against the public roots and `extra_roots`; gives a word of `trust`.
pub(crate) fn trust(
    chain: &[CertificateDer<'static>],
    extra_roots: &[CertificateDer<'static>],
    now: Timestamp,
) -> Fact<String> {
    let mut anchors: Vec<TrustAnchor<'_>> = webpki_roots::TLS_SERVER_ROOTS.to_vec();
    let mut unreadable_root = None;
    for (position, root) in extra_roots.iter().enumerate() {
        match webpki::anchor_from_trusted_cert(root) {
            Ok(anchor) => anchors.push(anchor),
            Err(error) => unreadable_root = Some((position, error)),
        }
    }
    let Some((leaf, others)) = chain.split_first() else {
        return Fact::unknown(Reason::NOT_FOUND, "the server sent no certificate");
    };
    let word = word(leaf, others, &anchors, unix_time(now));
    match unreadable_root {
        // With that root it might have been trusted.
        Some((position, error)) if word != TRUSTED => {
            Fact::unknown(Reason::UNREADABLE, format!("additional trusted certificate {}: {error}", position + 1))
        }
        Some(_) | None => Fact::Known(word.to_owned()),
    }
}

/// Whether the server's own certificate is valid for the name (RFC 9525: subject alternative names only).
pub(crate) fn name_matches(leaf: &CertificateDer<'_>, name: &ServerName<'_>) -> Fact<bool> {
    let outcome = EndEntityCert::try_from(leaf).and_then(|leaf| leaf.verify_is_valid_for_subject_name(name));
    match outcome {
        Ok(()) => Fact::Known(true),
        // A certificate of an old version cannot carry subject alternative names.
        Err(Error::CertNotValidForName(_) | Error::UnsupportedCertVersion) => Fact::Known(false),
        Err(error) => Fact::unknown(Reason::CORRUPT, format!("name of the server's certificate: {error}")),
    }
}

fn word(
    leaf: &CertificateDer<'_>,
    others: &[CertificateDer<'_>],
    anchors: &[TrustAnchor<'_>],
    now: UnixTime,
) -> &'static str {
    let error = match verify(leaf, others, anchors, now) {
        Ok(()) => return TRUSTED,
        Err(error) => error,
    };
    // The dates of the leaf hide every other defect: look again at a moment at which the leaf itself is valid.
    let (own_word, moment) = match (&error, leaf_validity(leaf)) {
        (Error::CertExpired { .. }, Some((_, not_after))) if now > not_after => ("expired", not_after),
        (Error::CertNotValidYet { .. }, Some((not_before, _))) if now < not_before => ("not_yet_valid", not_before),
        _ => return defect(&error, leaf, others),
    };
    match verify(leaf, others, anchors, moment) {
        Ok(()) | Err(Error::CertExpired { .. } | Error::CertNotValidYet { .. }) => own_word,
        Err(other) => defect(&other, leaf, others),
    }
}

fn verify(
    leaf: &CertificateDer<'_>,
    others: &[CertificateDer<'_>],
    anchors: &[TrustAnchor<'_>],
    moment: UnixTime,
) -> Result<(), Error> {
    let algorithms = webpki::ALL_VERIFICATION_ALGS;
    EndEntityCert::try_from(leaf)?
        .verify_for_usage(algorithms, anchors, others, moment, KeyUsage::server_auth(), None, None)
        .map(|_path| ())
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the library's list of errors is open and long")]
fn defect(error: &Error, leaf: &CertificateDer<'_>, others: &[CertificateDer<'_>]) -> &'static str {
    if is_self_issued(leaf) {
        return "self_signed";
    }
    match error {
        // Dates of the leaf were dealt with before: these are an issuer's.
        Error::CertExpired { .. } | Error::CertNotValidYet { .. } => "issuer_expired",
        Error::InvalidSignatureForPublicKey => "bad_signature",
        Error::UnsupportedSignatureAlgorithmContext(_) | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
            "unsupported_signature"
        }
        Error::RequiredEkuNotFoundContext(_)
        | Error::EmptyEkuExtension
        | Error::CaUsedAsEndEntity
        | Error::EndEntityUsedAsCa => "wrong_purpose",
        Error::UnknownIssuer | Error::UnsupportedCertVersion => missing_part(leaf, others),
        Error::BadDer
        | Error::BadDerTime
        | Error::TrailingData(_)
        | Error::MalformedExtensions
        | Error::ExtensionValueInvalid
        | Error::InvalidSerialNumber => "malformed",
        _ => "invalid",
    }
}

/// Follows the issuers among the certificates sent. When the very issuer of the leaf was not sent the chain counts as
/// incomplete; when the walk ends further up, at a root or just below one, it is the root that is not trusted. A leaf
/// directly under a private root that was not sent shows as incomplete too: from outside the two look alike.
fn missing_part(leaf: &CertificateDer<'_>, others: &[CertificateDer<'_>]) -> &'static str {
    let Ok((_, leaf)) = X509Certificate::from_der(leaf) else { return "malformed" };
    let sent: Vec<X509Certificate<'_>> =
        others.iter().filter_map(|other| X509Certificate::from_der(other).ok()).map(|(_, parsed)| parsed).collect();
    if sent.iter().any(|other| other.subject().as_raw() == leaf.issuer().as_raw()) {
        "untrusted_root"
    } else {
        "incomplete_chain"
    }
}

fn is_self_issued(leaf: &CertificateDer<'_>) -> bool {
    X509Certificate::from_der(leaf).is_ok_and(|(_, leaf)| leaf.subject().as_raw() == leaf.issuer().as_raw())
}

fn leaf_validity(leaf: &CertificateDer<'_>) -> Option<(UnixTime, UnixTime)> {
    let (_, leaf) = X509Certificate::from_der(leaf).ok()?;
    let moment = |seconds: i64| u64::try_from(seconds).ok().map(Duration::from_secs).map(UnixTime::since_unix_epoch);
    Some((moment(leaf.validity().not_before.timestamp())?, moment(leaf.validity().not_after.timestamp())?))
}

fn unix_time(moment: Timestamp) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(moment.as_second()).unwrap_or_default()))
}
