//! Network interfaces and addresses of the caller's network namespace, rtnetlink(7).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::netlink::{Attributes, Malformed, NETLINK_ROUTE, NetlinkError, Table, number_at};

/// Most interfaces, and most addresses, that are read.
const ROWS_MAX: usize = 16_384;

/// Kinds of questions: `RTM_GETLINK`, `RTM_GETADDR`.
const GET_LINK: u16 = 18;
const GET_ADDRESS: u16 = 22;
/// Bytes of `ifinfomsg` and of `ifaddrmsg`, after which the attributes begin.
const LINK_HEAD_BYTES: usize = 16;
const ADDRESS_HEAD_BYTES: usize = 8;
/// Attributes of a link: `IFLA_IFNAME`, `IFLA_LINK`, `IFLA_MASTER`, `IFLA_LINKINFO` and in it `IFLA_INFO_KIND`.
const LINK_NAME: u16 = 3;
const LINK_LINK: u16 = 5;
const LINK_MASTER: u16 = 10;
const LINK_INFO: u16 = 18;
const LINK_INFO_KIND: u16 = 1;
/// Attributes of an address: `IFA_ADDRESS`, `IFA_LOCAL`.
const ADDRESS_ADDRESS: u16 = 1;
const ADDRESS_LOCAL: u16 = 2;
/// The link is the loopback (`IFF_LOOPBACK`).
const FLAG_LOOPBACK: u32 = 0x8;
const FAMILY_IPV4: u8 = 2;
const FAMILY_IPV6: u8 = 10;

/// One network interface.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Link {
    pub(super) number: u32,
    pub(super) name: String,
    is_loopback: bool,
    /// The interface through which its packets come in: its bridge or bond.
    master: Option<u32>,
    /// `bridge`, `veth`, `tun`; nothing for hardware.
    kind: Option<String>,
    /// The other end of a pair, or the interface that it stands upon, in whichever network namespace that is.
    other_end: Option<u32>,
}

/// The interfaces and addresses of one network namespace.
#[derive(Debug, Clone, Default)]
pub(super) struct Interfaces {
    links: Vec<Link>,
    addresses: Vec<IpAddr>,
}

impl Interfaces {
    /// Asks the kernel.
    ///
    /// # Errors
    /// [`NetlinkError`] names the question and why it has no answer.
    pub(super) fn read() -> Result<Self, NetlinkError> {
        let question = |what, kind, body| Table { what, protocol: NETLINK_ROUTE, kind, body, rows_max: ROWS_MAX };
        let links = question("network interfaces", GET_LINK, &[0; LINK_HEAD_BYTES]).dump(link)?;
        let addresses = question("network addresses", GET_ADDRESS, &[0; ADDRESS_HEAD_BYTES]).dump(address)?;
        Ok(Self { links, addresses })
    }

    /// The name of an interface by its number.
    pub(super) fn name(&self, number: u32) -> Option<&str> {
        self.links.iter().find(|link| link.number == number).map(|link| link.name.as_str())
    }

    /// Names of the interfaces over which strangers can come in: not the loopback, not a port of a bridge or bond (its
    /// packets come in through that), and not a bridge that joins only guests of this host.
    pub(super) fn outside(&self) -> impl Iterator<Item = &str> {
        let comes_in = |link: &&Link| !link.is_loopback && link.master.is_none() && !self.joins_only_guests(link);
        self.links.iter().filter(comes_in).map(|link| link.name.as_str())
    }

    /// Addresses of the host that are not of the loopback.
    pub(super) fn addresses(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.addresses.iter().copied().filter(|address| !address.is_loopback())
    }

    /// Whether strangers come in to these interfaces of a container without packets being sent on by the host: over hardware
    /// or a branch of the host's hardware, or over a bridge over which strangers come in to the host as well.
    pub(super) fn are_reached_directly(&self, host: &Self) -> bool {
        let is_on_open_bridge = |end: u32| {
            let master = host.links.iter().find(|link| link.number == end).and_then(|link| link.master);
            let bridge = host.links.iter().find(|link| Some(link.number) == master);
            bridge.is_some_and(|bridge| !host.joins_only_guests(bridge))
        };
        self.links.iter().filter(|link| !link.is_loopback).any(|link| match link.kind.as_deref() {
            None | Some("macvlan" | "macvtap" | "ipvlan" | "ipvtap" | "vlan") => true,
            Some("veth") => link.other_end.is_some_and(is_on_open_bridge),
            Some(_made_within) => false,
        })
    }

