//! Agents.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vedetta_core::agent::{Agent, AgentState};
use vedetta_core::asset::Asset;
use vedetta_core::enrolment::{release, revoke};
use vedetta_core::store::{Prefix, Store};

use crate::admin::{AdminError, Context, Verb, lookup};

/// `agent list`.
#[derive(Debug)]
pub struct List;

/// Whose agents.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ListRequest {
    /// An organisation, with all that lie beneath; none: all.
    pub organisation: Option<String>,
}

/// One agent.
#[derive(Debug, Serialize, Deserialize)]
pub struct AgentLine {
    /// Its id.
    pub id: String,
    /// Its host's name.
    pub host: String,
    /// Its organisation's name.
    pub organisation: String,
    /// `active`, `quarantined`, `revoked`, `left`.
    pub state: String,
    /// Its last session.
    pub last_seen: Option<Timestamp>,
    /// Version of its program.
    pub version: String,
    /// End of its certificate.
    pub certificate_until: Timestamp,
    /// Host clock minus collector clock, in milliseconds.
    pub clock_skew: i64,
    /// Batches that its full spool had to drop.
    pub gap_batches: u64,
}

impl Verb for List {
    const NAME: &'static str = "agent.list";
    type Request = ListRequest;
    type Answer = Vec<AgentLine>;

    async fn run<S: Store>(context: &Context<S>, request: ListRequest) -> Result<Vec<AgentLine>, AdminError> {
        let (graph, _) = context.scope().await?;
        let wanted = match &request.organisation {
            Some(named) => Some(graph.beneath(lookup::organisation(&graph, named)?.id)),
            None => None,
        };
        let mut lines = Vec::new();
        for agent in lookup::all::<Agent>(&context.shared.store).await? {
            if wanted.as_ref().is_some_and(|wanted| !wanted.contains(&agent.host.organisation)) {
                continue;
            }
            let host = context.shared.store.get::<Asset>(&agent.host).await?;
            lines.push(AgentLine {
                id: agent.id.to_string(),
                host: host.map(|host| host.value.name).unwrap_or_default(),
                organisation: graph.get(agent.host.organisation).map(|node| node.name.clone()).unwrap_or_default(),
                state: state_word(&agent.state).to_owned(),
                last_seen: agent.last_seen,
                version: agent.version,
                certificate_until: agent.current.not_after,
                clock_skew: agent.clock_skew,
                gap_batches: agent.gap_batches,
            });
        }
        Ok(lines)
    }
}

const fn state_word(state: &AgentState) -> &'static str {
    match state {
        AgentState::Active => "active",
        AgentState::Quarantined { .. } => "quarantined",
        AgentState::Revoked { .. } => "revoked",
        AgentState::Left { .. } => "left",
    }
}

/// `agent revoke`: takes an identity away and cuts its open connections.
#[derive(Debug)]
pub struct Revoke;

/// Which agent, and why.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RevokeRequest {
    /// Its id or its host's name.
    pub agent: String,
    /// Why.
    pub reason: String,
}

/// What was cut.
#[derive(Debug, Serialize, Deserialize)]
pub struct RevokeAnswer {
    /// The agent's id.
    pub agent: String,
    /// How many open connections were cut.
    pub cut: usize,
}

impl Verb for Revoke {
    const NAME: &'static str = "agent.revoke";
    type Request = RevokeRequest;
    type Answer = RevokeAnswer;

    async fn run<S: Store>(context: &Context<S>, request: RevokeRequest) -> Result<RevokeAnswer, AdminError> {
        let (_, scope) = context.scope().await?;
        let agent = lookup::agent(&context.shared.store, &request.agent).await?;
        let changes = revoke(&scope, Some(&agent), &request.reason, context.now()).map_err(AdminError::rule)?;
        context.commit(scope, changes).await?;
        let cut = context.shared.connections.cut(agent.value.id);
        Ok(RevokeAnswer { agent: agent.value.id.to_string(), cut })
    }
}

/// `agent release`: ends a quarantine.
#[derive(Debug)]
pub struct Release;

/// Which agent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReleaseRequest {
    /// Its id or its host's name.
    pub agent: String,
}

impl Verb for Release {
    const NAME: &'static str = "agent.release";
    type Request = ReleaseRequest;
    type Answer = ();

    async fn run<S: Store>(context: &Context<S>, request: ReleaseRequest) -> Result<(), AdminError> {
        let (_, scope) = context.scope().await?;
        let agent = lookup::agent(&context.shared.store, &request.agent).await?;
        let changes = release(&scope, Some(&agent)).map_err(AdminError::rule)?;
        context.commit(scope, changes).await
    }
}

/// The agents that report for hosts of one organisation.
///
/// # Errors
/// When the store cannot be read.
pub async fn of_organisation<S: Store>(
    context: &Context<S>,
    organisation: vedetta_core::ids::OrganisationId,
) -> Result<Vec<Agent>, AdminError> {
    let all = lookup::beneath::<Agent>(&context.shared.store, Prefix::All).await?;
    Ok(all.into_iter().map(|stored| stored.value).filter(|agent| agent.host.organisation == organisation).collect())
}
