//! What people do with assets and grants. Each change of an agent's grants raises the revision of its assignment, so the
//! agent fetches the new one when it next looks in.

use jiff::Timestamp;
use vedetta_checks::fact::clean_text;
use vedetta_checks::result::Vantage;
use vedetta_checks::target::{Ports, Target};

use super::{Asset, AssetKey, AssetKind, AssetState, Grant, GrantKey};
use crate::actor::Scope;
use crate::agent::{Agent, AgentState};
use crate::changes::Changes;
use crate::ids::GrantId;
use crate::store::Stored;

/// Longest name of a supplier, in bytes.
pub const SUPPLIER_BYTES_MAX: usize = 200;
/// Longest reason for retiring, in bytes.
pub const REASON_BYTES_MAX: usize = 500;

/// Why an asset or grant is not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssetError {
    /// The organisation, asset, agent or grant does not exist, or the person may not manage it: all answer the same.
    #[error("there is no such organisation, asset or agent")]
    NotFound,
    /// A host comes into being by enrolment.
    #[error("a host is added by enrolling its agent, not by hand")]
    HostByHand,
    /// A person must say why.
    #[error("say why the asset is retired")]
    NoReason,
    /// It does not count any more.
    #[error("the asset is retired")]
    Retired,
    /// The agent may not report.
    #[error("the agent is revoked, in quarantine or has left")]
    AgentNotActive,
    /// The asset is something else than the target.
    #[error("the asset is another target")]
    OtherTarget,
    /// A host cannot see itself from elsewhere.
    #[error("the ports of a host are tried by another host's agent, not by its own")]
    OwnPorts,
    /// Ports belong to a host.
    #[error("name the host whose ports these are")]
    PortsWithoutHost,
}

/// Adds a public endpoint or domain.
///
/// # Errors
/// [`AssetError`] when the person may not, or the target is a host.
pub fn add_public(scope: &Scope, key: AssetKey, target: Target, now: Timestamp) -> Result<Changes, AssetError> {
    if !scope.manages(key.organisation) {
        return Err(AssetError::NotFound);
    }
    match target {
        Target::Host => return Err(AssetError::HostByHand),
        Target::Ports(_) => return Err(AssetError::PortsWithoutHost),
        Target::Endpoint(_) | Target::Domain(_) => {}
    }
    let name = crate::enrolment::target_label(&target);
    let mut changes = Changes::audited("asset.add", format!("{} {target}", key.asset));
    changes.expect::<Asset>(key, None);
    let kind = AssetKind::Public(target);
    changes.put(Asset { key, name, kind, supplier: None, state: AssetState::Active, added_at: now });
    Ok(changes)
}

/// Retires an asset with a reason: its history stays, its results no longer count. The only way in which a failure that
/// nobody can see any more leaves the score.
///
/// # Errors
/// [`AssetError`] when the person may not, gives no reason, or it is retired already.
pub fn retire(
    scope: &Scope,
    asset: Option<&Stored<Asset>>,
    reason: &str,
    now: Timestamp,
) -> Result<Changes, AssetError> {
    let stored = managed(scope, asset)?;
    let reason = clean_text(reason.trim(), REASON_BYTES_MAX);
    if reason.is_empty() {
        return Err(AssetError::NoReason);
    }
    let mut changes = Changes::audited("asset.retire", format!("{}: {reason}", stored.value.key.asset));
    changes.expect::<Asset>(stored.value.key, Some(stored.version));
    changes.put(Asset { state: AssetState::Retired { at: now, reason }, ..stored.value.clone() });
    Ok(changes)
}

/// Says who runs an asset; an empty text: the organisation itself.
///
/// # Errors
/// [`AssetError`] when the person may not, or the asset is retired.
pub fn set_supplier(scope: &Scope, asset: Option<&Stored<Asset>>, supplier: &str) -> Result<Changes, AssetError> {
    let stored = managed(scope, asset)?;
    let supplier = clean_text(supplier.trim(), SUPPLIER_BYTES_MAX);
    let mut changes = Changes::audited("asset.supplier", stored.value.key.asset);
    changes.expect::<Asset>(stored.value.key, Some(stored.version));
    changes.put(Asset { supplier: (!supplier.is_empty()).then_some(supplier), ..stored.value.clone() });
    Ok(changes)
}

