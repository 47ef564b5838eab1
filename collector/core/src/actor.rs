//! Who does something. Each kind of actor is built by one function here, from a verified credential and the registry.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::agent::{Agent, AgentState, Fingerprint};
use crate::asset::AssetKey;
use crate::ids::{AgentId, OrganisationId, UserId};
use crate::organisation::OrganisationGraph;
use crate::person::{Role, User};

/// Who does something; every one is written in the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person, with what it may see and change.
    Person(Scope),
    /// An agent that proved its key.
    Agent(AuthenticatedAgent),
    /// The collector's own work.
    Job(SystemJob),
}

impl Actor {
    /// How the audit names it.
    #[must_use]
    pub fn audit_name(&self) -> String {
        match self {
            Self::Person(scope) => scope.login.clone(),
            Self::Agent(agent) => format!("agent:{}", agent.id),
            Self::Job(job) => format!("job:{}", job.0),
        }
    }
}

/// A piece of the collector's own work, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SystemJob(&'static str);

impl SystemJob {
    /// The job of that name.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }
}

/// What a person may see and change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    user: Option<UserId>,
    login: String,
    roles: Vec<(Role, BTreeSet<OrganisationId>)>,
}

impl Scope {
    /// The scope of a person whose session or link was verified; `None` when the account is closed.
    #[must_use]
    pub fn of_user(user: &User, graph: &OrganisationGraph) -> Option<Self> {
        if user.closed_at.is_some() {
            return None;
        }
        let roles = user.roles.iter().map(|grant| (grant.role, graph.beneath(grant.at))).collect();
        Some(Self { user: Some(user.id), login: user.login.clone(), roles })
    }

    /// The scope of whoever may open the collector's own socket on its host: everything.
    #[must_use]
    pub fn of_console(uid: u32, graph: &OrganisationGraph) -> Self {
        let all = graph.iter().map(|node| node.id).collect();
        Self { user: None, login: format!("console:{uid}"), roles: vec![(Role::Admin, all)] }
    }

    /// The person's account; `None` on the console.
    #[must_use]
    pub const fn user(&self) -> Option<UserId> {
        self.user
    }

    /// The name for pages and the audit.
    #[must_use]
    pub fn login(&self) -> &str {
        &self.login
    }

    /// Whether the person has one of the roles at the organisation. What one may not see answers as if it were not there.
    #[must_use]
    pub fn has(&self, roles: &[Role], at: OrganisationId) -> bool {
        self.roles.iter().any(|(role, nodes)| roles.contains(role) && nodes.contains(&at))
    }

    /// Whether the person may see the organisation's posture.
    #[must_use]
    pub fn sees(&self, at: OrganisationId) -> bool {
        self.has(&Role::ALL, at)
    }

    /// Whether the person may see evidence, addresses and hosts.
    #[must_use]
    pub fn sees_evidence(&self, at: OrganisationId) -> bool {
        self.has(&[Role::Admin, Role::Operator, Role::Comune, Role::Responder, Role::Auditor], at)
    }

    /// Whether the person may read the organisation's incidents.
    #[must_use]
    pub fn sees_incidents(&self, at: OrganisationId) -> bool {
        self.sees_evidence(at)
    }

    /// Whether the person may open, continue and close incidents.
    #[must_use]
    pub fn handles_incidents(&self, at: OrganisationId) -> bool {
        self.has(&[Role::Admin, Role::Operator, Role::Comune, Role::Responder], at)
    }

    /// Whether the person may make enrolment codes and change assets and grants.
    #[must_use]
    pub fn manages(&self, at: OrganisationId) -> bool {
        self.has(&[Role::Admin, Role::Operator, Role::Comune], at)
    }

    /// Whether the person may change organisations, people and packs.
    #[must_use]
    pub fn administers(&self, at: OrganisationId) -> bool {
        self.has(&[Role::Admin], at)
    }
}

/// What a verified client certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedCertificate {
    /// The agent named in it.
    pub agent: AgentId,
    /// Its generation.
    pub generation: u64,
    /// SHA-256 of its public key.
    pub key: Fingerprint,
    /// When it stops being valid.
    pub not_after: Timestamp,
}

/// Why a certificate that our CA signed still proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AgentRefusal {
    /// The registry knows no such agent, or another key.
    #[error("this identity is not in the registry")]
    Unknown,
    /// A person revoked it.
    #[error("this identity was revoked")]
    Revoked,
    /// It left.
    #[error("this agent has left")]
    Left,
    /// Two hosts seem to use it.
    #[error("this identity is in quarantine: two hosts seem to use it")]
    Quarantined,
    /// An older generation than the current one: a copy.
    #[error("this identity is an old copy")]
    OldGeneration,
    /// Expired: it may only renew.
    #[error("this certificate has expired: it can only be renewed")]
    Expired,
}

/// An agent whose key was proved by the handshake and whose identity stands in the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticatedAgent {
    id: AgentId,
    host: AssetKey,
    generation: u64,
}

impl AuthenticatedAgent {
    /// Holds a verified certificate against the registry. Reading fails closed: no agent, no session.
    ///
    /// # Errors
    /// [`AgentRefusal`] says why the identity is not accepted.
    pub fn verify(
        certificate: &VerifiedCertificate,
        agent: Option<&Agent>,
        now: Timestamp,
    ) -> Result<Self, AgentRefusal> {
        let agent = agent.filter(|agent| agent.id == certificate.agent).ok_or(AgentRefusal::Unknown)?;
        match agent.state {
            AgentState::Active => {}
            AgentState::Quarantined { .. } => return Err(AgentRefusal::Quarantined),
            AgentState::Revoked { .. } => return Err(AgentRefusal::Revoked),
            AgentState::Left { .. } => return Err(AgentRefusal::Left),
        }
        if certificate.generation < agent.current.generation {
            return Err(AgentRefusal::OldGeneration);
        }
        let known = std::iter::once(&agent.current)
            .chain(agent.next.as_ref())
            .any(|own| own.generation == certificate.generation && own.key == certificate.key);
        if !known {
            return Err(AgentRefusal::Unknown);
        }
        if certificate.not_after < now {
            return Err(AgentRefusal::Expired);
        }
        Ok(Self { id: agent.id, host: agent.host, generation: certificate.generation })
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> AgentId {
        self.id
    }

    /// The host that it reports for.
    #[must_use]
    pub const fn host(&self) -> AssetKey {
        self.host
    }

    /// The generation of the certificate that it proved.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }
}
