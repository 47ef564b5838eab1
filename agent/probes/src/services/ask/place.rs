//! At which of this host's own addresses a socket is asked: where others would meet it, never at another host.

use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use super::super::facts::ListeningSocket;

/// The kernel's table of IPv4 routes, in which this host's own addresses are marked.
const IPV4_TABLE: &str = "/proc/net/fib_trie";
/// The kernel's list of IPv6 addresses, proc_net(5).
const IPV6_LIST: &str = "/proc/net/if_inet6";
/// Most bytes that are read of either.
const TABLE_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Most addresses that are remembered.
const ADDRESSES_MAX: usize = 4_096;

/// The addresses of this host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct OwnAddresses {
    ipv4: Vec<Ipv4Addr>,
    /// With the number of the interface.
    ipv6: Vec<(Ipv6Addr, u32)>,
}

/// Where a socket can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Address and port.
    pub(super) address: SocketAddr,
    /// Whether it is a loopback address although the socket waits at others too, since the host has no other.
    pub(super) is_stand_in: bool,
}

impl OwnAddresses {
    /// The addresses of this host, in the network namespace of this process; loopback alone when they cannot be read.
    pub(super) fn read() -> Self {
        Self { ipv4: ipv4(&text(IPV4_TABLE)), ipv6: ipv6(&text(IPV6_LIST)) }
    }

    /// Where to ask a socket; `None` when no address of this host leads to it, as for a group of multicast.
    pub(super) fn place(&self, socket: &ListeningSocket) -> Option<Place> {
        let port = u16::try_from(socket.port).ok()?;
        let at = |address: IpAddr| Some(Place { address: SocketAddr::new(address, port), is_stand_in: false });
        let stand_in = |address: IpAddr| Some(Place { address: SocketAddr::new(address, port), is_stand_in: true });
        let bound: IpAddr = socket.address.parse::<IpAddr>().ok()?.to_canonical();
        let outer_ipv4 = self.ipv4.iter().find(|address| !address.is_loopback()).copied();
        let outer_ipv6 = self.ipv6.iter().map(|(address, _)| *address);
        let outer_ipv6 = outer_ipv6.clone().find(|address| !address.is_loopback() && !address.is_unicast_link_local());
        match bound {
            IpAddr::V4(address) if address.is_unspecified() => {
                if socket.scope == "loopback" {
                    return at(Ipv4Addr::LOCALHOST.into());
                }
                outer_ipv4.map_or_else(|| stand_in(Ipv4Addr::LOCALHOST.into()), |address| at(address.into()))
            }
            IpAddr::V6(address) if address.is_unspecified() => match (outer_ipv6, outer_ipv4) {
                _ if socket.scope == "loopback" => at(Ipv6Addr::LOCALHOST.into()),
                (Some(address), _) => at(address.into()),
                (None, Some(address)) if !socket.v6only => at(address.into()),
                (None, _) if self.ipv6.is_empty() && !socket.v6only => stand_in(Ipv4Addr::LOCALHOST.into()),
                (None, _) => stand_in(Ipv6Addr::LOCALHOST.into()),
            },
            IpAddr::V4(address) => {
                let is_own = address.is_loopback() || self.ipv4.contains(&address);
                is_own.then(|| at(address.into())).flatten()
            }
            IpAddr::V6(address) => {
                let (_, interface) = self.ipv6.iter().find(|(own, _)| *own == address)?;
                let scope = if address.is_unicast_link_local() { *interface } else { 0 };
                let address = SocketAddrV6::new(address, port, 0, scope).into();
                Some(Place { address, is_stand_in: false })
            }
        }
    }
}

