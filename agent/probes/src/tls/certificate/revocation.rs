//! The revocation state of a chain: from what the server sent along, and from the lists on this host.

use x509_parser::prelude::X509Certificate;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::Known;
use super::leaf::must_staple;
use super::lists;
use super::path::{End, Way};
use super::problem::{Problem, Problems};
use super::staple::{self, Issuer};

/// What the server sent of the revocation state of its certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Staple<'a> {
    /// An OCSP response as it came (RFC 6960 `OCSPResponse`).
    Sent(&'a [u8]),
    /// Asked for, and none came.
    NotSent,
    /// It could not be seen whether one comes: nothing is said of it.
    NotSeen,
}

/// What was found out.
pub(super) struct Revocation {
    /// `good`, `revoked`, `unknown` or `not_checked`.
    pub(super) word: &'static str,
    pub(super) problems: Problems,
}

impl Revocation {
    pub(super) fn of(leaf: &X509Certificate<'_>, way: &Way<'_, '_>, around: &Known<'_>) -> Self {
        let now = around.now;
        let mut problems = Problems::default();
        let keys = keys(way);
        let issuer = |name, place: usize| keys.get(place).map(|key| Issuer { name, key });
        let own = issuer(leaf.issuer().as_raw(), 0);
        let stapled = stapled(leaf, own, around.staple, now, &mut problems);
        let listed =
            own.map_or(lists::Answer::NotListed, |own| around.revocation_lists.answer(leaf.raw_serial(), own, now));
        let is_revoked = stapled == Some(staple::Answer::Revoked) || listed == lists::Answer::Revoked;
        problems.add_if(is_revoked, Problem::Revoked);
        for (place, one) in way.issuers.iter().enumerate() {
            let Some(above) = issuer(one.issuer().as_raw(), place + 1) else { continue };
            let listed = around.revocation_lists.answer(one.raw_serial(), above, now);
            problems.add_if(listed == lists::Answer::Revoked, Problem::IssuerRevoked);
        }
        let word = match (is_revoked, stapled, listed) {
            (true, _, _) => "revoked",
            (false, Some(staple::Answer::Good), _) | (false, _, lists::Answer::Good) => "good",
            (false, Some(_), _) => "unknown",
            (false, None, _) => "not_checked",
        };
        Self { word, problems }
    }
}

/// The keys of the issuers on a way, the nearest first, that of the trusted root last.
fn keys<'a>(way: &'a Way<'_, '_>) -> Vec<SubjectPublicKeyInfo<'a>> {
    let mut keys: Vec<SubjectPublicKeyInfo<'a>> =
        way.issuers.iter().map(|issuer| issuer.public_key().clone()).collect();
    if let End::Anchor(anchor) = &way.end {
        keys.extend(anchor.key());
    }
    keys
}

/// What the staple says, when there is one and the issuer is known; what is wrong with it goes to the problems.
fn stapled(
    leaf: &X509Certificate<'_>,
    issuer: Option<Issuer<'_>>,
    staple: Staple<'_>,
    now: i64,
    problems: &mut Problems,
) -> Option<staple::Answer> {
    let response = match staple {
        Staple::Sent(response) => response,
        Staple::NotSent => {
            problems.add_if(must_staple(leaf), Problem::MustStapleWithoutStaple);
            return None;
        }
        Staple::NotSeen => return None,
    };
    // Without the issuer's key the response can be neither believed nor blamed.
    let answer =
        issuer.map_or(staple::Answer::CannotTell, |issuer| staple::answer(response, leaf.raw_serial(), issuer, now));
    match answer {
        staple::Answer::Unavailable => problems.add_if(must_staple(leaf), Problem::MustStapleWithoutStaple),
        staple::Answer::OutOfDate => problems.add(Problem::ExpiredStaple),
        staple::Answer::Bad => problems.add(Problem::BadStaple),
        staple::Answer::Good | staple::Answer::Revoked | staple::Answer::NotKnown | staple::Answer::CannotTell => {}
    }
    Some(answer)
}
