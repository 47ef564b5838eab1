//! The two CCM suites of TLS 1.3 (RFC 8446 appendix B.4), so that a server with nothing else shows its certificate.

use std::sync::LazyLock;

use rustls::crypto::aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256;
use rustls::crypto::cipher::{
    AeadKey, InboundOpaqueMessage, InboundPlainMessage, Iv, MessageDecrypter, MessageEncrypter, Nonce,
    OutboundOpaqueMessage, OutboundPlainMessage, PrefixedPayload, Tls13AeadAlgorithm, UnsupportedOperationError,
    make_tls13_aad,
};
use rustls::{
    CipherSuite, CipherSuiteCommon, ConnectionTrafficSecrets, ContentType, Error, ProtocolVersion,
    SupportedCipherSuite, Tls13CipherSuite,
};

use super::aes_ccm::AesCcm;

/// Length of the key, in bytes.
const KEY_BYTES: usize = 16;
/// Records under one key: far more than one handshake has, far fewer than would weaken it (RFC 8446 section 5.5).
const RECORDS_MAX: u64 = 1 << 20;

/// The suites, after those of the library.
pub(crate) fn suites() -> Vec<SupportedCipherSuite> {
    static SUITES: LazyLock<Vec<Tls13CipherSuite>> = LazyLock::new(|| {
        let kinds = [
            (CipherSuite::TLS13_AES_128_CCM_SHA256, &Ccm { tag_bytes: 16 }),
            (CipherSuite::TLS13_AES_128_CCM_8_SHA256, &Ccm { tag_bytes: 8 }),
        ];
        // The hash and the derivation of keys are those of the library's suite with SHA-256.
        let Some(like) = TLS13_AES_128_GCM_SHA256.tls13() else { return Vec::new() };
        let suite = |(suite, aead_alg)| Tls13CipherSuite {
            common: CipherSuiteCommon {
                suite,
                hash_provider: like.common.hash_provider,
                confidentiality_limit: RECORDS_MAX,
            },
            hkdf_provider: like.hkdf_provider,
            aead_alg,
            quic: None,
        };
        kinds.map(|(name, aead): (_, &'static Ccm)| suite((name, aead))).into()
    });
    SUITES.iter().map(SupportedCipherSuite::Tls13).collect()
}

/// The algorithm with a length of the tag.
struct Ccm {
    tag_bytes: usize,
}

impl Tls13AeadAlgorithm for Ccm {
    fn encrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageEncrypter> {
        Box::new(Direction::new(&key, iv, self.tag_bytes))
    }

    fn decrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageDecrypter> {
        Box::new(Direction::new(&key, iv, self.tag_bytes))
    }

    fn key_len(&self) -> usize {
        KEY_BYTES
    }

    fn extract_keys(&self, _: AeadKey, _: Iv) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        Err(UnsupportedOperationError)
    }
}

/// One direction of a connection; without a key (of a wrong length) every record is an error.
struct Direction {
    key: Option<AesCcm>,
    tag_bytes: usize,
    iv: Iv,
}

impl Direction {
    fn new(key: &AeadKey, iv: Iv, tag_bytes: usize) -> Self {
        Self { key: AesCcm::new(key.as_ref(), tag_bytes).ok(), tag_bytes, iv }
    }
}

impl MessageEncrypter for Direction {
    fn encrypt(&mut self, message: OutboundPlainMessage<'_>, sequence: u64) -> Result<OutboundOpaqueMessage, Error> {
        let total = self.encrypted_payload_len(message.payload.len());
        let mut plain = message.payload.to_vec();
        plain.push(message.typ.into());
        let key = self.key.as_ref().ok_or(Error::EncryptError)?;
        let nonce = Nonce::new(&self.iv, sequence).0;
        let tag = key.seal(nonce, &make_tls13_aad(total), &mut plain).map_err(|_| Error::EncryptError)?;
        let mut payload = PrefixedPayload::with_capacity(total);
        payload.extend_from_slice(&plain);
        payload.extend_from_slice(&tag);
        Ok(OutboundOpaqueMessage::new(ContentType::ApplicationData, ProtocolVersion::TLSv1_2, payload))
    }

    fn encrypted_payload_len(&self, payload: usize) -> usize {
        payload + 1 + self.tag_bytes
    }
}

impl MessageDecrypter for Direction {
    fn decrypt<'a>(
        &mut self,
        mut message: InboundOpaqueMessage<'a>,
        sequence: u64,
    ) -> Result<InboundPlainMessage<'a>, Error> {
        let total = message.payload.len();
        let length = total.checked_sub(self.tag_bytes).ok_or(Error::DecryptError)?;
        let key = self.key.as_ref().ok_or(Error::DecryptError)?;
        let nonce = Nonce::new(&self.iv, sequence).0;
        let (content, tag) = message.payload.split_at_mut(length);
        key.open(nonce, &make_tls13_aad(total), content, tag).map_err(|_| Error::DecryptError)?;
        message.payload.truncate(length);
        message.into_tls13_unpadded_message()
    }
}
