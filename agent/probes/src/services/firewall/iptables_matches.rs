//! The conditions of one rule of iptables, iptables(8) and iptables-extensions(8).

use std::net::IpAddr;

use super::rules::{
    Condition, Family, Field, Range, Transport, address_kind, address_number, network_range, packet_type,
    protocol_number, state_bit, tcp_flag,
};

/// The words of one rule, and what they say.
pub(super) struct Matches<'a> {
    words: std::iter::Peekable<std::slice::Iter<'a, String>>,
    family: Family,
    transport: Option<Transport>,
    /// The mark that `--mark` asks for: that of the packet, or of its connection after `-m connmark`.
    mark: Field,
    /// The name after `-j` or `-g`.
    pub(super) target: Option<String>,
    /// Whether it stood after `-g`.
    pub(super) is_goto: bool,
}

impl<'a> Matches<'a> {
    pub(super) fn new(words: &'a [String], family: Family) -> Self {
        Self {
            words: words.iter().peekable(),
            family,
            transport: None,
            mark: Field::Mark,
            target: None,
            is_goto: false,
        }
    }

    /// Reads the words up to the target; the words after it are the target's own.
    pub(super) fn conditions(&mut self) -> Vec<Condition> {
        let mut conditions = Vec::new();
        let mut negated = false;
        while let Some(word) = self.words.next() {
            match word.as_str() {
                "!" => {
                    negated = true;
                    continue;
                }
                "-j" | "-g" | "--jump" | "--goto" => {
                    self.is_goto = word.contains('g');
                    self.target = self.words.next().cloned();
                    break;
                }
                // What a module looks at is said by its options.
                "-m" | "--match" => self.module(&mut conditions),
                option => conditions.extend(self.option(option, negated)),
            }
            negated = false;
        }
        conditions
    }

    /// Modules that look at something without any option, or at what is not understood whatever their options.
    fn module(&mut self, conditions: &mut Vec<Condition>) {
        match self.words.next().map_or("", String::as_str) {
            "mark" => self.mark = Field::Mark,
            "connmark" => self.mark = Field::ConnectionMark,
            // A module that says what it looks at by options that are read, or by none.
            "tcp" | "udp" | "multiport" | "conntrack" | "state" | "comment" | "addrtype" | "limit" | "hashlimit"
            | "recent" | "connlimit" | "pkttype" | "set" | "iprange" | "mac" | "rpfilter" | "policy" => {}
            "icmp" | "icmp6" | "ah" | "esp" | "sctp" | "dccp" | "udplite" => conditions.push(Condition::Never),
            // Options and extension headers that an ordinary packet does not carry.
            "rt" | "frag" | "mh" | "hbh" | "dst" if self.family == Family::V6 => {
                self.skip_arguments();
                conditions.push(Condition::Never);
            }
            other => {
                let words = self.skip_arguments();
                conditions.push(Condition::Unread(format!("-m {other} {words}").trim_end().to_owned()));
            }
        }
    }

    /// Passes over the options of a module, up to the next module or the target.
    fn skip_arguments(&mut self) -> String {
        let mut skipped = Vec::new();
        while let Some(word) = self.words.next_if(|word| !matches!(word.as_str(), "-m" | "-j" | "-g")) {
            skipped.push(word.as_str());
        }
        skipped.join(" ")
    }

    fn option(&mut self, option: &str, negated: bool) -> Option<Condition> {
        if let Some(read) = without_value(option, negated) {
            return read.into_condition(option, "");
        }
        // An option that is not known may have no value; only texts begin as an option does.
        let is_text = matches!(option, "--comment" | "--name" | "--hashlimit-name");
        let value = self.words.next_if(|word| is_text || !is_option(word)).map_or("", String::as_str);
        let read = first_packet(option, value, negated)
            .or_else(|| self.named(option, value, negated))
            .or_else(|| self.fields(option, value, negated));
        read.unwrap_or(Read::Unread).into_condition(option, value)
    }

    /// Options with two values.
    fn named(&mut self, option: &str, value: &str, negated: bool) -> Option<Read> {
        let second = |words: &mut Self| words.words.next().map_or("", String::as_str);
        match option {
            "-p" | "--protocol" => Some(Read::Only(self.protocol(value, negated))),
            "--tcp-flags" => Some(Read::Only(tcp_flags(value, second(self), negated))),
            "--match-set" => Some(Read::Only(named_set(value, second(self)))),
            _ => None,
        }
    }

