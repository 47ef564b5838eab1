//! MQTT 3.1.1 (OASIS): CONNECT without user and password, and DISCONNECT at once.

use vedetta_checks::word::Reason;

use super::heard::{Heard, Outcome, Silence};
use super::peer::Peer;

/// CONNECT (section 3.1): clean session, keep-alive of 30 s, an empty client identifier.
const CONNECT: &[u8] = b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x1e\x00\x00";
/// DISCONNECT (section 3.14).
const DISCONNECT: &[u8] = b"\xe0\x00";

/// Asks whether a stranger may connect.
pub(super) async fn ask(peer: &Peer) -> Outcome {
    let mut conversation = peer.connect().await?;
    conversation.send(CONNECT).await?;
    // CONNACK (section 3.2): kind, length, flags, code.
    let [0x20, 2, _, code] = conversation.array().await? else { return Err(Silence::foreign()) };
    conversation.leave(DISCONNECT).await;
    Ok(match code {
        0 => Heard::open("connection accepted"),
        4 | 5 => Heard::required(format!("refused, code {code}: not authorised")),
        3 => Heard::untold(Reason::BUSY, "refused, code 3: server unavailable"),
        _ => Heard::untold(Reason::NOT_FOUND, format!("refused, code {code}")),
    })
}
