//! Certificates made for one test: a root, an intermediate and leaves, at fixed dates.

use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls_pki_types::CertificateDer;

/// The moment that counts as now in these tests; the leaves below are valid at it unless they say otherwise.
pub(crate) fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().expect("a moment")
}

/// A root and an intermediate below it.
pub(crate) struct Authority {
    pub(crate) root: CertifiedIssuer<'static, KeyPair>,
    pub(crate) intermediate: CertifiedIssuer<'static, KeyPair>,
}

/// A leaf's chain and key as a server needs them.
pub(crate) struct Leaf {
    pub(crate) certificate: String,
    pub(crate) others: Vec<String>,
    pub(crate) key: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        Self::with_intermediate_until(2036)
    }

    pub(crate) fn with_intermediate_until(year: i32) -> Self {
        let root = CertifiedIssuer::self_signed(issuer_params("Test Root"), key()).expect("root");
        let mut params = issuer_params("Test Intermediate");
        params.not_after = date_time_ymd(year, 1, 1);
        let intermediate = CertifiedIssuer::signed_by(params, key(), &root).expect("intermediate");
        Self { root, intermediate }
    }

    pub(crate) fn root_der(&self) -> CertificateDer<'static> {
        self.root.der().clone()
    }

    /// A leaf for `localhost` below the intermediate, which is sent along.
    pub(crate) fn leaf(&self, change: impl FnOnce(&mut CertificateParams)) -> Leaf {
        self.leaf_with_key(key(), change)
    }

    pub(crate) fn leaf_with_key(&self, key: KeyPair, change: impl FnOnce(&mut CertificateParams)) -> Leaf {
        let mut params = leaf_params();
        change(&mut params);
        let certificate = params.signed_by(&key, &self.intermediate).expect("leaf");
        Leaf { certificate: certificate.pem(), others: vec![self.intermediate.pem()], key: key.serialize_pem() }
    }
}

/// A certificate that is its own issuer.
pub(crate) fn self_signed() -> Leaf {
    let key = key();
    let certificate = leaf_params().self_signed(&key).expect("self-signed certificate");
    Leaf { certificate: certificate.pem(), others: Vec::new(), key: key.serialize_pem() }
}

fn key() -> KeyPair {
    KeyPair::generate().expect("key")
}

fn issuer_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.not_before = date_time_ymd(2024, 1, 1);
    params.not_after = date_time_ymd(2036, 1, 1);
    params
}

fn leaf_params() -> CertificateParams {
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let mut params = CertificateParams::new(names).expect("names");
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "localhost");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2026, 4, 1);
    params
}
