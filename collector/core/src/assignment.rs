//! What an agent is asked to look at beside its own host. The host decides whether it does.

use vedetta_checks::result::Vantage;
use vedetta_checks::target::Target;

use crate::agent::Agent;
use crate::asset::Grant;
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

/// The assignment of one agent from its grants.
#[must_use]
pub fn assignment(agent: &Agent, grants: &[Grant]) -> Assignment {
    let mut own: Vec<_> = grants.iter().filter(|grant| grant.key.agent == agent.id).collect();
    own.sort_by_key(|grant| grant.key);
    let left_out = own.len().saturating_sub(TARGETS_MAX);
    let targets = own
        .into_iter()
        .take(TARGETS_MAX)
        .map(|grant| AssignedTarget { grant: grant.key.grant, target: grant.target.clone(), vantage: grant.vantage })
        .collect();
    Assignment { revision: agent.assignment_revision, targets, left_out }
}
