//! Whether the names of a run stand on this host itself, as a tree does that somebody built to try things out.
//!
//! On the Internet a mail server at 127.0.0.1, or at an address that only examples use, is somebody's mistake. In such a tree
//! it is where everything stands. Networks of an organisation stay a mistake in both.

use std::net::{IpAddr, Ipv6Addr};

use hickory_proto::rr::{Name, RecordType};
use vedetta_checks::fact::Fact;

use crate::ProbeContext;
use crate::dns::delegation::networks;
use crate::dns::lookup::Dns;

/// The first address that the Internet does not carry and that is a mistake where this domain stands.
pub(super) async fn private_address(dns: &Dns, domain: &Name, addresses: &[IpAddr]) -> Option<IpAddr> {
    let private: Vec<IpAddr> = addresses.iter().copied().filter(|address| networks::is_private(*address)).collect();
    // Nobody is asked where nothing depends on it, as nearly everywhere.
    let at_home = private.iter().any(|address| may_be_at_home(*address)) && stands_here(dns, domain).await;
    private.into_iter().find(|address| !(at_home && may_be_at_home(*address)))
}

/// Addresses of a host to which this host may connect on the word of a stranger's DNS: it can name any, this host's and its
/// network's too. Nothing in the crate's parts for mail connects without one.
#[derive(Debug, Clone)]
pub(crate) struct Reachable {
    /// Those that may be connected to, in the order given.
    pub(super) addresses: Vec<IpAddr>,
    /// The first that must not be.
    pub(super) refused: Option<IpAddr>,
}

/// The addresses of a host that may be connected to: public ones; where the domain's tree of names stands on this host also
/// this host's own and those of examples. Networks of an organisation, one link, nobody and many: never.
pub(crate) async fn reachable(dns: &Dns, domain: &Name, addresses: &[IpAddr], context: &ProbeContext) -> Reachable {
    let (public, private): (Vec<IpAddr>, Vec<IpAddr>) =
        addresses.iter().copied().partition(|address| !networks::is_private(*address));
    if private.is_empty() {
        return Reachable { addresses: public, refused: None };
    }
    let at_home = private.iter().any(|address| may_be_at_home(*address))
        && (stands_here(dns, domain).await || is_lone_authority(dns, domain, context).await);
    let is_allowed = |address: IpAddr| !networks::is_private(address) || (at_home && may_be_at_home(address));
    let (addresses, refused): (Vec<IpAddr>, Vec<IpAddr>) =
        addresses.iter().copied().partition(|address| is_allowed(*address));
    Reachable { addresses, refused: refused.first().copied() }
}

/// Whether an address is this host's own, or one of examples (RFC 5737, RFC 3849).
fn may_be_at_home(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_documentation(),
        IpAddr::V6(address) => address.is_loopback() || is_documentation(address),
    }
}

fn is_documentation(address: Ipv6Addr) -> bool {
    matches!(address.segments(), [0x2001, 0x0db8, ..])
}

/// Whether all servers of the root, or all of a top-level zone right above the domain's, are this host. Deeper zones do not
/// count: a stranger holds them, and writes what he likes about their servers. The root is asked for once a run.
async fn stands_here(dns: &Dns, domain: &Name) -> bool {
    if is_served_here(dns, &Name::root()).await {
        return true;
    }
    let Fact::Known(cut) = dns.zone_of(domain).await else { return false };
    match &cut.parent {
        Some(parent) if parent.num_labels() == 1 => is_served_here(dns, parent).await,
        Some(_) | None => false,
    }
}

/// Whether the resolver of the run is a server of this host that holds the domain's zone itself. A zone's word for its own
/// servers proves nothing, so the resolver must speak with authority.
async fn is_lone_authority(dns: &Dns, domain: &Name, context: &ProbeContext) -> bool {
    if !context.resolver.is_some_and(|resolver| resolver.ip().is_loopback()) {
        return false;
    }
    let lookup = dns.lookup(domain, RecordType::SOA).await;
    let speaks_with_authority = lookup.reply.as_ref().is_some_and(|reply| reply.message.metadata.authoritative);
    let Fact::Known(cut) = dns.zone_of(domain).await else { return false };
    speaks_with_authority && is_served_here(dns, &cut.zone).await
}

async fn is_served_here(dns: &Dns, zone: &Name) -> bool {
    let Fact::Known(cut) = dns.zone_of(zone).await else { return false };
    if cut.zone != *zone {
        return false;
    }
    let servers = dns.server_addresses(&cut).await;
    !servers.is_empty() && servers.iter().all(|server| server.ip().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_of_an_organisation_are_nobodys_home() {
        for (address, expected) in [
            ("127.0.0.1", true),
            ("::1", true),
            ("192.0.2.1", true),
            ("198.51.100.1", true),
            ("203.0.113.1", true),
            ("2001:db8::1", true),
            ("10.1.2.3", false),
            ("192.168.1.1", false),
            ("fd00::1", false),
            ("0.0.0.0", false),
            ("8.8.8.8", false),
        ] {
            assert_eq!(may_be_at_home(address.parse().expect("an address")), expected, "{address}");
        }
    }
}
