//! What the rules do with the first packet of a stranger.
//!
//! The stranger is a host elsewhere whose address no rule names: rules for some sources only (`10.0.0.0/8`, a set of
//! banned addresses) do not concern it. Its packet begins a connection, is in order (its source is reached by the interface
//! over which it came), is the first of its kind, so that no limit on the rate stops it, and is for one address of this
//! host. The stranger may choose the source port and, where the host has several, the interface and the address: what is
//! open to one choice is open. A rule that looks at anything else is not guessed at: if it could decide, the answer is
//! unknown.

use std::net::IpAddr;

use super::rules::address_number;
use super::rules::{
    Action, BaseChain, Condition, Family, Field, Range, Rule, RuleTable, Ruleset, STATE_INVALID, STATE_NEW,
    STATE_SENT_ON, STATE_UNTRACKED, Transport,
};

/// Most chains within chains: the kernel's own limit is 16 (nft(8)).
const DEPTH_MAX: usize = 32;
/// Most rules and conditions that are looked at for one packet.
const STEPS_MAX: usize = 1_000_000;
/// A port of the range from which systems choose source ports (RFC 6335 section 6).
const SOURCE_PORT: u128 = 50_000;
/// Where connections are tracked: before routing, at this priority (`NF_IP_PRI_CONNTRACK`); chains before it see no state.
const TRACKING: (u32, i32) = (0, -200);
/// The flags of TCP on a first packet: SYN alone.
const FLAGS_SYN: u128 = 0x02;
/// The ordinary addresses of IPv6 (RFC 4291 section 2.4): all that is not of a link, a group or this host.
const GLOBAL_IPV6: Range = (0x2000 << 112, (0x4000 << 112) - 1);
/// Rules for so large a share of all addresses, one in this many, may be for strangers or not: they are not guessed at.
const LARGE_SHARE: u128 = 16;

/// The first packet of a stranger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Packet<'a> {
    pub(super) family: Family,
    pub(super) transport: Transport,
    pub(super) port: u16,
    /// The address of this host that it is for; none when the host has no address that others reach.
    pub(super) destination: Option<IpAddr>,
    /// The interface by which it comes; empty for one that no rule names.
    pub(super) interface: &'a str,
    /// Whether the stranger sends from whatever source port a rule asks for.
    pub(super) suits_source_port: bool,
    /// Whether it came for another port or address, and was sent on to this one before routing: what it was before is not
    /// told, so that the chains before routing are passed over.
    pub(super) is_sent_on: bool,
}

/// What becomes of a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    Accepted,
    Dropped,
    /// It hangs on a rule that is not understood; its words.
    Undecided(String),
}

impl Ruleset {
    /// What becomes of a packet at the chains for incoming packets.
    pub(super) fn fate(&self, packet: &Packet<'_>) -> Fate {
        let around = Around {
            marks_are_set: self.tables.iter().any(|table| table.sets_marks),
            may_be_untracked: self.tables.iter().any(|table| table.untracks),
            is_before_tracking: false,
        };
        let mut look = Look { packet, around, unread: None, steps: 0 };
        let mut is_sure = true;
        for base in &self.base {
            let is_before_routing = packet.is_sent_on && base.order.0 == TRACKING.0;
            if is_before_routing || base.family.is_some_and(|family| family != packet.family) {
                continue;
            }
            let Some(table) = self.tables.get(base.table) else { continue };
            look.around.is_before_tracking = base.order < TRACKING;
            let outcome = look.base_chain(table, base);
            if !outcome.accepts {
                return Fate::Dropped;
            }
            is_sure &= !outcome.drops;
        }
        if is_sure {
            return Fate::Accepted;
        }
        Fate::Undecided(look.unread.unwrap_or_default())
    }
}

/// What may become of a packet in a chain: several when a rule is not understood.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Outcome {
    accepts: bool,
    drops: bool,
    /// It goes on after the rule that sent it here.
    returns: bool,
}

impl Outcome {
    const ANY: Self = Self { accepts: true, drops: true, returns: true };

    const fn join(&mut self, other: Self) {
        self.accepts |= other.accepts;
        self.drops |= other.drops;
        self.returns |= other.returns;
    }
}

/// Whether a condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Yes,
    No,
    Perhaps,
}

impl Holds {
    const fn negated_if(self, negated: bool) -> Self {
        match (self, negated) {
            (Self::Yes, true) => Self::No,
            (Self::No, true) => Self::Yes,
            (holds, _) => holds,
        }
    }