    /// Options that compare a field of the packet.
    fn fields(&self, option: &str, value: &str, negated: bool) -> Option<Read> {
        let (field, values) = match option {
            "-s" | "--source" => (Field::Source(self.family), networks(value)),
            "-d" | "--destination" => (Field::Destination(self.family), networks(value)),
            "--src-range" => (Field::Source(self.family), address_range(value)),
            "--dst-range" => (Field::Destination(self.family), address_range(value)),
            "--dport" | "--dports" | "--destination-port" | "--destination-ports" => {
                (Field::DestinationPort(self.transport), ports(value))
            }
            "--sport" | "--sports" | "--source-port" | "--source-ports" => {
                (Field::SourcePort(self.transport), ports(value))
            }
            "--ctstate" | "--state" => (Field::State, words_of(value, state_bit)),
            "--dst-type" => (Field::DestinationKind, words_of(value, address_kind)),
            "--src-type" => (Field::SourceKind, words_of(value, address_kind)),
            "--pkt-type" => (Field::PacketType, words_of(value, packet_type)),
            "-i" | "--in-interface" => return Some(Read::Only(interface(value, negated))),
            "--ports" => return ports(value).map(|values| Read::Only(either_port(self.transport, values, negated))),
            "--mark" => return mark(self.mark, value, negated).map(Read::Only),
            _ => return None,
        };
        values.map(|values| Read::Only(Condition::is(field, values, negated)))
    }

    fn protocol(&mut self, value: &str, negated: bool) -> Condition {
        if !negated {
            self.transport = match value {
                "tcp" | "6" => Some(Transport::Tcp),
                "udp" | "17" => Some(Transport::Udp),
                _ => None,
            };
        }
        if value == "all" || value == "0" {
            return Condition::is(Field::Protocol, vec![(0, 255)], negated);
        }
        let number = protocol_number(value);
        Condition::is(Field::Protocol, vec![(number, number)], negated)
    }
}

/// What an option says of the packet.
enum Read {
    /// Nothing: it holds for every packet of a stranger, or only says how to count.
    Always,
    Only(Condition),
    Unread,
}

impl Read {
    const fn never_if(never: bool) -> Self {
        if never { Self::Only(Condition::Never) } else { Self::Always }
    }

    fn into_condition(self, option: &str, value: &str) -> Option<Condition> {
        match self {
            Self::Always => None,
            Self::Only(condition) => Some(condition),
            Self::Unread => Some(Condition::Unread(format!("{option} {value}").trim_end().to_owned())),
        }
    }
}

/// Options that have no value.
fn without_value(option: &str, negated: bool) -> Option<Read> {
    Some(match option {
        "--syn" => Read::Only(tcp_flags("FIN,SYN,RST,ACK", "SYN", negated)),
        // `recent`: who is put on a list, and a stranger was never put there before.
        "--set" => Read::never_if(negated),
        "--rcheck" | "--update" | "--remove" => Read::never_if(!negated),
        // `rpfilter`: the source of an honest packet is reached by the interface over which it came.
        "--invert" => Read::never_if(true),
        "-f" | "--fragment" => Read::never_if(!negated),
        "--rsource"
        | "--rdest"
        | "--rttl"
        | "--reap"
        | "--loose"
        | "--validmark"
        | "--accept-local"
        | "--connlimit-saddr"
        | "--connlimit-daddr"
        | "--return-nomatch"
        | "--hashlimit-rate-match" => Read::Always,
        _ => return None,
    })
}

/// Options on limits and states, of which the first packet of a stranger is known to be under each limit.
fn first_packet(option: &str, value: &str, negated: bool) -> Option<Read> {
    Some(match option {
        "--limit" | "--hashlimit-upto" | "--hashlimit" | "--connlimit-upto" => Read::never_if(negated),
        "--hashlimit-above" | "--connlimit-above" => Read::never_if(!negated),
        // Nothing has happened to the connection yet, and the word for that (`NONE`) fits no connection at all.
        "--ctstatus" => Read::never_if(!negated),
        "--ctdir" => Read::never_if((value == "ORIGINAL") == negated),
        // A stranger's packet came through no tunnel of IPsec.
        "--pol" => Read::never_if((value == "none") == negated),
        // A machine of the same network, named by its hardware: no stranger.
        "--mac-source" => Read::never_if(!negated),
        "--limit-burst"
        | "--comment"
        | "--seconds"
        | "--hitcount"
        | "--name"
        | "--mask"
        | "--hashlimit-burst"
        | "--hashlimit-mode"
        | "--hashlimit-name"
        | "--hashlimit-srcmask"
        | "--hashlimit-dstmask"
        | "--hashlimit-htable-size"
        | "--hashlimit-htable-max"
        | "--hashlimit-htable-expire"
        | "--hashlimit-htable-gcinterval"
        | "--connlimit-mask"
        | "--dir"
        | "--icmp-type"
        | "--icmpv6-type" => Read::Always,
        _ => return None,
    })
}

