//! LDAP (RFC 4511 section 4.14); whether a refusal means "never" is told by the extensions of the root entry (RFC 4512 section 5.1).

use std::time::Duration;

use vedetta_checks::catalogue::ProbeError;

use super::clear::{Border, Clear, beginning};
use super::{absent, foreign, refused};

/// The extended operation StartTLS.
const START_TLS: &[u8] = b"1.3.6.1.4.1.1466.20037";
/// Longest message that is read before TLS, in bytes.
const MESSAGE_BYTES_MAX: usize = 32 * 1024;
/// Most messages that answer the question for the root entry; one entry and the end are the rule.
const MESSAGES_MAX: usize = 8;
/// Longest wait for the root entry after a refusal.
const ROOT_TIME_MAX: Duration = Duration::from_secs(2);
/// BER: SEQUENCE.
const SEQUENCE: u8 = 0x30;
/// BER: OCTET STRING.
const STRING: u8 = 0x04;
/// Protocol operation: answer to an extended request.
const EXTENDED_RESPONSE: u8 = 0x78;
/// Protocol operation: an entry that was found.
const ENTRY: u8 = 0x64;
/// Result: the server does not know the request (RFC 4511 section 4.12).
const PROTOCOL_ERROR: u8 = 2;
/// Result: a critical extension is not there.
const UNAVAILABLE_CRITICAL_EXTENSION: u8 = 12;

/// A message: its number, the tag of its operation, and what is in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message<'a> {
    /// Number of the request that it answers; 0 for a notice that nobody asked for.
    pub(super) id: u8,
    operation: u8,
    content: &'a [u8],
}

/// Asks for TLS.
///
/// # Errors
/// See [`super::upgrade`].
pub(super) async fn turn(clear: &mut Clear<'_>) -> Result<(), ProbeError> {
    clear.request(&message(1, &element(0x77, &element(0x80, START_TLS)))).await?;
    let protocol = clear.protocol();
    let answer = read(clear, "the answer to StartTLS").await?;
    let Some((Message { id, operation: EXTENDED_RESPONSE, content }, _)) = parse(&answer) else {
        return Err(foreign(protocol, &beginning(&answer)));
    };
    let Some((result, said)) = result(content) else { return Err(foreign(protocol, &beginning(&answer))) };
    match (id, result) {
        (1, 0) => return Ok(()),
        (0 | 1, _) => {}
        _ => return Err(foreign(protocol, &beginning(&answer))),
    }
    let listed = if id == 1 && !clear.has_stowaway() {
        tokio::time::timeout(ROOT_TIME_MAX, lists_start_tls(clear)).await.ok().and_then(Result::ok).flatten()
    } else {
        None
    };
    let never = match listed {
        Some(listed) => !listed,
        None => matches!(result, PROTOCOL_ERROR | UNAVAILABLE_CRITICAL_EXTENSION),
    };
    let said = format!("result {result}: {said}");
    Err(if never { absent(protocol, &said) } else { refused(protocol, &said) })
}

/// The question for the extensions in the root entry, which every server answers to anybody.
pub(super) fn root_question(id: u8) -> Vec<u8> {
    // The entry "" alone, no aliases, no limits, values too, where objectClass is present.
    let mut question = vec![STRING, 0, 0x0A, 1, 0, 0x0A, 1, 0, 0x02, 1, 0, 0x02, 1, 0, 0x01, 1, 0];
    question.extend(element(0x87, b"objectClass"));
    question.extend(element(SEQUENCE, &element(STRING, b"supportedExtension")));
    message(id, &element(0x63, &question))
}

/// Whether StartTLS stands among the extensions; `None` when the server does not show them.
async fn lists_start_tls(clear: &mut Clear<'_>) -> Result<Option<bool>, ProbeError> {
    clear.send(&root_question(2)).await?;
    for _ in 0..MESSAGES_MAX {
        let answer = read(clear, "its extensions").await?;
        match parse(&answer) {
            Some((Message { id: 2, operation: ENTRY, content }, _)) => {
                let has = |text: &[u8]| content.windows(text.len()).any(|part| part.eq_ignore_ascii_case(text));
                return Ok(has(b"supportedExtension").then(|| has(START_TLS)));
            }
            Some((Message { id: 2, .. }, _)) | None => return Ok(None),
            Some(_) => {}
        }
    }
    Ok(None)
}

