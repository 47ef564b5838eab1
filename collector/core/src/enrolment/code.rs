//! Enrolment codes: single use, expiring, bound to one organisation.

use jiff::{SignedDuration, Timestamp};

use crate::actor::Scope;
use crate::agent::{CodeState, EnrolmentCodeRecord, Fingerprint};
use crate::changes::Changes;
use crate::organisation::{Organisation, OrganisationKind};

/// Longest life of a code.
pub const CODE_VALID_MAX: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Shortest life of a code.
pub const CODE_VALID_MIN: SignedDuration = SignedDuration::from_mins(1);

/// Why no code is issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// It does not exist, or the person may not manage it: both answer the same.
    #[error("there is no such organisation")]
    NotFound,
    /// Hosts belong to a Comune, a Unione or a Provincia.
    #[error("a {} has no hosts of its own: choose a Comune, a Unione, a Provincia or a Regione", .0.word())]
    NoHosts(OrganisationKind),
    /// Too short or too long a life.
    #[error("an enrolment code is valid for 1 minute to 30 days")]
    Validity,
}

/// Makes a code for one organisation; only the hash of its secret reaches this function and the store.
///
/// # Errors
/// [`CodeError`] when the person may not, or the life is out of bounds.
pub fn issue_code(
    scope: &Scope,
    organisation: Option<&Organisation>,
    secret: Fingerprint,
    valid_for: SignedDuration,
    now: Timestamp,
) -> Result<(EnrolmentCodeRecord, Changes), CodeError> {
    let organisation = organisation.filter(|node| scope.manages(node.id)).ok_or(CodeError::NotFound)?;
    match organisation.kind {
        OrganisationKind::Comune
        | OrganisationKind::Unione
        | OrganisationKind::Provincia
        | OrganisationKind::Regione => {}
        OrganisationKind::ZonaSociale => return Err(CodeError::NoHosts(organisation.kind)),
    }
    if valid_for < CODE_VALID_MIN || valid_for > CODE_VALID_MAX {
        return Err(CodeError::Validity);
    }
    let expires_at = now.checked_add(valid_for).map_err(|_| CodeError::Validity)?;
    let code = EnrolmentCodeRecord { secret, organisation: organisation.id, expires_at, state: CodeState::Open };
    let mut changes = Changes::audited("code.issue", organisation.id);
    changes.expect::<EnrolmentCodeRecord>(secret, None);
    changes.put(code.clone());
    Ok((code, changes))
}