    fn joins_only_guests(&self, bridge: &Link) -> bool {
        let is_guest = |port: &Link| matches!(port.kind.as_deref(), Some("veth" | "tun"));
        bridge.kind.as_deref() == Some("bridge")
            && self.links.iter().filter(|port| port.master == Some(bridge.number)).all(is_guest)
    }
}

fn link(body: &[u8]) -> Result<Option<Link>, Malformed> {
    let attributes = Attributes::after(body, LINK_HEAD_BYTES)?;
    let number = number_at(body, 4).map(u32::from_ne_bytes).unwrap_or_default();
    let flags = number_at(body, 8).map(u32::from_ne_bytes).unwrap_or_default();
    let master = attributes.find(LINK_MASTER)?.and_then(|bytes| number_at(bytes, 0)).map(u32::from_ne_bytes);
    let other_end = attributes.find(LINK_LINK)?.and_then(|bytes| number_at(bytes, 0)).map(u32::from_ne_bytes);
    let kind = match attributes.find(LINK_INFO)? {
        Some(info) => Attributes::after(info, 0)?.text(LINK_INFO_KIND)?,
        None => None,
    };
    let name = attributes.text(LINK_NAME)?;
    Ok(name.map(|name| Link { number, name, is_loopback: flags & FLAG_LOOPBACK != 0, master, kind, other_end }))
}

fn address(body: &[u8]) -> Result<Option<IpAddr>, Malformed> {
    let attributes = Attributes::after(body, ADDRESS_HEAD_BYTES)?;
    // The own end of a link between two points is the local one; elsewhere both are the same, or only one is told.
    let bytes = match attributes.find(ADDRESS_LOCAL)? {
        Some(bytes) => Some(bytes),
        None => attributes.find(ADDRESS_ADDRESS)?,
    };
    Ok(match body.first() {
        Some(&FAMILY_IPV4) => {
            bytes.and_then(|bytes| number_at(bytes, 0)).map(|bytes: [u8; 4]| Ipv4Addr::from(bytes).into())
        }
        Some(&FAMILY_IPV6) => {
            bytes.and_then(|bytes| number_at(bytes, 0)).map(|bytes: [u8; 16]| Ipv6Addr::from(bytes).into())
        }
        _ => None,
    })
}

#[cfg(test)]
impl Interfaces {
    /// Interfaces for tests: hardware of these names, and addresses.
    pub(super) fn of(names: &[&str], addresses: &[&str]) -> Self {
        let link = |(number, name): (u32, &&str)| Link { number, name: (*name).to_owned(), ..Link::default() };
        Self {
            links: (1..).zip(names).map(link).collect(),
            addresses: addresses.iter().flat_map(|address| address.parse()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_come_in_over_what_is_not_made_for_guests() {
        let link = |number, name: &str, kind: Option<&str>, master| Link {
            number,
            name: name.to_owned(),
            is_loopback: name == "lo",
            master,
            kind: kind.map(str::to_owned),
            other_end: None,
        };
        let interfaces = Interfaces {
            links: vec![
                link(1, "lo", None, None),
                link(2, "eth0", None, None),
                link(3, "docker0", Some("bridge"), None),
                link(4, "veth1", Some("veth"), Some(3)),
                link(5, "br0", Some("bridge"), None),
                link(6, "eth1", None, Some(5)),
                link(7, "vnet0", Some("tun"), Some(5)),
                link(8, "virbr0", Some("bridge"), None),
                link(9, "wg0", Some("wireguard"), None),
            ],
            addresses: Vec::new(),
        };
        let container = |kind: Option<&str>, end| Interfaces {
            links: vec![link(1, "lo", None, None), Link { other_end: end, ..link(2, "eth0", kind, None) }],
            addresses: Vec::new(),
        };
        for (kind, end, expected) in [
            (Some("veth"), Some(4), false),
            (Some("veth"), Some(7), true),
            (Some("veth"), None, false),
            (Some("macvlan"), Some(2), true),
            (Some("tun"), None, false),
            (None, None, true),
        ] {
            assert_eq!(container(kind, end).are_reached_directly(&interfaces), expected, "{kind:?} {end:?}");
        }
        assert_eq!(interfaces.outside().collect::<Vec<_>>(), ["eth0", "br0", "wg0"]);
        assert_eq!(interfaces.name(5), Some("br0"));
    }
}
