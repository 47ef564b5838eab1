//! The finite-field groups of RFC 7919 in TLS 1.3.

use rustls::crypto::{ActiveKeyExchange, SharedSecret, SupportedKxGroup};
use rustls::ffdhe_groups::FfdheGroup;
use rustls::{Error, NamedGroup, ProtocolVersion};

use super::{BAD_SHARE, NO_KEY};
use crate::tls::finish::{chance, modular};

/// Length of the private exponent, in bytes: twice the strength of the largest group in use (RFC 7919 section 5.2).
const EXPONENT_BYTES: usize = 48;

/// One group.
#[derive(Debug)]
pub(super) struct FiniteField {
    /// Its number in the registry.
    pub(super) name: NamedGroup,
    /// Its prime and generator.
    pub(super) group: FfdheGroup<'static>,
}

impl SupportedKxGroup for FiniteField {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let exponent = chance::random();
        let share = modular::power(self.group.g, &exponent, self.group.p).ok_or(NO_KEY)?;
        Ok(Box::new(Active { name: self.name, group: self.group, exponent, share }))
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        Some(self.group)
    }

    fn name(&self) -> NamedGroup {
        self.name
    }

    // Below TLS 1.3 the server's own parameters count, not these.
    fn usable_for_version(&self, version: ProtocolVersion) -> bool {
        version == ProtocolVersion::TLSv1_3
    }
}

struct Active {
    name: NamedGroup,
    group: FfdheGroup<'static>,
    exponent: [u8; EXPONENT_BYTES],
    share: Vec<u8>,
}

impl ActiveKeyExchange for Active {
    fn complete(self: Box<Self>, peer_pub_key: &[u8]) -> Result<SharedSecret, Error> {
        if peer_pub_key.len() != self.group.p.len() {
            return Err(BAD_SHARE);
        }
        // RFC 8446 section 7.4.1: the secret is as long as the prime.
        modular::power(peer_pub_key, &self.exponent, self.group.p).map(SharedSecret::from).ok_or(BAD_SHARE)
    }

    fn pub_key(&self) -> &[u8] {
        &self.share
    }

    fn group(&self) -> NamedGroup {
        self.name
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        Some(self.group)
    }
}
