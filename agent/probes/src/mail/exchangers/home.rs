//! Whether the names of a run stand on this host itself, as a tree does that somebody built to try things out.
//!
//! On the Internet a mail server at 127.0.0.1, or at an address that only examples use, is somebody's mistake. In such a tree
//! it is where everything stands. Networks of an organisation stay a mistake in both.

use std::net::{IpAddr, Ipv6Addr};

use hickory_proto::rr::Name;
use vedetta_checks::fact::Fact;

use crate::dns::delegation::networks;
use crate::dns::lookup::Dns;

/// The first address that the Internet does not carry and that is a mistake where this domain stands.
pub(super) async fn private_address(dns: &Dns, domain: &Name, addresses: &[IpAddr]) -> Option<IpAddr> {
    let private: Vec<IpAddr> = addresses.iter().copied().filter(|address| networks::is_private(*address)).collect();
    // Nobody is asked where nothing depends on it, as nearly everywhere.
    let at_home = private.iter().any(|address| may_be_at_home(*address)) && stands_here(dns, domain).await;
    private.into_iter().find(|address| !(at_home && may_be_at_home(*address)))
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

/// Whether all servers of the root, or all of the zone above the domain's, are this host. The root is asked for once a run.
async fn stands_here(dns: &Dns, domain: &Name) -> bool {
    if is_served_here(dns, &Name::root()).await {
        return true;
    }
    let Fact::Known(cut) = dns.zone_of(domain).await else { return false };
    match &cut.parent {
        Some(parent) if !parent.is_root() => is_served_here(dns, parent).await,
        Some(_) | None => false,
    }
}

async fn is_served_here(dns: &Dns, zone: &Name) -> bool {
    let Fact::Known(cut) = dns.zone_of(zone).await else { return false };
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
