//! Enrolment: how a host gets its identity, keeps it, and loses it.
//!
//! Identity is the key that the agent made on its host, never a name. A single-use code binds the new host to one
//! organisation; certificates live [`CERTIFICATE_VALID`] and are renewed with a new key; an expired one may still renew
//! for [`RENEWAL_GRACE`], so a PC that was off all August comes back without a person.

mod code;
mod ending;
mod renewal;

pub use code::{CODE_VALID_MAX, CODE_VALID_MIN, CodeError, issue_code};
pub use ending::{EndingError, REASON_BYTES_MAX, leave, release, revoke};
pub use renewal::{RENEWAL_GRACE, Renewal, RenewalError, renew};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use vedetta_checks::fact::clean_text;
use vedetta_checks::result::Vantage;
use vedetta_checks::target::{NAME_BYTES_MAX, Target};

use crate::agent::{Agent, AgentCertificate, AgentState, CodeState, EnrolmentCodeRecord, Fingerprint};
use crate::asset::{Asset, AssetKey, AssetKind, AssetState, Grant, GrantKey};
use crate::audit::AuditEntry;
use crate::changes::Changes;
use crate::hello::VERSION_BYTES_MAX;
use crate::ids::{AgentId, AssetId, GrantId, OrganisationId};
use crate::store::Stored;

/// How long an agent's certificate is valid.
pub const CERTIFICATE_VALID: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Most public targets that a person can confirm on the host at enrolment.
pub const PUBLIC_TARGETS_MAX: usize = 32;

/// What an agent asks for with its code. Its certificate request was verified: it proved to hold the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentRequest {
    /// SHA-256 of its public key.
    pub key: Fingerprint,
    /// What the host calls itself: shown to people, never an identity.
    pub host_name: String,
    /// Version of its program.
    pub version: String,
    /// Public endpoints and domains that a person confirmed on the host.
    pub public_targets: Vec<Target>,
}

/// What the decision about a request rests on.
#[derive(Debug, Clone, Copy)]
pub struct EnrolmentState<'a> {
    /// The code under the hash of the secret that the agent sent; `None`: there is none.
    pub code: Option<&'a Stored<EnrolmentCodeRecord>>,
    /// The agent that used the code, if it was used.
    pub used_by: Option<&'a Agent>,
    /// The assets of the code's organisation: a public target that is known is neither added twice nor granted.
    pub assets: &'a [Asset],
}

/// A host that has its identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The agent; its `current` certificate is the one to sign.
    pub agent: Agent,
    /// Its organisation.
    pub organisation: OrganisationId,
    /// What to commit before the certificate is handed out; `None`: the same key asks again because the first answer
    /// was lost.
    pub changes: Option<Changes>,
}

/// Why a host gets no identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnrolmentError {
    /// No code with that secret.
    #[error("this enrolment code does not exist: check that it was copied whole, or ask for a new one")]
    UnknownCode,
    /// It was used by another key.
    #[error("this enrolment code was used already: ask for a new one")]
    UsedCode,
    /// It ended.
    #[error("this enrolment code has expired: ask for a new one")]
    ExpiredCode,
    /// More targets than a host may confirm.
    #[error("at most {PUBLIC_TARGETS_MAX} public names can be confirmed at enrolment")]
    TooManyTargets,
    /// A confirmed target that is not public.
    #[error("`host` is not a public name: every agent looks at its own host anyway")]
    HostAsPublicTarget,
}

