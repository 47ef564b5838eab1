//! How strangers reach the sockets of containers: through a port of the host that a program holds, through a translation of
//! addresses by the packet filter, or directly, where a container stands in the network by itself.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::net::IpAddr;

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::Scope;
use super::containers::Container;
use super::firewall::{Door, Translations, View};
use super::interfaces::Interfaces;
use super::owners::Owners;
use super::sock_diag::BoundSocket;
use crate::files::Root;

/// Programs that hold the published ports of containers.
const PUBLISHERS: &[&str] = &["docker-proxy", "conmon", "pasta", "rootlessport", "slirp4netns"];

/// What leads from the host into its containers.
pub(super) struct Published<'a> {
    translations: Translations,
    host: &'a Interfaces,
    /// Ports of the host that a program holds for a container, each with its protocol.
    held: BTreeSet<(&'static str, u16)>,
}

impl<'a> Published<'a> {
    /// Reads the rules that translate; asked only where there is a container.
    pub(super) fn look(root: &Root, host: &'a Interfaces, bound: &[BoundSocket], owners: &Owners) -> Self {
        let held = bound.iter().filter(|socket| is_published(socket, owners));
        Self {
            translations: Translations::look(root),
            host,
            held: held.map(|socket| (socket.protocol, socket.port)).collect(),
        }
    }

    /// Whether strangers reach a socket of a container otherwise than through a socket of the host, which is told apart.
    pub(super) fn exposed(&self, socket: &BoundSocket, container: &Container) -> Fact<bool> {
        if Scope::of(socket.address, None) == Scope::Loopback {
            return Fact::Known(false);
        }
        let unread = |detail: &str| Fact::unknown(Reason::NOT_ASKED, detail);
        if container.interfaces.are_reached_directly(self.host) {
            return unread("the container stands in the network by itself, and its own packet filter is not read");
        }
        let bound = socket.address.to_canonical();
        let own: Vec<IpAddr> =
            if bound.is_unspecified() { container.interfaces.addresses().collect() } else { vec![bound] };
        let is_held = |port| self.held.contains(&(socket.protocol, port));
        match self.translations.lead_to(socket.protocol, &own, socket.port, is_held) {
            Ok(true) => unread("the host sends packets on to it; whether a rule stops them on the way is not read"),
            Ok(false) => Fact::Known(false),
            Err(Unknown { reason, detail }) => Fact::unknown(reason, detail),
        }
    }
}

fn is_published(socket: &BoundSocket, owners: &Owners) -> bool {
    owners.program_names(socket.inode).any(|program| PUBLISHERS.contains(&program))
}

/// Packets for other ports or addresses of this host that the packet filter sends on to its sockets: what the rules would drop
/// of the packets for the port of a socket may come in by another.
pub(super) struct SentOn<'a> {
    root: &'a Root,
    own: Vec<IpAddr>,
    /// Asked when a socket is filtered at all.
    translations: OnceCell<Translations>,
}

impl<'a> SentOn<'a> {
    pub(super) fn new(root: &'a Root, interfaces: &Interfaces) -> Self {
        Self { root, own: interfaces.addresses().collect(), translations: OnceCell::new() }
    }

    /// The same with rules that were read before.
    #[cfg(test)]
    pub(super) fn of(root: &'a Root, own: Vec<IpAddr>, translations: Translations) -> Self {
        Self { root, own, translations: OnceCell::from(translations) }
    }

    /// Whether a socket is filtered, these packets too.
    pub(super) fn filtered(&self, filtered: Fact<bool>, view: &View<'a>, door: &Door<'a>) -> Fact<bool> {
        if filtered != Fact::Known(true) || view.stops_what_is_sent_on(door) {
            return filtered;
        }
        let bound = door.address.to_canonical();
        let own = if bound.is_unspecified() { self.own.clone() } else { vec![bound] };
        let translations = self.translations.get_or_init(|| Translations::look(self.root));
        match translations.lead_here(if door.is_udp { "udp" } else { "tcp" }, &own, door.port) {
            Ok(false) => filtered,
            Ok(true) => {
                let detail =
                    "packets for another port are sent on to it; whether a rule stops them on the way is not read";
                Fact::unknown(Reason::NOT_ASKED, detail)
            }
            Err(unknown) => Fact::Unknown(unknown),
        }
    }
}

/// Packets for a published port of a container are sent on to it before the rules for incoming packets: what those would
/// drop may come in all the same.
pub(super) fn as_published(filtered: Fact<bool>, socket: &BoundSocket, owners: &Owners) -> Fact<bool> {
    if is_published(socket, owners) && filtered == Fact::Known(true) {
        let detail = "a published port of a container, which passes by the rules for incoming packets";
        return Fact::unknown(Reason::DOES_NOT_APPLY, detail);
    }
    filtered
}
