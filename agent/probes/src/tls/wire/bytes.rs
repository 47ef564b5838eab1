//! Reading and writing of numbers and of lists that say their length.

/// Why bytes are not the message that they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It ends before its last field.
    #[error("{0}: ends too early")]
    Short(&'static str),
    /// Bytes stand behind its last field.
    #[error("{0}: goes on behind its end")]
    Trailing(&'static str),
    /// A field has a value that it cannot have.
    #[error("{0}: a value that cannot be")]
    Value(&'static str),
}

/// Takes a message apart from its start; every step says what it was reading when the bytes end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> Cursor<'a> {
    /// A cursor at the start of the message `what`.
    pub(super) fn new(bytes: &'a [u8], what: &'static str) -> Self {
        Self { rest: bytes, what }
    }

    /// The next bytes, as many as asked.
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Malformed::Short(self.what))?;
        self.rest = rest;
        Ok(taken)
    }

    /// A number of the next `bytes` bytes (at most 4), the highest byte first.
    fn number(&mut self, bytes: usize) -> Result<u32, Malformed> {
        Ok(self.take(bytes)?.iter().fold(0, |number, byte| (number << 8) | u32::from(*byte)))
    }

    /// The next byte.
    pub(super) fn byte(&mut self) -> Result<u8, Malformed> {
        let (first, rest) = self.rest.split_first().ok_or(Malformed::Short(self.what))?;
        self.rest = rest;
        Ok(*first)
    }

    /// A number of two bytes.
    pub(super) fn short(&mut self) -> Result<u16, Malformed> {
        let first = self.byte()?;
        Ok(u16::from_be_bytes([first, self.byte()?]))
    }

    /// A number of four bytes.
    pub(super) fn long(&mut self) -> Result<u32, Malformed> {
        self.number(4)
    }

    /// A number of three bytes.
    pub(super) fn three(&mut self) -> Result<u32, Malformed> {
        self.number(3)
    }

    /// The content behind a length of `length_bytes` bytes (at most 4).
    pub(super) fn prefixed(&mut self, length_bytes: usize) -> Result<&'a [u8], Malformed> {
        let length = self.number(length_bytes)?;
        self.take(usize::try_from(length).map_err(|_| Malformed::Short(self.what))?)
    }

    /// The content behind a length of `length_bytes` bytes, to be taken apart as `what`.
    pub(super) fn inside(&mut self, length_bytes: usize, what: &'static str) -> Result<Cursor<'a>, Malformed> {
        Ok(Cursor::new(self.prefixed(length_bytes)?, what))
    }

    /// Whether nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Refuses bytes behind the last field.
    pub(super) fn end(self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(Malformed::Trailing(self.what)) }
    }
}

/// Writes `content` behind its length in `length_bytes` bytes; a content that is too long is cut to what the length can say.
pub(super) fn put_prefixed(into: &mut Vec<u8>, length_bytes: usize, content: &[u8]) {
    let most = (1_usize << (8 * length_bytes.min(3))) - 1;
    let content = content.get(..most).unwrap_or(content);
    let length = content.len().to_be_bytes();
    into.extend(length.iter().skip(length.len() - length_bytes.min(3)));
    into.extend_from_slice(content);
}

/// A list of two-byte numbers without its length.
pub(super) fn shorts(numbers: impl IntoIterator<Item = u16>) -> Vec<u8> {
    numbers.into_iter().flat_map(u16::to_be_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_beyond_the_end_is_refused() {
        assert_eq!(Cursor::new(&[0, 3, 1, 2], "list").prefixed(2), Err(Malformed::Short("list")));
        assert_eq!(Cursor::new(&[0xff, 0xff, 0xff, 0xff], "list").prefixed(4), Err(Malformed::Short("list")));
    }

    #[test]
    fn a_content_is_read_as_it_was_written() {
        for length_bytes in 1..=3 {
            let mut bytes = Vec::new();
            put_prefixed(&mut bytes, length_bytes, b"abc");
            assert_eq!(bytes.len(), length_bytes + 3);
            assert_eq!(Cursor::new(&bytes, "text").prefixed(length_bytes), Ok(&b"abc"[..]));
        }
    }

    #[test]
    fn a_content_that_is_too_long_is_cut_to_what_its_length_says() {
        let mut bytes = Vec::new();
        put_prefixed(&mut bytes, 1, &[7; 300]);
        assert_eq!((bytes.len(), bytes[0]), (256, 255));
    }
}
