//! The rules of a packet filter in one form, whether nftables or iptables told them.

use std::collections::HashMap;
use std::net::IpAddr;

/// A version of the Internet protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Family {
    V4,
    V6,
}

/// What a condition looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    /// Version of the Internet protocol, as the kernel numbers it (`NFPROTO_IPV4` 2, `NFPROTO_IPV6` 10).
    Family,
    /// Number of the protocol above it: 6 is TCP, 17 UDP.
    Protocol,
    /// The same as the head of one family tells it: packets of the other have no such head.
    ProtocolOf(Family),
    /// Source address, of one family.
    Source(Family),
    /// Destination address, of one family.
    Destination(Family),
    /// Source port of a transport; of any when none is named.
    SourcePort(Option<Transport>),
    /// Destination port of a transport; of any when none is named.
    DestinationPort(Option<Transport>),
    /// State of the connection: see [`STATE_NEW`].
    State,
    /// Bits of what happened to the connection already: none to a new one.
    Status,
    /// Direction within the connection: 0 is the one that began it.
    Direction,
    /// Flags of TCP.
    TcpFlags,
    /// How the packet came over the wire: 0 is for this host alone.
    PacketType,
    /// What the routing table says of the destination: 2 is an address of this host.
    DestinationKind,
    /// What the routing table says of the source: 1 is an ordinary address elsewhere.
    SourceKind,
    /// Whether the source is reached over the interface by which it came: 1, as of any honest packet.
    SourceRoute,
    /// The mark that other rules put on packets.
    Mark,
    /// The mark that other rules put on connections: a packet that is not tracked has none.
    ConnectionMark,
}

/// A protocol that has ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Transport {
    Tcp,
    Udp,
}

/// The state of a packet that begins a connection (`ct state new`), as a bit like its siblings.
pub(super) const STATE_NEW: u128 = 8;
/// That of a packet that a rule keeps from being tracked (`notrack`), and of one that is not tracked yet.
pub(super) const STATE_UNTRACKED: u128 = 64;
pub(super) const STATE_INVALID: u128 = 1;
/// What happened to a connection already: iptables counts it among the states.
pub(super) const STATE_SENT_ON: u128 = 128;

/// First and last value of a range.
pub(super) type Range = (u128, u128);

/// First and last port of a range.
pub(super) type PortRange = (u16, u16);
/// All ports: those to which a rule may lead that does not tell the port.
pub(super) const ANY_PORT: PortRange = (0, u16::MAX);

/// One condition of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    /// A field, through a mask, has one of the values.
    Is { field: Field, mask: u128, values: Vec<Range>, negated: bool },
    /// The interface by which the packet came has one of the names; `*` at the end stands for any text.
    Interface { names: Vec<String>, negated: bool },
    /// All conditions of one of the groups hold.
    Any { groups: Vec<Vec<Condition>>, negated: bool },
    /// It looks at something that a first TCP or UDP packet of a stranger never has, or is under a limit that it keeps.
    Never,
    /// It looks at something that is not understood here; its words.
    Unread(String),
}

impl Condition {
    /// A field has one of the values.
    pub(super) const fn is(field: Field, values: Vec<Range>, negated: bool) -> Self {
        Self::Is { field, mask: u128::MAX, values, negated }
    }
}

/// What a rule does with the packets that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    /// Nothing that decides: it counts, logs, marks.
    Continue,
    Accept,
    /// Drops or rejects.
    Drop,
    Return,
    Jump(String),
    Goto(String),
    /// It hands the packet to something that decides elsewhere; its words.
    Unread(String),
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) conditions: Vec<Condition>,
    pub(super) action: Action,
}

/// Rules by the name of their chain.
pub(super) type Chains = HashMap<String, Vec<Rule>>;

/// The rules of one table of the packet filter.
#[derive(Debug, Clone, Default)]
pub(super) struct RuleTable {
    pub(super) chains: Chains,
    /// Whether any rule puts a mark on packets or connections.
    pub(super) sets_marks: bool,
    /// Whether any rule keeps packets from being tracked, so that they have no state of a connection.
    pub(super) untracks: bool,
    /// Ports to whose sockets rules hand packets for other ports, which keep the port that they came for (TPROXY).
    pub(super) handed_to: Vec<PortRange>,
}

impl RuleTable {
    /// What is left of a table that decides on nothing: what it does to packets, on which others may decide.
    pub(super) fn marks_alone(&self) -> Self {
        Self { chains: Chains::new(), handed_to: self.handed_to.clone(), ..*self }
    }
}

