//! Where servers stand: addresses of a network of the test's own.
//!
//! IANA keeps these networks for AS112, AMT and old relays (special-purpose address registries, RFC 6890): nobody lives
//! there, and unlike loopback or documentation addresses most of them count as reachable by everybody.

use std::net::IpAddr;
use std::process::Command;

use crate::program::run;

/// One place of the plan. Name servers first, then what else listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The root.
    Root,
    /// `test` and `arpa`.
    Top,
    /// The first server of zones.
    A,
    /// The second server of zones, in another network.
    B,
    /// A third server, without IPv6: child zones, and names that only one side lists.
    C,
    /// The first server again, in the network of [`Self::A`], without IPv6.
    BesideA,
    /// [`Self::A`] without IPv6.
    A4,
    /// [`Self::B`] without IPv6.
    B4,
    /// The second server, at an address of a private network (RFC 1918).
    Private,
    /// Takes questions and connections, and never says a word.
    Silent,
    /// Nobody listens.
    Nobody,
    /// Answers late.
    Slow,
    /// Takes no connections.
    UdpOnly,
    /// Takes no datagrams.
    TcpOnly,
    /// Calls a question with EDNS malformed (RFC 6891 section 7).
    NoEdns,
    /// Answers without authority.
    NoAuthority,
    /// Refuses every question.
    Refuses,
    /// Fails at every question.
    Fails,
    /// Resolves other people's names for strangers.
    OpenResolver,
    /// Mail server with a trusted certificate for every name.
    Mail,
    /// Mail server that offers no STARTTLS.
    MailClear,
    /// Mail server that offers STARTTLS, and refuses it.
    MailRefuses,
    /// Mail server whose certificate ended.
    MailExpired,
    /// Mail server with a certificate for another name.
    MailOtherName,
    /// Mail server with a certificate of an authority that nobody knows.
    MailUntrusted,
    /// Mail server at a private address.
    MailPrivate,
    /// Web server with the policies of MTA-STS.
    Web,
    /// Web server with the same policies under certificates that nobody trusts.
    WebUntrusted,
}

impl Place {
    /// Its IPv4 address.
    pub const fn v4(self) -> &'static str {
        match self {
            Self::Root => "192.175.48.1",
            Self::Top => "192.175.48.2",
            Self::A | Self::A4 => "192.31.196.1",
            Self::B | Self::B4 => "192.52.193.1",
            Self::C => "192.175.48.3",
            Self::BesideA => "192.31.196.2",
            Self::Private => "10.53.0.1",
            Self::Silent => "192.88.99.10",
            Self::Nobody => "192.88.99.9",
            Self::Slow => "192.88.99.11",
            Self::UdpOnly => "192.88.99.12",
            Self::TcpOnly => "192.88.99.13",
            Self::NoEdns => "192.88.99.14",
            Self::NoAuthority => "192.88.99.15",
            Self::Refuses => "192.88.99.16",
            Self::Fails => "192.88.99.17",
            Self::OpenResolver => "192.88.99.18",
            Self::Mail => "192.31.196.25",
            Self::MailClear => "192.31.196.26",
            Self::MailRefuses => "192.31.196.27",
            Self::MailExpired => "192.31.196.28",
            Self::MailOtherName => "192.31.196.29",
            Self::MailUntrusted => "192.31.196.30",
            Self::MailPrivate => "10.53.0.25",
            Self::Web => "192.31.196.80",
            Self::WebUntrusted => "192.31.196.81",
        }
    }

    /// Its IPv6 address, where it has one.
    pub const fn v6(self) -> Option<&'static str> {
        match self {
            Self::Root => Some("2620:4f:8000::1"),
            Self::Top => Some("2620:4f:8000::2"),
            Self::A => Some("2001:4:112::1"),
            Self::B => Some("2001:3:1::1"),
            Self::Mail => Some("2001:4:112::25"),
            Self::C
            | Self::BesideA
            | Self::A4
            | Self::B4
            | Self::Private
            | Self::Silent
            | Self::Nobody
            | Self::Slow
            | Self::UdpOnly
            | Self::TcpOnly
            | Self::NoEdns
            | Self::NoAuthority
            | Self::Refuses
            | Self::Fails
            | Self::OpenResolver
            | Self::MailClear
            | Self::MailRefuses
            | Self::MailExpired
            | Self::MailOtherName
            | Self::MailUntrusted
            | Self::MailPrivate
            | Self::Web
            | Self::WebUntrusted => None,
        }
    }

    /// Its addresses.
    pub fn addresses(self) -> Vec<IpAddr> {
        [Some(self.v4()), self.v6()].into_iter().flatten().map(|address| address.parse().unwrap()).collect()
    }

    /// Every place.
    pub const ALL: [Self; 28] = [
        Self::Root,
        Self::Top,
        Self::A,
        Self::B,
        Self::C,
        Self::BesideA,
        Self::A4,
        Self::B4,
        Self::Private,
        Self::Silent,
        Self::Nobody,
        Self::Slow,
        Self::UdpOnly,
        Self::TcpOnly,
        Self::NoEdns,
        Self::NoAuthority,
        Self::Refuses,
        Self::Fails,
        Self::OpenResolver,
        Self::Mail,
        Self::MailClear,
        Self::MailRefuses,
        Self::MailExpired,
        Self::MailOtherName,
        Self::MailUntrusted,
        Self::MailPrivate,
        Self::Web,
        Self::WebUntrusted,
    ];
}

/// Gives every address of the plan to loopback. Needs a network of one's own: [`crate::network::alone`].
pub fn settle() {
    let mut lines = String::new();
    let mut addresses: Vec<IpAddr> = Place::ALL.into_iter().flat_map(Place::addresses).collect();
    addresses.sort();
    addresses.dedup();
    for address in addresses {
        let bits = if address.is_ipv4() { 32 } else { 128 };
        // Without duplicate address detection an address can be used at once.
        let at_once = if address.is_ipv6() { " nodad" } else { "" };
        lines.push_str(&format!("address add {address}/{bits} dev lo{at_once}\n"));
    }
    let folder = tempfile::tempdir().unwrap();
    let batch = folder.path().join("addresses");
    std::fs::write(&batch, lines).unwrap();
    run(Command::new("ip").arg("-batch").arg(batch));
}