/// Whether a word begins the next part of a rule.
fn is_option(word: &str) -> bool {
    word == "!" || (word.starts_with('-') && word.contains(|letter: char| letter.is_ascii_alphabetic()))
}

fn interface(name: &str, negated: bool) -> Condition {
    // `+` at the end stands for any text, as `*` does for nftables.
    let name = name.strip_suffix('+').map_or_else(|| name.to_owned(), |start| format!("{start}*"));
    Condition::Interface { names: vec![name], negated }
}

fn either_port(transport: Option<Transport>, values: Vec<Range>, negated: bool) -> Condition {
    let groups = vec![
        vec![Condition::is(Field::SourcePort(transport), values.clone(), false)],
        vec![Condition::is(Field::DestinationPort(transport), values, false)],
    ];
    Condition::Any { groups, negated }
}

/// What a named set holds is not asked for: it may be three banned addresses, or a whole country.
fn named_set(name: &str, directions: &str) -> Condition {
    Condition::Unread(format!("--match-set {name} {directions}"))
}

fn tcp_flags(mask: &str, flags: &str, negated: bool) -> Condition {
    let bits = |text: &str| text.split(',').try_fold(0, |bits, name| Some(bits | tcp_flag(name)?));
    match (bits(mask), bits(flags)) {
        (Some(mask), Some(flags)) => {
            Condition::Is { field: Field::TcpFlags, mask, values: vec![(flags, flags)], negated }
        }
        _ => Condition::Unread(format!("--tcp-flags {mask} {flags}")),
    }
}

/// `0x1/0xff`: the value through a mask.
fn mark(field: Field, value: &str, negated: bool) -> Option<Condition> {
    let (value, mask) = value.split_once('/').map_or((value, "0xffffffff"), |(value, mask)| (value, mask));
    let (value, mask) = (number(value)?, number(mask)?);
    Some(Condition::Is { field, mask, values: vec![(value, value)], negated })
}

fn number(text: &str) -> Option<u128> {
    text.strip_prefix("0x").map_or_else(|| text.parse().ok(), |digits| u128::from_str_radix(digits, 16).ok())
}

/// `22`, `5000:5010`, `80,443,8000:8100`.
fn ports(text: &str) -> Option<Vec<Range>> {
    text.split(',').map(range_of_ports).collect()
}

fn range_of_ports(text: &str) -> Option<Range> {
    let (first, last) = text.split_once(':').unwrap_or((text, text));
    let port = |text: &str, otherwise: u16| if text.is_empty() { Some(otherwise) } else { text.parse().ok() };
    Some((u128::from(port(first, 0)?), u128::from(port(last, u16::MAX)?)))
}

fn words_of(text: &str, number: impl Fn(&str) -> Option<u128>) -> Option<Vec<Range>> {
    text.split(',').map(|word| number(word).map(|number| (number, number))).collect()
}

/// `192.0.2.0/24`, `192.0.2.1`, `10.0.0.0/255.0.0.0`, several with commas.
fn networks(text: &str) -> Option<Vec<Range>> {
    text.split(',').map(network).collect()
}

fn network(text: &str) -> Option<Range> {
    let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
    let address: IpAddr = address.parse().ok()?;
    let length = match length {
        None => {
            if address.is_ipv4() {
                32
            } else {
                128
            }
        }
        Some(length) => match length.parse() {
            Ok(length) => length,
            // A mask: only one without holes is a network.
            Err(_) => {
                let bits = u32::try_from(address_number(length.parse().ok()?).1).ok()?;
                (bits.leading_ones() + bits.trailing_zeros() == 32).then(|| bits.leading_ones())?
            }
        },
    };
    network_range(address, length).map(|(_, range)| range)
}

/// `192.0.2.1-192.0.2.9`.
fn address_range(text: &str) -> Option<Vec<Range>> {
    let (first, last) = text.split_once('-')?;
    let number = |text: &str| text.parse().ok().map(|address: IpAddr| address_number(address).1);
    Some(vec![(number(first)?, number(last)?)])
}
