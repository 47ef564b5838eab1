//! RC4, which RFC 7465 forbids: only to ask servers that have nothing better whether they renegotiate.

/// A key stream.
#[derive(Debug)]
pub(crate) struct Rc4 {
    state: [u8; 256],
    first: u8,
    second: u8,
}

impl Rc4 {
    /// The stream of a key.
    pub(crate) fn new(key: &[u8]) -> Self {
        let mut state = [0; 256];
        for (place, number) in state.iter_mut().zip(0..=255) {
            *place = number;
        }
        let mut other: u8 = 0;
        for (place, byte) in (0..=255_u8).zip(key.iter().cycle()) {
            other = other.wrapping_add(at(&state, place)).wrapping_add(*byte);
            state.swap(usize::from(place), usize::from(other));
        }
        Self { state, first: 0, second: 0 }
    }

    /// Adds the stream to the bytes.
    pub(crate) fn apply(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.first = self.first.wrapping_add(1);
            let one = at(&self.state, self.first);
            self.second = self.second.wrapping_add(one);
            let other = at(&self.state, self.second);
            self.state.swap(usize::from(self.first), usize::from(self.second));
            *byte ^= at(&self.state, one.wrapping_add(other));
        }
    }
}

/// The state has a place for every byte.
fn at(state: &[u8; 256], place: u8) -> u8 {
    state.get(usize::from(place)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_that_of_rfc_6229() {
        let mut bytes = [0; 16];
        Rc4::new(&[1, 2, 3, 4, 5]).apply(&mut bytes);
        let expected = [0xb2, 0x39, 0x63, 0x05, 0xf0, 0x3d, 0xc0, 0x27, 0xcc, 0xc3, 0x52, 0x4a, 0x0a, 0x11, 0x18, 0xa8];
        assert_eq!(bytes, expected);
    }
}