/// A table of the kernel, as far as it is read; empty when it is not there.
fn text(file: &str) -> String {
    let mut bytes = Vec::new();
    if let Ok(file) = std::fs::File::open(file) {
        let _cut_short = file.take(TABLE_BYTES_MAX).read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Addresses marked as this host's own: `|-- 192.0.2.1` and beneath it `/32 host LOCAL`.
fn ipv4(table: &str) -> Vec<Ipv4Addr> {
    let mut found: Vec<Ipv4Addr> = Vec::new();
    let mut last = None;
    for line in table.lines().map(str::trim) {
        if let Some(address) = line.strip_prefix("|-- ") {
            last = address.parse().ok();
        } else if line == "/32 host LOCAL"
            && let Some(address) = last
            && !found.contains(&address)
            && found.len() < ADDRESSES_MAX
        {
            found.push(address);
        }
    }
    found
}

/// Addresses of lines like `fd000000000000000000000000000002 04 40 00 82 eth0`: address and number of the interface.
fn ipv6(list: &str) -> Vec<(Ipv6Addr, u32)> {
    let address = |line: &str| {
        let mut words = line.split_whitespace();
        let address = u128::from_str_radix(words.next()?, 16).ok()?;
        Some((Ipv6Addr::from(address), u32::from_str_radix(words.next()?, 16).ok()?))
    };
    list.lines().filter_map(address).take(ADDRESSES_MAX).collect()
}

#[cfg(test)]
mod tests {
    use vedetta_checks::fact::Fact;

    use super::*;

    const TABLE: &str = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 0.0.0.0\n        /0 universe UNICAST\n     \
        |-- 127.0.0.1\n        /32 host LOCAL\n     |-- 192.0.2.0\n        /24 link UNICAST\n     |-- 192.0.2.2\n        \
        /32 host LOCAL\n     |-- 192.0.2.255\n        /32 link BROADCAST\nLocal:\n     |-- 192.0.2.2\n        /32 host LOCAL\n";
    const LIST: &str = "00000000000000000000000000000001 01 80 10 80       lo\n\
        fe8000000000000000fc00fffe000001 04 40 20 80     eth0\n20010db8000000000000000000000002 04 40 00 82     eth0\n";

    fn socket(address: &str, scope: &str, v6only: bool) -> ListeningSocket {
        ListeningSocket {
            protocol: "tcp".to_owned(),
            address: address.to_owned(),
            port: 80,
            scope: scope.to_owned(),
            v6only,
            interfaces: Vec::new(),
            namespace: "host".to_owned(),
            service: "http".to_owned(),
            kind: "web".to_owned(),
            owners: Fact::Known(Vec::new()),
            filtered: Fact::Known(false),
            exposed: Fact::Known(true),
        }
    }

    #[test]
    fn own_addresses_are_those_that_the_kernel_marks() {
        assert_eq!(ipv4(TABLE), [Ipv4Addr::LOCALHOST, Ipv4Addr::new(192, 0, 2, 2)]);
        assert_eq!(ipv6(LIST).iter().map(|(_, number)| *number).collect::<Vec<_>>(), [1, 4, 4]);
        assert!(ipv4("|-- nonsense\n/32 host LOCAL").is_empty() && ipv6("zz 01\n\n1").is_empty());
    }

    #[test]
    fn a_socket_is_asked_where_others_would_meet_it() {
        let both = OwnAddresses { ipv4: ipv4(TABLE), ipv6: ipv6(LIST) };
        let ipv4_alone = OwnAddresses { ipv4: ipv4(TABLE), ipv6: Vec::new() };
        let lonely = OwnAddresses::default();
        for (own, address, scope, v6only, expected) in [
            (&both, "0.0.0.0", "any", false, Some(("192.0.2.2:80", false))),
            (&both, "::", "any", false, Some(("[2001:db8::2]:80", false))),
            (&both, "fe80::fc:ff:fe00:1", "address", true, Some(("[fe80::fc:ff:fe00:1%4]:80", false))),
            (&both, "127.0.0.53", "loopback", false, Some(("127.0.0.53:80", false))),
            (&both, "::1", "loopback", true, Some(("[::1]:80", false))),
            (&both, "0.0.0.0", "loopback", false, Some(("127.0.0.1:80", false))),
            (&both, "::ffff:192.0.2.2", "address", false, Some(("192.0.2.2:80", false))),
            (&both, "198.51.100.1", "address", false, None),
            (&both, "224.0.0.251", "address", false, None),
            (&both, "ff02::fb", "address", true, None),
            (&ipv4_alone, "::", "any", false, Some(("192.0.2.2:80", false))),
            (&ipv4_alone, "::", "any", true, Some(("[::1]:80", true))),
            (&lonely, "0.0.0.0", "any", false, Some(("127.0.0.1:80", true))),
            (&lonely, "::", "any", false, Some(("127.0.0.1:80", true))),
        ] {
            let place = own.place(&socket(address, scope, v6only));
            let told = place.map(|place| (place.address.to_string(), place.is_stand_in));
            assert_eq!(told, expected.map(|(text, stand_in)| (text.to_owned(), stand_in)), "{address} {scope}");
        }
    }
}
