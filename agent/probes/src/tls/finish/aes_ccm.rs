//! AES in counter mode with CBC-MAC (NIST SP 800-38C, RFC 3610), which the provider does not have.
//!
//! With a nonce of 12 bytes and a length of 3 bytes, as TLS uses it (RFC 6655, RFC 8446 section 9.1).

use aws_lc_rs::cipher::{AES_128, AES_256, EncryptingKey, UnboundCipherKey};
use aws_lc_rs::error::Unspecified;

/// Length of a block, in bytes.
const BLOCK_BYTES: usize = 16;
/// Length of a nonce, in bytes.
pub(crate) const NONCE_BYTES: usize = 12;
/// Bytes of the message's length in the first block.
const LENGTH_BYTES: u8 = 3;
/// Longest message, in bytes: what the length can say.
const MESSAGE_BYTES_MAX: usize = (1 << 24) - 1;

/// A key for messages whose tags have one length.
#[derive(Debug)]
pub(crate) struct AesCcm {
    key: EncryptingKey,
    tag_bytes: usize,
}

impl AesCcm {
    /// A key of 16 or 32 bytes; the tag is of 8 or 16 bytes.
    ///
    /// # Errors
    /// A key of another length.
    pub(crate) fn new(key: &[u8], tag_bytes: usize) -> Result<Self, Unspecified> {
        let algorithm = if key.len() == 16 { &AES_128 } else { &AES_256 };
        let key = EncryptingKey::ecb(UnboundCipherKey::new(algorithm, key)?)?;
        Ok(Self { key, tag_bytes })
    }

    /// Encrypts the message where it lies and gives its tag.
    ///
    /// # Errors
    /// A message longer than can be said.
    pub(crate) fn seal(
        &self,
        nonce: [u8; NONCE_BYTES],
        also: &[u8],
        message: &mut [u8],
    ) -> Result<Vec<u8>, Unspecified> {
        let tag = self.tag(nonce, also, message)?;
        self.stream(nonce, message)?;
        Ok(tag)
    }

    /// Decrypts the message where it lies, and checks its tag.
    ///
    /// # Errors
    /// A tag that does not belong to the message.
    pub(crate) fn open(
        &self,
        nonce: [u8; NONCE_BYTES],
        also: &[u8],
        message: &mut [u8],
        tag: &[u8],
    ) -> Result<(), Unspecified> {
        self.stream(nonce, message)?;
        let expected = self.tag(nonce, also, message)?;
        aws_lc_rs::constant_time::verify_slices_are_equal(&expected, tag)
    }

    /// The tag of a plain message, encrypted as it is sent.
    fn tag(&self, nonce: [u8; NONCE_BYTES], also: &[u8], message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        if message.len() > MESSAGE_BYTES_MAX {
            return Err(Unspecified);
        }
        let tag_code = u8::try_from(self.tag_bytes.saturating_sub(2) / 2).map_err(|_| Unspecified)?;
        let flags = (u8::from(!also.is_empty()) << 6) | (tag_code << 3) | (LENGTH_BYTES - 1);
        let mut state = [0; BLOCK_BYTES];
        self.absorb(&mut state, &block(flags, nonce, message.len()))?;
        if !also.is_empty() {
            let length = u16::try_from(also.len()).map_err(|_| Unspecified)?;
            self.absorb(&mut state, &[&length.to_be_bytes(), also].concat())?;
        }
        self.absorb(&mut state, message)?;
        let mut first = block(LENGTH_BYTES - 1, nonce, 0);
        self.key.encrypt(&mut first)?;
        Ok(state.iter().zip(first).map(|(state, stream)| state ^ stream).take(self.tag_bytes).collect())
    }

    /// Adds bytes to the chain, the last block filled up with zeros.
    fn absorb(&self, state: &mut [u8; BLOCK_BYTES], bytes: &[u8]) -> Result<(), Unspecified> {
        for part in bytes.chunks(BLOCK_BYTES) {
            state.iter_mut().zip(part).for_each(|(state, byte)| *state ^= byte);
            self.key.encrypt(state)?;
        }
        Ok(())
    }

    /// Adds the key stream to the message.
    fn stream(&self, nonce: [u8; NONCE_BYTES], message: &mut [u8]) -> Result<(), Unspecified> {
        for (count, part) in message.chunks_mut(BLOCK_BYTES).enumerate() {
            let mut stream = block(LENGTH_BYTES - 1, nonce, count + 1);
            self.key.encrypt(&mut stream)?;
            part.iter_mut().zip(stream).for_each(|(byte, stream)| *byte ^= stream);
        }
        Ok(())
    }
}

/// Flags, nonce and a number of three bytes.
fn block(flags: u8, nonce: [u8; NONCE_BYTES], number: usize) -> [u8; BLOCK_BYTES] {
    let mut block = [0; BLOCK_BYTES];
    let number = number.to_be_bytes();
    let parts = std::iter::once(flags).chain(nonce).chain(number.into_iter().skip(number.len() - 3));
    block.iter_mut().zip(parts).for_each(|(place, byte)| *place = byte);
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    // NIST SP 800-38C, example 3 (nonce of 12 bytes, tag of 8).
    const KEY: [u8; 16] =
        [0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f];
    const NONCE: [u8; 12] = [0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b];

    fn also() -> Vec<u8> {
        (0..20).collect()
    }

    #[test]
    fn the_third_example_of_the_standard_comes_out() {
        let key = AesCcm::new(&KEY, 8).expect("a key of 16 bytes");
        let mut message: Vec<u8> = (0x20..0x38).collect();
        let tag = key.seal(NONCE, &also(), &mut message).expect("a short message");
        let expected = [
            0xe3, 0xb2, 0x01, 0xa9, 0xf5, 0xb7, 0x1a, 0x7a, 0x9b, 0x1c, 0xea, 0xec, 0xcd, 0x97, 0xe7, 0x0b, 0x61, 0x76,
            0xaa, 0xd9, 0xa4, 0x42, 0x8a, 0xa5,
        ];
        assert_eq!(message, expected);
        assert_eq!(tag, [0x48, 0x43, 0x92, 0xfb, 0xc1, 0xb0, 0x99, 0x51]);
    }

    #[test]
    fn a_changed_message_is_refused() {
        let key = AesCcm::new(&KEY, 16).expect("a key of 16 bytes");
        let mut message = b"as it was".to_vec();
        let tag = key.seal(NONCE, &also(), &mut message).expect("a short message");
        let mut changed = message.clone();
        changed[0] ^= 1;
        assert!(key.open(NONCE, &also(), &mut changed, &tag).is_err());
        assert!(key.open(NONCE, &also(), &mut message, &tag).is_ok());
        assert_eq!(message, b"as it was");
    }
}
