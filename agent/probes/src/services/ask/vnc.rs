//! VNC (RFC 6143, the remote framebuffer protocol): which kinds of log-in are offered.

use vedetta_checks::word::Reason;

use super::heard::{Heard, Outcome, Silence};
use super::peer::{Conversation, Peer};

/// Bytes of the greeting, `RFB 003.008` and a new line (section 7.1.1).
pub(super) const GREETING_BYTES: usize = 12;
/// The kind "none": whoever connects sees the screen (section 7.2.1).
const NONE: u8 = 1;
/// Kinds that first encrypt and then have kinds of their own: TLS as GNOME has it, and VeNCrypt.
const TLS: u8 = 18;
const VENCRYPT: u8 = 19;
/// The version of VeNCrypt that every server of today speaks.
const VENCRYPT_VERSION: [u8; 2] = [0, 2];
/// Most kinds within VeNCrypt that are read.
const INNER_KINDS_MAX: u8 = 32;
/// Kinds within VeNCrypt that ask for no log-in: in clear text, within anonymous TLS, within TLS with a certificate.
const OPEN_KINDS: [u32; 3] = [1, 257, 260];

/// Reads the greeting and the offered kinds, and chooses none but VeNCrypt, which is left before a log-in.
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
    if !is_old && !kinds.contains(&NONE) && kinds.contains(&VENCRYPT) {
        match is_open_within(conversation).await {
            Ok(true) => return Ok(Heard::open("log-in of kind 19 (VeNCrypt) without a password is offered")),
            Ok(false) => {}
            Err(_) => return Ok(Heard::untold(Reason::NOT_ASKED, "log-in of kind 19 (VeNCrypt): how, is not told")),
        }
    }
    if kinds.contains(&NONE) {
        Ok(Heard::open("log-in of kind 1 (none) is offered"))
    } else if kinds.is_empty() || kinds == [0] {
        Ok(Heard::untold(Reason::BUSY, "turned away"))
    } else if kinds.contains(&TLS) {
        Ok(Heard::untold(Reason::NOT_ASKED, "log-in of kind 18: how, is told beneath TLS"))
    } else {
        let kinds: Vec<String> = kinds.iter().take(8).map(u8::to_string).collect();
        Ok(Heard::required(format!("log-in of kind {}", kinds.join(", "))))
    }
}

/// Whether one of the kinds within VeNCrypt asks for no log-in. The server lists them before anything is encrypted.
async fn is_open_within(conversation: &mut Conversation) -> Result<bool, Silence> {
    conversation.send(&[VENCRYPT]).await?;
    let [_, _] = conversation.array().await?;
    conversation.send(&VENCRYPT_VERSION).await?;
    let [refused, count] = conversation.array().await?;
    if refused != 0 || count > INNER_KINDS_MAX {
        return Err(Silence::foreign());
    }
    let kinds = conversation.exact(usize::from(count) * 4).await?;
    let mut kinds = kinds.as_chunks::<4>().0.iter().map(|kind| u32::from_be_bytes(*kind));
    Ok(kinds.any(|kind| OPEN_KINDS.contains(&kind)))
}

#[cfg(test)]
mod tests {
    use super::super::heard::Authentication;
    use super::*;

    #[tokio::test]
    async fn a_log_in_without_a_password_is_found_within_vencrypt_too() {
        let vencrypt = |kind: u32| [&[2, 19, 2, 0, 2, 0, 1][..], &kind.to_be_bytes()].concat();
        for (name, kinds, expected) in [
            ("none", vec![1, 1], Authentication::Open),
            ("password", vec![1, 2], Authentication::Required),
            ("TLS without a log-in", vencrypt(257), Authentication::Open),
            ("a certificate without a log-in", vencrypt(260), Authentication::Open),
            ("TLS and a password", vencrypt(258), Authentication::Required),
            ("cut off", vec![2, 19, 2], Authentication::NotTested(Reason::NOT_ASKED)),
            ("beneath TLS", vec![1, 18], Authentication::NotTested(Reason::NOT_ASKED)),
        ] {
            let answers = [b"RFB 003.008\n".as_slice(), &kinds].concat();
            let heard = ask(&Peer::recorded(&answers)).await.expect("an answer");
            assert_eq!(heard.authentication, expected, "{name}");
        }
    }
}
