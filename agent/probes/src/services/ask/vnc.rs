//! VNC (RFC 6143, the remote framebuffer protocol): which kinds of log-in are offered.

use vedetta_checks::word::Reason;

use super::heard::{Heard, Outcome, Silence};
use super::peer::{Conversation, Peer};

/// Bytes of the greeting, `RFB 003.008` and a new line (section 7.1.1).
pub(super) const GREETING_BYTES: usize = 12;
/// The kind "none": whoever connects sees the screen (section 7.2.1).
const NONE: u8 = 1;

/// Reads the greeting and the offered kinds, and chooses none of them.
pub(super) async fn ask(peer: &Peer) -> Outcome {
    let mut conversation = peer.connect().await?;
    let greeting: [u8; GREETING_BYTES] = conversation.array().await?;
    go_on(&mut conversation, &greeting).await
}

/// The same after the greeting was read.
pub(super) async fn go_on(conversation: &mut Conversation, greeting: &[u8]) -> Outcome {
    let Some(version) = greeting.strip_prefix(b"RFB 003.") else { return Err(Silence::foreign()) };
    let is_old = version.starts_with(b"003");
    conversation.send(if is_old { b"RFB 003.003\n" } else { b"RFB 003.008\n" }).await?;
    let kinds = if is_old {
        // The server chooses: one number of four bytes (section 7.2, version 3.3).
        let [_, _, _, kind] = conversation.array().await?;
        vec![kind]
    } else {
        let [count] = conversation.array().await?;
        conversation.exact(usize::from(count)).await?
    };
    if kinds.contains(&NONE) {
        Ok(Heard::open("log-in of kind 1 (none) is offered"))
    } else if kinds.is_empty() || kinds == [0] {
        Ok(Heard::untold(Reason::BUSY, "turned away"))
    } else {
        let kinds: Vec<String> = kinds.iter().take(8).map(u8::to_string).collect();
        Ok(Heard::required(format!("log-in of kind {}", kinds.join(", "))))
    }
}
