//! Certificates made for one test: a root, an intermediate and leaves, at fixed dates.

use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls_pki_types::CertificateDer;

use crate::case::Case;

/// An issuer with its key.
pub(crate) type Issuer = CertifiedIssuer<'static, KeyPair>;

/// The moment that counts as now, unless a case says otherwise.
pub(crate) fn now() -> Timestamp {
    moment("2026-03-01T12:00:00Z")
}

pub(crate) fn moment(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

/// A root and an intermediate below it, under which nothing is wrong.
pub(crate) struct Authority {
    pub(crate) root: Issuer,
    pub(crate) intermediate: Issuer,
}

impl Authority {
    pub(crate) fn new() -> Self {
        Self::with_intermediate(|_| {})
    }

    pub(crate) fn with_intermediate(change: impl FnOnce(&mut CertificateParams)) -> Self {
        let root = root("Test Root");
        let intermediate = issued("Test Intermediate", &root, change);
        Self { root, intermediate }
    }

    /// A leaf under the intermediate, with what a server should send along.
    pub(crate) fn chain(&self, change: impl FnOnce(&mut CertificateParams)) -> Vec<CertificateDer<'static>> {
        vec![leaf(&self.intermediate, change), der(&self.intermediate)]
    }

    /// The case of a server that sends a leaf and the intermediate, before somebody who trusts the root.
    pub(crate) fn case(&self, name: &'static str, change: impl FnOnce(&mut CertificateParams)) -> Case {
        self.sends(name, self.chain(change))
    }

    /// The case of a server that sends these certificates, before somebody who trusts the root.
    pub(crate) fn sends(&self, name: &'static str, chain: Vec<CertificateDer<'static>>) -> Case {
        Case::new(name, chain, self.root.der(), now())
    }
}

pub(crate) fn der(issuer: &Issuer) -> CertificateDer<'static> {
    issuer.der().clone()
}

pub(crate) fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}

pub(crate) fn root(name: &str) -> Issuer {
    root_with(name, |_| {})
}

pub(crate) fn root_with(name: &str, change: impl FnOnce(&mut CertificateParams)) -> Issuer {
    let mut params = issuer_params(name);
    change(&mut params);
    CertifiedIssuer::self_signed(params, key()).expect("a root")
}

pub(crate) fn issued(name: &str, by: &Issuer, change: impl FnOnce(&mut CertificateParams)) -> Issuer {
    issued_for(key(), name, by, change)
}

/// An intermediate for a key that may have other certificates.
pub(crate) fn issued_for(key: KeyPair, name: &str, by: &Issuer, change: impl FnOnce(&mut CertificateParams)) -> Issuer {
    let mut params = issuer_params(name);
    change(&mut params);
    CertifiedIssuer::signed_by(params, key, by).expect("an intermediate")
}

pub(crate) fn leaf(by: &Issuer, change: impl FnOnce(&mut CertificateParams)) -> CertificateDer<'static> {
    leaf_with_key(by, &key(), change)
}

pub(crate) fn leaf_with_key(
    by: &Issuer,
    key: &KeyPair,
    change: impl FnOnce(&mut CertificateParams),
) -> CertificateDer<'static> {
    let mut params = leaf_params();
    change(&mut params);
    params.signed_by(key, by).expect("a leaf").der().clone()
}

pub(crate) fn self_signed(change: impl FnOnce(&mut CertificateParams)) -> CertificateDer<'static> {
    let mut params = leaf_params();
    change(&mut params);
    params.self_signed(&key()).expect("a self-signed certificate").der().clone()
}

fn issuer_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = common_name(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = date_time_ymd(2024, 1, 1);
    params.not_after = date_time_ymd(2036, 1, 1);
    params
}

/// Valid from January to April 2026 for `www.example.it` and 192.0.2.1.
fn leaf_params() -> CertificateParams {
    let names = ["www.example.it".to_owned(), "192.0.2.1".to_owned()];
    let mut params = CertificateParams::new(names).expect("names");
    params.distinguished_name = common_name("www.example.it");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2026, 4, 1);
    params
}

pub(crate) fn common_name(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    names
}
