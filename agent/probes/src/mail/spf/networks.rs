//! Sets of addresses, to count how many pass: sorted ranges that neither touch nor overlap.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Networks of IPv6 are counted up to this many: a fact holds 63 bits.
const NETWORKS_MAX: u128 = 1 << 62;
/// Bits of an address of IPv6 behind its /64.
const HOST_BITS: u32 = 64;

/// Networks of IPv4 that no stranger sends from: private, shared, local, documentation, multicast and reserved (RFC 6890).
const NOT_PUBLIC: [(Ipv4Addr, u8); 14] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// First and last address of a range.
type Range = (u128, u128);

/// A set of addresses of one family.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Addresses(Vec<Range>);

/// The addresses of both families that a term or record names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Networks {
    /// IPv4.
    pub(super) four: Addresses,
    /// IPv6.
    pub(super) six: Addresses,
}

impl Addresses {
    /// Adds everything of another set.
    pub(super) fn add(&mut self, other: &Self) {
        if !other.0.is_empty() {
            self.0.extend_from_slice(&other.0);
            self.merge();
        }
    }

    fn merge(&mut self) {
        self.0.sort_unstable();
        let mut merged: Vec<Range> = Vec::with_capacity(self.0.len());
        for &(first, last) in &self.0 {
            match merged.last_mut() {
                Some(previous) if first <= previous.1.saturating_add(1) => previous.1 = previous.1.max(last),
                Some(_) | None => merged.push((first, last)),
            }
        }
        self.0 = merged;
    }

    /// What is in this set and not in the other.
    pub(super) fn without(&self, other: &Self) -> Self {
        let mut left = Vec::with_capacity(self.0.len());
        let mut cuts = other.0.iter().peekable();
        for &(first, last) in &self.0 {
            let mut begin = Some(first);
            while let (Some(from), Some(&&(cut_first, cut_last))) = (begin, cuts.peek()) {
                if cut_first > last {
                    break;
                }
                if cut_last >= from {
                    if cut_first > from {
                        left.push((from, cut_first - 1));
                    }
                    begin = cut_last.checked_add(1).filter(|next| *next <= last);
                }
                if cut_last >= last {
                    break; // The next range may be cut by it too.
                }
                cuts.next();
            }
            if let Some(from) = begin {
                left.push((from, last));
            }
        }
        Self(left)
    }

    fn push(&mut self, address: u128, host_bits: u32) {
        let hosts = 1_u128.checked_shl(host_bits).map_or(u128::MAX, |size| size - 1);
        self.0.push((address & !hosts, address | hosts));
    }

    fn count(&self) -> u128 {
        self.0.iter().fold(0, |sum: u128, (first, last)| sum.saturating_add((last - first).saturating_add(1)))
    }
}

impl Networks {
    /// One network of IPv4.
    pub(super) fn of_four(address: Ipv4Addr, bits: u8) -> Self {
        let mut four = Addresses::default();
        four.push(u128::from(u32::from(address)), 32_u32.saturating_sub(u32::from(bits)));
        Self { four, six: Addresses::default() }
    }

    /// One network of IPv6.
    pub(super) fn of_six(address: Ipv6Addr, bits: u8) -> Self {
        let mut six = Addresses::default();
        six.push(u128::from(address), 128_u32.saturating_sub(u32::from(bits)));
        Self { four: Addresses::default(), six }
    }

    /// Everything that is in any of them, sorted once.
    pub(super) fn union(all: &[Self]) -> Self {
        let mut union = Self::default();
        for networks in all {
            union.four.0.extend_from_slice(&networks.four.0);
            union.six.0.extend_from_slice(&networks.six.0);
        }
        union.four.merge();
        union.six.merge();
        union
    }

    /// Adds everything of others.
    pub(super) fn add(&mut self, other: &Self) {
        self.four.add(&other.four);
        self.six.add(&other.six);
    }

    /// What is in this set and not in the other.
    pub(super) fn without(&self, other: &Self) -> Self {
        Self { four: self.four.without(&other.four), six: self.six.without(&other.six) }
    }

