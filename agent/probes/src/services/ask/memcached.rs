//! memcached (its protocol.txt): `version`, which a server with passwords refuses to strangers.

use vedetta_checks::word::Reason;

use super::heard::{Heard, Outcome, Silence};
use super::peer::Peer;

/// The question, in the protocol of text.
const QUESTION: &[u8] = b"version\r\n";
/// The same in a datagram: request 1, datagram 0 of 1.
const DATAGRAM: &[u8] = b"\x00\x01\x00\x00\x00\x01\x00\x00version\r\n";
/// Bytes before the text of a datagram.
const FRAME_BYTES: usize = 8;
/// `noop` of the binary protocol, the only one that is spoken with SASL: 24 bytes of head.
const BINARY_NOOP: &[u8] = b"\x80\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
/// First byte of an answer of the binary protocol.
const BINARY_ANSWER: u8 = 0x81;
/// Status of an answer: the client must log in.
const NEEDS_LOG_IN: u16 = 0x20;

/// Asks over TCP; in the binary protocol too when the one of text is cut off.
pub(super) async fn ask(peer: &Peer) -> Outcome {
    let mut conversation = peer.connect().await?;
    conversation.send(QUESTION).await?;
    match conversation.line().await {
        Ok(line) => read(&line).ok_or(Silence::foreign()),
        Err(silence) if silence.reason == Reason::CLOSED || silence.reason == Reason::RESET => ask_binary(peer).await,
        Err(silence) => Err(silence),
    }
}

/// Asks over UDP.
pub(super) async fn ask_datagram(peer: &Peer) -> Outcome {
    let text = |answer: &[u8]| String::from_utf8_lossy(answer.get(FRAME_BYTES..).unwrap_or_default()).into_owned();
    peer.exchange(&[DATAGRAM, DATAGRAM], |answer| read(text(answer).trim_end())).await
}

fn read(line: &str) -> Option<Heard> {
    match line.split_once(' ') {
        Some(("VERSION", version)) => Some(Heard::open("VERSION").with_version(Some(version))),
        Some(("CLIENT_ERROR", error)) if error.contains("unauthenticated") => {
            Some(Heard::required("CLIENT_ERROR unauthenticated"))
        }
        _ => None,
    }
}

async fn ask_binary(peer: &Peer) -> Outcome {
    let mut conversation = peer.connect().await?;
    conversation.send(BINARY_NOOP).await?;
    let [magic, _, _, _, _, _, high, low] = conversation.array().await?;
    match (magic, u16::from_be_bytes([high, low])) {
        (BINARY_ANSWER, 0) => Ok(Heard::open("no error")),
        (BINARY_ANSWER, NEEDS_LOG_IN) => Ok(Heard::required("SASL: not logged in")),
        _ => Err(Silence::foreign()),
    }
}
