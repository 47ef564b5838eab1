//! Protection of the records that we send, from SSL 3.0 to TLS 1.2. What the server sends is not opened: the type of a
//! record stands in clear before it (RFC 5246 section 6.2.3), and tells enough.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, Algorithm, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_128, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;

use super::hash::Hash;
use super::rc4::Rc4;
use crate::tls::finish::aes_ccm::AesCcm;
use crate::tls::finish::chance;
use crate::tls::wire::Version;

/// Length of a block of AES, in bytes.
const BLOCK_BYTES: usize = 16;
/// Length of the part of a nonce that stands before each record in GCM and CCM, in bytes.
const EXPLICIT_BYTES: usize = 8;

/// A cipher that we can send with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bulk {
    /// None.
    Null,
    /// RC4.
    Rc4,
    /// AES in a chain.
    AesCbc,
    /// AES-GCM (RFC 5288).
    AesGcm,
    /// AES-CCM (RFC 6655) with a tag of so many bytes.
    AesCcm(usize),
    /// `ChaCha20` with Poly1305 (RFC 7905).
    ChaCha20,
}

/// What a suite needs out of the key block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Cipher.
    pub(crate) bulk: Bulk,
    /// Length of its key, in bytes.
    pub(crate) key_bytes: usize,
    /// Hash of the MAC, where it is apart.
    pub(crate) mac: Option<Hash>,
}

impl Shape {
    const fn mac_bytes(self) -> usize {
        match self.mac {
            Some(hash) => hash.length(),
            None => 0,
        }
    }

    const fn iv_bytes(self) -> usize {
        match self.bulk {
            Bulk::Null | Bulk::Rc4 => 0,
            Bulk::AesCbc => BLOCK_BYTES,
            Bulk::AesGcm | Bulk::AesCcm(_) => 4,
            Bulk::ChaCha20 => 12,
        }
    }

    /// Length of the key block, in bytes: both directions.
    pub(crate) const fn block_bytes(self) -> usize {
        2 * (self.mac_bytes() + self.key_bytes + self.iv_bytes())
    }
}

/// The sending side of a connection after `ChangeCipherSpec`.
#[derive(Debug)]
pub(crate) struct Sender {
    version: Version,
    sequence: u64,
    mac: Option<(Hash, Vec<u8>)>,
    cipher: Cipher,
}

#[derive(Debug)]
enum Cipher {
    Null,
    Rc4(Rc4),
    /// The last block that was sent, which begins the next record up to TLS 1.0.
    Cbc(EncryptingKey, [u8; BLOCK_BYTES]),
    /// The fixed part of the nonce, in front of the sequence number.
    Gcm(LessSafeKey, [u8; 4]),
    Ccm(AesCcm, [u8; 4]),
    /// The fixed nonce, which the sequence number is mixed into.
    ChaCha20(LessSafeKey, [u8; 12]),
}

impl Sender {
    /// The client's side of a key block; `None` when the block or a key is too short.
    pub(crate) fn new(version: Version, shape: Shape, key_block: &[u8]) -> Option<Self> {
        let (mac_key, rest) = key_block.split_at_checked(2 * shape.mac_bytes())?;
        let (keys, ivs) = rest.split_at_checked(2 * shape.key_bytes)?;
        let mac_key = mac_key.get(..shape.mac_bytes())?;
        let key = keys.get(..shape.key_bytes)?;
        let iv = ivs.get(..shape.iv_bytes())?;
        let aead = |algorithm: &'static Algorithm| Some(LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?));
        let cipher = match shape.bulk {
            Bulk::Null => Cipher::Null,
            Bulk::Rc4 => Cipher::Rc4(Rc4::new(key)),
            Bulk::AesCbc => {
                let algorithm = if shape.key_bytes == 16 { &AES_128 } else { &AES_256 };
                let key = EncryptingKey::cbc(UnboundCipherKey::new(algorithm, key).ok()?).ok()?;
                Cipher::Cbc(key, iv.try_into().ok()?)
            }
            Bulk::AesGcm => {
                let algorithm = if shape.key_bytes == 16 { &AES_128_GCM } else { &AES_256_GCM };
                Cipher::Gcm(aead(algorithm)?, iv.try_into().ok()?)
            }
            Bulk::AesCcm(tag_bytes) => Cipher::Ccm(AesCcm::new(key, tag_bytes).ok()?, iv.try_into().ok()?),
            Bulk::ChaCha20 => Cipher::ChaCha20(aead(&CHACHA20_POLY1305)?, iv.try_into().ok()?),
        };
        Some(Self { version, sequence: 0, mac: shape.mac.map(|hash| (hash, mac_key.to_vec())), cipher })
    }

    /// A whole record around the content; `None` when it is too long for one.
    pub(crate) fn record(&mut self, kind: u8, content: &[u8]) -> Option<Vec<u8>> {
        let length = u16::try_from(content.len()).ok()?;
        let [high, low] = self.version.number().to_be_bytes();
        let sequence = self.sequence.to_be_bytes();
        let header = [&sequence[..], &[kind, high, low], &length.to_be_bytes()].concat();
        let mut plain = content.to_vec();
        if let Some((hash, key)) = &self.mac {
            plain.extend(mac_of(self.version, *hash, key, &header, content));
        }
        let sealed = self.seal(plain, &header, sequence)?;
        self.sequence += 1;
        let length = u16::try_from(sealed.len()).ok()?;
        Some([&[kind, high, low][..], &length.to_be_bytes(), &sealed].concat())
    }

