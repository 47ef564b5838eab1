//! Addresses that stayed silent in this run, so that nobody waits for them again, nor for what silently goes nowhere.
//!
//! Many networks let nothing out to port 25. One address then costs one wait, and soon no further one is waited for: the
//! looks of a province at sixty domains must not take a minute to say that nothing can be seen from there.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::dns::delegation::networks::Network;

/// Silent addresses of one network after which the others of it are not waited for, when none answered.
const SILENT_MAX: usize = 4;
/// Silent networks after which no further one is waited for, when nobody answered in this run.
const SILENT_NETWORKS_MAX: usize = 8;

/// What the run knows of silence.
#[derive(Debug, Default)]
pub(crate) struct Silence(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    silent: BTreeSet<IpAddr>,
    /// Networks in which somebody answered, were it by a closed port.
    answered: BTreeSet<Network>,
}

impl Silence {
    /// Why an address is not worth a wait; none when it is.
    pub(super) fn hopeless(&self, address: IpAddr) -> Option<&'static str> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let network = Network::of(address);
        let beside = || known.silent.iter().filter(|silent| Network::of(**silent) == network).count();
        let networks = || known.silent.iter().map(|silent| Network::of(*silent)).collect::<BTreeSet<_>>().len();
        if known.silent.contains(&address) {
            Some("it stayed silent before")
        } else if !known.answered.contains(&network) && beside() >= SILENT_MAX {
            Some("nobody answers in its network")
        } else if known.answered.is_empty() && networks() >= SILENT_NETWORKS_MAX {
            Some("nobody answers at this port: the way out seems to be closed")
        } else {
            None
        }
    }

    /// Remembers that an address answered.
    pub(super) fn answered(&self, address: IpAddr) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).answered.insert(Network::of(address));
    }

    /// Remembers that nothing came from an address.
    pub(super) fn silent(&self, address: IpAddr) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).silent.insert(address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn nobody_waits_twice_for_one_address() {
        let silence = Silence::default();
        silence.silent(address("192.0.2.1"));
        assert!(silence.hopeless(address("192.0.2.1")).is_some());
        assert!(silence.hopeless(address("192.0.2.2")).is_none());
    }

    #[test]
    fn a_network_without_an_answer_is_given_up_and_others_are_not() {
        let silence = Silence::default();
        for last in 1..=SILENT_MAX {
            silence.silent(address(&format!("192.0.2.{last}")));
        }
        assert!(silence.hopeless(address("192.0.2.99")).is_some());
        assert!(silence.hopeless(address("198.51.100.1")).is_none());
        silence.answered(address("192.0.2.50"));
        assert!(silence.hopeless(address("192.0.2.99")).is_none());
    }

    #[test]
    fn a_port_that_nothing_leaves_to_is_given_up() {
        let silence = Silence::default();
        for third in 1..=SILENT_NETWORKS_MAX {
            assert!(silence.hopeless(address("198.51.100.1")).is_none());
            silence.silent(address(&format!("203.0.{third}.1")));
        }
        assert!(silence.hopeless(address("198.51.100.1")).is_some());
        silence.answered(address("192.0.2.1"));
        assert!(silence.hopeless(address("198.51.100.1")).is_none());
    }
}
