//! Apache Cassandra (native protocol version 4): STARTUP, answered with READY or with the wish for a log-in.

use super::heard::{Heard, Outcome, Silence};
use super::peer::Peer;

/// STARTUP with the one option that it must have: version 4, no flags, stream 0, kind 1, and the length of what follows.
const STARTUP: &[u8] = b"\x04\x00\x00\x00\x01\x00\x00\x00\x16\x00\x01\x00\x0bCQL_VERSION\x00\x053.0.0";
/// First byte of an answer of version 4.
const ANSWER: u8 = 0x84;

/// Asks whether a stranger may begin a session.
pub(super) async fn ask(peer: &Peer) -> Outcome {
    let mut conversation = peer.connect().await?;
    conversation.send(STARTUP).await?;
    let [version, _, _, _, kind, _, _, _, _] = conversation.array::<9>().await?;
    match (version, kind) {
        (ANSWER, 0x02) => Ok(Heard::open("READY")),
        (ANSWER, 0x03) => Ok(Heard::required("AUTHENTICATE")),
        _ => Err(Silence::foreign()),
    }
}
