//! What the packet filter does with packets for a socket, whichever interface, address and source port a stranger chooses.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::evaluate::{Fate, Packet};
use super::rules::{Condition, Family, Field, Range, Ruleset, Transport};
use crate::services::interfaces::Interfaces;

/// Most interfaces, and most addresses, over which a stranger's choice is tried.
const CHOICES_MAX: usize = 64;
/// Ranges of at least so many ports are no mention of a port: `1-65535` means any.
const MENTION_PORTS_MAX: u128 = 65_000;

/// A socket, as packets find it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::services) struct Door<'a> {
    pub(in crate::services) is_udp: bool,
    pub(in crate::services) address: IpAddr,
    pub(in crate::services) port: u16,
    pub(in crate::services) only_ipv6: bool,
    /// The interface that it is bound to.
    pub(in crate::services) interface: Option<&'a str>,
}

/// The packet filter as strangers meet it.
pub(in crate::services) struct View<'a> {
    rules: Result<&'a Ruleset, &'a Unknown>,
    /// Interfaces over which strangers come in; as many as make a difference.
    interfaces: Vec<&'a str>,
    /// Addresses of this host; as many as make a difference.
    addresses: Vec<IpAddr>,
    /// Families in which this host can be reached.
    families: Vec<Family>,
    mentions: Mentions,
    seen: RefCell<HashMap<(Door<'a>, Family), Answer>>,
}

/// What becomes of the packets of one family for one socket.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Answer {
    Open,
    Filtered,
    Undecided(String),
}

impl<'a> View<'a> {
    pub(super) fn new(rules: Result<&'a Ruleset, &'a Unknown>, interfaces: &'a Interfaces) -> Self {
        let mentions = rules.map(Mentions::of).unwrap_or_default();
        let few = |matter: bool| if matter { CHOICES_MAX } else { 1 };
        let addresses: Vec<IpAddr> = interfaces.addresses().collect();
        let reached = |family: Family| addresses.iter().any(|address| family_of(*address) == family);
        let mut families: Vec<Family> =
            [Family::V4, Family::V6].into_iter().filter(|family| reached(*family)).collect();
        if families.is_empty() {
            // No address yet: either may come.
            families = vec![Family::V4, Family::V6];
        }
        let chosen = |family| addresses.iter().copied().filter(move |address| family_of(*address) == family);
        let addresses = families.iter().flat_map(|family| chosen(*family).take(few(mentions.addresses))).collect();
        let mut interfaces: Vec<&str> = interfaces.outside().take(few(mentions.interfaces)).collect();
        if interfaces.is_empty() {
            interfaces.push("");
        }
        Self { rules, interfaces, addresses, families, mentions, seen: RefCell::default() }
    }

    /// Whether strangers' packets for a socket are dropped or rejected. A socket for both families is filtered only when it
    /// is in both.
    pub(in crate::services) fn filtered(&self, door: &Door<'a>) -> Fact<bool> {
        let rules = match self.rules {
            Ok(rules) => rules,
            Err(unknown) => return Fact::Unknown(unknown.clone()),
        };
        let mut undecided = None;
        for family in self.families_of(door) {
            let key = (door.clone(), family);
            let known = self.seen.borrow().get(&key).cloned();
            let answer = known.unwrap_or_else(|| self.answer(rules, door, family, false));
            self.seen.borrow_mut().insert(key, answer.clone());
            match answer {
                Answer::Open => return Fact::Known(false),
                Answer::Filtered => {}
                Answer::Undecided(words) => undecided = Some(words),
            }
        }
        match undecided {
            None if rules.hands_to(door.port) => {
                let detail = "packets for other ports are handed to it (TPROXY); whether a rule stops them is not read";
                Fact::unknown(Reason::NOT_ASKED, detail)
            }
            None => Fact::Known(true),
            Some(words) => {
                Fact::unknown(Reason::UNREADABLE, format!("a rule of the packet filter is not understood: {words}"))
            }
        }
    }

    /// What happens to a packet for a port that no rule names: `drop` or `accept`.
    pub(super) fn default_incoming(&self) -> Fact<String> {
        if let Err(unknown) = self.rules {
            return Fact::Unknown(unknown.clone());
        }
        let Some(port) = self.mentions.unnamed_port() else {
            return Fact::unknown(Reason::DOES_NOT_APPLY, "the rules name every port");
        };
        let mut answer = Fact::Known("drop".to_owned());
        for (is_udp, family) in [(false, Family::V4), (false, Family::V6), (true, Family::V4), (true, Family::V6)] {
            if !self.families.contains(&family) {
                continue;
            }
            let address = unspecified(family);
            match self.filtered(&Door { is_udp, address, port, only_ipv6: true, interface: None }) {
                Fact::Known(true) => {}
                Fact::Known(false) => return Fact::Known("accept".to_owned()),
                Fact::Unknown(unknown) => answer = Fact::Unknown(unknown),
            }
        }
        answer
    }

