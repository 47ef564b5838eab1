//! The end of an identity, and the way out of quarantine.

use jiff::Timestamp;
use vedetta_checks::fact::clean_text;

use crate::actor::{AuthenticatedAgent, Scope};
use crate::agent::{Agent, AgentState};
use crate::asset::{Asset, AssetState};
use crate::changes::Changes;
use crate::store::Stored;

/// Longest reason that is kept, in bytes.
pub const REASON_BYTES_MAX: usize = 500;

/// Why an identity is not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EndingError {
    /// It does not exist, or the person may not manage it: both answer the same.
    #[error("there is no such agent")]
    NotFound,
    /// Whoever ends an identity must say why: its host, with its failures, leaves the score.
    #[error("say why the agent ends")]
    NoReason,
    /// It is in the other state already.
    #[error("the agent is not in quarantine")]
    NotQuarantined,
    /// It ended already.
    #[error("the agent was revoked or has left already")]
    AlreadyEnded,
}

/// The agent leaves: its identity ends and its host is retired with the reason. Its history stays; its open findings no
/// longer count, but stay open: the page of the organisation says how many hosts left with some
/// ([`crate::posture::OrganisationView::left_with_open_failures`]).
///
/// # Errors
/// [`EndingError::NotFound`] when the registry holds no such agent or host, [`EndingError::NoReason`] without a reason.
pub fn leave(
    authenticated: &AuthenticatedAgent,
    agent: Option<&Stored<Agent>>,
    host: Option<&Stored<Asset>>,
    reason: &str,
    now: Timestamp,
) -> Result<Changes, EndingError> {
    let agent = agent.filter(|stored| stored.value.id == authenticated.id()).ok_or(EndingError::NotFound)?;
    let host = host.filter(|stored| stored.value.key == authenticated.host()).ok_or(EndingError::NotFound)?;
    let reason = clean_text(reason.trim(), REASON_BYTES_MAX);
    if reason.is_empty() {
        return Err(EndingError::NoReason);
    }
    let mut changes = Changes::audited("agent.leave", format!("{}: {reason}", agent.value.id));
    changes.expect::<Agent>(agent.value.id, Some(agent.version));
    changes.put(Agent { state: AgentState::Left { at: now }, next: None, ..agent.value.clone() });
    changes.expect::<Asset>(host.value.key, Some(host.version));
    changes.put(Asset { state: AssetState::Retired { at: now, reason }, ..host.value.clone() });
    Ok(changes)
}

/// A person takes the identity away: it can neither connect nor renew. The host stays in the posture, with its open
/// findings, until somebody retires it.
///
/// # Errors
/// [`EndingError`] when the person may not, gives no reason, or it has ended already.
pub fn revoke(
    scope: &Scope,
    agent: Option<&Stored<Agent>>,
    reason: &str,
    now: Timestamp,
) -> Result<Changes, EndingError> {
    let agent = managed(scope, agent)?;
    let reason = clean_text(reason.trim(), REASON_BYTES_MAX);
    if reason.is_empty() {
        return Err(EndingError::NoReason);
    }
    match agent.value.state {
        AgentState::Active | AgentState::Quarantined { .. } => {}
        AgentState::Revoked { .. } | AgentState::Left { .. } => return Err(EndingError::AlreadyEnded),
    }
    let mut changes = Changes::audited("agent.revoke", format!("{}: {reason}", agent.value.id));
    changes.expect::<Agent>(agent.value.id, Some(agent.version));
    changes.put(Agent { state: AgentState::Revoked { at: now, reason }, next: None, ..agent.value.clone() });
    Ok(changes)
}

/// A person found the copy and stopped it: the identity may report again. What was seen of its starts is forgotten, so
/// the host that stays is not taken for a copy.
///
/// # Errors
/// [`EndingError`] when the person may not, or the agent is not in quarantine.
pub fn release(scope: &Scope, agent: Option<&Stored<Agent>>) -> Result<Changes, EndingError> {
    let agent = managed(scope, agent)?;
    match agent.value.state {
        AgentState::Quarantined { .. } => {}
        AgentState::Active | AgentState::Revoked { .. } | AgentState::Left { .. } => {
            return Err(EndingError::NotQuarantined);
        }
    }
    let mut changes = Changes::audited("agent.release", agent.value.id);
    changes.expect::<Agent>(agent.value.id, Some(agent.version));
    changes.put(Agent {
        state: AgentState::Active,
        boot_id: None,
        earlier_boot_ids: Vec::new(),
        ..agent.value.clone()
    });
    Ok(changes)
}

fn managed<'a>(scope: &Scope, agent: Option<&'a Stored<Agent>>) -> Result<&'a Stored<Agent>, EndingError> {
    agent.filter(|stored| scope.manages(stored.value.host.organisation)).ok_or(EndingError::NotFound)
}
