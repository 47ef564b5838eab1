//! DNS (RFC 1035): the version that a name server tells of itself, and whether it resolves names for those who ask. This
//! host's own addresses are often allowed more than others, so the answer does not tell what strangers may.

use vedetta_checks::word::Reason;

use super::heard::{Heard, Outcome};
use super::peer::Peer;

/// `version.bind`, TXT, class CHAOS (RFC 4892); recursion desired.
const QUESTION: &[u8] = b"\x76\x64\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07version\x04bind\x00\x00\x10\x00\x03";
/// Bytes of the head.
const HEAD_BYTES: usize = 12;
/// Bytes between the name of an answer and its data: type, class, time to live, length.
const FIXED_BYTES: usize = 10;
/// The server resolves names.
const RECURSION_AVAILABLE: u8 = 0x80;
/// The code of an answer "refused".
const REFUSED: u8 = 5;

/// Asks over UDP.
pub(super) async fn ask(peer: &Peer) -> Outcome {
    peer.exchange(&[QUESTION, QUESTION], read).await
}

fn read(answer: &[u8]) -> Option<Heard> {
    let head: &[u8; HEAD_BYTES] = answer.first_chunk()?;
    let [id_high, id_low, flags, more_flags, ..] = *head;
    if [id_high, id_low] != *b"vd" || flags & 0x80 == 0 {
        return None;
    }
    let told = match (more_flags & RECURSION_AVAILABLE != 0, more_flags & 0x0F) {
        (_, REFUSED) => "refused",
        (true, _) => "resolves names for this host",
        (false, _) => "answers for its own zones",
    };
    Some(Heard::untold(Reason::DOES_NOT_APPLY, told).with_version(text(answer).as_deref()))
}

/// The text of the first answer, behind the name of the product.
fn text(answer: &[u8]) -> Option<String> {
    // The question comes back as it was, then the answer's name: a pointer (RFC 1035 section 4.1.4) or the name again.
    let record = answer.get(QUESTION.len()..)?;
    let name = if record.first()? & 0xC0 == 0xC0 { 2 } else { record.iter().position(|byte| *byte == 0)? + 1 };
    let (&size, data) = record.get(name + FIXED_BYTES..)?.split_first()?;
    let text = String::from_utf8_lossy(data.get(..usize::from(size))?).into_owned();
    Some(
        ["dnsmasq-", "unbound ", "NSD ", "PowerDNS Authoritative Server ", "PowerDNS Recursor "]
            .iter()
            .find_map(|product| text.strip_prefix(product))
            .unwrap_or(&text)
            .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_stands_behind_the_name_of_the_product() {
        let mut answer = QUESTION.to_vec();
        (answer[2], answer[3], answer[7]) = (0x85, 0x80, 1);
        answer.extend(b"\xc0\x0c\0\x10\0\x03\0\0\0\0\0\x0d\x0cdnsmasq-2.90");
        let heard = read(&answer).expect("an answer");
        assert_eq!((heard.answer.as_str(), heard.version.as_deref()), ("resolves names for this host", Some("2.90")));
        assert_eq!(read(QUESTION), None, "a question is no answer");
    }
}
