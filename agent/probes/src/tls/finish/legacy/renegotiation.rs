//! Asking for a second handshake on a finished connection.

use std::time::Duration;

use vedetta_checks::fact::Fact;

use super::protection::Sender;
use super::session::{Established, Plan};
use crate::tls::finish::conversation::{GOODBYE, Said};
use crate::tls::finish::known::Known;
use crate::tls::wire::{Event, Extension, RENEGOTIATION_SCSV, RecordType, extension};

/// Longest wait for the server's greeting of the second handshake.
pub(crate) const ANSWER_TIME_MAX: Duration = Duration::from_secs(2);
/// Length of a HelloRequest: type and length alone, in bytes.
const HELLO_REQUEST_BYTES: usize = 4;

/// The encrypted ClientHello that asks for a second handshake; `verify` is the content of our `Finished`, which secure
/// renegotiation repeats where the server knows it (RFC 5746 section 3.5).
pub(crate) fn request(sender: &mut Sender, known: &Known, plan: &Plan, verify: Option<&[u8]>) -> Option<Vec<u8>> {
    let mut hello = plan.hello(known);
    hello.suites.retain(|suite| *suite != RENEGOTIATION_SCSV);
    if let Some(verify) = verify {
        let body = [&[u8::try_from(verify.len()).ok()?][..], verify].concat();
        hello = hello.with(Extension { kind: extension::RENEGOTIATION_INFO, body });
    }
    sender.record(RecordType::HANDSHAKE.0, &hello.message())
}

/// Whether the server answers the request, which was sent right behind our `Finished`, with a handshake of its own.
///
/// It is sent so early because the TLS of many servers answers before their application has its turn, and ends the
/// connection. A server that will not says so by the warning `no_renegotiation`, or ends the connection, or goes on as if
/// nothing had been asked (RFC 5246 section 7.4.1.1 allows each): all of them are a no. That the look had to end first
/// is none.
pub(crate) async fn renegotiates(established: &mut Established<'_>) -> Fact<bool> {
    let answered = answered(established).await;
    if let Some(goodbye) = established.sender.record(RecordType::ALERT.0, &GOODBYE) {
        established.conversation.send(&goodbye).await;
    }
    answered
}

/// Waits for a record of the handshake that is longer than a HelloRequest, which a server may send of its own accord.
async fn answered(established: &mut Established<'_>) -> Fact<bool> {
    let asked = established.sender.sealed_bytes(HELLO_REQUEST_BYTES);
    loop {
        match established.conversation.next(established.patience).await {
            Said::Event(Event::Record { kind: RecordType::HANDSHAKE, content }) => {
                if content.len() > asked {
                    return Fact::Known(true);
                }
            }
            // Data of the application has nothing to do with it; SSL 3.0 and TLS 1.0 put empty records before it.
            Said::Event(Event::Record { kind: RecordType::APPLICATION_DATA, .. }) => {}
            late @ Said::TimeIsUp => return Fact::Unknown(late.unknown()),
            Said::Event(_) | Said::Closed | Said::Reset | Said::Silent | Said::Nonsense(_) => {
                return Fact::Known(false);
            }
        }
    }
}