/// Reads one message with its head.
async fn read(clear: &mut Clear<'_>, what: &str) -> Result<Vec<u8>, ProbeError> {
    let mut head = Vec::new();
    clear
        .take(what, |seen| {
            for (index, byte) in seen.iter().enumerate() {
                head.push(*byte);
                match head.as_slice() {
                    [SEQUENCE] | [SEQUENCE, 0x81..=0x84] => {}
                    [SEQUENCE, 0..=0x7F] => return Border::At(index + 1),
                    [SEQUENCE, more @ 0x81..=0x84, rest @ ..] => {
                        if rest.len() == usize::from(more & 0x7F) {
                            return Border::At(index + 1);
                        }
                    }
                    _ => return Border::Foreign,
                }
            }
            Border::Further
        })
        .await?;
    let size = match head.as_slice() {
        [_, short] => usize::from(*short),
        [_, _, long @ ..] => long.iter().fold(0, |size, byte| size << 8 | usize::from(*byte)),
        _ => 0,
    };
    if size > MESSAGE_BYTES_MAX {
        return Err(clear.too_much(what));
    }
    head.extend(clear.exact(what, size).await?);
    Ok(head)
}

/// The first message in some bytes, and the bytes behind it; `None` when it is not whole or not a message.
pub(super) fn parse(bytes: &[u8]) -> Option<(Message<'_>, &[u8])> {
    let (SEQUENCE, body, behind) = split(bytes)? else { return None };
    let (0x02, id, rest) = split(body)? else { return None };
    let (operation, content, _) = split(rest)?;
    // Our own numbers have one byte.
    Some((Message { id: *id.last().filter(|_| id.len() == 1)?, operation, content }, behind))
}

/// Result code and diagnostic message (RFC 4511 section 4.1.9).
fn result(content: &[u8]) -> Option<(u8, String)> {
    let (0x0A, code, rest) = split(content)? else { return None };
    let (STRING, _matched, rest) = split(rest)? else { return None };
    let (STRING, diagnostic, _) = split(rest)? else { return None };
    Some((*code.last()?, String::from_utf8_lossy(diagnostic).into_owned()))
}

/// Tag, content and what follows of a BER element.
fn split(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (size, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        // Without a stated length (0x80) nothing may be sent in LDAP (RFC 4511 section 5.1).
        let (long, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
        if !(1..=4).contains(&long.len()) {
            return None;
        }
        (long.iter().fold(0, |size, byte| size << 8 | usize::from(*byte)), rest)
    };
    let (content, behind) = rest.split_at_checked(size)?;
    Some((*tag, content, behind))
}

/// A message of ours; it is short.
fn message(id: u8, operation: &[u8]) -> Vec<u8> {
    element(SEQUENCE, &[&[0x02, 1, id], operation].concat())
}

/// A BER element of at most 127 bytes.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    debug_assert!(content.len() < 0x80, "longer elements need another form");
    let size = u8::try_from(content.len()).unwrap_or(0x7F);
    [&[tag, size], content].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_as_the_standard_writes_them() {
        let start_tls = message(1, &element(0x77, &element(0x80, START_TLS)));
        assert_eq!(start_tls[..9], [0x30, 29, 2, 1, 1, 0x77, 24, 0x80, 22]);
        let question = root_question(2);
        assert_eq!(question.len(), usize::from(question[1]) + 2);
        assert_eq!(
            parse(&question).map(|(message, rest)| (message.id, message.operation, rest)),
            Some((2, 0x63, &[][..]))
        );
    }

    #[test]
    fn long_lengths_are_read_and_lies_are_not() {
        let (tag, content, behind) = split(&[0x04, 0x82, 0, 2, 7, 8, 9]).expect("an element");
        assert_eq!((tag, content, behind), (0x04, &[7, 8][..], &[9][..]));
        for lie in [&[0x04, 3, 1][..], &[0x04, 0x85, 0, 0, 0, 0, 1], &[0x04, 0x80], &[0x04]] {
            assert_eq!(split(lie), None, "{lie:?}");
        }
    }
}
