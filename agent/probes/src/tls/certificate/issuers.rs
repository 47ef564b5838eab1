//! What is wrong with the issuers of a certificate, along one way to a root.

use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::X509Certificate;

use super::constraints;
use super::key::{weak_key, weak_signature};
use super::path::{End, Way};
use super::problem::{Problem, Problems};

/// The faults of the issuers on a way, and of the root that was handed in. A foreign root that ends the way is not looked
/// at: that nobody trusts it is the one thing to say of it.
pub(super) fn faults(way: &Way<'_, '_>, leaf: &X509Certificate<'_>, now: i64) -> Problems {
    let mut problems = Problems::default();
    let between = match way.end {
        End::ForeignRoot => way.issuers.split_last().map_or(&[][..], |(_, between)| between),
        End::Anchor(_) | End::NotSent { .. } | End::BadSignature => way.issuers.as_slice(),
    };
    let mut below = 0;
    for issuer in between {
        dates(issuer, now, &mut problems);
        permissions(issuer, below, leaf, &mut problems);
        problems.extend(weak_key(issuer.public_key()));
        problems.extend(weak_signature(issuer));
        problems.add_if(demands_the_unknown(issuer), Problem::UnsupportedCriticalExtension);
        if issuer.subject().as_raw() != issuer.issuer().as_raw() {
            below += 1;
        }
    }
    if let End::Anchor(anchor) = way.end {
        problems.extend(anchor.key().and_then(|key| weak_key(&key)));
        if let Some(root) = &anchor.certificate {
            dates(root, now, &mut problems);
            problems.add_if(path_is_too_long(root, below), Problem::PathLengthExceeded);
        }
        let is_violated = anchor.with_constraints(|constraints| constraints::violated(constraints, leaf));
        problems.add_if(is_violated.unwrap_or_default(), Problem::NameConstraintViolation);
    }
    problems
}

fn dates(issuer: &X509Certificate<'_>, now: i64, problems: &mut Problems) {
    let validity = issuer.validity();
    problems.add_if(now > validity.not_after.timestamp(), Problem::IssuerExpired);
    problems.add_if(now < validity.not_before.timestamp(), Problem::IssuerNotYetValid);
}

fn permissions(issuer: &X509Certificate<'_>, below: u32, leaf: &X509Certificate<'_>, problems: &mut Problems) {
    let is_authority = issuer.basic_constraints().ok().flatten().is_some_and(|constraints| constraints.value.ca);
    problems.add_if(!is_authority, Problem::IssuerNotCa);
    problems.add_if(path_is_too_long(issuer, below), Problem::PathLengthExceeded);
    let usage = issuer.key_usage().ok().flatten();
    problems.add_if(usage.is_some_and(|usage| !usage.value.key_cert_sign()), Problem::IssuerKeyUsage);
    let purposes = issuer.extended_key_usage().ok().flatten();
    problems.add_if(purposes.is_some_and(|purposes| !purposes.value.server_auth), Problem::IssuerEkuWithoutServerAuth);
    let constraints = issuer.name_constraints().ok().flatten();
    problems.add_if(
        constraints.is_some_and(|constraints| constraints::violated(constraints.value, leaf)),
        Problem::NameConstraintViolation,
    );
}

/// Whether more intermediates stand below an issuer than it allows (RFC 5280 section 4.2.1.9).
fn path_is_too_long(issuer: &X509Certificate<'_>, below: u32) -> bool {
    let constraints = issuer.basic_constraints().ok().flatten();
    constraints.and_then(|constraints| constraints.value.path_len_constraint).is_some_and(|most| below > most)
}

/// Whether a certificate marks an extension as critical that no client of the Web knows.
pub(super) fn demands_the_unknown(certificate: &X509Certificate<'_>) -> bool {
    certificate.extensions().iter().any(|extension| {
        extension.critical && matches!(extension.parsed_extension(), ParsedExtension::UnsupportedExtension { .. })
    })
}
