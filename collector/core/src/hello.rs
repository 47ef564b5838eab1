//! The start of a report session: what the agent says of itself, what the collector answers, and whether two hosts share
//! one identity.

use std::ops::RangeInclusive;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use vedetta_checks::result::PackDigest;
use vedetta_checks::target::Target;

use crate::actor::AuthenticatedAgent;
use crate::agent::{Agent, AgentCursor, AgentState, EARLIER_BOOT_IDS_MAX};
use crate::asset::Grant;
use crate::changes::Changes;
use crate::ids::{AgentId, GrantId};
use crate::store::Stored;

/// Shortest time in which a host can start again and greet. A copy that greets later is found when the boot id of the
/// first host comes back, at its next session.
pub const RESTART_MIN: SignedDuration = SignedDuration::from_secs(10);
/// Longest version of an agent that is kept, in bytes.
pub const VERSION_BYTES_MAX: usize = 64;

/// What an agent says at the start of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Greeting {
    /// Least protocol version that it speaks.
    pub protocol_least: u32,
    /// Greatest protocol version that it speaks.
    pub protocol_greatest: u32,
    /// Version of its program.
    pub version: String,
    /// Its spool.
    pub epoch: Uuid,
    /// Greatest sequence that this spool has made; 0 when none.
    pub last_sequence: u64,
    /// Greatest sequence that it saw acknowledged; 0 when none.
    pub acknowledged: u64,
    /// New at each start of the host.
    pub boot_id: Uuid,
    /// The packs that it can run.
    pub packs: Vec<PackDigest>,
    /// Revision of the assignment that it holds; 0 when none.
    pub assignment_revision: u64,
    /// Batches that its full spool dropped since the last session.
    pub gap_batches: u64,
    /// The host's clock.
    pub sent_at: Timestamp,
    /// Granted targets that the host does not allow.
    pub refused: Vec<(GrantId, Target)>,
}

/// What the collector answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Welcome {
    /// The protocol of this session.
    pub protocol: u32,
    /// The spool that the collector knows; `None`: none.
    pub epoch: Option<Uuid>,
    /// Greatest durable sequence of the agent's own spool; 0 when none.
    pub cursor: u64,
    /// Whether the collector lacks what the agent saw acknowledged (it was restored from a backup).
    pub send_whole_state: bool,
    /// Whether the agent holds another assignment than the registry, or lacks a pack that it should run: one that was
    /// added since, or that did not fit into the session before.
    pub send_assignment: bool,
    /// The collector's clock.
    pub received_at: Timestamp,
}

/// How a session starts. Either way the changes are committed first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hello {
    /// It goes on.
    Welcomed {
        /// The answer.
        welcome: Welcome,
        /// What to commit.
        changes: Changes,
    },
    /// A second host uses the same identity: the session ends.
    Quarantined {
        /// What to commit.
        changes: Changes,
    },
}

/// Why a session cannot start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HelloError {
    /// No protocol version in common.
    #[error(
        "the agent {agent} speaks protocol {least} to {greatest}, this collector {own_least} to {own_greatest}: update the older one"
    )]
    Protocol {
        /// Which agent.
        agent: AgentId,
        /// The agent's least.
        least: u32,
        /// The agent's greatest.
        greatest: u32,
        /// The collector's least.
        own_least: u32,
        /// The collector's greatest.
        own_greatest: u32,
    },
    /// The agent was revoked, quarantined or left since the handshake.
    #[error("the agent {0} may not report any more")]
    NotActive(AgentId),
}

/// What the decision about a greeting rests on.
#[derive(Debug, Clone, Copy)]
pub struct HelloState<'a> {
    /// Who greets.
    pub agent: &'a AuthenticatedAgent,
    /// The same agent in the registry.
    pub registry: &'a Stored<Agent>,
    /// How far its results are durable.
    pub cursor: Option<&'a AgentCursor>,
    /// Its grants.
    pub grants: &'a [Stored<Grant>],
    /// The boot id of another session of the same agent that is still open, if there is one.
    pub open_session: Option<Uuid>,
    /// The signed packs that every agent should run; empty: those embedded in the program.
    pub wanted: &'a [PackDigest],
}

