//! Key encapsulation in TLS 1.3: SecP384r1MLKEM1024 (draft-ietf-tls-ecdhe-mlkem) and MLKEM512 (draft-ietf-tls-mlkem),
//! which the TLS library leaves out.

use aws_lc_rs::agreement::{Algorithm, ECDH_P384, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::kem;
use rustls::crypto::{ActiveKeyExchange, SharedSecret, SupportedKxGroup};
use rustls::ffdhe_groups::FfdheGroup;
use rustls::{Error, NamedGroup, ProtocolVersion};

use super::{BAD_SHARE, ML_KEM_512, ML_KEM_1024, NO_KEY};

/// An encapsulation, perhaps behind a curve.
#[derive(Debug)]
pub(super) struct Encapsulation {
    name: NamedGroup,
    curve: Option<&'static Algorithm>,
    kem: &'static kem::Algorithm<kem::AlgorithmId>,
}

/// Length of an uncompressed point of secp384r1, in bytes.
const POINT_BYTES: usize = 97;

impl Encapsulation {
    /// Codepoint 0x11ED: the curve's share and secret stand first.
    pub(super) const SECP384R1_MLKEM1024: Self =
        Self { name: NamedGroup::Unknown(0x11ED), curve: Some(&ECDH_P384), kem: ML_KEM_1024 };
    /// Codepoint 0x0200.
    pub(super) const MLKEM512: Self = Self { name: NamedGroup::MLKEM512, curve: None, kem: ML_KEM_512 };
}

impl SupportedKxGroup for Encapsulation {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let mut share = Vec::new();
        let mut curve = None;
        if let Some(algorithm) = self.curve {
            let key = PrivateKey::generate(algorithm).map_err(|_| NO_KEY)?;
            share.extend_from_slice(key.compute_public_key().map_err(|_| NO_KEY)?.as_ref());
            curve = Some((algorithm, key));
        }
        let kem = kem::DecapsulationKey::generate(self.kem).map_err(|_| NO_KEY)?;
        let encapsulation = kem.encapsulation_key().map_err(|_| NO_KEY)?;
        share.extend_from_slice(encapsulation.key_bytes().map_err(|_| NO_KEY)?.as_ref());
        Ok(Box::new(Active { name: self.name, curve, kem, share }))
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn name(&self) -> NamedGroup {
        self.name
    }

    fn usable_for_version(&self, version: ProtocolVersion) -> bool {
        version == ProtocolVersion::TLSv1_3
    }
}

struct Active {
    name: NamedGroup,
    curve: Option<(&'static Algorithm, PrivateKey)>,
    kem: kem::DecapsulationKey<kem::AlgorithmId>,
    share: Vec<u8>,
}

impl ActiveKeyExchange for Active {
    fn complete(self: Box<Self>, peer_pub_key: &[u8]) -> Result<SharedSecret, Error> {
        let mut secret = Vec::new();
        let mut ciphertext = peer_pub_key;
        if let Some((algorithm, key)) = &self.curve {
            let (point, rest) = peer_pub_key.split_at_checked(POINT_BYTES).ok_or(BAD_SHARE)?;
            agree(key, UnparsedPublicKey::new(algorithm, point), BAD_SHARE, |shared| {
                secret.extend_from_slice(shared);
                Ok(())
            })?;
            ciphertext = rest;
        }
        let shared = self.kem.decapsulate(kem::Ciphertext::from(ciphertext)).map_err(|_| BAD_SHARE)?;
        secret.extend_from_slice(shared.as_ref());
        Ok(SharedSecret::from(secret))
    }

    fn pub_key(&self) -> &[u8] {
        &self.share
    }

    fn group(&self) -> NamedGroup {
        self.name
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }
}
