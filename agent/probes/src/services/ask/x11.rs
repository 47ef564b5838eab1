//! X Window System (X11 protocol, "Connection Setup"): the opening without any authorisation, and who may do so.

use super::heard::{Heard, Outcome, Silence};
use super::peer::Peer;

/// Little-endian, protocol 11.0, no authorisation.
const OPENING: &[u8] = &[b'l', 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0];
/// `ListHosts`: the list of hosts, and whether it is in force.
const LIST_HOSTS: &[u8] = &[110, 0, 1, 0];
/// Answers to the opening.
const FAILED: u8 = 0;
const SUCCESS: u8 = 1;
const AUTHENTICATE: u8 = 2;

/// Asks whether a stranger may see the screen and the keys.
///
/// Unless it was started with a cookie, a server lets its own host in. So to be let in proves nothing about others, and it
/// is asked whether the list of hosts is in force.
pub(super) async fn ask(peer: &Peer) -> Outcome {
    let mut conversation = peer.connect().await?;
    conversation.send(OPENING).await?;
    let [status, _, major, _, _, _, low, high] = conversation.array().await?;
    match (status, major) {
        (FAILED, 11) => return Ok(Heard::required("refused: no authorisation")),
        (AUTHENTICATE, _) => return Ok(Heard::required("authorisation asked")),
        (SUCCESS, 11) => {}
        _ => return Err(Silence::foreign()),
    }
    let words = usize::from(u16::from_le_bytes([low, high]));
    let _description_of_the_screens = conversation.exact(words * 4).await?;
    conversation.send(LIST_HOSTS).await?;
    let [1, is_in_force] = conversation.array().await? else { return Err(Silence::foreign()) };
    Ok(if is_in_force == 0 {
        Heard::open("opened, access control disabled")
    } else {
        Heard::required("opened for this host: a list of hosts is in force")
    })
}
