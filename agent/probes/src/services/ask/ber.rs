//! As much of BER (ITU-T X.690) as SNMP and LDAP need.

/// Tag of a whole number.
pub(super) const INTEGER: u8 = 0x02;
/// Tag of a string of bytes.
pub(super) const STRING: u8 = 0x04;
/// Tag of a value without content.
pub(super) const NULL: u8 = 0x05;
/// Tag of an object identifier.
pub(super) const OBJECT: u8 = 0x06;
/// Tag of an enumerated value.
pub(super) const ENUMERATED: u8 = 0x0A;
/// Tag of a sequence.
pub(super) const SEQUENCE: u8 = 0x30;

/// An element with its tag and length; longer content than 65,535 bytes is not written.
pub(super) fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let [.., high, low] = content.len().to_be_bytes();
    let head: &[u8] = match content.len() {
        0..=0x7F => &[tag, low],
        0x80..=0xFF => &[tag, 0x81, low],
        _ => &[tag, 0x82, high, low],
    };
    [head, &content].concat()
}

/// A small whole number.
pub(super) fn integer(value: u8) -> Vec<u8> {
    vec![INTEGER, 1, value]
}

/// How far an element of which only the beginning is known reaches; `None` until its length has come.
pub(super) fn size(bytes: &[u8]) -> Option<usize> {
    let (&length, rest) = bytes.get(1..)?.split_first()?;
    if length < 0x80 {
        return Some(2 + usize::from(length));
    }
    let count = usize::from(length & 0x7F);
    let digits = rest.get(..count).filter(|_| count <= 4)?;
    let content = digits.iter().fold(0_usize, |size, byte| size << 8 | usize::from(*byte));
    content.checked_add(2 + count)
}

/// The first element of the bytes: its tag, its content, and what follows it.
pub(super) fn first(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let size = size(bytes)?;
    let (whole, rest) = bytes.split_at_checked(size)?;
    let head = if bytes.get(1)? & 0x80 == 0 { 2 } else { 2 + usize::from(bytes.get(1)? & 0x7F) };
    Some((*bytes.first()?, whole.get(head..)?, rest))
}

/// The content of the first element when it has a tag, and what follows it.
pub(super) fn tagged(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    first(bytes).filter(|(found, _, _)| *found == tag).map(|(_, content, rest)| (content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for length in [0, 1, 0x7F, 0x80, 0xFF, 0x100, 5_000] {
            let content = vec![7; length];
            let bytes = [element(STRING, &[&content]), b"rest".to_vec()].concat();
            assert_eq!(tagged(&bytes, STRING), Some((content.as_slice(), b"rest".as_slice())), "{length}");
            assert_eq!(first(&bytes[..bytes.len() - 5]), None, "{length}, cut short");
        }
    }

    #[test]
    fn a_length_that_promises_too_much_is_no_element() {
        for bytes in [&b""[..], b"\x30", b"\x30\x05ab", b"\x30\x84\xff\xff\xff\xff", b"\x30\x88\0\0\0\0\0\0\0\x01a"] {
            assert_eq!(first(bytes), None, "{bytes:?}");
        }
    }
}
