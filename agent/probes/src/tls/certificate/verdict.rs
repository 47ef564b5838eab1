//! The verdict: whether a library that clients use takes the certificates for a way to a trusted root.

use std::time::Duration;

use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, Error, KeyUsage};

use super::problem::Problem;

/// Asks rustls-webpki at `now`, in seconds since 1970. Revocation is not its part here.
///
/// # Errors
/// Why the library refuses, in its own words: the first thing that it met.
pub(super) fn verdict(chain: &[CertificateDer<'_>], anchors: &[TrustAnchor<'_>], now: i64) -> Result<(), Error> {
    let Some((leaf, others)) = chain.split_first() else { return Err(Error::BadDer) };
    let moment = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(now).unwrap_or_default()));
    EndEntityCert::try_from(leaf)?
        .verify_for_usage(webpki::ALL_VERIFICATION_ALGS, anchors, others, moment, KeyUsage::server_auth(), None, None)
        .map(|_path| ())
}

/// The word for a refusal that none of our own reasons explains.
#[expect(clippy::wildcard_enum_match_arm, reason = "the library's list of errors is open and long")]
pub(super) fn word(error: &Error) -> Problem {
    match error {
        Error::InvalidSignatureForPublicKey => Problem::BadSignature,
        Error::UnsupportedSignatureAlgorithmContext(_) | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
            Problem::UnsupportedSignature
        }
        Error::CaUsedAsEndEntity => Problem::LeafIsCa,
        Error::EndEntityUsedAsCa => Problem::IssuerNotCa,
        Error::NameConstraintViolation => Problem::NameConstraintViolation,
        Error::PathLenConstraintViolated => Problem::PathLengthExceeded,
        Error::UnsupportedCriticalExtension => Problem::UnsupportedCriticalExtension,
        Error::BadDer
        | Error::BadDerTime
        | Error::TrailingData(_)
        | Error::MalformedExtensions
        | Error::ExtensionValueInvalid
        | Error::EmptyEkuExtension
        | Error::InvalidCertValidity
        | Error::SignatureAlgorithmMismatch => Problem::Malformed,
        _ => Problem::Refused,
    }
}
