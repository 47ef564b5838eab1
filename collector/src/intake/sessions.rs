//! The open report sessions by agent, to notice two hosts with one identity.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;
use vedetta_core::ids::AgentId;

/// Most open sessions of one agent: one that reports, and some whose end the collector has not noticed yet.
pub const SESSIONS_OF_AGENT_MAX: usize = 4;

/// The open sessions.
#[derive(Debug, Clone, Default)]
pub struct Sessions(Arc<Mutex<HashMap<AgentId, Vec<Uuid>>>>);

/// An open session; it is taken off the list when this is dropped.
#[derive(Debug)]
pub struct OpenSession {
    sessions: Sessions,
    agent: AgentId,
    boot_id: Uuid,
}

impl Sessions {
    /// Opens a session, and tells the boot id of another open session of the same agent: a different one if there is
    /// one. `None`: the agent has as many open as it may have.
    #[must_use]
    pub fn open(&self, agent: AgentId, boot_id: Uuid) -> Option<(OpenSession, Option<Uuid>)> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = all.entry(agent).or_default();
        if own.len() >= SESSIONS_OF_AGENT_MAX {
            return None;
        }
        let other = own.iter().find(|open| **open != boot_id).or(own.first()).copied();
        own.push(boot_id);
        Some((OpenSession { sessions: self.clone(), agent, boot_id }, other))
    }

    /// How many sessions are open.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().map(Vec::len).sum()
    }
}

impl Drop for OpenSession {
    fn drop(&mut self) {
        let mut all = self.sessions.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = all.get_mut(&self.agent) {
            if let Some(place) = own.iter().position(|open| *open == self.boot_id) {
                own.swap_remove(place);
            }
            if own.is_empty() {
                all.remove(&self.agent);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_too_many_is_refused_until_another_ends() {
        let (sessions, agent) = (Sessions::default(), AgentId::new(Uuid::from_u128(1)));
        let mut open: Vec<_> = (0..SESSIONS_OF_AGENT_MAX).map(|_| sessions.open(agent, Uuid::nil()).unwrap()).collect();
        assert!(sessions.open(agent, Uuid::nil()).is_none());
        assert!(sessions.open(AgentId::new(Uuid::from_u128(2)), Uuid::nil()).is_some());
        open.pop();
        assert!(sessions.open(agent, Uuid::nil()).is_some());
    }
}
