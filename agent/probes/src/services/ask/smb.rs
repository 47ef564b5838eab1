//! SMB ([MS-SMB2] section 2.2.3, [MS-SMB] section 2.2.4.5): which version is spoken, whether messages must be signed, and
//! whether the version of 1996 is still on offer. Nobody logs in, so whether guests are let in is not told.

use vedetta_checks::word::Reason;

use super::heard::{Heard, Outcome, Silence};
use super::peer::{Conversation, Peer};

/// Versions that the client offers: 2.0.2, 2.1, 3.0, 3.0.2.
const DIALECTS: [u16; 4] = [0x0202, 0x0210, 0x0300, 0x0302];
/// Negotiation of SMB 1 with its last dialect.
const NEGOTIATE_1: &[u8] =
    b"\xffSMB\x72\0\0\0\0\x18\x01\x28\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x0c\0\x02NT LM 0.12\0";
/// First bytes of messages.
const MARK_1: &[u8] = b"\xffSMB";
const MARK_2: &[u8] = b"\xfeSMB";
/// Bytes of the head of a message of SMB 2.
const HEAD_2_BYTES: usize = 64;
/// Longest answer, in bytes.
const ANSWER_BYTES_MAX: usize = 8 * 1024;
/// Signing is required.
const SIGNING_REQUIRED: u16 = 2;
/// No dialect of the client is spoken.
const NO_DIALECT: u16 = 0xFFFF;

/// Negotiates, and does so once more in SMB 1.
pub(super) async fn ask(peer: &Peer) -> Outcome {
    let spoken = negotiate_2(peer).await;
    let speaks_1 = negotiate_1(peer).await;
    match (spoken, speaks_1) {
        (Ok(told), Ok(true)) => Ok(Heard::untold(Reason::NEEDS_ACTIVE, format!("{told}, SMB 1 too"))),
        (Ok(told), _) => Ok(Heard::untold(Reason::NEEDS_ACTIVE, told)),
        (Err(_), Ok(true)) => Ok(Heard::untold(Reason::NEEDS_ACTIVE, "SMB 1 alone")),
        (Err(silence), _) => Err(silence),
    }
}

async fn negotiate_2(peer: &Peer) -> Result<String, Silence> {
    let mut question = MARK_2.to_vec();
    // Size of the head; everything else of it is zero in the first message, but the credits that are asked for.
    question.extend([64, 0]);
    question.resize(14, 0);
    question.push(1);
    question.resize(HEAD_2_BYTES, 0);
    question.extend([36, 0, u8::try_from(DIALECTS.len()).unwrap_or_default(), 0, /* signing possible */ 1, 0]);
    question.resize(HEAD_2_BYTES + 36, 0);
    question.extend(DIALECTS.iter().flat_map(|dialect| dialect.to_le_bytes()));
    let answer = exchange(peer, &question).await?;
    let word = |at: usize| answer.get(HEAD_2_BYTES + at..)?.first_chunk().map(|word| u16::from_le_bytes(*word));
    let (Some(mode), Some(dialect)) = (word(2), word(4)) else { return Err(Silence::foreign()) };
    if !answer.starts_with(MARK_2) || !DIALECTS.contains(&dialect) {
        return Err(Silence::foreign());
    }
    let signing = if mode & SIGNING_REQUIRED == 0 { "optional" } else { "required" };
    let version = match dialect {
        0x0202 => "2.0.2",
        0x0210 => "2.1",
        0x0300 => "3.0",
        _ => "3.0.2 or later",
    };
    Ok(format!("SMB {version}, signing {signing}"))
}

/// Whether SMB 1 is on offer; a server without it hangs up or answers in another version.
async fn negotiate_1(peer: &Peer) -> Result<bool, Silence> {
    let answer = exchange(peer, NEGOTIATE_1).await?;
    let dialect = answer.get(33..).and_then(|rest| rest.first_chunk()).map(|index| u16::from_le_bytes(*index));
    Ok(answer.starts_with(MARK_1) && dialect.is_some_and(|dialect| dialect != NO_DIALECT))
}

/// One message each way, with its length before it (RFC 1002 section 4.3.1).
async fn exchange(peer: &Peer, question: &[u8]) -> Result<Vec<u8>, Silence> {
    let mut conversation: Conversation = peer.connect().await?;
    let size = u32::try_from(question.len()).unwrap_or_default();
    conversation.send(&[&size.to_be_bytes(), question].concat()).await?;
    let size = usize::try_from(u32::from_be_bytes(conversation.array().await?)).unwrap_or(usize::MAX);
    if size > ANSWER_BYTES_MAX {
        return Err(Silence::foreign());
    }
    conversation.exact(size).await
}
