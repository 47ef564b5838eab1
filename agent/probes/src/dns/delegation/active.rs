//! What a name server does for strangers; asked with permission only.

use std::net::SocketAddr;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{Name, RecordType};
use vedetta_checks::fact::Fact;

use crate::dns::client::{Question, Reply, Transport};
use crate::dns::lookup::Dns;

/// What a name server does for strangers.
#[derive(Debug, Clone)]
pub(crate) struct Strangers {
    /// Whether it resolves other people's names.
    pub(crate) recursion: Fact<bool>,
    /// Whether it hands the whole zone out.
    pub(crate) zone_transfer: Fact<bool>,
}

/// Asks both.
pub(crate) async fn look(dns: &Dns, server: SocketAddr, zone: &Name) -> Strangers {
    // The root is outside the authority of every server but its own, and every resolver can find it.
    let question = Question {
        name: Name::root(),
        kind: RecordType::SOA,
        recursion_desired: true,
        dnssec: false,
        edns: true,
        transport: Transport::UdpThenTcp,
    };
    let (recursion, zone_transfer) = tokio::join!(dns.ask(server, &question), dns.zone_transfer(server, zone));
    Strangers {
        recursion: match recursion {
            Ok(reply) => Fact::Known(resolved(&reply)),
            Err(unknown) => Fact::Unknown(unknown),
        },
        zone_transfer: zone_transfer.map(|transfer| transfer.is_open),
    }
}

/// Whether somebody else's name was resolved: RA alone is a promise, an answer without authority is the deed.
fn resolved(reply: &Reply) -> bool {
    let flags = &reply.message.metadata;
    let answered = reply.code() == ResponseCode::NoError && !reply.message.answers.is_empty();
    flags.recursion_available && answered && !flags.authoritative
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hickory_proto::op::{Message, OpCode};
    use hickory_proto::rr::rdata::NS;
    use hickory_proto::rr::{RData, Record};

    use super::*;

    fn reply(available: bool, authoritative: bool, answered: bool, code: ResponseCode) -> Reply {
        let mut message = Message::response(1, OpCode::Query);
        message.metadata.recursion_available = available;
        message.metadata.authoritative = authoritative;
        message.metadata.response_code = code;
        if answered {
            message.answers.push(Record::from_rdata(Name::root(), 1, RData::NS(NS(Name::root()))));
        }
        Reply {
            message,
            raw: crate::dns::client::wire::Sections::default(),
            server: ([127, 0, 0, 1], 53).into(),
            over_tcp: false,
            elapsed: Duration::ZERO,
        }
    }

    #[test]
    fn recursion_is_open_when_somebody_elses_name_is_answered() {
        let cases = [
            (reply(true, false, true, ResponseCode::NoError), true, "a resolver"),
            (reply(true, false, false, ResponseCode::NoError), false, "promises, and refers elsewhere"),
            (reply(true, false, false, ResponseCode::Refused), false, "promises, and refuses strangers"),
            (reply(false, false, true, ResponseCode::NoError), false, "an old copy, with no promise"),
            (reply(true, true, true, ResponseCode::NoError), false, "the zone is its own"),
        ];
        for (reply, open, what) in cases {
            assert_eq!(resolved(&reply), open, "{what}");
        }
    }
}
