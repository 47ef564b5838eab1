//! The open connections of each agent, so that a revoked one is cut at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;
use vedetta_core::ids::AgentId;

/// Most open connections of one agent: one at work, one for a call beside it, and some whose end was not noticed yet.
pub const CONNECTIONS_OF_AGENT_MAX: usize = 4;

type Open = HashMap<AgentId, HashMap<u64, oneshot::Sender<()>>>;

/// The open connections.
#[derive(Debug, Clone, Default)]
pub struct Connections(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    next: u64,
    open: Open,
}

/// Takes a connection off the list when it ends.
#[derive(Debug)]
pub struct Registered {
    connections: Connections,
    agent: AgentId,
    number: u64,
}

impl Connections {
    /// Notes a connection; the receiver answers when it must be cut. `None`: the agent has as many open as it may have.
    #[must_use]
    pub fn register(&self, agent: AgentId) -> Option<(Registered, oneshot::Receiver<()>)> {
        let (sender, receiver) = oneshot::channel();
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.open.get(&agent).is_some_and(|own| own.len() >= CONNECTIONS_OF_AGENT_MAX) {
            return None;
        }
        let number = state.next;
        state.next = state.next.wrapping_add(1);
        state.open.entry(agent).or_default().insert(number, sender);
        Some((Registered { connections: self.clone(), agent, number }, receiver))
    }

    /// Cuts every open connection of an agent; answers how many there were.
    pub fn cut(&self, agent: AgentId) -> usize {
        let senders = self.0.lock().unwrap_or_else(PoisonError::into_inner).open.remove(&agent).unwrap_or_default();
        // A connection that ended meanwhile has dropped its receiver: nothing is left to cut.
        senders.into_values().filter_map(|sender| sender.send(()).ok()).count()
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let mut state = self.connections.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = state.open.get_mut(&self.agent) {
            own.remove(&self.number);
            if own.is_empty() {
                state.open.remove(&self.agent);
            }
        }
    }
}
