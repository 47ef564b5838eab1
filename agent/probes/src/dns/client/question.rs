//! What is asked of a server, as bytes; and whether a reply belongs to it.

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{DNSClass, Name, RecordType};

/// Largest answer over UDP that is asked for, in bytes (DNS flag day 2020).
pub(super) const UDP_BYTES_MAX: u16 = 1_232;

/// What is asked, and how.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    /// The name asked for; its case is sent as it stands here.
    pub(crate) name: Name,
    /// The type asked for.
    pub(crate) kind: RecordType,
    /// Whether the server is asked to find the answer elsewhere (RD).
    pub(crate) recursion_desired: bool,
    /// Whether signatures are asked for (DO, with EDNS), and given even where they do not hold (CD).
    pub(crate) dnssec: bool,
    /// Whether the question carries EDNS at all.
    pub(crate) edns: bool,
    /// How it travels.
    pub(crate) transport: Transport,
}

/// How a question travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Transport {
    /// UDP, and TCP when the answer was cut.
    UdpThenTcp,
    /// UDP only.
    Udp,
    /// TCP only.
    Tcp,
}

impl Question {
    /// A question to an authority: no recursion, signatures wanted.
    pub(crate) fn to_authority(name: &Name, kind: RecordType) -> Self {
        let transport = Transport::UdpThenTcp;
        Self { name: name.clone(), kind, recursion_desired: false, dnssec: true, edns: true, transport }
    }

    /// A question to a resolver: everything it can find, also what does not hold (RD, DO, CD).
    pub(crate) fn to_resolver(name: &Name, kind: RecordType) -> Self {
        Self { recursion_desired: true, ..Self::to_authority(name, kind) }
    }

    /// The question as bytes.
    pub(super) fn bytes(&self, id: u16, edns: bool) -> std::io::Result<Vec<u8>> {
        let mut message = Message::new(id, MessageType::Query, OpCode::Query);
        message.metadata.recursion_desired = self.recursion_desired;
        message.metadata.checking_disabled = self.dnssec;
        message.add_query(Query::query(self.name.clone(), self.kind));
        if edns {
            let mut extension = Edns::new();
            extension.set_max_payload(UDP_BYTES_MAX);
            extension.set_dnssec_ok(self.dnssec);
            message.set_edns(extension);
        }
        message.to_vec().map_err(std::io::Error::other)
    }

    /// Whether a message is a reply to this question: its number and what it repeats of the question. Some servers repeat nothing
    /// when they refuse.
    pub(super) fn is_answered_by(&self, message: &Message, id: u16) -> bool {
        let is_reply = message.metadata.message_type == MessageType::Response && message.metadata.id == id;
        let repeats = match message.queries.as_slice() {
            [query] => {
                query.name() == &self.name && query.query_type() == self.kind && query.query_class() == DNSClass::IN
            }
            [] => !matches!(message.metadata.response_code, ResponseCode::NoError | ResponseCode::NXDomain),
            _ => false,
        };
        is_reply && repeats
    }
}

/// A number for a question that nobody can guess, from the library's secure generator.
pub(super) fn number() -> u16 {
    Message::query().metadata.id
}

/// Whether a server says with this code that it does not understand EDNS (RFC 6891 section 7).
pub(super) fn refuses_edns(code: ResponseCode) -> bool {
    matches!(code, ResponseCode::FormErr | ResponseCode::NotImp | ResponseCode::BADVERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(name: &str, id: u16, code: ResponseCode) -> Message {
        let mut message = Message::response(id, OpCode::Query);
        message.metadata.response_code = code;
        if !name.is_empty() {
            message.add_query(Query::query(Name::from_ascii(name).expect("a name"), RecordType::A));
        }
        message
    }

    #[test]
    fn only_a_reply_with_the_number_and_the_question_counts() {
        let question = Question::to_authority(&Name::from_ascii("a.test.").expect("a name"), RecordType::A);
        for (reply, expected) in [
            (reply("a.test.", 7, ResponseCode::NoError), true),
            (reply("A.TEST.", 7, ResponseCode::NoError), true),
            (reply("a.test.", 8, ResponseCode::NoError), false),
            (reply("b.test.", 7, ResponseCode::NoError), false),
            (reply("", 7, ResponseCode::FormErr), true),
            (reply("", 7, ResponseCode::NoError), false),
        ] {
            assert_eq!(question.is_answered_by(&reply, 7), expected, "{reply}");
        }
    }
}
