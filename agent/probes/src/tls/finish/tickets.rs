//! The tickets that a server gives after a TLS 1.3 handshake, and waiting for them.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rustls::NamedGroup;
use rustls::client::{ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls_pki_types::ServerName;
use tokio::sync::Notify;

/// Most tickets that are kept; servers send one to four.
const TICKETS_MAX: usize = 8;

/// Keeps the tickets of one server.
#[derive(Debug, Default)]
pub(crate) struct Tickets {
    kept: Mutex<Kept>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Kept {
    tickets: Vec<Tls13ClientSessionValue>,
    seen: usize,
    early_data: bool,
}

impl Tickets {
    /// Tickets that came so far, whether or not they were used.
    pub(crate) fn seen(&self) -> usize {
        self.kept().seen
    }

    /// Tickets that were not used yet.
    pub(crate) fn left(&self) -> usize {
        self.kept().tickets.len()
    }

    /// Whether a ticket allowed data before the handshake ends.
    pub(crate) fn early_data(&self) -> bool {
        self.kept().early_data
    }

    /// Ends when there is a ticket to use.
    pub(crate) async fn arrived(&self) {
        // A ticket that nobody waited for has left its notice behind: look before believing it.
        while self.left() == 0 {
            self.arrived.notified().await;
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ClientSessionStore for Tickets {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    // The groups are offered in the server's own order: no hint is better.
    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        None
    }

    // TLS 1.2 is finished by our own client.
    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _: ServerName<'static>, ticket: Tls13ClientSessionValue) {
        let mut kept = self.kept();
        kept.seen += 1;
        kept.early_data |= ticket.max_early_data_size() > 0;
        if kept.tickets.len() < TICKETS_MAX {
            kept.tickets.push(ticket);
        }
        drop(kept);
        self.arrived.notify_one();
    }

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.kept().tickets.pop()
    }
}
