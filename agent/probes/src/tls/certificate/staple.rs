//! The revocation state that a server sends along: an OCSP response (RFC 6960), checked against the issuer's key.
//!
//! The answer counts when it is for this very certificate, signed by the issuer or by a responder that the issuer gave that
//! purpose, and current. A revocation counts even when the response is out of date: nobody is taken back into trust.

use aws_lc_rs::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest};
use x509_parser::prelude::{ASN1Time, FromDer, X509Certificate};
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use super::der::{BIT_STRING, ENUMERATED, Elements, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, bits, inside};
use super::signature::{Signature, Signed};

/// Clocks of responders run ahead by at most this much, in seconds.
const SKEW_SECONDS_MAX: i64 = 300;
/// Most answers in one response, and most certificates.
const ANSWERS_MAX: usize = 32;
/// Context tags of a response, constructed.
const TAG_0: u8 = 0xa0;
const TAG_1: u8 = 0xa1;
const TAG_2: u8 = 0xa2;
/// `good`, `[0] IMPLICIT NULL`.
const STATUS_GOOD: u8 = 0x80;
/// `revoked`, `[1] IMPLICIT SEQUENCE`.
const STATUS_REVOKED: u8 = 0xa1;

/// What a response says of one certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Good, signed and current.
    Good,
    /// Revoked, and signed.
    Revoked,
    /// The responder does not know the certificate.
    NotKnown,
    /// Signed, but out of date, or of a time to come.
    OutOfDate,
    /// The responder answers that it cannot answer now (RFC 6960 section 4.2.1, any status but `successful`).
    Unavailable,
    /// Not readable, of another certificate, or signed by somebody else.
    Bad,
    /// There is no code for its signature.
    CannotTell,
}

/// Who issued the certificate, as far as a response needs it.
#[derive(Clone, Copy)]
pub(super) struct Issuer<'a> {
    /// The issuer's name as it stands in the certificate.
    pub(super) name: &'a [u8],
    pub(super) key: &'a SubjectPublicKeyInfo<'a>,
}

/// Reads a response and says what it tells of the certificate with that `serial`.
pub(super) fn answer(response: &[u8], serial: &[u8], issuer: Issuer<'_>, now: i64) -> Answer {
    match parse(response) {
        Some(Parsed::Unavailable) => Answer::Unavailable,
        Some(Parsed::Basic(basic)) => judge(&basic, serial, issuer, now).unwrap_or(Answer::Bad),
        None => Answer::Bad,
    }
}

enum Parsed<'a> {
    Unavailable,
    Basic(Basic<'a>),
}

struct Basic<'a> {
    signed: &'a [u8],
    algorithm: &'a [u8],
    signature: &'a [u8],
    responders: Vec<X509Certificate<'a>>,
    answers: Vec<Single<'a>>,
}

/// One `SingleResponse`.
struct Single<'a> {
    digest: String,
    name_digest: &'a [u8],
    key_digest: &'a [u8],
    serial: &'a [u8],
    status: u8,
    this_update: i64,
    next_update: Option<i64>,
}

fn parse(response: &[u8]) -> Option<Parsed<'_>> {
    let mut parts = Elements::new(inside(response, SEQUENCE)?);
    if parts.tagged(ENUMERATED)?.value != [0] {
        return Some(Parsed::Unavailable);
    }
    let mut typed = Elements::new(inside(parts.tagged(TAG_0)?.value, SEQUENCE)?);
    typed.tagged(OBJECT_IDENTIFIER)?;
    let basic = inside(typed.tagged(OCTET_STRING)?.value, SEQUENCE)?;
    let mut parts = Elements::new(basic);
    let data = parts.tagged(SEQUENCE)?;
    let algorithm = parts.tagged(SEQUENCE)?.whole;
    let signature = bits(parts.tagged(BIT_STRING)?.value)?;
    let certificates = parts.tagged(TAG_0).and_then(|tagged| inside(tagged.value, SEQUENCE)).unwrap_or_default();
    let responders = Elements::new(certificates).take(ANSWERS_MAX);
    let responders = responders.filter_map(|element| X509Certificate::from_der(element.whole).ok()).map(|(_, one)| one);
    let mut data_parts = Elements::new(data.value);
    data_parts.tagged(TAG_0);
    data_parts.tagged(TAG_1).or_else(|| data_parts.tagged(TAG_2))?;
    let _produced_at = data_parts.next()?;
    let answers = Elements::new(data_parts.tagged(SEQUENCE)?.value).take(ANSWERS_MAX);
    Some(Parsed::Basic(Basic {
        signed: data.whole,
        algorithm,
        signature,
        responders: responders.collect(),
        answers: answers.filter_map(|element| single(element.value)).collect(),
    }))
}