    const fn of(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

/// What rules on the way have done to the packet.
#[derive(Debug, Clone, Copy)]
struct Around {
    /// Whether any rule puts marks on packets, so that a mark may be anything.
    marks_are_set: bool,
    /// Whether any rule keeps packets from being tracked, so that this one may have no state.
    may_be_untracked: bool,
    /// Whether the packet is not tracked yet where the rule stands.
    is_before_tracking: bool,
}

/// The way of one packet through the rules.
struct Look<'a> {
    packet: &'a Packet<'a>,
    around: Around,
    /// Words of the first rule that is not understood.
    unread: Option<String>,
    steps: usize,
}

impl Look<'_> {
    fn base_chain(&mut self, table: &RuleTable, base: &BaseChain) -> Outcome {
        let mut outcome = self.chain(table, &base.name, 0);
        if outcome.returns {
            outcome.join(Outcome { accepts: !base.drops_by_policy, drops: base.drops_by_policy, returns: false });
        }
        outcome
    }

    fn chain(&mut self, table: &RuleTable, name: &str, depth: usize) -> Outcome {
        let Some(rules) = table.chains.get(name).filter(|_| depth < DEPTH_MAX) else {
            return self.unread(&format!("chain {name}"));
        };
        let mut outcome = Outcome::default();
        for rule in rules {
            self.steps += 1;
            if self.steps > STEPS_MAX {
                return self.unread("too many rules");
            }
            let holds = self.all(&rule.conditions);
            if holds == Holds::No {
                continue;
            }
            let (decided, goes_on) = self.act(table, rule, depth);
            outcome.join(decided);
            if holds == Holds::Yes && !goes_on {
                return outcome;
            }
        }
        outcome.returns = true;
        outcome
    }

    /// What a rule decides, and whether a packet may go on to the next one after it.
    fn act(&mut self, table: &RuleTable, rule: &Rule, depth: usize) -> (Outcome, bool) {
        match &rule.action {
            Action::Continue => (Outcome::default(), true),
            Action::Accept => (Outcome { accepts: true, ..Outcome::default() }, false),
            Action::Drop => (Outcome { drops: true, ..Outcome::default() }, false),
            Action::Return => (Outcome { returns: true, ..Outcome::default() }, false),
            Action::Jump(name) => {
                let inner = self.chain(table, name, depth + 1);
                (Outcome { returns: false, ..inner }, inner.returns)
            }
            Action::Goto(name) => (self.chain(table, name, depth + 1), false),
            Action::Unread(words) => (self.unread(words), true),
        }
    }

    fn unread(&mut self, words: &str) -> Outcome {
        self.unread.get_or_insert_with(|| words.to_owned());
        Outcome::ANY
    }

    fn all(&mut self, conditions: &[Condition]) -> Holds {
        let mut all = Holds::Yes;
        let mut words = None;
        for condition in conditions {
            self.steps += 1;
            match self.holds(condition, &mut words) {
                Holds::No => return Holds::No,
                Holds::Perhaps => all = Holds::Perhaps,
                Holds::Yes => {}
            }
        }
        if let Some(words) = words {
            self.unread.get_or_insert(words);
        }
        all
    }

    /// Whether a condition holds; when it is not understood, its words are kept in `words`.
    fn holds(&mut self, condition: &Condition, words: &mut Option<String>) -> Holds {
        match condition {
            Condition::Never => Holds::No,
            Condition::Unread(unread) => {
                words.get_or_insert_with(|| unread.clone());
                Holds::Perhaps
            }
            Condition::Interface { names, negated } => {
                Holds::of(names.iter().any(|name| is_named(self.packet.interface, name))).negated_if(*negated)
            }
            Condition::Any { groups, negated } => {
                let mut any = Holds::No;
                for group in groups {
                    match self.all(group) {
                        Holds::Yes => return Holds::Yes.negated_if(*negated),
                        Holds::Perhaps => any = Holds::Perhaps,
                        Holds::No => {}
                    }
                }
                any.negated_if(*negated)
            }
            Condition::Is { field, mask, values, negated } => {
                let holds = self.packet.has(*field, *mask, values, *negated, self.around);
                if holds == Holds::Perhaps {
                    words.get_or_insert_with(|| format!("{field:?}"));
                }
                holds
            }
        }
    }
}

