//! Who runs a target, as far as the DNS tells: the domains of its mail servers and name servers, and the networks where a look
//! would knock. Serves to spare suppliers that run many targets, and to say what one supplier would mend for many.

use std::collections::BTreeSet;
use std::net::IpAddr;

use hickory_proto::rr::{Name, RecordType};
use vedetta_checks::target::{DomainName, Endpoint, Server, Target};

use crate::ProbeContext;
use crate::dns::lookup::Dns;
use crate::dns::{records, resolver};
use crate::public_suffix::registrable;

/// Most mail servers, and most name servers, of one target whose networks are looked up.
const HOSTS_MAX: usize = 8;

/// Who runs a target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suppliers {
    /// Registrable domain of the mail server of a domain that is tried first, when it is not the domain's own.
    pub mail: Option<String>,
    /// Registrable domain of the first name server of a domain, when it is not the domain's own.
    pub names: Option<String>,
    /// Networks in which servers stand that a look connects to, as `192.0.2.0/24` or `2001:db8::/48`; loopback has none.
    pub networks: BTreeSet<String>,
}

/// Finds who runs a target; whatever cannot be told is left out. What it asks, the looks of the run need not ask again.
pub async fn of(target: &Target, context: &ProbeContext) -> Suppliers {
    let Ok(dns) = Dns::of(context) else { return Suppliers::default() };
    match target {
        Target::Host | Target::Ports(_) => Suppliers::default(),
        Target::Domain(domain) => of_domain(domain, &dns).await,
        Target::Endpoint(endpoint) => Suppliers { networks: of_endpoint(endpoint, &dns).await, ..Suppliers::default() },
    }
}

async fn of_domain(domain: &DomainName, dns: &Dns) -> Suppliers {
    let Ok(name) = resolver::question_name(domain) else { return Suppliers::default() };
    let (mx, ns) = tokio::join!(dns.lookup(&name, RecordType::MX), dns.lookup(&name, RecordType::NS));
    let mx = mx.answer.facts(records::mail_server, |server| (server.preference, server.exchange.clone()));
    let exchanges: Vec<String> = mx.known().into_iter().flatten().map(|server| server.exchange.clone()).collect();
    let ns = ns.answer.facts(records::name_server, String::clone);
    let servers = ns.known().cloned().unwrap_or_default();
    let own = registrable(domain.as_str());
    let other = |hosts: &[String]| {
        // An address in the place of a name stands under nobody's domain.
        let host = hosts.first().filter(|host| host.parse::<IpAddr>().is_err())?;
        registrable(host).filter(|found| Some(found) != own.as_ref())
    };
    let mut networks = BTreeSet::new();
    for host in exchanges.iter().take(HOSTS_MAX).chain(servers.iter().take(HOSTS_MAX)) {
        networks.extend(networks_of(host, dns).await);
    }
    Suppliers { mail: other(&exchanges), names: other(&servers), networks }
}

async fn of_endpoint(endpoint: &Endpoint, dns: &Dns) -> BTreeSet<String> {
    match (endpoint.fixed_address(), &endpoint.server) {
        (Some(address), _) => network(address).into_iter().collect(),
        (None, Server::Name(name)) => networks_of(name.as_str(), dns).await,
        (None, Server::Address(address)) => network(*address).into_iter().collect(),
    }
}

async fn networks_of(host: &str, dns: &Dns) -> BTreeSet<String> {
    let Ok(mut name) = Name::from_ascii(host) else { return BTreeSet::new() };
    name.set_fqdn(true);
    let addresses = dns.addresses(&name).await;
    addresses.known().into_iter().flatten().copied().filter_map(network).collect()
}

/// The network of an address: what usually is one supplier's. Loopback is nobody else's.
fn network(address: IpAddr) -> Option<String> {
    match address.to_canonical() {
        address if address.is_loopback() || address.is_unspecified() => None,
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            Some(format!("{a}.{b}.{c}.0/24"))
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            Some(format!("{a:x}:{b:x}:{c:x}::/48"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_a_slash_24_or_48_and_loopback_is_none() {
        for (address, expected) in [
            ("192.0.2.77", Some("192.0.2.0/24")),
            ("::ffff:192.0.2.77", Some("192.0.2.0/24")),
            ("2001:db8:1:2::3", Some("2001:db8:1::/48")),
            ("127.3.2.1", None),
            ("::1", None),
        ] {
            assert_eq!(network(address.parse().unwrap()).as_deref(), expected, "{address}");
        }
    }
}
