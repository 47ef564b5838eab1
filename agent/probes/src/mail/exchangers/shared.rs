//! One look at a mail server serves every domain of a run whose mail it takes, and nobody's servers are pressed.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use super::home::Reachable;
use super::seen::Seen;
use super::server::look;
use super::silence::Silence;
use crate::ProbeContext;
use crate::dns::delegation::networks::Network;

/// Mail servers of one network (/24 of IPv4, /48 of IPv6) that are spoken with at the same time.
const AT_ONCE_IN_A_NETWORK: usize = 4;
/// Share of a domain's deadline after which its mail servers are not waited for any longer, so that the rest is still told.
const DEADLINE_SHARE: f32 = 0.85;

/// What the looks of one run learn of mail servers, by name. A clone shares it; a new run starts with an empty one.
#[derive(Debug, Clone, Default)]
pub struct SharedServers(Arc<Inner>);

#[derive(Debug, Default)]
pub(super) struct Inner {
    looks: Mutex<BTreeMap<String, Arc<OnceCell<Arc<Seen>>>>>,
    networks: Mutex<BTreeMap<Network, Arc<Semaphore>>>,
    pub(super) silence: Silence,
}

/// Looks at a mail server, or takes what another look of the run saw of it. The look at the domain began at `begun`.
pub(super) async fn shared_look(
    host: &str,
    addresses: &Reachable,
    begun: Instant,
    context: &ProbeContext,
) -> Arc<Seen> {
    let shared = &context.mail_servers.0;
    let cell = {
        let mut looks = shared.looks.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(looks.entry(host.to_owned()).or_default())
    };
    let left = || context.deadline.mul_f32(DEADLINE_SHARE).saturating_sub(begun.elapsed());
    // When the look that began is broken off, the next one that waits begins again.
    let waits = AtomicBool::new(false);
    let seen = cell.get_or_init(|| async { Arc::new(look(host, addresses, shared, &waits, left, context).await) });
    match tokio::time::timeout(left(), seen).await {
        Ok(seen) => Arc::clone(seen),
        Err(_elapsed) if waits.load(Ordering::Relaxed) => {
            let detail = format!("{host}: too many mail servers of one network were to be looked at");
            Arc::new(Seen::unseen(&Unknown::new(Reason::BUSY, detail)))
        }
        Err(_elapsed) => {
            let detail = format!("{host}: the look at the mail server took too long");
            Arc::new(Seen::unseen(&Unknown::new(Reason::TIMEOUT, detail)))
        }
    }
}

impl Inner {
    /// Waits for a place in the network of an address; none is needed on this host itself, which presses nobody.
    pub(super) async fn place(&self, address: IpAddr) -> Option<OwnedSemaphorePermit> {
        if address.is_loopback() {
            return None;
        }
        let places = {
            let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
            let network = networks.entry(Network::of(address));
            Arc::clone(network.or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE_IN_A_NETWORK))))
        };
        // The semaphore is never closed.
        places.acquire_owned().await.ok()
    }
}