impl Packet<'_> {
    /// Whether a field of the packet, through a mask, has one of the values. What the packet does not have is neither equal
    /// nor unequal to anything.
    fn has(&self, field: Field, mask: u128, values: &[Range], negated: bool, around: Around) -> Holds {
        let is_family = |family: Family| family == self.family;
        let is_transport = |transport: Option<Transport>| transport.is_none_or(|wanted| wanted == self.transport);
        let number = match field {
            Field::Source(family) if is_family(family) => {
                return stranger_is_in(family, values).negated_if(negated);
            }
            Field::SourcePort(transport) if is_transport(transport) && self.suits_source_port => return Holds::Yes,
            Field::Status | Field::Direction | Field::ConnectionMark if around.is_before_tracking => None,
            Field::Status | Field::Direction | Field::ConnectionMark if around.may_be_untracked => {
                return Holds::Perhaps;
            }
            Field::Mark | Field::ConnectionMark if around.marks_are_set => return Holds::Perhaps,
            Field::State if self.is_sent_on && differs(values, mask, STATE_NEW, STATE_SENT_ON) => {
                return Holds::Perhaps;
            }
            Field::Status if self.is_sent_on => return Holds::Perhaps,
            Field::State
                if around.is_before_tracking
                    && around.may_be_untracked
                    && differs(values, mask, STATE_INVALID, STATE_UNTRACKED) =>
            {
                return Holds::Perhaps;
            }
            Field::State if around.is_before_tracking => Some(STATE_INVALID),
            Field::State if around.may_be_untracked && differs(values, mask, STATE_NEW, STATE_UNTRACKED) => {
                return Holds::Perhaps;
            }
            Field::Family => Some(match self.family {
                Family::V4 => 2,
                Family::V6 => 10,
            }),
            Field::ProtocolOf(family) if !is_family(family) => None,
            Field::Protocol | Field::ProtocolOf(_) => Some(match self.transport {
                Transport::Tcp => 6,
                Transport::Udp => 17,
            }),
            Field::Destination(family) if is_family(family) => match self.destination {
                Some(address) => Some(address_number(address).1),
                None => return stranger_is_in(family, values).negated_if(negated),
            },
            Field::SourcePort(transport) => is_transport(transport).then_some(SOURCE_PORT),
            Field::DestinationPort(transport) => is_transport(transport).then(|| u128::from(self.port)),
            Field::State => Some(STATE_NEW),
            Field::TcpFlags => (self.transport == Transport::Tcp).then_some(FLAGS_SYN),
            Field::DestinationKind => Some(2),
            Field::SourceKind | Field::SourceRoute => Some(1),
            Field::Source(_) | Field::Destination(_) => None,
            Field::Status | Field::Direction | Field::PacketType | Field::Mark | Field::ConnectionMark => Some(0),
        };
        let Some(number) = number.map(|number| number & mask) else { return Holds::No };
        Holds::of(is_among(values, number)).negated_if(negated)
    }
}

fn is_among(values: &[Range], number: u128) -> bool {
    values.iter().any(|(first, last)| (*first..=*last).contains(&number))
}

/// Whether two numbers, through a mask, do not both belong to the values, nor both not.
fn differs(values: &[Range], mask: u128, one: u128, other: u128) -> bool {
    is_among(values, one & mask) != is_among(values, other & mask)
}

/// Whether a stranger's address is among these: yes when all addresses are, no when only some are named.
fn stranger_is_in(family: Family, values: &[Range]) -> Holds {
    let space = match family {
        Family::V4 => (0, u128::from(u32::MAX)),
        Family::V6 => GLOBAL_IPV6,
    };
    let mut values: Vec<Range> = values.to_vec();
    values.sort_unstable();
    let mut next = space.0;
    let mut covered: u128 = 0;
    for (first, last) in values {
        let (first, last) = (first.max(next), last.min(space.1));
        if first <= last {
            covered = covered.saturating_add(last - first + 1);
            next = last.saturating_add(1);
        }
    }
    let size = space.1 - space.0 + 1;
    if covered == size {
        Holds::Yes
    } else if covered >= size / LARGE_SHARE {
        Holds::Perhaps
    } else {
        Holds::No
    }
}

fn is_named(interface: &str, name: &str) -> bool {
    name.strip_suffix('*').map_or(interface == name, |start| interface.starts_with(start))
}
