//! Addresses as networks: which stand together, and which the public Internet does not carry.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The part of an address that names its network: 24 bits of IPv4, 48 of IPv6, the smallest that are announced on their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Network {
    /// A /24.
    Four([u8; 3]),
    /// A /48.
    Six([u16; 3]),
}

impl Network {
    /// The network of an address.
    pub(crate) fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => {
                let [first, second, third, _] = address.octets();
                Self::Four([first, second, third])
            }
            IpAddr::V6(address) => {
                let [first, second, third, ..] = address.segments();
                Self::Six([first, second, third])
            }
        }
    }
}

/// The distinct networks of some addresses.
pub(crate) fn networks(addresses: impl IntoIterator<Item = IpAddr>) -> BTreeSet<Network> {
    addresses.into_iter().map(Network::of).collect()
}

/// Whether all of several addresses stand in one network, each family for itself.
pub(crate) fn stand_together(addresses: &BTreeSet<IpAddr>) -> bool {
    let all = networks(addresses.iter().copied());
    let four = all.iter().filter(|network| matches!(network, Network::Four(_))).count();
    addresses.len() > 1 && four <= 1 && all.len() - four <= 1
}

/// A block of addresses to which the public Internet carries no packets (IANA's registries of special-purpose addresses).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PrivateBlock {
    /// This host itself: 127.0.0.0/8, ::1.
    Loopback,
    /// Networks of an organisation: RFC 1918, fc00::/7.
    Organisation,
    /// Between a provider and its customers: 100.64.0.0/10.
    Provider,
    /// One link: 169.254.0.0/16, fe80::/10.
    Link,
    /// Examples, measurements, multicast, not assigned.
    Other,
}

/// The private block that holds an address; none for an address of the public Internet.
pub(crate) fn private_block(address: IpAddr) -> Option<PrivateBlock> {
    match address {
        IpAddr::V4(address) => block_of_four(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(_) => Some(PrivateBlock::Other),
            None => block_of_six(address),
        },
    }
}

/// Whether a server may be asked at an address that a stranger's zone names.
///
/// Whoever holds a zone can write any address into it, also one of this host or of its network, and would have this host knock
/// there. Such an address is asked only where its block is one at home: in a tree of names that is itself private. Those of one
/// link, of nobody and of many are never asked.
pub(crate) fn may_be_asked(address: IpAddr, blocks_at_home: &BTreeSet<PrivateBlock>) -> bool {
    let nobody_or_many = match address {
        IpAddr::V4(four) => matches!(four.octets(), [0 | 224..=255, ..]),
        IpAddr::V6(six) => six.is_unspecified() || six.is_multicast() || six.to_ipv4_mapped().is_some(),
    };
    match private_block(address) {
        Some(PrivateBlock::Link) => false,
        Some(block @ (PrivateBlock::Loopback | PrivateBlock::Organisation | PrivateBlock::Provider)) => {
            blocks_at_home.contains(&block)
        }
        Some(PrivateBlock::Other) | None => !nobody_or_many,
    }
}

/// The private block in which every one of some addresses stands; none when one stands elsewhere, or there is none.
pub(crate) fn common_block(addresses: impl IntoIterator<Item = IpAddr>) -> Option<PrivateBlock> {
    let blocks: BTreeSet<Option<PrivateBlock>> = addresses.into_iter().map(private_block).collect();
    let mut blocks = blocks.into_iter();
    match (blocks.next(), blocks.next()) {
        (Some(only), None) => only,
        (Some(_) | None, _) => None,
    }
}

/// Whether the public Internet carries no packets to an address.
pub(crate) fn is_private(address: IpAddr) -> bool {
    private_block(address).is_some()
}

fn block_of_four(address: Ipv4Addr) -> Option<PrivateBlock> {
    let [first, second, third, _] = address.octets();
    let benchmarking = first == 198 && (18..20).contains(&second);
    let protocol_assignments = first == 192 && second == 0 && third == 0;
    let other = address.is_documentation() || first == 0 || first >= 224 || benchmarking || protocol_assignments;
    let blocks = [
        (address.is_loopback(), PrivateBlock::Loopback),
        (address.is_private(), PrivateBlock::Organisation),
        (first == 100 && (64..128).contains(&second), PrivateBlock::Provider),
        (address.is_link_local(), PrivateBlock::Link),
        (other, PrivateBlock::Other),
    ];
    blocks.into_iter().find_map(|(holds, block)| holds.then_some(block))
}

