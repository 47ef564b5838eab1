//! The few steps of DER that are walked by hand: elements in a row, and a value put back into its frame.
//!
//! Definite lengths only (X.690 section 10.1); whatever else stands there ends the walk.

/// `SEQUENCE`, constructed.
pub(super) const SEQUENCE: u8 = 0x30;
/// `INTEGER`.
pub(super) const INTEGER: u8 = 0x02;
/// `BIT STRING`.
pub(super) const BIT_STRING: u8 = 0x03;
/// `OCTET STRING`.
pub(super) const OCTET_STRING: u8 = 0x04;
/// `OBJECT IDENTIFIER`.
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
/// `ENUMERATED`.
pub(super) const ENUMERATED: u8 = 0x0a;
/// Most bytes of a length: four say 4 GiB, more than is ever read.
const LENGTH_BYTES_MAX: usize = 4;

/// One element: its tag, what it holds, and the whole with tag and length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) value: &'a [u8],
    pub(super) whole: &'a [u8],
}

/// Elements in a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Elements<'a>(&'a [u8]);

impl<'a> Elements<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next element, when it has that tag; otherwise nothing is taken.
    pub(super) fn tagged(&mut self, tag: u8) -> Option<Element<'a>> {
        let mut ahead = *self;
        let element = ahead.next().filter(|element| element.tag == tag)?;
        *self = ahead;
        Some(element)
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let (&[tag, first], rest) = self.0.split_first_chunk::<2>()?;
        let count = usize::from(first & 0x7f);
        let (length, rest) = if first < 0x80 {
            (count, rest)
        } else if (1..=LENGTH_BYTES_MAX).contains(&count) {
            let (bytes, rest) = rest.split_at_checked(count)?;
            (bytes.iter().try_fold(0_usize, |sum, byte| sum.checked_mul(256)?.checked_add(usize::from(*byte)))?, rest)
        } else {
            return None;
        };
        let (value, rest) = rest.split_at_checked(length)?;
        let whole = self.0.get(..self.0.len() - rest.len())?;
        self.0 = rest;
        Some(Element { tag, value, whole })
    }
}

/// What stands inside one element that has that tag.
pub(super) fn inside(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    Elements::new(bytes).tagged(tag).map(|element| element.value)
}

/// A value framed as a `SEQUENCE` again.
pub(super) fn sequence(value: &[u8]) -> Vec<u8> {
    let mut framed = vec![SEQUENCE];
    let length = value.len().to_be_bytes();
    let significant = length.iter().position(|byte| *byte != 0).and_then(|start| length.get(start..)).unwrap_or(&[0]);
    match (significant, value.len() < 0x80) {
        ([short], true) => framed.push(*short),
        (long, _) => {
            framed.push(0x80 | u8::try_from(long.len()).unwrap_or_default());
            framed.extend_from_slice(long);
        }
    }
    framed.extend_from_slice(value);
    framed
}

/// The bytes of a `BIT STRING` that ends on a byte.
pub(super) fn bits(value: &[u8]) -> Option<&[u8]> {
    match value.split_first() {
        Some((0, bytes)) => Some(bytes),
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_framed_value_comes_back_whole() {
        for length in [0, 1, 127, 128, 255, 256, 65_536] {
            let value = vec![7; length];
            assert_eq!(inside(&sequence(&value), SEQUENCE), Some(value.as_slice()), "{length}");
        }
    }

    #[test]
    fn a_length_beyond_the_bytes_ends_the_walk() {
        for bytes in [
            &[0x30][..],
            &[0x30, 2, 1],
            &[0x30, 0x80, 0, 0],
            &[0x30, 0x85, 0, 0, 0, 0, 1, 0],
            &[0x30, 0x84, 255, 255, 255, 255],
        ] {
            assert_eq!(Elements::new(bytes).next(), None, "{bytes:02x?}");
        }
    }
}
