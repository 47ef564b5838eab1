//! What rides along on flights that come anyway.

use x509_parser::prelude::{FromDer, X509Certificate};

use super::enumeration::{FiniteField, KeyKind, SentChain};
use super::greeting::Asked;
use crate::tls::wire::{
    self, Flight, Group, Parameters, ServerHello, SignatureScheme, SuiteAttributes, SuiteId, Version, extension,
    known_prime,
};

/// Different chains of one server that are kept.
const CHAINS_MAX: usize = 8;

/// What the flights of one version carried.
#[derive(Debug, Clone, Default)]
pub(super) struct Harvest {
    /// What the first greeting agreed to.
    pub(super) features: Option<Features>,
    /// Signature schemes in the order of their first use.
    pub(super) signature_schemes: Vec<SignatureScheme>,
    /// Groups in the order of their first use.
    pub(super) groups: Vec<Group>,
    /// The smallest finite field.
    pub(super) finite_field: Option<FiniteField>,
    /// Different chains.
    pub(super) chains: Vec<SentChain>,
    /// Whether any greeting agreed to compression; `None` when none was asked to.
    pub(super) compression: Option<bool>,
    /// Whether a certificate of the client was asked for; `None` when no flight came to its end.
    pub(super) client_certificate: Option<bool>,
    /// Whether the newest version was asked for a staple.
    pub(super) staple_asked: bool,
    /// The staple, if any came.
    pub(super) staple: Option<Vec<u8>>,
}

/// What a greeting below TLS 1.3 agrees to by its extensions; `None` for what it was not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Features {
    pub(super) secure_renegotiation: Option<bool>,
    pub(super) extended_master_secret: Option<bool>,
    pub(super) session_ticket: Option<bool>,
}

impl Features {
    fn of(hello: &ServerHello, asked: Asked) -> Self {
        let has = |kind, asked: bool| {
            let answered = hello.extension(kind).is_some();
            (asked || answered).then_some(answered)
        };
        Self {
            // Every hello asks, by the extension or by the suite that is none.
            secure_renegotiation: has(extension::RENEGOTIATION_INFO, true),
            extended_master_secret: has(extension::EXTENDED_MASTER_SECRET, asked.extended_master_secret),
            session_ticket: has(extension::SESSION_TICKET, asked.session_ticket),
        }
    }

    /// With what only a later greeting was asked.
    fn or(self, later: Self) -> Self {
        Self {
            secure_renegotiation: self.secure_renegotiation.or(later.secure_renegotiation),
            extended_master_secret: self.extended_master_secret.or(later.extended_master_secret),
            session_ticket: self.session_ticket.or(later.session_ticket),
        }
    }
}

/// Yes if one is, no if one is and the other was not asked or is no too.
fn either(one: Option<bool>, two: Option<bool>) -> Option<bool> {
    match (one, two) {
        (Some(one), Some(two)) => Some(one || two),
        (one, two) => one.or(two),
    }
}

impl Harvest {
    /// Takes what a flight of an accepted suite carries. Never one that came without the server name: it may be another
    /// host's.
    pub(super) fn take(&mut self, version: Version, suite: SuiteId, flight: &Flight, asked: Asked) {
        let Some(hello) = &flight.server_hello else { return };
        let features = Features::of(hello, asked);
        self.features = Some(self.features.map_or(features, |before| before.or(features)));
        let compressed = hello.compression != 0;
        self.compression = either(self.compression, (asked.compression || compressed).then_some(compressed));
        self.staple_asked |= asked.staple;
        let attributes = suite.attributes();
        if flight.done || flight.certificate_request.is_some() {
            let asked = flight.certificate_request.is_some();
            self.client_certificate = Some(asked || self.client_certificate == Some(true));
        }
        self.take_chain(version, flight);
        if let (Some(body), Some(attributes)) = (&flight.key_exchange, attributes) {
            self.take_key_exchange(body, attributes, version);
        }
    }

    fn take_chain(&mut self, version: Version, flight: &Flight) {
        let staple = flight.certificate_status.as_deref().and_then(|body| wire::certificate_status(body).ok());
        if self.staple.is_none() {
            self.staple.clone_from(&staple);
        }
        let Some(certificates) = certificates(flight) else { return };
        if let Some(known) = self.chains.iter_mut().find(|chain| chain.certificates == certificates) {
            known.staple = known.staple.take().or(staple);
        } else if self.chains.len() < CHAINS_MAX {
            let key = key_kind(&certificates);
            self.chains.push(SentChain { version, key, certificates, staple });
        }
    }

