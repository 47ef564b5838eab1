//! LDAP (RFC 4511): whether a stranger, without a log-in, can read an entry of the directory. Its content is not asked for.

use vedetta_checks::word::Reason;

use super::ber::{ENUMERATED, SEQUENCE, STRING, element, first, integer, size, tagged};
use super::heard::{Heard, Outcome, Silence};
use super::peer::{Conversation, Peer};

/// Operations (RFC 4511 section 4).
const SEARCH: u8 = 0x63;
const ENTRY: u8 = 0x64;
const DONE: u8 = 0x65;
const REFERENCE: u8 = 0x73;
const UNBIND: u8 = 0x42;
/// Longest message that is read, in bytes.
const MESSAGE_BYTES_MAX: usize = 32 * 1024;
/// Most messages that answer one search.
const MESSAGES_MAX: usize = 8;
/// Scope of a search: the entry itself.
const ITSELF: u8 = 0;
/// Scope of a search: the entry and all beneath it.
const BENEATH: u8 = 2;
/// No attribute at all (section 4.5.1.8).
const NOTHING: &[u8] = b"1.1";
/// The attribute of the root entry that names where directories begin (RFC 4512 section 5.1).
const CONTEXTS: &[u8] = b"namingContexts";
/// Results (section 4.1.9) that turn strangers away: operations error (so Active Directory), strong authentication
/// required, confidentiality required, no such object (so OpenLDAP, which does not tell what one may not see),
/// inappropriate authentication, insufficient rights, unwilling to perform.
const REFUSALS: [u8; 7] = [1, 8, 13, 32, 48, 50, 53];

/// Reads the root entry, which everybody may, and then tries one entry beneath the first directory.
pub(super) async fn ask(peer: &Peer) -> Outcome {
    let mut conversation = peer.connect().await?;
    conversation.send(&search(1, b"", ITSELF, CONTEXTS)).await?;
    let root = found(&mut conversation, 1).await?;
    let context = root.entry.as_deref().and_then(first_value);
    let Some(context) = context else {
        return Ok(if REFUSALS.contains(&root.result) {
            Heard::required(format!("result {}", root.result))
        } else {
            Heard::untold(Reason::NOT_FOUND, "no directory is named to strangers")
        });
    };
    conversation.send(&search(2, &context, BENEATH, NOTHING)).await?;
    let entry = found(&mut conversation, 2).await?;
    conversation.leave(&element(SEQUENCE, &[&integer(3), &[UNBIND, 0]])).await;
    Ok(if entry.entry.is_some() {
        Heard::open("an entry was shown")
    } else if REFUSALS.contains(&entry.result) {
        Heard::required(format!("result {}", entry.result))
    } else {
        Heard::untold(Reason::NOT_FOUND, format!("no entry was shown, result {}", entry.result))
    })
}

/// A search for at most one entry, for at most one second.
fn search(id: u8, base: &[u8], scope: u8, attribute: &[u8]) -> Vec<u8> {
    let question = element(
        SEARCH,
        &[
            &element(STRING, &[base]),
            &[ENUMERATED, 1, scope],
            &[ENUMERATED, 1, 0],
            &integer(1),
            &integer(1),
            // Types and values; where objectClass is present.
            &[0x01, 1, 0],
            &element(0x87, &[b"objectClass"]),
            &element(SEQUENCE, &[&element(STRING, &[attribute])]),
        ],
    );
    element(SEQUENCE, &[&integer(id), &question])
}

/// What a search found.
struct Found {
    /// The content of the entry.
    entry: Option<Vec<u8>>,
    result: u8,
}

async fn found(conversation: &mut Conversation, id: u8) -> Result<Found, Silence> {
    let mut entry = None;
    for _ in 0..MESSAGES_MAX {
        let message = message(conversation).await?;
        let (number, operation, content) = parse(&message).ok_or(Silence::foreign())?;
        match operation {
            ENTRY if number == [id] => entry = Some(content.to_vec()),
            REFERENCE if number == [id] => {}
            DONE if number == [id] => {
                let result = tagged(content, ENUMERATED).and_then(|(result, _)| result.first().copied());
                return Ok(Found { entry, result: result.ok_or(Silence::foreign())? });
            }
            _ => return Err(Silence::foreign()),
        }
    }
    Err(Silence::because(Reason::TOO_LARGE))
}

/// One whole message.
async fn message(conversation: &mut Conversation) -> Result<Vec<u8>, Silence> {
    let mut head = conversation.exact(2).await?;
    if head.first() != Some(&SEQUENCE) {
        return Err(Silence::foreign());
    }
    if let Some(long) = head.get(1).and_then(|length| length.checked_sub(0x80)) {
        head.extend(conversation.exact(usize::from(long)).await?);
    }
    let whole = size(&head).filter(|size| *size <= MESSAGE_BYTES_MAX).ok_or(Silence::foreign())?;
    let rest = conversation.exact(whole.checked_sub(head.len()).ok_or(Silence::foreign())?).await?;
    head.extend(rest);
    Ok(head)
}

/// Number, operation and content of a message.
fn parse(message: &[u8]) -> Option<(&[u8], u8, &[u8])> {
    let (content, _) = tagged(message, SEQUENCE)?;
    let (number, rest) = tagged(content, super::ber::INTEGER)?;
    let (operation, content, _) = first(rest)?;
    Some((number, operation, content))
}

/// The first value of the first attribute of an entry: name, then attributes of type and set of values.
fn first_value(entry: &[u8]) -> Option<Vec<u8>> {
    let (_, rest) = tagged(entry, STRING)?;
    let (attributes, _) = tagged(rest, SEQUENCE)?;
    let (attribute, _) = tagged(attributes, SEQUENCE)?;
    let (_, values) = tagged(attribute, STRING)?;
    let (values, _) = tagged(values, 0x31)?;
    tagged(values, STRING).map(|(value, _)| value.to_vec())
}