    /// Longest record that a content of so many bytes becomes under this cipher, in bytes without the header.
    pub(crate) fn sealed_bytes(&self, content: usize) -> usize {
        let mac = self.mac.as_ref().map_or(0, |(hash, _)| hash.length());
        match &self.cipher {
            Cipher::Null | Cipher::Rc4(_) => content + mac,
            // A block before, and padding up to a whole one.
            Cipher::Cbc(..) => BLOCK_BYTES + (content + mac + 1).next_multiple_of(BLOCK_BYTES),
            Cipher::Gcm(..) | Cipher::Ccm(..) | Cipher::ChaCha20(..) => content + EXPLICIT_BYTES + 16,
        }
    }

    fn seal(&mut self, mut plain: Vec<u8>, header: &[u8], sequence: [u8; 8]) -> Option<Vec<u8>> {
        match &mut self.cipher {
            Cipher::Null => Some(plain),
            Cipher::Rc4(stream) => {
                stream.apply(&mut plain);
                Some(plain)
            }
            Cipher::Cbc(key, last) => {
                let fill = BLOCK_BYTES - 1 - plain.len() % BLOCK_BYTES;
                plain.resize(plain.len() + fill + 1, u8::try_from(fill).ok()?);
                let explicit = matches!(self.version, Version::Tls11 | Version::Tls12);
                let begin = if explicit { chance::random() } else { *last };
                key.less_safe_encrypt(&mut plain, EncryptionContext::Iv128(FixedLength::from(begin))).ok()?;
                *last = plain.last_chunk().copied()?;
                Some(if explicit { [&begin[..], &plain].concat() } else { plain })
            }
            Cipher::Gcm(key, fixed) => {
                let nonce = Nonce::assume_unique_for_key(joined(*fixed, sequence));
                key.seal_in_place_append_tag(nonce, Aad::from(header), &mut plain).ok()?;
                Some([&sequence[..], &plain].concat())
            }
            Cipher::Ccm(key, fixed) => {
                let tag = key.seal(joined(*fixed, sequence), header, &mut plain).ok()?;
                Some([&sequence[..], &plain, &tag].concat())
            }
            Cipher::ChaCha20(key, fixed) => {
                let mut nonce = *fixed;
                nonce.iter_mut().skip(4).zip(sequence).for_each(|(place, byte)| *place ^= byte);
                let nonce = Nonce::assume_unique_for_key(nonce);
                key.seal_in_place_append_tag(nonce, Aad::from(header), &mut plain).ok()?;
                Some(plain)
            }
        }
    }
}

fn joined(fixed: [u8; 4], sequence: [u8; EXPLICIT_BYTES]) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce.iter_mut().zip(fixed.into_iter().chain(sequence)).for_each(|(place, byte)| *place = byte);
    nonce
}

/// The MAC of a record: HMAC since TLS 1.0, before that the pads of RFC 6101 section 5.2.3.1 over a header without
/// version.
fn mac_of(version: Version, hash: Hash, key: &[u8], header: &[u8], content: &[u8]) -> Vec<u8> {
    if version != Version::Ssl3 {
        return hash.mac(key, &[header, content]);
    }
    let pad = if hash == Hash::Md5 { 48 } else { 40 };
    let (sequence_and_kind, version_and_length) = header.split_at(9.min(header.len()));
    let length = version_and_length.get(2..).unwrap_or_default();
    let inner = hash.digest(&[key, &vec![0x36; pad], sequence_and_kind, length, content]);
    hash.digest(&[key, &vec![0x5C; pad], &inner])
}

#[cfg(test)]
mod tests {
    use super::*;

    const CBC: Shape = Shape { bulk: Bulk::AesCbc, key_bytes: 16, mac: Some(Hash::Sha1) };

    fn sender(version: Version, shape: Shape) -> Sender {
        Sender::new(version, shape, &vec![7; shape.block_bytes()]).expect("a key block of the right length")
    }

    #[test]
    fn a_record_is_as_long_as_its_cipher_makes_it() {
        let null = Shape { bulk: Bulk::Null, key_bytes: 0, mac: Some(Hash::Md5) };
        let gcm = Shape { bulk: Bulk::AesGcm, key_bytes: 32, mac: None };
        let ccm = Shape { bulk: Bulk::AesCcm(8), key_bytes: 16, mac: None };
        let chacha = Shape { bulk: Bulk::ChaCha20, key_bytes: 32, mac: None };
        let rc4 = Shape { bulk: Bulk::Rc4, key_bytes: 16, mac: Some(Hash::Sha1) };
        let cases = [
            (Version::Ssl3, null, 16 + 16),
            (Version::Tls10, CBC, 48),
            (Version::Tls11, CBC, 16 + 48),
            (Version::Tls12, gcm, 8 + 16 + 16),
            (Version::Tls12, ccm, 8 + 16 + 8),
            (Version::Tls12, chacha, 16 + 16),
            (Version::Tls12, rc4, 16 + 20),
        ];
        for (version, shape, length) in cases {
            let record = sender(version, shape).record(22, &[1; 16]).expect("a short record");
            assert_eq!(record.len() - 5, length, "{version} {shape:?}");
        }
    }

    #[test]
    fn the_same_content_is_never_sent_alike_twice() {
        let mut sender = sender(Version::Tls10, CBC);
        assert_ne!(sender.record(22, b"hello"), sender.record(22, b"hello"));
    }

    #[test]
    fn a_short_key_block_gives_no_sender() {
        assert!(Sender::new(Version::Tls12, CBC, &[7; 60]).is_none());
    }
}
