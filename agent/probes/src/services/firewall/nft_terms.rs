//! The two sides of a comparison in the rules of nftables, libnftables-json(5): what is looked at, and the values.

use std::collections::HashMap;
use std::net::IpAddr;

use serde_json::Value as Json;

use super::rules::{
    Condition, Family, Field, Range, Transport, address_kind, address_number, network_range, packet_type,
    protocol_number, state_bit, tcp_flag,
};

/// Most signs of a rule that is not understood in an explanation.
const WORDS_MAX: usize = 120;
/// Most sets within sets.
const DEPTH_MAX: usize = 8;

/// Named sets and maps of one table, and their entries.
pub(super) type Sets<'a> = HashMap<&'a str, &'a Json>;

/// What a comparison looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Left {
    Field(Field, u128),
    Interface,
    Concatenation(Vec<Left>),
    /// Something that a first TCP or UDP packet of a stranger does not have.
    Absent,
    /// A source by its hardware, of which a stranger has none that is named.
    Hardware,
    /// A part of the head of IPv6 that a packet of a stranger does not have.
    Extension,
    Unread,
}

/// The beginning of a rule that is not understood.
pub(super) fn unread_words(kind: &str, content: &Json) -> String {
    format!("{kind} {content}").chars().take(WORDS_MAX).collect()
}

/// Reads the left side.
pub(super) fn left(side: &Json) -> Left {
    let Some((kind, content)) = side.as_object().and_then(|side| side.iter().next()) else { return Left::Unread };
    match kind.as_str() {
        "payload" => payload(content),
        "meta" => meta(content),
        "ct" => connection(content),
        "fib" => routing(content),
        "exthdr" => Left::Extension,
        "concat" => Left::Concatenation(content.as_array().into_iter().flatten().map(left).collect()),
        "&" => masked(content),
        _ => Left::Unread,
    }
}

fn payload(content: &Json) -> Left {
    let word = |name: &str| content.get(name).and_then(Json::as_str).unwrap_or_default();
    let transport = match word("protocol") {
        "tcp" => Some(Transport::Tcp),
        "udp" => Some(Transport::Udp),
        _ => None,
    };
    let field = match (word("protocol"), word("field")) {
        ("tcp" | "udp" | "th", "dport") => Field::DestinationPort(transport),
        ("tcp" | "udp" | "th", "sport") => Field::SourcePort(transport),
        ("tcp", "flags") => Field::TcpFlags,
        ("ip", "saddr") => Field::Source(Family::V4),
        ("ip", "daddr") => Field::Destination(Family::V4),
        ("ip6", "saddr") => Field::Source(Family::V6),
        ("ip6", "daddr") => Field::Destination(Family::V6),
        ("ip", "protocol") => Field::ProtocolOf(Family::V4),
        ("ip6", "nexthdr") => Field::ProtocolOf(Family::V6),
        ("icmp" | "icmpv6" | "igmp" | "sctp" | "dccp" | "udplite" | "ah" | "esp" | "comp" | "arp", _) => {
            return Left::Absent;
        }
        ("ether", "saddr") => return Left::Hardware,
        _ => return Left::Unread,
    };
    Left::Field(field, u128::MAX)
}

fn meta(content: &Json) -> Left {
    let field = match content.get("key").and_then(Json::as_str).unwrap_or_default() {
        "l4proto" => Field::Protocol,
        "nfproto" | "protocol" => Field::Family,
        "pkttype" => Field::PacketType,
        "mark" => Field::Mark,
        "iif" | "iifname" => return Left::Interface,
        // Who sent it is known only of packets from this host.
        "skuid" | "skgid" => return Left::Absent,
        _ => return Left::Unread,
    };
    Left::Field(field, u128::MAX)
}

fn connection(content: &Json) -> Left {
    let field = match content.get("key").and_then(Json::as_str).unwrap_or_default() {
        "state" => Field::State,
        "status" => Field::Status,
        "direction" => Field::Direction,
        "mark" => Field::ConnectionMark,
        _ => return Left::Unread,
    };
    Left::Field(field, u128::MAX)
}

/// What the routing table says: `fib daddr type`, `fib saddr . iif oif`.
fn routing(content: &Json) -> Left {
    let flags: Vec<&str> =
        content.get("flags").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect();
    let result = content.get("result").and_then(Json::as_str).unwrap_or_default();
    let field = match (result, flags.contains(&"saddr"), flags.contains(&"daddr")) {
        ("type", false, true) => Field::DestinationKind,
        ("type", true, false) => Field::SourceKind,
        ("oif" | "check", true, false) => Field::SourceRoute,
        _ => return Left::Unread,
    };
    Left::Field(field, u128::MAX)
}

