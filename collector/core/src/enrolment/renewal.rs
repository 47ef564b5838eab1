//! Renewal: a new key and a generation that rises by one.

use jiff::{SignedDuration, Timestamp};

use super::certificate_end;
use crate::actor::{AgentRefusal, VerifiedCertificate};
use crate::agent::{Agent, AgentCertificate, AgentState, Fingerprint};
use crate::changes::Changes;
use crate::store::Stored;

/// How long after its end a certificate may still renew, and do nothing else.
pub const RENEWAL_GRACE: SignedDuration = SignedDuration::from_hours(180 * 24);

/// A renewed identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewal {
    /// The certificate to sign.
    pub certificate: AgentCertificate,
    /// What to commit before it is handed out; `None`: the same request came again, the answer is the same.
    pub changes: Option<Changes>,
}

/// Why a certificate is not renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RenewalError {
    /// The identity is not accepted.
    #[error(transparent)]
    Refused(#[from] AgentRefusal),
    /// It ended too long ago.
    #[error("this certificate ended more than 180 days ago: enrol the host again with a new code")]
    TooLate,
    /// The request carries the key in use.
    #[error("a renewal needs a new key")]
    SameKey,
}

/// Renews an identity. Asking twice with the same key gives the same answer, so a lost answer costs nothing; the new
/// certificate becomes current when it is first used, and the old one is valid until then.
///
/// # Errors
/// [`RenewalError`] when the identity is refused, too old, or the key is not new.
pub fn renew(
    agent: Option<&Stored<Agent>>,
    presented: &VerifiedCertificate,
    new_key: Fingerprint,
    now: Timestamp,
) -> Result<Renewal, RenewalError> {
    let stored = agent.filter(|stored| stored.value.id == presented.agent).ok_or(AgentRefusal::Unknown)?;
    let agent = &stored.value;
    match agent.state {
        AgentState::Active => {}
        AgentState::Quarantined { .. } => return Err(AgentRefusal::Quarantined.into()),
        AgentState::Revoked { .. } => return Err(AgentRefusal::Revoked.into()),
        AgentState::Left { .. } => return Err(AgentRefusal::Left.into()),
    }
    if presented.generation < agent.current.generation {
        return Err(AgentRefusal::OldGeneration.into());
    }
    let is_own = |own: &AgentCertificate| own.generation == presented.generation && own.key == presented.key;
    let is_next = agent.next.as_ref().is_some_and(is_own);
    if !is_next && !is_own(&agent.current) {
        return Err(AgentRefusal::Unknown.into());
    }
    let is_too_late = presented.not_after.checked_add(RENEWAL_GRACE).is_ok_and(|last| last < now);
    if is_too_late {
        return Err(RenewalError::TooLate);
    }
    if new_key == presented.key || new_key == agent.current.key {
        return Err(RenewalError::SameKey);
    }
    if let Some(next) = agent.next.as_ref().filter(|next| next.key == new_key && next.not_after > now) {
        return Ok(Renewal { certificate: next.clone(), changes: None });
    }

    let mut renewed = agent.clone();
    let newest = agent.next.as_ref().map_or(agent.current.generation, |next| next.generation);
    if let Some(next) = renewed.next.take().filter(|_| is_next) {
        renewed.current = next;
    }
    let certificate = AgentCertificate { generation: newest + 1, key: new_key, not_after: certificate_end(now) };
    renewed.next = Some(certificate.clone());
    let mut changes = Changes::audited("agent.renew", format!("{} {}", agent.id, certificate.generation));
    changes.expect::<Agent>(agent.id, Some(stored.version));
    changes.put(renewed);
    Ok(Renewal { certificate, changes: Some(changes) })
}
