//! How many connections each source address has, so that one stranger cannot take every place on a port.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::intake::rate::network;

/// The connections of each address (one /64 with IPv6). Holds no more addresses than the port has connections.
#[derive(Debug, Clone)]
pub struct Addresses {
    most: usize,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// One connection of an address; its place is free again when this is dropped.
#[derive(Debug)]
pub struct AddressPlace {
    addresses: Addresses,
    network: IpAddr,
}

impl Addresses {
    /// At most so many connections of one address.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, open: Arc::default() }
    }

    /// A place for one more connection; `None`: the address has as many as it may have.
    #[must_use]
    pub fn take(&self, address: IpAddr) -> Option<AddressPlace> {
        let network = network(address);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(network).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(AddressPlace { addresses: self.clone(), network })
    }
}

impl Drop for AddressPlace {
    fn drop(&mut self) {
        let mut open = self.addresses.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.network) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_places_and_leaves_the_others_theirs() {
        let addresses = Addresses::new(2);
        let (one, other): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let first = addresses.take(one).unwrap();
        let _second = addresses.take(one).unwrap();
        assert!(addresses.take(one).is_none());
        let _others = addresses.take(other).unwrap();
        drop(first);
        assert!(addresses.take(one).is_some());
    }

    #[test]
    fn an_address_without_connections_is_forgotten() {
        let addresses = Addresses::new(1);
        drop(addresses.take("192.0.2.1".parse().unwrap()));
        assert!(addresses.open.lock().unwrap().is_empty());
    }
}