fn masked(content: &Json) -> Left {
    let Some([inner, mask]) = content.as_array().map(Vec::as_slice) else { return Left::Unread };
    match left(inner) {
        Left::Field(field, u128::MAX) => match flags(field, mask) {
            Some(mask) => Left::Field(field, mask),
            None => Left::Unread,
        },
        Left::Absent => Left::Absent,
        Left::Hardware
        | Left::Extension
        | Left::Field(..)
        | Left::Interface
        | Left::Concatenation(_)
        | Left::Unread => Left::Unread,
    }
}

impl Left {
    /// The condition of a comparison; nothing when a value is not understood.
    pub(super) fn compare(&self, operator: &str, right: &Json, sets: &Sets<'_>) -> Option<Condition> {
        let negated = operator == "!=";
        match self {
            Self::Absent => Some(Condition::Never),
            Self::Hardware if is_any(right, sets) => Some(if negated { Condition::Never } else { always() }),
            // Named one by one; a range of them may be that of the router by which strangers come.
            Self::Hardware if matches!(operator, "==" | "!=" | "in" | "") && are_words(right, sets)? => {
                Some(if negated { always() } else { Condition::Never })
            }
            Self::Hardware => None,
            // `missing` holds for every packet of the family, and is told as the opposite of `exists`.
            Self::Extension => Some(match right.as_bool() {
                Some(exists) if exists == negated => Condition::is(Field::Family, vec![(10, 10)], false),
                Some(_) | None => Condition::Never,
            }),
            Self::Unread => None,
            // Any value; but a packet that does not have the field has no value.
            Self::Field(field, _) if is_any(right, sets) => Some(Condition::is(*field, vec![(0, u128::MAX)], negated)),
            Self::Interface if right == "*" => Some(always()),
            Self::Interface => {
                let mut names = Vec::new();
                interface_names(right, sets, 0, &mut names)?;
                Some(Condition::Interface { names, negated })
            }
            Self::Concatenation(parts) => concatenated(parts, negated, right, sets),
            Self::Field(field, mask) => compare_field(*field, *mask, operator, right, sets),
        }
    }
}

/// A condition that every packet fulfils.
fn always() -> Condition {
    Condition::is(Field::Family, Vec::new(), true)
}

fn compare_field(field: Field, mask: u128, operator: &str, right: &Json, sets: &Sets<'_>) -> Option<Condition> {
    // Every bit that is asked for, of a field of bits: any of them is enough.
    if operator == "in" && field == Field::TcpFlags {
        let bits = flags(field, right)?;
        return Some(Condition::Is { field, mask: bits, values: vec![(0, 0)], negated: true });
    }
    let single = || values(field, right, sets, 0).and_then(|values| values.first().copied());
    let values = match operator {
        "==" | "!=" | "in" | "" => values(field, right, sets, 0)?,
        "<" => vec![(0, single()?.0.checked_sub(1)?)],
        "<=" => vec![(0, single()?.1)],
        ">" => vec![(single()?.1.checked_add(1)?, u128::MAX)],
        ">=" => vec![(single()?.0, u128::MAX)],
        _ => return None,
    };
    Some(Condition::Is { field, mask, values, negated: operator == "!=" })
}

/// The entries of a set, named or written out; one value is a set of one.
fn entries<'a>(right: &'a Json, sets: &Sets<'a>) -> Option<Vec<&'a Json>> {
    let name = right.as_str().and_then(|text| text.strip_prefix('@'));
    let listed = match (name, right.get("set")) {
        (Some(name), _) => *sets.get(name)?,
        (None, Some(listed)) => listed,
        (None, None) => return Some(vec![right]),
    };
    Some(listed.as_array().map_or_else(Vec::new, |listed| listed.iter().collect()))
}

/// Whether the right side holds `*`, which stands for every value.
fn is_any(right: &Json, sets: &Sets<'_>) -> bool {
    entries(right, sets).is_some_and(|entries| entries.into_iter().any(|entry| value_of(entry) == "*"))
}

/// Whether every entry of the right side is one word; nothing when the set is not told.
fn are_words(right: &Json, sets: &Sets<'_>) -> Option<bool> {
    entries(right, sets).map(|entries| entries.into_iter().all(|entry| value_of(entry).is_string()))
}

/// The value of an entry that may have a comment or an age beside it.
fn value_of(entry: &Json) -> &Json {
    entry.pointer("/elem/val").unwrap_or(entry)
}