/// A chain that the kernel calls for incoming packets.
#[derive(Debug, Clone)]
pub(super) struct BaseChain {
    /// The packets that it is called for; none for both families.
    pub(super) family: Option<Family>,
    /// Where it stands among the others: hook, then priority; the lowest is called first.
    pub(super) order: (u32, i32),
    /// Whether a packet that no rule decides on is dropped.
    pub(super) drops_by_policy: bool,
    /// Its name.
    pub(super) name: String,
    /// The tool that made it: `nftables`, `ufw`, `firewalld`, `iptables`.
    pub(super) tool: &'static str,
    /// Position of its table in [`Ruleset::tables`].
    pub(super) table: usize,
}

/// Everything that decides on incoming packets.
#[derive(Debug, Clone, Default)]
pub(super) struct Ruleset {
    pub(super) tables: Vec<RuleTable>,
    /// In the order in which the kernel calls them.
    pub(super) base: Vec<BaseChain>,
}

impl Ruleset {
    /// Whether a rule may hand packets for other ports to the socket of this one.
    pub(super) fn hands_to(&self, port: u16) -> bool {
        let mut handed_to = self.tables.iter().flat_map(|table| &table.handed_to);
        handed_to.any(|(first, last)| (*first..=*last).contains(&port))
    }

    /// Shows every condition, those within others too.
    pub(super) fn each_condition(&self, visit: &mut impl FnMut(&Condition)) {
        fn within(condition: &Condition, visit: &mut impl FnMut(&Condition)) {
            match condition {
                Condition::Any { groups, .. } => groups.iter().flatten().for_each(|one| within(one, visit)),
                Condition::Is { .. } | Condition::Interface { .. } | Condition::Never | Condition::Unread(_) => {
                    visit(condition);
                }
            }
        }
        let rules = self.tables.iter().flat_map(|table| table.chains.values().flatten());
        rules.flat_map(|rule| &rule.conditions).for_each(|condition| within(condition, visit));
    }
}

/// An address as a number.
pub(super) fn address_number(address: IpAddr) -> (Family, u128) {
    match address {
        IpAddr::V4(address) => (Family::V4, u128::from(u32::from(address))),
        IpAddr::V6(address) => (Family::V6, u128::from(address)),
    }
}

/// The addresses of a network as numbers: `10.0.0.0` and 8.
pub(super) fn network_range(address: IpAddr, length: u32) -> Option<(Family, Range)> {
    let (family, number) = address_number(address);
    let bits: u32 = match family {
        Family::V4 => 32,
        Family::V6 => 128,
    };
    let free = bits.checked_sub(length)?;
    let span = 1_u128.checked_shl(free).map_or(u128::MAX, |size| size - 1);
    Some((family, (number & !span, number | span)))
}

/// Number of a protocol by its name in the output of `nft` and `iptables-save`. A name that is not listed is none of the
/// two that have sockets here, so any other number stands for it.
pub(super) fn protocol_number(name: &str) -> u128 {
    const OTHER: u128 = 255;
    match name {
        "tcp" => 6,
        "udp" => 17,
        _ => name.parse().unwrap_or(OTHER),
    }
}

/// The bit of a flag of TCP (RFC 9293 section 3.1).
pub(super) fn tcp_flag(name: &str) -> Option<u128> {
    Some(match name.to_ascii_lowercase().as_str() {
        "fin" => 0x01,
        "syn" => 0x02,
        "rst" => 0x04,
        "psh" => 0x08,
        "ack" => 0x10,
        "urg" => 0x20,
        "ecn" => 0x40,
        "cwr" => 0x80,
        "all" => 0x3f,
        "none" => 0,
        _ => return None,
    })
}

/// The bit of a state of a connection.
pub(super) fn state_bit(name: &str) -> Option<u128> {
    Some(match name.to_ascii_lowercase().as_str() {
        "invalid" => STATE_INVALID,
        "established" => 2,
        "related" => 4,
        "new" => STATE_NEW,
        "untracked" => STATE_UNTRACKED,
        "dnat" | "snat" => STATE_SENT_ON,
        _ => return None,
    })
}

/// The kind of an address in the routing table (rtnetlink(7), `rtm_type`).
pub(super) fn address_kind(name: &str) -> Option<u128> {
    let kinds =
        ["unspec", "unicast", "local", "broadcast", "anycast", "multicast", "blackhole", "unreachable", "prohibit"];
    let name = name.to_ascii_lowercase();
    kinds.iter().position(|kind| *kind == name).and_then(|kind| u128::try_from(kind).ok())
}

/// How a packet came over the wire (packet(7), `sll_pkttype`).
pub(super) fn packet_type(name: &str) -> Option<u128> {
    Some(match name {
        "host" | "unicast" => 0,
        "broadcast" => 1,
        "multicast" => 2,
        "other" => 3,
        _ => return None,
    })
}
