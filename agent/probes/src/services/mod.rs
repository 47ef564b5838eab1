//! Listening sockets of this host: what waits for others, how far it can be reached, and which program it is.
//!
//! Asks the kernel through sock_diag(7), looks through `/proc`, and reads the packet filter. What it sees as the host is the
//! network namespace that it runs in; containers stand beside it. The risky services are then asked one harmless question
//! each ([`ask`]); everything else sends nothing to any socket.

pub mod ask;
mod containers;
mod declared_ports;
pub mod facts;
pub(crate) mod firewall;
mod interfaces;
pub(crate) mod known;
mod netlink;
mod owners;
mod owning_package;
mod processes;
mod published;
mod recorded;
mod sock_diag;
mod unix;
mod windows;

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use vedetta_checks::catalogue::{Observation, ProbeError, ProbeSpec, Reach};
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::target::{Target, TargetKind};
use vedetta_checks::value::{Observable as _, Record, Value};
use vedetta_checks::word::{ProbeName, Reason};

use self::facts::{ListeningSocket, ServiceFacts, ServicesFacts};
use self::firewall::Door;
use self::interfaces::Interfaces;
use self::owners::Owners;
use self::published::{Published, SentOn, as_published};
use self::sock_diag::BoundSocket;
use crate::files::Root;
use crate::host_declared::HostDeclared;
use crate::{Observing, Probe, ProbeContext};

const NAME: ProbeName = ProbeName::from_static("services");
/// Name of the host's own network namespace.
const HOST: &str = "host";

/// The services probe.
#[derive(Debug, Clone, Copy, Default)]
pub struct ServicesProbe;

impl Probe for ServicesProbe {
    fn spec(&self) -> ProbeSpec {
        ProbeSpec {
            name: NAME,
            version: 2,
            summary: "Sockets on which this host waits for others, with their reach, their programs and the packet filter",
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
            let (root, declared) = (Root::new(&context.root), context.host_declared.clone());
            let look = tokio::task::spawn_blocking(move || look(&root, &declared));
            let mut facts =
                look.await.map_err(|error| ProbeError::new("look", Reason::PROBE_FAILED, error.to_string()))??;
            facts.services = ask::ask(&facts.sockets, context).await;
            name_as_heard(&mut facts.sockets, &facts.services);
            Ok(Observation::new(NAME, target.clone(), context.now, facts))
        })
    }
}

/// Reads any bytes as the answers of the kernel and of the programs that print the rules of the packet filter: nothing of
/// them may break the readers.
pub fn fuzz(bytes: &[u8]) {
    sock_diag::fuzz(bytes);
    firewall::fuzz(bytes);
}

/// The packet filter in force on the running host, by its word; none when nothing stops incoming packets.
///
/// # Errors
/// Why it cannot be told, as without the rights to ask the kernel.
pub(crate) fn packet_filter(root: &Root) -> Result<Option<&'static str>, Unknown> {
    firewall::in_force(root)
}

/// Lists the sockets without asking anybody, for the probe itself and for others that need their owners.
///
/// # Errors
/// [`ProbeError`] when the kernel does not list them.
pub(crate) fn look(root: &Root, declared: &HostDeclared) -> Result<ServicesFacts, ProbeError> {
    if cfg!(windows) {
        return windows::look(declared);
    }
    let unreadable =
        |error: netlink::NetlinkError| ProbeError::new("list the sockets", Reason::UNREADABLE, error.to_string());
    let mut bound = sock_diag::listening().map_err(unreadable)?;
    let bound_unix = sock_diag::listening_unix();
    let (containers, container_count) = containers::listening();
    let inodes =
        bound.iter().chain(containers.iter().flat_map(|container| &container.sockets)).map(|socket| socket.inode);
    let of_unix = bound_unix.iter().flatten().map(|socket| socket.inode);
    let owners = Owners::read(root, inodes.chain(of_unix));
    forget_the_gone(&mut bound, &owners).map_err(unreadable)?;
    let interfaces = Interfaces::read().map_err(unreadable)?;
    let firewall = firewall::look(root);
    let view = firewall.view(&interfaces);
    let sent_on = SentOn::new(root, &interfaces);
    let published = (!containers.is_empty()).then(|| Published::look(root, &interfaces, &bound, &owners));
    let mut sockets: Vec<ListeningSocket> = sorted(bound)
        .iter()
        .map(|socket| {
            let door = door(socket, &interfaces);
            let filtered = sent_on.filtered(view.filtered(&door), &view, &door);
            let filtered = as_published(filtered, socket, &owners);
            describe(socket, &owners, &interfaces, HOST, filtered)
        })
        .collect();
    let declared =
        declared_ports::facts(&sockets, declared.ports.as_deref(), declared_ports::client_ports(root).as_ref());
    for mut container in containers {
        let of_container = sorted(std::mem::take(&mut container.sockets));
        sockets.extend(of_container.iter().map(|socket| {
            let filtered = Fact::unknown(Reason::DOES_NOT_APPLY, "the rules within containers are not read");
            let described = describe(socket, &owners, &container.interfaces, &container.name, filtered);
            let exposed = published.as_ref().map(|published| published.exposed(socket, &container));
            ListeningSocket { exposed: exposed.unwrap_or_else(|| described.exposed.clone()), ..described }
        }));
    }
    Ok(ServicesFacts {
        exposed_count: exposed_count(&sockets),
        bound_ports: bound_ports(&sockets),
        unix: unix::facts(&bound_unix, &owners),
        firewall: firewall.facts(&view),
        services: Vec::new(),
        declared,
        container_count,
        sockets,
    })
}