/// The condition of several parts that are compared together. A packet that lacks one of them has no value, so that it is
/// neither equal nor unequal.
fn concatenated(parts: &[Left], negated: bool, right: &Json, sets: &Sets<'_>) -> Option<Condition> {
    let any = Json::from("*");
    let mut all = parts.iter().map(|part| part.compare("==", &any, sets)).collect::<Option<Vec<_>>>()?;
    match (is_any(right, sets), negated) {
        (true, true) => return Some(Condition::Never),
        (true, false) => {}
        (false, _) => {
            let entries = entries(right, sets)?.into_iter();
            let groups = entries.map(|entry| together(parts, entry, sets)).collect::<Option<_>>()?;
            all.push(Condition::Any { groups, negated });
        }
    }
    Some(Condition::Any { groups: vec![all], negated: false })
}

/// The conditions that the parts of a concatenation fulfil together for one entry.
fn together(parts: &[Left], entry: &Json, sets: &Sets<'_>) -> Option<Vec<Condition>> {
    let values = value_of(entry).get("concat").and_then(Json::as_array)?;
    if values.len() != parts.len() {
        return None;
    }
    parts.iter().zip(values).map(|(part, value)| part.compare("==", value, sets)).collect()
}

fn interface_names(right: &Json, sets: &Sets<'_>, depth: usize, names: &mut Vec<String>) -> Option<()> {
    if let Some(name) = right.as_str().filter(|name| !name.starts_with('@')) {
        names.push(name.to_owned());
        return Some(());
    }
    if let Some(inner) = right.pointer("/elem/val") {
        return interface_names(inner, sets, depth + 1, names).filter(|()| depth < DEPTH_MAX);
    }
    let is_set = right.is_string() || right.get("set").is_some();
    if !is_set || depth > DEPTH_MAX {
        // The number of an interface that is gone.
        return None;
    }
    entries(right, sets)?.into_iter().try_for_each(|entry| interface_names(entry, sets, depth + 1, names))
}

/// The values of the right side as ranges.
fn values(field: Field, right: &Json, sets: &Sets<'_>, depth: usize) -> Option<Vec<Range>> {
    if depth > DEPTH_MAX {
        return None;
    }
    if let Some(inner) = right.pointer("/elem/val") {
        return values(field, inner, sets, depth + 1);
    }
    if let Some(bounds) = right.get("range").and_then(Json::as_array) {
        let [first, last] = bounds.as_slice() else { return None };
        return Some(vec![(value(field, first)?, value(field, last)?)]);
    }
    if let Some(prefix) = right.get("prefix") {
        let address: IpAddr = prefix.get("addr")?.as_str()?.parse().ok()?;
        let length = u32::try_from(prefix.get("len")?.as_u64()?).ok()?;
        return network_range(address, length).map(|(_, range)| vec![range]);
    }
    if let Json::Array(several) = right {
        // States and flags that stand in a list.
        return several.iter().map(|one| value(field, one).map(|number| (number, number))).collect();
    }
    let is_set = right.get("set").is_some() || right.as_str().is_some_and(|text| text.starts_with('@'));
    if !is_set {
        return if field == Field::TcpFlags { flags(field, right) } else { value(field, right) }
            .map(|number| vec![(number, number)]);
    }
    let mut ranges = Vec::new();
    for entry in entries(right, sets)? {
        ranges.extend(values(field, entry, sets, depth + 1)?);
    }
    Some(ranges)
}

/// Flags together: a word, a number, a list of words, or several with `|`.
fn flags(field: Field, json: &Json) -> Option<u128> {
    match json {
        Json::Array(several) => several.iter().try_fold(0, |bits, one| Some(bits | value(field, one)?)),
        Json::Object(object) => flags(field, object.get("|")?),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => value(field, json),
    }
}

/// One value of a field: a number, an address, or the word that stands for a number.
fn value(field: Field, json: &Json) -> Option<u128> {
    if let Some(number) = json.as_u64() {
        return Some(u128::from(number));
    }
    if let Some(flag) = json.as_bool() {
        return (field == Field::SourceRoute).then_some(u128::from(flag));
    }
    let text = json.as_str()?;
    match field {
        Field::Family => match text {
            "ipv4" | "ip" => Some(2),
            "ipv6" | "ip6" => Some(10),
            _ => Some(0),
        },
        Field::Protocol | Field::ProtocolOf(_) => Some(protocol_number(text)),
        Field::Source(_) | Field::Destination(_) => text.parse().ok().map(|address: IpAddr| address_number(address).1),
        Field::State => state_bit(text),
        // Of a new connection nothing has happened yet, whatever the word.
        Field::Status => Some(u128::MAX),
        Field::Direction => Some(u128::from(text != "original")),
        Field::TcpFlags => tcp_flag(text),
        Field::PacketType => packet_type(text),
        Field::DestinationKind | Field::SourceKind => address_kind(text),
        Field::SourcePort(_) | Field::DestinationPort(_) | Field::SourceRoute | Field::Mark | Field::ConnectionMark => {
            text.parse().ok()
        }
    }
}
