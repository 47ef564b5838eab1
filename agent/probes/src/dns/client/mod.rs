//! One question to one server, with the flags that the asker chose; nothing is followed, nothing is believed.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{Name, RecordType};
use tokio::net::UdpSocket;
use tokio::time::Instant;
use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use crate::network::io_reason;

/// Largest answer over UDP that is asked for, in bytes (DNS flag day 2020).
const UDP_BYTES_MAX: u16 = 1_232;
/// Largest DNS message, in bytes.
const MESSAGE_BYTES_MAX: usize = 65_535;

/// What is asked, and how.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    /// The name asked for.
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

/// One answer and how it came.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    /// The message.
    pub(crate) message: Message,
    /// Who answered.
    pub(crate) server: SocketAddr,
    /// Whether it came over TCP.
    pub(crate) over_tcp: bool,
    /// Time from question to answer.
    pub(crate) elapsed: Duration,
}

impl Reply {
    /// What the server says of the question as a whole.
    pub(crate) fn code(&self) -> ResponseCode {
        self.message.metadata.response_code
    }
}

/// Asks once. At most `time_max` passes.
///
/// # Errors
/// The reason of the silence: `timeout`, `closed`, `corrupt` ...
pub(crate) async fn exchange(server: SocketAddr, question: &Question, time_max: Duration) -> Result<Reply, Unknown> {
    let started = Instant::now();
    let asked = tokio::time::timeout(time_max, over_udp(server, question)).await;
    let what = |reason, cause: &dyn std::fmt::Display| {
        Unknown::new(reason, format!("{} of {} at {server}: {cause}", question.kind, question.name))
    };
    match asked {
        Err(_elapsed) => Err(what(Reason::TIMEOUT, &format_args!("no answer within {} s", time_max.as_secs_f32()))),
        Ok(Err(error)) => Err(what(io_reason(&error), &error)),
        Ok(Ok(message)) => Ok(Reply { message, server, over_tcp: false, elapsed: started.elapsed() }),
    }
}

async fn over_udp(server: SocketAddr, question: &Question) -> std::io::Result<Message> {
    let local: SocketAddr = if server.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
    let socket = UdpSocket::bind(local).await?;
    socket.connect(server).await?;
    let mut message = Message::query();
    message.metadata.op_code = OpCode::Query;
    message.metadata.recursion_desired = question.recursion_desired;
    message.metadata.checking_disabled = question.dnssec;
    message.add_query(Query::query(question.name.clone(), question.kind));
    if question.edns {
        let mut edns = Edns::new();
        edns.set_max_payload(UDP_BYTES_MAX);
        edns.set_dnssec_ok(question.dnssec);
        message.set_edns(edns);
    }
    socket.send(&message.to_vec().map_err(std::io::Error::other)?).await?;
    let mut buffer = vec![0; MESSAGE_BYTES_MAX];
    loop {
        let length = socket.recv(&mut buffer).await?;
        let Ok(reply) = Message::from_vec(buffer.get(..length).unwrap_or_default()) else { continue };
        let is_answer = reply.metadata.message_type == MessageType::Response && reply.metadata.id == message.metadata.id;
        if is_answer && reply.queries == message.queries {
            return Ok(reply);
        }
    }
}
