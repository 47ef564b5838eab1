//! What this host may look at. The decision is made here, on the host: no collector can widen it.
//!
//! Allowed are the host itself, its own addresses, the names that a person confirmed at enrolment, and what
//! `[targets] allow` lists. The decision asks nobody: a name is resolved only by the host's own `hosts` file, so a
//! refused target causes no packet, not even a DNS question.

mod own;

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use vedetta_checks::target::{DomainName, Endpoint, Server, Target};

pub use own::{OwnHost, parse_fib_trie, parse_hosts, parse_if_inet6};

/// One entry of `[targets] allow`: an exact name, an address or a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowEntry {
    /// An exact name; names beneath it are not meant.
    Name(DomainName),
    /// An address or a network.
    Network(IpNet),
}

impl FromStr for AllowEntry {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(network) = text.parse::<IpNet>() {
            return Ok(Self::Network(network.trunc()));
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Network(IpNet::from(address)));
        }
        let is_name = text.contains(|character: char| character.is_ascii_alphabetic());
        match DomainName::parse(text) {
            Ok(name) if is_name => Ok(Self::Name(name)),
            Ok(_) | Err(_) => Err(format!("`{text}` is neither a name, an address nor a network such as 192.0.2.0/24")),
        }
    }
}

/// What the host allows, gathered once per start.
#[derive(Debug, Clone, Default)]
pub struct HostAllow {
    own: OwnHost,
    names: BTreeSet<String>,
    networks: Vec<IpNet>,
}

impl HostAllow {
    /// The host itself, the names confirmed at enrolment, and the local configuration.
    #[must_use]
    pub fn new(own: OwnHost, confirmed: &[DomainName], entries: &[AllowEntry]) -> Self {
        let mut names: BTreeSet<String> = confirmed.iter().map(|name| name.as_str().to_owned()).collect();
        let mut networks = Vec::new();
        for entry in entries {
            match entry {
                AllowEntry::Name(name) => {
                    names.insert(name.as_str().to_owned());
                }
                AllowEntry::Network(network) => networks.push(*network),
            }
        }
        Self { own, names, networks }
    }

    fn has_name(&self, name: &DomainName) -> bool {
        self.names.contains(name.as_str())
    }

    fn has_address(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_loopback()
            || self.own.addresses.contains(&address)
            || self.networks.iter().any(|network| network.contains(&address))
    }
}

/// A target that the host allows: the only thing that the agent ever points a probe at by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedTarget {
    filed: Target,
    look_at: Target,
}

impl AllowedTarget {
    /// The target as assigned: what results are filed under.
    #[must_use]
    pub const fn filed(&self) -> &Target {
        &self.filed
    }

    /// Where the probe looks: the same, with the address fixed when the decision depended on it.
    #[must_use]
    pub const fn look_at(&self) -> &Target {
        &self.look_at
    }

    /// A target that a person typed at the keyboard of this host: they decide, not the collector.
    #[must_use]
    pub fn typed_by_a_person(target: Target) -> Self {
        Self { filed: filed_under(&target), look_at: target }
    }
}

/// What the results of a target are filed under: of ports, the host without the list.
fn filed_under(target: &Target) -> Target {
    match target {
        Target::Ports(ports) => Target::Ports(ports.place()),
        Target::Host | Target::Endpoint(_) | Target::Domain(_) => target.clone(),
    }
}

/// Why a target is not allowed, with what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The target as assigned.
    pub target: String,
    /// The name or address that the host does not allow.
    pub missing: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "the target {} is not allowed on this host, no packet was sent; to allow it, add \"{}\" to [targets] allow in the agent's configuration",
            self.target, self.missing
        )
    }
}

/// Decides whether the host may look at a target. Pure: it asks nobody.
///
/// # Errors
/// [`Refusal`] names what would have to be allowed.
pub fn allowed(target: &Target, host: &HostAllow) -> Result<AllowedTarget, Refusal> {
    let refuse = |missing: String| Err(Refusal { target: target.to_string(), missing });
    let look_at = match target {
        Target::Host => Target::Host,
        Target::Domain(name) if host.has_name(name) => target.clone(),
        Target::Domain(name) => return refuse(name.to_string()),
        Target::Endpoint(endpoint) => match place(endpoint, host) {
            Ok(endpoint) => Target::Endpoint(endpoint),
            Err(missing) => return refuse(missing),
        },
        Target::Ports(ports) => {
            let is_allowed = match &ports.server {
                Server::Address(address) => host.has_address(*address),
                Server::Name(name) => host.has_name(name),
            };
            if !is_allowed {
                return refuse(ports.server.to_string());
            }
            target.clone()
        }
    };
    Ok(AllowedTarget { filed: filed_under(target), look_at })
}

/// The endpoint with its address fixed where that is what allows it, or what is missing.
fn place(endpoint: &Endpoint, host: &HostAllow) -> Result<Endpoint, String> {
    // An address that is given decides alone: an allowed name must not open the way to another machine.
    if let Some(address) = endpoint.fixed_address() {
        return if host.has_address(address) { Ok(endpoint.clone()) } else { Err(address.to_string()) };
    }
    match &endpoint.server {
        Server::Address(address) => Err(address.to_string()),
        Server::Name(name) if host.has_name(name) => Ok(endpoint.clone()),
        Server::Name(name) => {
            let own = host.own.hosts_file.get(name.as_str()).map_or(&[][..], Vec::as_slice);
            match own.first() {
                Some(first) if own.iter().all(|address| host.has_address(*address)) => {
                    Ok(Endpoint { address: Some(*first), ..endpoint.clone() })
                }
                Some(_) | None => Err(name.to_string()),
            }
        }
    }
}

#[cfg(test)]
mod tests;
