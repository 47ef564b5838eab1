//! Remote Desktop ([MS-RDPBCGR] section 2.2.1.1): the connection request, which tells how the visitor will have to log in.

use super::heard::{Heard, Outcome, Silence};
use super::peer::Peer;

/// TPKT and X.224 connection request with an RDP negotiation request for TLS or CredSSP.
const REQUEST: &[u8] =
    &[3, 0, 0, 19, 14, 0xE0, 0, 0, 0, 0, 0, /* negotiation */ 1, 0, 8, 0, /* TLS, CredSSP */ 3, 0, 0, 0];
/// X.224: connection confirm.
const CONFIRM: u8 = 0xD0;
/// Longest answer, in bytes.
const ANSWER_BYTES_MAX: usize = 256;
/// Kinds of the negotiation's answer.
const RESPONSE: u8 = 2;
const FAILURE: u8 = 3;

/// Asks how one logs in. There is no session without a log-in; the question is whether it comes before anything else.
pub(super) async fn ask(peer: &Peer) -> Outcome {
    let mut conversation = peer.connect().await?;
    conversation.send(REQUEST).await?;
    let [3, 0, high, low] = conversation.array().await? else { return Err(Silence::foreign()) };
    let size = usize::from(u16::from_be_bytes([high, low])).checked_sub(4).filter(|size| *size <= ANSWER_BYTES_MAX);
    let answer = conversation.exact(size.ok_or(Silence::foreign())?).await?;
    if answer.get(1).is_none_or(|kind| kind & 0xF0 != CONFIRM) {
        return Err(Silence::foreign());
    }
    Ok(Heard::required(match (answer.get(6), answer.get(10)) {
        (Some(&RESPONSE), Some(0)) => "log-in within the session, without TLS",
        (Some(&RESPONSE), Some(1)) => "log-in within the session, over TLS, without NLA",
        (Some(&RESPONSE), Some(_)) => "NLA: log-in before the session",
        (Some(&FAILURE), Some(_)) => "negotiation refused",
        _ => "log-in within the session, without TLS",
    }))
}