/// Gives a host its identity: the agent, its host as an asset, the confirmed public names that nobody named before as
/// assets and grants, and the code marked as used. The commit relies on the code's version, so of two racing enrolments
/// one is told to try again and then finds the code used.
///
/// A public name that is an asset already is only asked for (`grant.asked` in the audit): whoever holds a code must not
/// get to overwrite what another agent reports of it. A person grants it.
///
/// # Errors
/// [`EnrolmentError`] says what the person at the host can do.
pub fn enrol(
    state: &EnrolmentState<'_>,
    request: &EnrolmentRequest,
    now: Timestamp,
    new_ids: &mut dyn FnMut() -> Uuid,
) -> Result<Enrolment, EnrolmentError> {
    let code = state.code.ok_or(EnrolmentError::UnknownCode)?;
    let organisation = code.value.organisation;
    if let CodeState::Used { agent, .. } = code.value.state {
        let again = state
            .used_by
            .filter(|known| known.id == agent && known.current.key == request.key && known.state == AgentState::Active);
        return again
            .map(|agent| Enrolment { agent: agent.clone(), organisation, changes: None })
            .ok_or(EnrolmentError::UsedCode);
    }
    if code.value.expires_at <= now {
        return Err(EnrolmentError::ExpiredCode);
    }
    if request.public_targets.len() > PUBLIC_TARGETS_MAX {
        return Err(EnrolmentError::TooManyTargets);
    }
    if request.public_targets.contains(&Target::Host) {
        return Err(EnrolmentError::HostAsPublicTarget);
    }

    let host = AssetKey { organisation, asset: AssetId::new(new_ids()) };
    let agent = new_agent(request, host, AgentId::new(new_ids()), now);
    let mut changes = Changes::audited("agent.enrol", format!("{} {organisation}", agent.id));
    changes.expect::<EnrolmentCodeRecord>(code.value.secret, Some(code.version));
    changes.put(EnrolmentCodeRecord { state: CodeState::Used { at: now, agent: agent.id }, ..code.value.clone() });
    changes.put(new_asset(host, host_label(request, agent.id), AssetKind::Host, now));
    let mut named: Vec<&Target> = Vec::with_capacity(request.public_targets.len());
    for target in &request.public_targets {
        if named.contains(&target) {
            continue;
        }
        named.push(target);
        match known_asset(target, organisation, state.assets) {
            Some(asset) => changes.audit.push(AuditEntry {
                action: "grant.asked",
                subject: format!("{} {} {target}", agent.id, asset.key.asset),
            }),
            None => add_public_target(target, &agent, now, &mut changes, new_ids),
        }
    }
    changes.put(agent.clone());
    Ok(Enrolment { agent, organisation, changes: Some(changes) })
}

fn new_agent(request: &EnrolmentRequest, host: AssetKey, id: AgentId, now: Timestamp) -> Agent {
    Agent {
        id,
        host,
        state: AgentState::Active,
        current: AgentCertificate { generation: 1, key: request.key, not_after: certificate_end(now) },
        next: None,
        enrolled_at: now,
        last_seen: None,
        version: clean_text(&request.version, VERSION_BYTES_MAX),
        boot_id: None,
        earlier_boot_ids: Vec::new(),
        clock_skew: 0,
        // An agent without an assignment says 0, so its first session brings it one: the packs come with it.
        assignment_revision: 1,
        gap_batches: 0,
        packs: Vec::new(),
    }
}

/// A host without a usable name is called by its agent's id, so that a page has something to show.
fn host_label(request: &EnrolmentRequest, id: AgentId) -> String {
    let name = clean_text(request.host_name.trim(), NAME_BYTES_MAX);
    if name.is_empty() { id.to_string() } else { name }
}

const fn new_asset(key: AssetKey, name: String, kind: AssetKind, now: Timestamp) -> Asset {
    Asset { key, name, kind, supplier: None, state: AssetState::Active, added_at: now }
}

/// The asset that stands for a public target already.
fn known_asset<'a>(target: &Target, organisation: OrganisationId, assets: &'a [Asset]) -> Option<&'a Asset> {
    assets.iter().find(|asset| match &asset.kind {
        AssetKind::Public(own) => {
            own == target && asset.state == AssetState::Active && asset.key.organisation == organisation
        }
        AssetKind::Host => false,
    })
}

fn add_public_target(
    target: &Target,
    agent: &Agent,
    now: Timestamp,
    changes: &mut Changes,
    new_ids: &mut dyn FnMut() -> Uuid,
) {
    let asset = AssetKey { organisation: agent.host.organisation, asset: AssetId::new(new_ids()) };
    changes.put(new_asset(asset, target_label(target), AssetKind::Public(target.clone()), now));
    let key = GrantKey { agent: agent.id, grant: GrantId::new(new_ids()) };
    changes.audit.push(AuditEntry { action: "grant.add", subject: format!("{} {target}", key.grant) });
    changes.put(Grant { key, asset, target: target.clone(), vantage: Vantage::Inside, refused_by_host: None });
}

/// What people call a public asset: `www.example.it:443`, `example.it`.
#[must_use]
pub fn target_label(target: &Target) -> String {
    match target {
        Target::Host => target.to_string(),
        Target::Endpoint(endpoint) => format!("{}:{}", endpoint.server, endpoint.port),
        Target::Domain(name) => name.to_string(),
        Target::Ports(ports) => ports.server.to_string(),
    }
}

/// The end of a certificate that is issued now; the last representable moment when the clock is beyond reason.
fn certificate_end(now: Timestamp) -> Timestamp {
    now.checked_add(CERTIFICATE_VALID).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
