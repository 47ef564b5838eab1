//! One look at a mail server serves every domain of a run whose mail it takes, and nobody's servers are pressed.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OnceCell, Semaphore};
use tokio::time::Instant;
use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use super::server::{Seen, look};
use super::silence::Silence;
use crate::ProbeContext;
use crate::dns::delegation::networks::Network;

/// Mail servers of one network (/24 of IPv4, /48 of IPv6) that are looked at at the same time.
const AT_ONCE_IN_A_NETWORK: usize = 4;
/// Share of a domain's deadline after which its mail servers are not waited for any longer, so that the rest is still told.
const DEADLINE_SHARE: f32 = 0.85;

/// What the looks of one run learn of mail servers, by name. A clone shares it; a new run starts with an empty one.
#[derive(Debug, Clone, Default)]
pub struct SharedServers(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    looks: Mutex<BTreeMap<String, Arc<OnceCell<Arc<Seen>>>>>,
    networks: Mutex<BTreeMap<Network, Arc<Semaphore>>>,
    silence: Silence,
}

/// Looks at a mail server, or takes what another look of the run saw of it. The look at the domain began at `begun`.
pub(super) async fn shared_look(host: &str, addresses: &[IpAddr], begun: Instant, context: &ProbeContext) -> Arc<Seen> {
    let shared = &context.mail_servers.0;
    let cell = {
        let mut looks = shared.looks.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(looks.entry(host.to_owned()).or_default())
    };
    let left = || context.deadline.mul_f32(DEADLINE_SHARE).saturating_sub(begun.elapsed());
    let whole = left();
    // When the look that began is broken off, the next one that waits begins again.
    let seen = cell.get_or_init(|| async {
        // The semaphore is never closed.
        let place = match addresses.first().and_then(|address| shared.network(*address)) {
            Some(network) => network.acquire_owned().await.ok(),
            None => None,
        };
        let seen = Arc::new(look(host, addresses, &shared.silence, left(), context).await);
        drop(place);
        seen
    });
    match tokio::time::timeout(whole, seen).await {
        Ok(seen) => Arc::clone(seen),
        Err(_elapsed) => {
            let detail = format!("{host}: too many mail servers of one network were to be looked at");
            Arc::new(Seen::unseen(&Unknown::new(Reason::BUSY, detail)))
        }
    }
}

impl Inner {
    /// The places in the network of an address; none for this host itself, which presses nobody.
    fn network(&self, address: IpAddr) -> Option<Arc<Semaphore>> {
        if address.is_loopback() {
            return None;
        }
        let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
        let places =
            networks.entry(Network::of(address)).or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE_IN_A_NETWORK)));
        Some(Arc::clone(places))
    }
}