/// The facts of a list of sockets that nobody was asked about, with the questions put from here.
///
/// # Errors
/// [`ProbeError`] when the list is not one of this program.
pub(crate) async fn ask_of(facts: &mut Record, context: &ProbeContext) -> Result<(), ProbeError> {
    let strange = || ProbeError::new("ask the services", Reason::CORRUPT, "the list of sockets is not understood");
    let Some(Value::List(list)) = facts.get_mut("sockets") else { return Err(strange()) };
    let mut sockets = list.items().iter().map(recorded::socket).collect::<Option<Vec<_>>>().ok_or_else(strange)?;
    let services = ask::ask(&sockets, context).await;
    name_as_heard(&mut sockets, &services);
    for (item, socket) in list.items_mut().iter_mut().zip(&sockets) {
        recorded::rename(item, socket);
    }
    facts.insert("services".into(), services.into_value());
    Ok(())
}

/// Gives the sockets the names that their services have by their own words: what inetd holds may be telnet, and what waits
/// at the port of a database may be a page.
fn name_as_heard(sockets: &mut [ListeningSocket], services: &[ServiceFacts]) {
    let asked = services.iter().filter(|service| !service.asked.is_empty());
    let heard: HashMap<(&str, &str, i64), &ServiceFacts> =
        asked.map(|service| ((service.protocol.as_str(), service.address.as_str(), service.port), service)).collect();
    for socket in sockets.iter_mut().filter(|socket| socket.namespace == HOST) {
        if let Some(service) = heard.get(&(socket.protocol.as_str(), socket.address.as_str(), socket.port)) {
            socket.service.clone_from(&service.name);
            socket.kind.clone_from(&service.kind);
        }
    }
}

/// A socket that nobody holds may have closed between the two looks: then it waits for nobody.
fn forget_the_gone(bound: &mut Vec<BoundSocket>, owners: &Owners) -> Result<(), netlink::NetlinkError> {
    if bound.iter().any(|socket| owners.is_orphan(socket.inode)) {
        let still_there = sock_diag::listening()?;
        bound.retain(|socket| !owners.is_orphan(socket.inode) || still_there.contains(socket));
    }
    Ok(())
}

fn sorted(mut sockets: Vec<BoundSocket>) -> Vec<BoundSocket> {
    sockets.sort_by_key(|socket| (socket.protocol, socket.port, socket.address, socket.inode));
    sockets
}

fn describe(
    socket: &BoundSocket,
    owners: &Owners,
    interfaces: &Interfaces,
    namespace: &str,
    filtered: Fact<bool>,
) -> ListeningSocket {
    let interface = interface_of(socket, interfaces);
    let service = known::find(owners.program_names(socket.inode), socket.protocol, socket.port);
    let scope = Scope::of(socket.address, interface.as_deref());
    ListeningSocket {
        protocol: socket.protocol.to_owned(),
        address: socket.address.to_string(),
        port: i64::from(socket.port),
        scope: scope.word().to_owned(),
        v6only: socket.only_ipv6,
        namespace: namespace.to_owned(),
        exposed: exposed(scope, namespace, &filtered),
        filtered,
        interfaces: interface.into_iter().collect(),
        service: service.name.to_owned(),
        kind: service.kind.to_owned(),
        owners: owners.of(socket.inode),
    }
}

fn interface_of(socket: &BoundSocket, interfaces: &Interfaces) -> Option<String> {
    let name = || interfaces.name(socket.interface).map_or_else(|| format!("if{}", socket.interface), str::to_owned);
    (socket.interface != 0).then(name)
}

fn door<'a>(socket: &BoundSocket, interfaces: &'a Interfaces) -> Door<'a> {
    Door {
        is_udp: socket.protocol == "udp",
        address: socket.address,
        port: socket.port,
        only_ipv6: socket.only_ipv6,
        interface: (socket.interface != 0).then(|| interfaces.name(socket.interface).unwrap_or_default()),
    }
}

/// Whether other hosts can reach a socket of the host. Of one in a container [`Published`] tells.
fn exposed(scope: Scope, namespace: &str, filtered: &Fact<bool>) -> Fact<bool> {
    match (scope, filtered) {
        (Scope::Loopback, _) => Fact::Known(false),
        (Scope::Address | Scope::Any, _) if namespace != HOST => Fact::Known(false),
        (Scope::Address | Scope::Any, Fact::Known(filtered)) => Fact::Known(!filtered),
        (Scope::Address | Scope::Any, Fact::Unknown(unknown)) => Fact::Unknown(unknown.clone()),
    }
}

/// The TCP ports on which the host itself waits for others.
fn bound_ports(sockets: &[ListeningSocket]) -> Vec<String> {
    let is_bound = |socket: &&ListeningSocket| {
        socket.protocol == "tcp" && socket.namespace == HOST && socket.scope != Scope::Loopback.word()
    };
    let ports = sockets.iter().filter(is_bound).filter_map(|socket| u16::try_from(socket.port).ok());
    vedetta_checks::ports::write(&ports.collect())
}

/// How many sockets others can reach; unknown while it is unknown of one.
fn exposed_count(sockets: &[ListeningSocket]) -> Fact<i64> {
    let mut count = 0;
    for socket in sockets {
        match &socket.exposed {
            Fact::Known(exposed) => count += i64::from(*exposed),
            Fact::Unknown(Unknown { reason, detail }) => {
                return Fact::unknown(reason.clone(), detail.clone());
            }
        }
    }
    Fact::Known(count)
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
