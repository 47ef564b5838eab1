//! TFTP (RFC 1350): a file that does not exist. The protocol knows no log-in: who answers at all serves whoever asks.

use super::heard::{Heard, Outcome};
use super::peer::Peer;

/// A read request for a file that nobody has.
const REQUEST: &[u8] = b"\x00\x01vedetta-asks-for-nothing\0octet\0";

/// Asks for the file; the answer comes from another port.
pub(super) async fn ask(peer: &Peer) -> Outcome {
    peer.exchange(&[REQUEST, REQUEST], read).await
}

fn read(answer: &[u8]) -> Option<Heard> {
    match answer {
        [0, 5, high, low, ..] => {
            Some(Heard::open(format!("answered with error {}", u16::from_be_bytes([*high, *low]))))
        }
        // Data, or options acknowledged (RFC 2347).
        [0, 3 | 6, ..] => Some(Heard::open("answered with data")),
        _ => None,
    }
}