    fn take_key_exchange(&mut self, body: &[u8], attributes: SuiteAttributes, version: Version) {
        let Ok(exchange) = wire::server_key_exchange(body, attributes, version) else { return };
        let bits = exchange.bits();
        if let Some(scheme) = exchange.signature_scheme
            && !self.signature_schemes.contains(&scheme)
        {
            self.signature_schemes.push(scheme);
        }
        match exchange.parameters {
            Parameters::FiniteField { prime, .. } => {
                let bits = bits.unwrap_or_default();
                if self.finite_field.is_none_or(|smallest| bits < smallest.bits) {
                    self.finite_field = Some(FiniteField { bits, known_prime: known_prime(&prime) });
                }
            }
            Parameters::Curve { group, .. } => {
                if !self.groups.contains(&group) {
                    self.groups.push(group);
                }
            }
            Parameters::None | Parameters::ExplicitCurve | Parameters::Rsa { .. } | Parameters::Srp { .. } => {}
        }
    }

    /// Whether a flight carries certificates of a kind of key of which none came for the name.
    pub(super) fn is_foreign(&self, flight: &Flight) -> bool {
        certificates(flight).is_some() && self.same_certificate(flight).is_none()
    }

    /// Whether the certificate of a flight is one that came for the name; `None` when that cannot be told: it has none,
    /// or none of that kind of key came for the name yet.
    pub(super) fn same_certificate(&self, flight: &Flight) -> Option<bool> {
        let certificates = certificates(flight)?;
        let key = key_kind(&certificates);
        let mut comparable = self.chains.iter().filter(|chain| chain.key == key).peekable();
        comparable.peek()?;
        Some(comparable.any(|chain| chain.certificates.first() == certificates.first()))
    }

    /// Adds what another version's flights carried. Features are those of the newest version: add it first.
    pub(super) fn add(&mut self, other: Self) {
        if self.features.is_none() {
            (self.features, self.staple_asked) = (other.features, other.staple_asked);
        }
        for scheme in other.signature_schemes {
            if !self.signature_schemes.contains(&scheme) {
                self.signature_schemes.push(scheme);
            }
        }
        for group in other.groups {
            if !self.groups.contains(&group) {
                self.groups.push(group);
            }
        }
        self.finite_field =
            [self.finite_field, other.finite_field].into_iter().flatten().min_by_key(|field| field.bits);
        for chain in other.chains {
            if let Some(known) = self.chains.iter_mut().find(|known| known.certificates == chain.certificates) {
                known.staple = known.staple.take().or(chain.staple);
            } else if self.chains.len() < CHAINS_MAX {
                self.chains.push(chain);
            }
        }
        self.compression = either(self.compression, other.compression);
        self.client_certificate = either(self.client_certificate, other.client_certificate);
        self.staple = self.staple.take().or(other.staple);
    }
}

/// The certificates of a flight, at least one.
pub(super) fn certificates(flight: &Flight) -> Option<Vec<Vec<u8>>> {
    let certificates = wire::certificate(flight.certificate.as_deref()?).ok()?;
    if certificates.is_empty() { None } else { Some(certificates) }
}

/// Kind of the first certificate's key.
pub(super) fn key_kind(certificates: &[Vec<u8>]) -> KeyKind {
    const KINDS: &[(&str, KeyKind)] = &[
        ("1.2.840.113549.1.1.1", KeyKind::Rsa),
        ("1.2.840.113549.1.1.10", KeyKind::Rsa),
        ("1.2.840.10045.2.1", KeyKind::Ecdsa),
        ("1.3.101.112", KeyKind::Ed25519),
        ("1.3.101.113", KeyKind::Ed448),
        ("1.2.840.10040.4.1", KeyKind::Dsa),
    ];
    let Some((_, leaf)) = certificates.first().and_then(|der| X509Certificate::from_der(der).ok()) else {
        return KeyKind::Other;
    };
    let algorithm = leaf.public_key().algorithm.algorithm.to_id_string();
    KINDS.iter().find(|(id, _)| *id == algorithm).map_or(KeyKind::Other, |(_, kind)| *kind)
}

/// The curve of an ECDSA certificate's key: a server needs it among the offered ones below TLS 1.3.
pub(super) fn certificate_curve(certificates: &[Vec<u8>]) -> Option<Group> {
    const CURVES: &[(&str, u16)] = &[
        ("1.2.840.10045.3.1.1", 19),
        ("1.3.132.0.33", 21),
        ("1.2.840.10045.3.1.7", 23),
        ("1.3.132.0.34", 24),
        ("1.3.132.0.35", 25),
        ("1.3.132.0.10", 22),
        ("1.3.36.3.3.2.8.1.1.7", 26),
        ("1.3.36.3.3.2.8.1.1.11", 27),
        ("1.3.36.3.3.2.8.1.1.13", 28),
    ];
    let (_, leaf) = X509Certificate::from_der(certificates.first()?).ok()?;
    let curve = leaf.public_key().algorithm.parameters.as_ref()?.as_oid().ok()?.to_id_string();
    CURVES.iter().find(|(id, _)| *id == curve).map(|(_, group)| Group(*group))
}