fn single(bytes: &[u8]) -> Option<Single<'_>> {
    let mut parts = Elements::new(bytes);
    let mut id = Elements::new(parts.tagged(SEQUENCE)?.value);
    let (_, digest) = AlgorithmIdentifier::from_der(id.tagged(SEQUENCE)?.whole).ok()?;
    Some(Single {
        digest: digest.algorithm.to_id_string(),
        name_digest: id.tagged(OCTET_STRING)?.value,
        key_digest: id.tagged(OCTET_STRING)?.value,
        serial: id.tagged(INTEGER)?.value,
        status: parts.next()?.tag,
        this_update: time(parts.next()?.whole)?,
        next_update: parts.tagged(TAG_0).and_then(|tagged| time(tagged.value)),
    })
}

pub(super) fn time(bytes: &[u8]) -> Option<i64> {
    ASN1Time::from_der(bytes).ok().map(|(_, time)| time.timestamp())
}

fn judge(basic: &Basic<'_>, serial: &[u8], issuer: Issuer<'_>, now: i64) -> Option<Answer> {
    let single = basic.answers.iter().find(|single| single.serial == serial && is_of(single, issuer))?;
    match signature(basic, issuer, now)? {
        Signature::Good => {}
        Signature::Bad => return None,
        Signature::CannotTell => return Some(Answer::CannotTell),
    }
    let is_current = single.this_update <= now.saturating_add(SKEW_SECONDS_MAX)
        && single.next_update.is_none_or(|next| now <= next.saturating_add(SKEW_SECONDS_MAX));
    Some(match single.status {
        STATUS_REVOKED => Answer::Revoked,
        _ if !is_current => Answer::OutOfDate,
        STATUS_GOOD => Answer::Good,
        _unknown => Answer::NotKnown,
    })
}

fn is_of(single: &Single<'_>, issuer: Issuer<'_>) -> bool {
    let algorithm: &'static Algorithm = match single.digest.as_str() {
        "1.3.14.3.2.26" => &SHA1_FOR_LEGACY_USE_ONLY,
        "2.16.840.1.101.3.4.2.1" => &SHA256,
        "2.16.840.1.101.3.4.2.2" => &SHA384,
        "2.16.840.1.101.3.4.2.3" => &SHA512,
        _other => return false,
    };
    digest(algorithm, issuer.name).as_ref() == single.name_digest
        && digest(algorithm, &issuer.key.subject_public_key.data).as_ref() == single.key_digest
}

/// Signed by the issuer itself, or by a responder whose certificate the issuer signed for that purpose and that holds now
/// (RFC 6960 section 4.2.2.2).
fn signature(basic: &Basic<'_>, issuer: Issuer<'_>, now: i64) -> Option<Signature> {
    let (_, algorithm) = AlgorithmIdentifier::from_der(basic.algorithm).ok()?;
    let signed = Signed { content: basic.signed, algorithm: &algorithm, signature: basic.signature };
    let own = signed.by(issuer.key);
    if own != Signature::Bad {
        return Some(own);
    }
    let delegated = basic.responders.iter().any(|responder| {
        let purposes = responder.extended_key_usage().ok().flatten();
        let validity = responder.validity();
        purposes.is_some_and(|purposes| purposes.value.ocsp_signing)
            && (validity.not_before.timestamp()..=validity.not_after.timestamp()).contains(&now)
            && Signed::certificate(responder).by(issuer.key) == Signature::Good
            && signed.by(responder.public_key()) == Signature::Good
    });
    Some(if delegated { Signature::Good } else { Signature::Bad })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_responder_that_cannot_answer_says_nothing_of_the_certificate() {
        // OCSPResponse { responseStatus tryLater (3) }
        assert!(matches!(parse(&[0x30, 3, 0x0a, 1, 3]), Some(Parsed::Unavailable)));
    }

    #[test]
    fn bytes_that_are_no_response_are_refused() {
        for bytes in [&[][..], &[0x30, 0], &[0x30, 3, 0x0a, 1, 0], &[0x16, 3, 1, 0, 0]] {
            assert!(parse(bytes).is_none(), "{bytes:02x?}");
        }
    }
}
