//! Listening sockets of this host: what waits for others, how far it can be reached, and which program it is.
//!
//! Asks the kernel through sock_diag(7) and looks through `/proc`; it sends nothing to any socket. It sees the network
//! namespace that it runs in.

pub mod ask;
pub mod facts;
pub(crate) mod known;
mod owners;
mod sock_diag;

use std::net::IpAddr;
use std::time::Duration;

use vedetta_checks::catalogue::{Observation, ProbeError, ProbeSpec, Reach};
use vedetta_checks::fact::Fact;
use vedetta_checks::target::{Target, TargetKind};
use vedetta_checks::word::{ProbeName, Reason};

use self::facts::{DeclaredPortsFacts, FirewallFacts, ListeningSocket, ServicesFacts};
use self::owners::Owners;
use self::sock_diag::BoundSocket;
use crate::{Observing, Probe, ProbeContext};

const NAME: ProbeName = ProbeName::from_static("services");
/// Folder of the network interfaces.
const INTERFACES: &str = "/sys/class/net";
/// Most network interfaces whose names are read.
const INTERFACES_MAX: usize = 1_024;

/// The services probe.
#[derive(Debug, Clone, Copy, Default)]
pub struct ServicesProbe;

impl Probe for ServicesProbe {
    fn spec(&self) -> ProbeSpec {
        ProbeSpec {
            name: NAME,
            version: 1,
            summary: "Sockets on which this host waits for others, with their reach and their programs",
            target: TargetKind::Host,
            reach: Reach::Passive,
            deadline: Duration::from_secs(15),
            observation: ProbeSpec::schema_of::<ServicesFacts>(),
        }
    }

    fn observe<'a>(&'a self, target: &'a Target, context: &'a ProbeContext) -> Observing<'a> {
        Box::pin(async move {
            if !context.is_live() {
                let detail = "sockets exist only on a running host, not in a folder";
                return Err(ProbeError::new("list the sockets", Reason::DOES_NOT_APPLY, detail));
            }
            let look = tokio::task::spawn_blocking(look);
            let mut facts =
                look.await.map_err(|error| ProbeError::new("look", Reason::PROBE_FAILED, error.to_string()))??;
            facts.services = ask::ask(&facts.sockets, context).await;
            Ok(Observation::new(NAME, target.clone(), context.now, facts))
        })
    }
}

fn look() -> Result<ServicesFacts, ProbeError> {
    let mut bound = sock_diag::listening()
        .map_err(|error| ProbeError::new("list the sockets", Reason::UNREADABLE, error.to_string()))?;
    bound.sort_by_key(|socket| (socket.protocol, socket.port, socket.address, socket.inode));
    let owners = Owners::read(bound.iter().map(|socket| socket.inode));
    let names = interface_names();
    let sockets: Vec<ListeningSocket> = bound.iter().map(|socket| describe(socket, &owners, &names)).collect();
    let exposed = sockets.iter().filter(|socket| socket.scope != Scope::Loopback.word()).count();
    Ok(ServicesFacts {
        bound_ports: bound_ports(&sockets),
        sockets,
        exposed_count: Fact::Known(i64::try_from(exposed).unwrap_or(i64::MAX)),
        unix: unseen(),
        firewall: FirewallFacts { tool: unseen(), active: unseen(), default_incoming: unseen() },
        services: Vec::new(),
        declared: DeclaredPortsFacts { is_declared: false, unexpected: unseen(), missing: unseen() },
        container_count: unseen(),
    })
}

/// The TCP ports on which the host itself waits for others.
fn bound_ports(sockets: &[ListeningSocket]) -> Vec<String> {
    let is_bound = |socket: &&ListeningSocket| {
        socket.protocol == "tcp" && socket.namespace == "host" && socket.scope != Scope::Loopback.word()
    };
    let ports = sockets.iter().filter(is_bound).filter_map(|socket| u16::try_from(socket.port).ok());
    vedetta_checks::ports::write(&ports.collect())
}

/// What no reader has looked at yet.
fn unseen<T>() -> Fact<T> {
    Fact::unknown(Reason::UNSUPPORTED_SYSTEM, "not looked at")
}

fn describe(socket: &BoundSocket, owners: &Owners, names: &[(u32, String)]) -> ListeningSocket {
    let interface = (socket.interface != 0).then(|| {
        let named = names.iter().find(|(number, _)| *number == socket.interface);
        named.map_or_else(|| format!("if{}", socket.interface), |(_, name)| name.clone())
    });
    let owners = owners.of(socket.inode);
    let programs = owners.known().into_iter().flatten().map(|owner| owner.executable.as_str());
    let service = known::find(programs, socket.protocol, socket.port);
    ListeningSocket {
        protocol: socket.protocol.to_owned(),
        address: socket.address.to_string(),
        port: i64::from(socket.port),
        scope: Scope::of(socket.address, interface.as_deref()).word().to_owned(),
        v6only: socket.only_ipv6,
        namespace: "host".to_owned(),
        filtered: unseen(),
        exposed: unseen(),
        interfaces: interface.into_iter().collect(),
        service: service.name.to_owned(),
        kind: service.kind.to_owned(),
        owners,
    }
}

/// Who can reach a socket, by its bound address alone; a packet filter may allow less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// This host only.
    Loopback,
    /// Who reaches the one address.
    Address,
    /// Who reaches any address of the host.
    Any,
}

impl Scope {
    fn of(address: IpAddr, interface: Option<&str>) -> Self {
        let address = address.to_canonical();
        if address.is_loopback() || interface == Some("lo") {
            Self::Loopback
        } else if address.is_unspecified() {
            Self::Any
        } else {
            Self::Address
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Loopback => "loopback",
            Self::Address => "address",
            Self::Any => "any",
        }
    }
}

/// Numbers and names of the network interfaces; empty when they cannot be read.
fn interface_names() -> Vec<(u32, String)> {
    let Ok(folder) = std::fs::read_dir(INTERFACES) else { return Vec::new() };
    folder
        .flatten()
        .take(INTERFACES_MAX)
        .filter_map(|interface| {
            let number = std::fs::read_to_string(interface.path().join("ifindex")).ok()?;
            Some((number.trim().parse().ok()?, interface.file_name().into_string().ok()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_address_tells_who_can_reach_a_socket() {
        for (address, interface, expected) in [
            ("127.0.0.1", None, Scope::Loopback),
            ("127.0.0.53", Some("lo"), Scope::Loopback),
            ("::1", None, Scope::Loopback),
            ("::ffff:127.0.0.1", None, Scope::Loopback),
            ("0.0.0.0", Some("lo"), Scope::Loopback),
            ("0.0.0.0", None, Scope::Any),
            ("0.0.0.0", Some("eth0"), Scope::Any),
            ("::", None, Scope::Any),
            ("192.0.2.1", None, Scope::Address),
            ("fe80::1", Some("eth0"), Scope::Address),
        ] {
            assert_eq!(Scope::of(address.parse().expect("an address"), interface), expected, "{address} {interface:?}");
        }
    }
}
