//! MongoDB (its wire protocol, `OP_MSG`): `listDatabases` with names only, which a server with accounts refuses to strangers.

use super::heard::{Heard, Outcome, Silence};
use super::peer::Peer;

/// `OP_MSG`.
const MESSAGE: i32 = 2013;
/// Number of the question.
const REQUEST: i32 = 1;
/// Bytes of the head of a message.
const HEAD_BYTES: usize = 16;
/// Bytes before the document of a message: flags, and the kind of its section.
const SECTION_BYTES: usize = 5;
/// Longest message that is read, in bytes.
const MESSAGE_BYTES_MAX: usize = 48 * 1024;
/// Most fields of a document that are looked at.
const FIELDS_MAX: usize = 64;
/// Errors that mean that the visitor must log in: Unauthorized, AuthenticationFailed.
const REFUSALS: [i32; 2] = [13, 18];

/// Asks whether a stranger may see which databases there are. Their names are not kept.
pub(super) async fn ask(peer: &Peer) -> Outcome {
    let mut conversation = peer.connect().await?;
    conversation.send(&question()).await?;
    let head: [u8; HEAD_BYTES] = conversation.array().await?;
    let size = head.first_chunk::<4>().and_then(|size| usize::try_from(i32::from_le_bytes(*size)).ok());
    let size = size.and_then(|size| size.checked_sub(HEAD_BYTES)).filter(|size| *size <= MESSAGE_BYTES_MAX);
    let is_answer = head.get(8..12) == Some(&REQUEST.to_le_bytes()) && head.get(12..) == Some(&MESSAGE.to_le_bytes());
    let size = size.filter(|_| is_answer).ok_or(Silence::foreign())?;
    let content = conversation.exact(size).await?;
    read(content.get(SECTION_BYTES..).unwrap_or_default()).ok_or(Silence::foreign())
}

fn question() -> Vec<u8> {
    let mut document = Vec::new();
    document.extend(b"\x10listDatabases\0\x01\0\0\0");
    document.extend(b"\x08nameOnly\0\x01");
    document.extend(b"\x02$db\0\x06\0\0\0admin\0\0");
    let length = |bytes: usize| i32::try_from(bytes).unwrap_or_default().to_le_bytes();
    let size = document.len() + 4;
    let head = [length(HEAD_BYTES + SECTION_BYTES + size), REQUEST.to_le_bytes(), [0; 4], MESSAGE.to_le_bytes()];
    [&head.concat(), &[0; SECTION_BYTES][..], &length(size), &document].concat()
}

/// Reads `ok` and `code` of the answer.
fn read(document: &[u8]) -> Option<Heard> {
    let mut rest = document.get(4..)?;
    let (mut is_ok, mut code) = (None, None);
    for _ in 0..FIELDS_MAX {
        let Some((&kind, after)) = rest.split_first() else { break };
        if kind == 0 {
            break;
        }
        let end = after.iter().position(|byte| *byte == 0)?;
        let (name, value) = (after.get(..end)?, after.get(end + 1..)?);
        match (name, kind) {
            (b"ok", 0x01) => is_ok = Some(f64::from_le_bytes(*value.first_chunk()?) > 0.5),
            (b"ok", 0x10) => is_ok = Some(i32::from_le_bytes(*value.first_chunk()?) != 0),
            (b"code", 0x10) => code = Some(i32::from_le_bytes(*value.first_chunk()?)),
            _ => {}
        }
        rest = value.get(size_of_value(kind, value)?..)?;
    }
    match (is_ok?, code) {
        (true, _) => Some(Heard::open("list of databases shown")),
        (false, Some(code)) if REFUSALS.contains(&code) => Some(Heard::required(format!("error {code}: Unauthorized"))),
        (false, _) => None,
    }
}

/// Bytes of a value of BSON by its kind.
fn size_of_value(kind: u8, value: &[u8]) -> Option<usize> {
    let counted = || usize::try_from(i32::from_le_bytes(*value.first_chunk()?)).ok();
    match kind {
        // Double, date, timestamp, 64 bits.
        0x01 | 0x09 | 0x11 | 0x12 => Some(8),
        0x02 => counted()?.checked_add(4),
        // Document and list: their length counts itself.
        0x03 | 0x04 => counted().filter(|size| *size >= 5),
        0x05 => counted()?.checked_add(5),
        0x07 => Some(12),
        0x08 => Some(1),
        0x0A => Some(0),
        0x10 => Some(4),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::heard::Authentication;
    use super::*;

    /// The fields as a document.
    fn document(fields: &[u8]) -> Vec<u8> {
        [&i32::try_from(fields.len() + 5).expect("a small document").to_le_bytes(), fields, b"\0"].concat()
    }

    #[test]
    fn what_stands_before_ok_and_code_is_skipped() {
        let refused = document(b"\x01ok\0\0\0\0\0\0\0\0\0\x02errmsg\0\x03\0\0\0no\0\x10code\0\x0d\0\0\0");
        assert_eq!(read(&refused).map(|heard| heard.authentication), Some(Authentication::Required));
        let inner = document(&[b"\x030\0".as_slice(), &document(b"")].concat());
        let shown = [b"\x04databases\0".as_slice(), &inner, b"\x01ok\0\0\0\0\0\0\0\xf0\x3f"].concat();
        assert_eq!(read(&document(&shown)).map(|heard| heard.authentication), Some(Authentication::Open));
        assert_eq!(read(&document(b"\x7fstrange\0")), None);
    }
}