fn block_of_six(address: Ipv6Addr) -> Option<PrivateBlock> {
    let [first, second, ..] = address.segments();
    let documentation = (first == 0x2001 && second == 0x0db8) || (first == 0x3fff && second < 0x1000);
    let blocks = [
        (address.is_loopback(), PrivateBlock::Loopback),
        (first & 0xfe00 == 0xfc00, PrivateBlock::Organisation),
        (first & 0xffc0 == 0xfe80, PrivateBlock::Link),
        (address.is_unspecified() || address.is_multicast() || documentation, PrivateBlock::Other),
    ];
    blocks.into_iter().find_map(|(holds, block)| holds.then_some(block))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> BTreeSet<IpAddr> {
        texts.iter().map(|text| text.parse().expect("an address")).collect()
    }

    #[test]
    fn addresses_are_together_when_each_family_has_one_network() {
        let cases: [(&[&str], bool); 6] = [
            (&["192.0.2.1", "192.0.2.200"], true),
            (&["192.0.2.1", "192.0.3.1"], false),
            (&["192.0.2.1", "2001:db8::1"], true),
            (&["192.0.2.1", "192.0.3.1", "2001:db8::1"], false),
            (&["2001:db8:1::1", "2001:db8:2::1"], false),
            (&["192.0.2.1"], false),
        ];
        for (given, together) in cases {
            assert_eq!(stand_together(&addresses(given)), together, "{given:?}");
        }
    }

    #[test]
    fn addresses_that_the_internet_does_not_carry_are_private() {
        let private = "10.1.2.3 172.16.0.1 192.168.1.1 127.0.0.1 169.254.1.1 100.64.0.1 198.18.0.1 0.0.0.0 224.0.0.1 \
             240.0.0.1 192.0.2.7 192.0.0.8 ::1 :: fe80::1 fd00::1 2001:db8::1 3fff::1 ff02::1 ::ffff:8.8.8.8";
        for address in private.split_whitespace() {
            assert!(private_block(address.parse().expect("an address")).is_some(), "{address}");
        }
        for address in "8.8.8.8 100.128.0.1 198.20.0.1 172.32.0.1 2a00::1 2001:4860::1".split_whitespace() {
            assert_eq!(private_block(address.parse().expect("an address")), None, "{address}");
        }
    }

    #[test]
    fn addresses_of_this_host_and_its_network_are_asked_at_home_only_and_some_never() {
        let may = |address: &str, home: &[PrivateBlock]| {
            may_be_asked(address.parse().expect("an address"), &home.iter().copied().collect())
        };
        let everything =
            [PrivateBlock::Loopback, PrivateBlock::Organisation, PrivateBlock::Provider, PrivateBlock::Link];
        for address in "127.0.0.1 ::1 10.1.2.3 172.16.0.1 192.168.1.1 fd00::1 100.64.0.1".split_whitespace() {
            assert!(!may(address, &[]) && may(address, &everything), "{address}");
        }
        assert!(!may("10.1.2.3", &[PrivateBlock::Loopback]));
        let never = "169.254.169.254 fe80::1 0.0.0.0 :: 224.0.0.1 255.255.255.255 ff02::1 ::ffff:127.0.0.1";
        for address in never.split_whitespace() {
            assert!(!may(address, &everything), "{address}");
        }
        for address in "8.8.8.8 2a00::1".split_whitespace() {
            assert!(may(address, &[]), "{address}");
        }
    }

    #[test]
    fn a_block_is_common_when_no_address_stands_elsewhere() {
        let common = |texts: &[&str]| common_block(addresses(texts));
        assert_eq!(common(&["10.0.0.1", "192.168.0.1"]), Some(PrivateBlock::Organisation));
        assert_eq!(common(&["10.0.0.1", "8.8.8.8"]), None);
        assert_eq!(common(&["10.0.0.1", "127.0.0.1"]), None);
        assert_eq!(common(&["8.8.8.8"]), None);
        assert_eq!(common(&[]), None);
    }
}