    /// Addresses of IPv4.
    pub(super) fn addresses(&self) -> i64 {
        i64::try_from(self.four.count()).unwrap_or(i64::MAX)
    }

    /// Addresses of IPv4 from which a stranger can send.
    pub(super) fn public_addresses(&self) -> i64 {
        let mut inner = Self::default();
        for (address, bits) in NOT_PUBLIC {
            inner.add(&Self::of_four(address, bits));
        }
        Self { four: self.four.without(&inner.four), six: Addresses::default() }.addresses()
    }

    /// Networks of IPv6 (/64) of which at least one address is in the set, 2^62 at most.
    pub(super) fn networks_of_six(&self) -> i64 {
        let mut networks = Addresses::default();
        networks
            .add(&Addresses(self.six.0.iter().map(|(first, last)| (first >> HOST_BITS, last >> HOST_BITS)).collect()));
        i64::try_from(networks.count().min(NETWORKS_MAX)).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(texts: &[&str]) -> Networks {
        let mut all = Networks::default();
        for text in texts {
            let (address, bits) = text.split_once('/').expect("a network");
            let bits = bits.parse().expect("bits");
            all.add(&match address.parse() {
                Ok(std::net::IpAddr::V4(four)) => Networks::of_four(four, bits),
                Ok(std::net::IpAddr::V6(six)) => Networks::of_six(six, bits),
                Err(error) => panic!("{text}: {error}"),
            });
        }
        all
    }

    #[test]
    fn each_address_counts_once() {
        for (texts, count) in [
            (&["192.0.2.0/24"][..], 256),
            (&["192.0.2.0/24", "192.0.2.128/25", "192.0.2.7/32"], 256),
            (&["192.0.2.0/24", "192.0.3.0/24"], 512),
            (&["192.0.2.77/24"], 256),
            (&["0.0.0.0/0"], 1 << 32),
            (&["0.0.0.0/1", "128.0.0.0/1", "255.255.255.255/32"], 1 << 32),
            (&[], 0),
        ] {
            assert_eq!(networks(texts).addresses(), count, "{texts:?}");
        }
    }

    #[test]
    fn networks_of_ipv6_count_by_64_bits() {
        for (texts, count) in [
            (&["2001:db8::/32"][..], 1 << 32),
            (&["2001:db8::1/128", "2001:db8::2/128"], 1),
            (&["2001:db8::1/128", "2001:db8:0:1::2/128"], 2),
            (&["::/0"], 1 << 62),
        ] {
            assert_eq!(networks(texts).networks_of_six(), count, "{texts:?}");
        }
    }

    #[test]
    fn what_was_refused_before_is_taken_out() {
        for (texts, cuts, count) in [
            (&["192.0.2.0/24"][..], &["192.0.2.1/32"][..], 255),
            (&["192.0.2.0/24"], &["192.0.2.0/25", "192.0.2.255/32"], 127),
            (&["192.0.2.0/25", "192.0.3.0/25"], &["192.0.2.0/23"], 0),
            (&["192.0.2.0/24"], &["198.51.100.0/24", "10.0.0.0/8"], 256),
            (&["0.0.0.0/0"], &["255.255.255.255/32", "0.0.0.0/32"], (1 << 32) - 2),
            (&["10.0.0.0/32", "10.0.0.2/32", "10.0.0.4/32"], &["10.0.0.1/32", "10.0.0.2/32"], 2),
        ] {
            assert_eq!(networks(texts).without(&networks(cuts)).addresses(), count, "{texts:?} {cuts:?}");
        }
        assert_eq!(networks(&["::/0"]).without(&networks(&["::/0"])).networks_of_six(), 0);
    }

    #[test]
    fn private_networks_hold_no_strangers() {
        assert_eq!(networks(&["10.0.0.0/8", "192.168.0.0/16", "8.8.8.0/24"]).public_addresses(), 256);
    }
}