/// Lets an agent report on a public asset. The host still decides whether it looks there.
///
/// # Errors
/// [`AssetError`] when the person may not manage both, or one of them no longer counts.
pub fn grant(
    scope: &Scope,
    agent: Option<&Stored<Agent>>,
    asset: Option<&Stored<Asset>>,
    vantage: Vantage,
    id: GrantId,
) -> Result<Changes, AssetError> {
    let agent = managed_agent(scope, agent)?;
    let asset = managed(scope, asset)?;
    let target = match &asset.value.kind {
        AssetKind::Public(target) => target.clone(),
        AssetKind::Host => return Err(AssetError::OtherTarget),
    };
    let key = GrantKey { agent: agent.value.id, grant: id };
    let mut changes = Changes::audited("grant.add", format!("{id} {target}"));
    changes.expect::<Grant>(key, None);
    changes.put(Grant { key, asset: asset.value.key, target, vantage, refused_by_host: None });
    raise_revision(agent, &mut changes);
    Ok(changes)
}

/// Lets another agent try the ports of a host from where it stands, under the name or address that others use for it. What
/// it sees is filed under the host, beside what the host says of itself.
///
/// # Errors
/// [`AssetError`] when the person may not manage both, one of them no longer counts, the asset is no host, or the agent is
/// that host's own.
pub fn grant_ports(
    scope: &Scope,
    agent: Option<&Stored<Agent>>,
    host: Option<&Stored<Asset>>,
    ports: &Ports,
    id: GrantId,
) -> Result<Changes, AssetError> {
    let agent = managed_agent(scope, agent)?;
    let host = managed(scope, host)?;
    if host.value.kind != AssetKind::Host {
        return Err(AssetError::OtherTarget);
    }
    if agent.value.host == host.value.key {
        return Err(AssetError::OwnPorts);
    }
    let key = GrantKey { agent: agent.value.id, grant: id };
    let target = Target::Ports(ports.place());
    let mut changes = Changes::audited("grant.add", format!("{id} {target}"));
    changes.expect::<Grant>(key, None);
    changes.put(Grant { key, asset: host.value.key, target, vantage: Vantage::Outside, refused_by_host: None });
    raise_revision(agent, &mut changes);
    Ok(changes)
}

/// Takes a grant back.
///
/// # Errors
/// [`AssetError`] when the person may not manage the agent, or the grant is another's.
pub fn withdraw(
    scope: &Scope,
    agent: Option<&Stored<Agent>>,
    grant: Option<&Stored<Grant>>,
) -> Result<Changes, AssetError> {
    let agent = managed_agent(scope, agent)?;
    let grant = grant.filter(|grant| grant.value.key.agent == agent.value.id).ok_or(AssetError::NotFound)?;
    let mut changes = Changes::audited("grant.withdraw", grant.value.key.grant);
    changes.expect::<Grant>(grant.value.key, Some(grant.version));
    changes.remove::<Grant>(grant.value.key);
    raise_revision(agent, &mut changes);
    Ok(changes)
}

fn raise_revision(agent: &Stored<Agent>, changes: &mut Changes) {
    changes.expect::<Agent>(agent.value.id, Some(agent.version));
    changes.put(Agent { assignment_revision: agent.value.assignment_revision + 1, ..agent.value.clone() });
}

fn managed<'a>(scope: &Scope, asset: Option<&'a Stored<Asset>>) -> Result<&'a Stored<Asset>, AssetError> {
    let stored = asset.filter(|stored| scope.manages(stored.value.key.organisation)).ok_or(AssetError::NotFound)?;
    match stored.value.state {
        AssetState::Active => Ok(stored),
        AssetState::Retired { .. } => Err(AssetError::Retired),
    }
}

fn managed_agent<'a>(scope: &Scope, agent: Option<&'a Stored<Agent>>) -> Result<&'a Stored<Agent>, AssetError> {
    let stored = agent.filter(|stored| scope.manages(stored.value.host.organisation)).ok_or(AssetError::NotFound)?;
    match stored.value.state {
        AgentState::Active => Ok(stored),
        AgentState::Quarantined { .. } | AgentState::Revoked { .. } | AgentState::Left { .. } => {
            Err(AssetError::AgentNotActive)
        }
    }
}
