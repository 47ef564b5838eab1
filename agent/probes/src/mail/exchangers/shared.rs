//! One look at a mail server serves every domain of a run whose mail it takes, and nobody's servers are pressed.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OnceCell, Semaphore};

use super::server::{Seen, look};
use crate::ProbeContext;

/// Mail servers of one network (/24 of IPv4, /48 of IPv6) that are looked at at the same time.
const AT_ONCE_IN_A_NETWORK: usize = 4;

/// What the looks of one run learn of mail servers, by name. A clone shares it; a new run starts with an empty one.
#[derive(Debug, Clone, Default)]
pub struct SharedServers(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    looks: Mutex<BTreeMap<String, Arc<OnceCell<Arc<Seen>>>>>,
    networks: Mutex<BTreeMap<Vec<u8>, Arc<Semaphore>>>,
}

/// Looks at a mail server, or takes what another look of the run saw of it.
pub(super) async fn shared_look(host: &str, addresses: &[IpAddr], context: &ProbeContext) -> Arc<Seen> {
    let shared = &context.mail_servers.0;
    let cell = {
        let mut looks = shared.looks.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(looks.entry(host.to_owned()).or_default())
    };
    // When the look that began is broken off, the next one that waits begins again.
    let seen = cell.get_or_init(|| async {
        // The semaphore is never closed.
        let place = match addresses.first().and_then(|address| shared.network(*address)) {
            Some(network) => network.acquire_owned().await.ok(),
            None => None,
        };
        let seen = Arc::new(look(host, addresses, context).await);
        drop(place);
        seen
    });
    Arc::clone(seen.await)
}

impl Inner {
    /// The places in the network of an address; none for this host itself, which presses nobody.
    fn network(&self, address: IpAddr) -> Option<Arc<Semaphore>> {
        let network: Vec<u8> = match address {
            _ if address.is_loopback() => return None,
            IpAddr::V4(address) => address.octets().iter().take(3).copied().collect(),
            IpAddr::V6(address) => address.octets().iter().take(6).copied().collect(),
        };
        let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
        let places = networks.entry(network).or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE_IN_A_NETWORK)));
        Some(Arc::clone(places))
    }
}