/// Decides about a greeting: the newest certificate becomes current when it is first used, and two boot ids at once mean
/// a copied host.
///
/// # Errors
/// [`HelloError`] when the session cannot start.
pub fn hello(
    state: &HelloState<'_>,
    greeting: &Greeting,
    protocols: RangeInclusive<u32>,
    now: Timestamp,
) -> Result<Hello, HelloError> {
    let id = state.agent.id();
    let agent = &state.registry.value;
    if agent.state != AgentState::Active || agent.id != id {
        return Err(HelloError::NotActive(id));
    }
    let protocol = greeting.protocol_greatest.min(*protocols.end());
    if protocol < greeting.protocol_least || protocol < *protocols.start() {
        return Err(HelloError::Protocol {
            agent: id,
            least: greeting.protocol_least,
            greatest: greeting.protocol_greatest,
            own_least: *protocols.start(),
            own_greatest: *protocols.end(),
        });
    }
    let is_back = agent.earlier_boot_ids.contains(&greeting.boot_id);
    let is_beside = state.open_session.is_some_and(|open| open != greeting.boot_id) && is_too_soon(agent, now);
    if is_back || is_beside {
        let reason = format!("two boot ids at once: {}", greeting.boot_id);
        return Ok(Hello::Quarantined { changes: quarantine(state.registry, reason, now) });
    }

    let after = seen(agent, state.agent.generation(), greeting, now);
    let mut changes =
        if is_sign_of_life(agent, &after) { Changes::routine() } else { Changes::audited("agent.hello", id) };
    changes.expect::<Agent>(id, Some(state.registry.version));
    changes.put(after);
    for grant in state.grants {
        mark_refusal(grant, greeting, now, &mut changes);
    }
    let own = state.cursor.filter(|cursor| cursor.epoch == greeting.epoch);
    let cursor = own.map_or(0, |cursor| cursor.sequence);
    let welcome = Welcome {
        protocol,
        epoch: state.cursor.map(|cursor| cursor.epoch),
        cursor,
        send_whole_state: cursor < greeting.acknowledged,
        send_assignment: greeting.assignment_revision != agent.assignment_revision
            || state.wanted.iter().any(|pack| !greeting.packs.contains(pack))
            // Which ports are tried follows what the looked-at host says of itself, so it is told each time.
            || state.grants.iter().any(|grant| matches!(grant.value.target, Target::Ports(_))),
        received_at: now,
    };
    Ok(Hello::Welcomed { welcome, changes })
}

/// Whether the host cannot have started again since its last greeting. A session that is still open proves nothing
/// later: after a power cut the collector notices the end of the old connection only when it times out.
fn is_too_soon(agent: &Agent, now: Timestamp) -> bool {
    agent.last_seen.is_some_and(|last_seen| now.duration_since(last_seen) < RESTART_MIN)
}

/// Stops an identity that two hosts seem to use: after two boot ids at once, or when an old certificate was shown after
/// its successor was in use ([`crate::actor::AgentRefusal::OldGeneration`]). A person releases or revokes it.
#[must_use]
pub fn quarantine(agent: &Stored<Agent>, reason: String, now: Timestamp) -> Changes {
    let id = agent.value.id;
    let mut changes = Changes::audited("agent.quarantine", format!("{id}: {reason}"));
    changes.expect::<Agent>(id, Some(agent.version));
    changes.put(Agent { state: AgentState::Quarantined { since: now, reason }, ..agent.value.clone() });
    changes
}

fn seen(agent: &Agent, generation: u64, greeting: &Greeting, now: Timestamp) -> Agent {
    let mut agent = agent.clone();
    if let Some(next) = agent.next.take_if(|next| next.generation == generation) {
        agent.current = next;
    }
    if let Some(before) = agent.boot_id.filter(|before| *before != greeting.boot_id) {
        agent.earlier_boot_ids.push(before);
        let excess = agent.earlier_boot_ids.len().saturating_sub(EARLIER_BOOT_IDS_MAX);
        agent.earlier_boot_ids.drain(..excess);
    }
    agent.boot_id = Some(greeting.boot_id);
    agent.last_seen = Some(now);
    agent.version = vedetta_checks::fact::clean_text(&greeting.version, VERSION_BYTES_MAX);
    agent.clock_skew = greeting.sent_at.as_millisecond() - now.as_millisecond();
    agent.gap_batches = agent.gap_batches.saturating_add(greeting.gap_batches);
    agent.packs.clone_from(&greeting.packs);
    agent
}

/// Whether a greeting says nothing but that the host lives and what its clock shows. The first one says more.
fn is_sign_of_life(before: &Agent, after: &Agent) -> bool {
    let rest = |agent: &Agent| Agent { last_seen: None, clock_skew: 0, ..agent.clone() };
    before.last_seen.is_some() && rest(before) == rest(after)
}

/// Writes on a grant that the host refuses its target, or that it no longer does.
fn mark_refusal(grant: &Stored<Grant>, greeting: &Greeting, now: Timestamp, changes: &mut Changes) {
    let own = &grant.value;
    let is_refused = greeting.refused.iter().any(|(id, target)| *id == own.key.grant && *target == own.target);
    if is_refused == own.refused_by_host.is_some() {
        return;
    }
    let action = if is_refused { "grant.refused_by_host" } else { "grant.allowed_by_host" };
    changes.audit.push(crate::audit::AuditEntry { action, subject: format!("{} {}", own.key.grant, own.target) });
    changes.expect::<Grant>(own.key, Some(grant.version));
    changes.put(Grant { refused_by_host: is_refused.then_some(now), ..own.clone() });
}

#[cfg(test)]
mod tests;
