//! From a question to its answer within one reply: aliases (CNAME, RFC 1034 section 3.6.2; DNAME, RFC 6672) and where they end.

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder};

/// Most aliases that are followed one after another; resolvers give up at 8 to 16.
pub(super) const ALIASES_MAX: usize = 12;

/// What one reply says of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chain {
    /// Names that the aliases lead to, in order; the last is the canonical one. Empty without an alias.
    pub(super) aliases: Vec<Name>,
    /// Where it ends.
    pub(super) end: End,
}

/// Where the aliases of a reply end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// Records of the type that was asked for.
    Records(Vec<RData>),
    /// The last name has none in this reply.
    Nothing,
    /// The last name does not exist.
    NoName,
    /// An alias leads back to a name that was passed.
    Circle,
    /// More than [`ALIASES_MAX`] aliases.
    TooLong,
}

/// Follows the aliases of a reply from a name, over names that `is_believed`.
pub(super) fn follow(message: &Message, name: &Name, kind: RecordType, is_believed: impl Fn(&Name) -> bool) -> Chain {
    let mut aliases: Vec<Name> = Vec::new();
    loop {
        let current = aliases.last().unwrap_or(name).clone();
        if !is_believed(&current) {
            return Chain { aliases, end: End::Nothing };
        }
        let records = records(message, &current, kind);
        if !records.is_empty() {
            return Chain { aliases, end: End::Records(records) };
        }
        let target = if kind == RecordType::CNAME { None } else { alias(message, &current) };
        let Some(target) = target else {
            let is_missing = message.metadata.response_code == ResponseCode::NXDomain;
            return Chain { aliases, end: if is_missing { End::NoName } else { End::Nothing } };
        };
        if target == *name || aliases.contains(&target) {
            aliases.push(target);
            return Chain { aliases, end: End::Circle };
        }
        if aliases.len() == ALIASES_MAX {
            return Chain { aliases, end: End::TooLong };
        }
        aliases.push(target);
    }
}

/// Records of a type at a name, each once.
fn records(message: &Message, name: &Name, kind: RecordType) -> Vec<RData> {
    let mut found: Vec<RData> = Vec::new();
    for record in &message.answers {
        if record.name == *name && record.record_type() == kind && !found.contains(&record.data) {
            found.push(record.data.clone());
        }
    }
    found
}

/// What a name is an alias of.
fn alias(message: &Message, name: &Name) -> Option<Name> {
    let canonical = |record: &Record| {
        let RData::CNAME(target) = &record.data else { return None };
        (record.name == *name).then(|| target.0.clone())
    };
    let redirected = |record: &Record| {
        let below = record.name.zone_of(name) && record.name != *name;
        let target = if below { delegation_name(&record.data) } else { None }?;
        let labels = usize::from(own_labels(name) - own_labels(&record.name));
        let kept = Name::from_labels(name.iter().take(labels)).ok()?;
        let mut full = kept.append_domain(&target).ok()?;
        full.set_fqdn(true);
        Some(full)
    };
    let answers = &message.answers;
    answers.iter().find_map(canonical).or_else(|| answers.iter().find_map(redirected))
}

/// Labels of a name, an asterisk included.
#[expect(clippy::cast_possible_truncation, reason = "a name has at most 127 labels")]
fn own_labels(name: &Name) -> u8 {
    name.iter().count() as u8
}

fn delegation_name(data: &RData) -> Option<Name> {
    let RData::Unknown { code: RecordType::DNAME, rdata } = data else { return None };
    Name::read(&mut BinDecoder::new(&rdata.anything)).ok()
}

#[cfg(test)]
mod tests {
    use hickory_proto::op::OpCode;
    use hickory_proto::rr::rdata::{A, CNAME, NULL};

    use super::*;

    fn name(text: &str) -> Name {
        Name::from_ascii(format!("{text}.")).expect("a name")
    }

    fn message(records: &[(&str, RData)]) -> Message {
        let mut message = Message::response(1, OpCode::Query);
        for (owner, data) in records {
            message.add_answer(Record::from_rdata(name(owner), 60, data.clone()));
        }
        message
    }

    fn to(target: &str) -> RData {
        RData::CNAME(CNAME(name(target)))
    }

    fn address() -> RData {
        RData::A(A::new(192, 0, 2, 1))
    }

    fn follow_all(message: &Message) -> Chain {
        follow(message, &name("a.test"), RecordType::A, |_| true)
    }

    #[test]
    fn aliases_are_followed_in_whatever_order_they_come() {
        let chain = follow_all(&message(&[("c.test", address()), ("b.test", to("c.test")), ("A.test", to("B.test"))]));
        let expected = Chain { aliases: vec![name("b.test"), name("c.test")], end: End::Records(vec![address()]) };
        assert_eq!(chain, expected);
    }

    #[test]
    fn a_circle_is_told() {
        let chain = follow_all(&message(&[("a.test", to("b.test")), ("b.test", to("a.test"))]));
        assert_eq!(chain, Chain { aliases: vec![name("b.test"), name("a.test")], end: End::Circle });
    }

    #[test]
    fn a_missing_name_behind_an_alias_is_not_the_name_asked_for() {
        let mut message = message(&[("a.test", to("gone.test"))]);
        message.metadata.response_code = ResponseCode::NXDomain;
        assert_eq!(follow_all(&message), Chain { aliases: vec![name("gone.test")], end: End::NoName });
    }

    #[test]
    fn a_redirected_tree_gives_the_alias_that_a_server_left_out() {
        let redirect = RData::Unknown { code: RecordType::DNAME, rdata: NULL::with(b"\x03new\x04test\0".to_vec()) };
        let chain = follow_all(&message(&[("test", redirect), ("a.new.test", address())]));
        assert_eq!(chain.aliases, vec![name("a.new.test")]);
    }

    #[test]
    fn a_chain_that_is_too_long_ends() {
        let owners: Vec<String> = (0..40).map(|number| format!("n{number}.test")).collect();
        let mut records = vec![("a.test", to("n0.test"))];
        records.extend(owners.windows(2).map(|pair| (pair[0].as_str(), to(&pair[1]))));
        assert_eq!(follow_all(&message(&records)).end, End::TooLong);
    }

    #[test]
    fn names_that_are_not_the_servers_own_are_not_believed() {
        let message = message(&[("a.test", to("b.other")), ("b.other", address())]);
        let own = name("test");
        let chain = follow(&message, &name("a.test"), RecordType::A, |name| own.zone_of(name));
        assert_eq!(chain, Chain { aliases: vec![name("b.other")], end: End::Nothing });
    }
}
