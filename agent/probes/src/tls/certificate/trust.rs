//! Why the certificates are trusted or not, as one word.

use super::problem::{Problem, Problems};

/// The word of certificates that are trusted; every other word says why they are not.
pub(super) const TRUSTED: &str = "trusted";

/// `trusted`, or the word of the defect that weighs most; the dates of the server's own certificate come last, since they stand
/// in its facts anyway.
pub(super) fn word(is_accepted: bool, problems: &Problems) -> &'static str {
    const REVOKED: &[Problem] = &[Problem::Revoked, Problem::IssuerRevoked];
    /// Whatever a client stumbles over first.
    const FIRST: &[Problem] = &[
        Problem::Malformed,
        Problem::DuplicateExtension,
        Problem::SelfSigned,
        Problem::UntrustedRoot,
        Problem::IncompleteChain,
        Problem::BadSignature,
        Problem::WeakSignatureMd5,
        Problem::WeakSignatureSha1,
        Problem::UnsupportedSignature,
        Problem::LeafIsCa,
        Problem::EkuWithoutServerAuth,
        Problem::IssuerNotCa,
        Problem::IssuerKeyUsage,
        Problem::IssuerEkuWithoutServerAuth,
        Problem::NameConstraintViolation,
        Problem::PathLengthExceeded,
        Problem::UnsupportedCriticalExtension,
        Problem::IssuerExpired,
        Problem::IssuerNotYetValid,
        Problem::Revoked,
        Problem::IssuerRevoked,
        Problem::Expired,
        Problem::NotYetValid,
    ];
    if is_accepted {
        let revoked = REVOKED.iter().find(|problem| problems.has(**problem));
        return revoked.and_then(|problem| problem.trust_word()).unwrap_or(TRUSTED);
    }
    let first = FIRST.iter().copied().find(|problem| problems.has(*problem));
    first.into_iter().chain(problems.iter()).find_map(Problem::trust_word).unwrap_or("invalid")
}
