//! Which version of the agent each computer has, and which are older than what people can get.

use std::collections::BTreeMap;
use std::sync::Arc;

use vedetta_core::agent::{Agent, AgentState};
use vedetta_core::asset::AssetKey;
use vedetta_core::ids::OrganisationId;
use vedetta_core::store::{Prefix, Store};

use super::all;
use crate::app::App;
use crate::failure::Failure;
use crate::packages::is_older;

/// Most agents of one collector that are read for a page.
const AGENTS_MAX: usize = 20_000;

/// The agents of one organisation's computers.
pub(crate) struct Versions {
    /// Version by computer; of several agents that a computer had, the one enrolled last.
    own: BTreeMap<AssetKey, String>,
    /// The newest version that people can get.
    pub(crate) newest: String,
}

impl Versions {
    /// The versions now.
    pub(crate) async fn of<S: Store>(app: &App<S>, organisation: OrganisationId) -> Result<Self, Failure> {
        let packages = Arc::clone(&app.hooks.packages);
        let newest = tokio::task::spawn_blocking(move || packages.newest_agent()).await.map_err(Failure::broken)?;
        let agents: Vec<Agent> = all(app, Prefix::All, AGENTS_MAX).await?;
        Ok(Self { own: at_work(agents.iter().filter(|agent| agent.host.organisation == organisation)), newest })
    }

    /// The version on a computer; `None`: no agent works there.
    pub(crate) fn on(&self, host: AssetKey) -> Option<&str> {
        self.own.get(&host).map(String::as_str)
    }

    /// Whether the agent of a computer is older than the newest.
    pub(crate) fn is_old(&self, host: AssetKey) -> bool {
        self.on(host).is_some_and(|version| is_older(version, &self.newest))
    }
}

/// The version of the agent that works on each computer. One that left or was revoked does not.
fn at_work<'a>(agents: impl Iterator<Item = &'a Agent>) -> BTreeMap<AssetKey, String> {
    let mut newest: BTreeMap<AssetKey, &Agent> = BTreeMap::new();
    for agent in agents {
        match agent.state {
            AgentState::Active | AgentState::Quarantined { .. } => {}
            AgentState::Revoked { .. } | AgentState::Left { .. } => continue,
        }
        let known = newest.entry(agent.host).or_insert(agent);
        if agent.enrolled_at > known.enrolled_at {
            *known = agent;
        }
    }
    newest.into_iter().map(|(host, agent)| (host, agent.version.clone())).collect()
}