    /// The families in which a socket can be reached. One bound to all addresses of both is reached in those that the host
    /// has.
    fn families_of(&self, door: &Door<'_>) -> Vec<Family> {
        match door.address.to_canonical() {
            IpAddr::V4(_) => vec![Family::V4],
            IpAddr::V6(address) if !address.is_unspecified() || door.only_ipv6 => vec![Family::V6],
            IpAddr::V6(_) => self.families.clone(),
        }
    }

    /// Whether packets that were for another port or address and are sent on to a socket are surely dropped or rejected.
    /// Those that are handed to it as they are (TPROXY) are not among them: [`View::filtered`] tells of them.
    pub(in crate::services) fn stops_what_is_sent_on(&self, door: &Door<'a>) -> bool {
        let is_stopped = |rules: &Ruleset, family| self.answer(rules, door, family, true) == Answer::Filtered;
        self.rules.is_ok_and(|rules| self.families_of(door).into_iter().all(|family| is_stopped(rules, family)))
    }

    fn answer(&self, rules: &Ruleset, door: &Door<'a>, family: Family, is_sent_on: bool) -> Answer {
        let address = door.address.to_canonical();
        let mut destinations: Vec<Option<IpAddr>> = if address.is_unspecified() {
            self.addresses.iter().copied().filter(|address| family_of(*address) == family).map(Some).collect()
        } else {
            vec![Some(address)]
        };
        if destinations.is_empty() {
            destinations.push(None);
        }
        let own_interface = door.interface.map(|interface| vec![interface]);
        let interfaces = own_interface.as_ref().unwrap_or(&self.interfaces);
        let transport = if door.is_udp { Transport::Udp } else { Transport::Tcp };
        let mut undecided = None;
        for suits_source_port in [false, true].into_iter().take(1 + usize::from(self.mentions.source_ports)) {
            for interface in interfaces {
                for destination in &destinations {
                    let packet = Packet {
                        family,
                        transport,
                        port: door.port,
                        destination: *destination,
                        interface,
                        suits_source_port,
                        is_sent_on,
                    };
                    match rules.fate(&packet) {
                        Fate::Accepted => return Answer::Open,
                        Fate::Dropped => {}
                        Fate::Undecided(words) => undecided = Some(words),
                    }
                }
            }
        }
        undecided.map_or(Answer::Filtered, Answer::Undecided)
    }
}

const fn family_of(address: IpAddr) -> Family {
    match address {
        IpAddr::V4(_) => Family::V4,
        IpAddr::V6(_) => Family::V6,
    }
}

const fn unspecified(family: Family) -> IpAddr {
    match family {
        Family::V4 => IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED),
        Family::V6 => IpAddr::V6(std::net::Ipv6Addr::UNSPECIFIED),
    }
}

/// What the rules look at at all: what they do not, makes no difference.
#[derive(Debug, Default)]
struct Mentions {
    interfaces: bool,
    addresses: bool,
    source_ports: bool,
    /// Destination ports, as ranges.
    ports: BTreeSet<Range>,
}

impl Mentions {
    fn of(rules: &Ruleset) -> Self {
        let mut mentions = Self::default();
        rules.each_condition(&mut |condition| match condition {
            Condition::Interface { .. } => mentions.interfaces = true,
            Condition::Is { field: Field::Destination(_), .. } => mentions.addresses = true,
            Condition::Is { field: Field::SourcePort(_), .. } => mentions.source_ports = true,
            Condition::Is { field: Field::DestinationPort(_), values, .. } => mentions.ports.extend(values),
            Condition::Is { .. } | Condition::Any { .. } | Condition::Never | Condition::Unread(_) => {}
        });
        mentions
    }

    /// The lowest port that no rule names; a range of nearly all ports names none.
    fn unnamed_port(&self) -> Option<u16> {
        let last_port = u128::from(u16::MAX);
        let names = |(first, last): &&Range| last.min(&last_port).saturating_sub(*first) < MENTION_PORTS_MAX;
        let named: Vec<&Range> = self.ports.iter().filter(names).collect();
        (1..=u16::MAX).find(|port| !named.iter().any(|(first, last)| (*first..=*last).contains(&u128::from(*port))))
    }
}
