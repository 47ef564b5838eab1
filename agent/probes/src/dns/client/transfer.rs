//! Whether a server hands a whole zone to strangers (AXFR, RFC 5936): asked with permission only, and broken off as soon as it is clear.

use std::io;
use std::net::SocketAddr;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{Name, RecordType};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::question::{Question, Transport};
use super::{Asker, Client, SILENCE_TIME_MAX, SLOW_TIME_MAX, question, tcp};
use crate::network::io_reason;

/// Most messages that are read before the transfer is broken off.
const MESSAGES_MAX: usize = 3;
/// Records that prove a transfer: the start of authority alone does not.
const RECORDS_MIN: usize = 2;

/// What a server does when a stranger asks for a whole zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Transfer {
    /// Whether it hands the zone out.
    pub(crate) is_open: bool,
    /// Records that were read before the transfer was broken off: a lower bound of the zone's size.
    pub(crate) records: usize,
}

impl Client {
    /// Asks for a whole zone and stops at the first message that shows whether it comes.
    pub(crate) async fn zone_transfer(&self, server: SocketAddr, zone: &Name, asker: &Asker) -> Fact<Transfer> {
        let what = |reason, cause: &dyn std::fmt::Display| {
            Fact::Unknown(Unknown::new(reason, format!("AXFR of {zone} at {server}: {cause}")))
        };
        let started = Instant::now();
        let mut stream = match timeout_at(started + SILENCE_TIME_MAX, tcp::connect(server)).await {
            Err(_elapsed) => return what(Reason::TIMEOUT, &"no TCP connection"),
            Ok(Err(error)) => return what(io_reason(&error), &error),
            Ok(Ok(stream)) => stream,
        };
        asker.count();
        match timeout_at(started + SLOW_TIME_MAX, begun(&mut stream, zone)).await {
            Err(_elapsed) => what(Reason::TIMEOUT, &"no answer over TCP"),
            Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => what(Reason::CORRUPT, &error),
            Ok(outcome) => Fact::Known(outcome.unwrap_or(Transfer { is_open: false, records: 0 })),
        }
    }
}

/// A connection that the server closes instead of answering is an error here, and a refusal for the asker.
async fn begun(stream: &mut TcpStream, zone: &Name) -> io::Result<Transfer> {
    let id = question::number();
    let question = Question {
        name: zone.clone(),
        kind: RecordType::AXFR,
        recursion_desired: false,
        dnssec: false,
        edns: false,
        transport: Transport::Tcp,
    };
    tcp::send(stream, &question.bytes(id, false)?).await?;
    let mut records = 0;
    for _ in 0..MESSAGES_MAX {
        let message = tcp::receive(stream).await?.message;
        let starts =
            records > 0 || message.answers.first().is_some_and(|record| record.record_type() == RecordType::SOA);
        if message.metadata.id != id || message.metadata.response_code != ResponseCode::NoError || !starts {
            break;
        }
        records += message.answers.len();
        if records >= RECORDS_MIN {
            return Ok(Transfer { is_open: true, records });
        }
    }
    Ok(Transfer { is_open: false, records })
}
