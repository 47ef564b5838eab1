//! What an agent is asked to look at beside its own host. The host decides whether it does.

use std::collections::BTreeSet;

use vedetta_checks::ports::USUAL;
use vedetta_checks::result::Vantage;
use vedetta_checks::target::{PORTS_MAX, Ports, Target};

use crate::agent::Agent;
use crate::asset::{AssetKey, Grant};
use crate::ids::GrantId;

/// Most targets of one assignment.
pub const TARGETS_MAX: usize = 256;

/// One target of an assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignedTarget {
    /// The grant, which the agent puts on its results.
    pub grant: GrantId,
    /// What exactly to look at.
    pub target: Target,
    /// From where the agent sees it.
    pub vantage: Vantage,
}

/// All that an agent is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Its revision.
    pub revision: u64,
    /// The targets, in the order of their grants.
    pub targets: Vec<AssignedTarget>,
    /// How many targets did not fit; 0 when all did.
    pub left_out: usize,
}

/// The assignment of one agent from its grants. `bound` tells on which TCP ports a host waits for others, as it says itself.
#[must_use]
pub fn assignment(agent: &Agent, grants: &[Grant], bound: impl Fn(AssetKey) -> BTreeSet<u16>) -> Assignment {
    let mut own: Vec<_> = grants.iter().filter(|grant| grant.key.agent == agent.id).collect();
    own.sort_by_key(|grant| grant.key);
    let left_out = own.len().saturating_sub(TARGETS_MAX);
    let targets = own
        .into_iter()
        .take(TARGETS_MAX)
        .map(|grant| AssignedTarget { grant: grant.key.grant, target: target(grant, &bound), vantage: grant.vantage })
        .collect();
    Assignment { revision: agent.assignment_revision, targets, left_out }
}

/// The target of a grant; of ports, with those that the host itself names and those that are worth trying at any host.
fn target(grant: &Grant, bound: impl Fn(AssetKey) -> BTreeSet<u16>) -> Target {
    let Target::Ports(place) = &grant.target else { return grant.target.clone() };
    let own = bound(grant.asset);
    let usual = USUAL.into_iter().filter(|port| !own.contains(port));
    let ports = own.iter().copied().chain(usual).take(PORTS_MAX).collect();
    Ports::new(place.server.clone(), ports).map_or_else(|_| grant.target.clone(), Target::Ports)
}
