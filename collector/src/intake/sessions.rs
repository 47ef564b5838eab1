//! The open report sessions by agent, to notice two hosts with one identity.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;
use vedetta_core::ids::AgentId;

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
    /// one.
    #[must_use]
    pub fn open(&self, agent: AgentId, boot_id: Uuid) -> (OpenSession, Option<Uuid>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = all.entry(agent).or_default();
        let other = own.iter().find(|open| **open != boot_id).or(own.first()).copied();
        own.push(boot_id);
        (OpenSession { sessions: self.clone(), agent, boot_id }, other)
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
