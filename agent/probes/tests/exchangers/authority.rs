//! Certificates of one test: an authority that the look is told to trust, and what hangs below it.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

/// The moment that counts as now.
pub(crate) const NOW: &str = "2026-11-22T00:00:00Z";

/// An authority.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate with its issuer and its key.
#[derive(Clone)]
pub(crate) struct Certified {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: Vec<u8>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Test Authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.not_before = date_time_ymd(2024, 1, 1);
        params.not_after = date_time_ymd(2036, 1, 1);
        Self(CertifiedIssuer::self_signed(params, key()).expect("an authority"))
    }

    pub(crate) fn root(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    /// A certificate for some names that ends with a year.
    pub(crate) fn certify(&self, names: &[&str], last_year: i32) -> Certified {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("names");
        params.not_before = date_time_ymd(2024, 1, 1);
        params.not_after = date_time_ymd(last_year, 12, 31);
        let key = key();
        let own = params.signed_by(&key, &self.0).expect("a certificate");
        Certified { chain: vec![own.der().clone(), self.root()], key: key.serialize_der() }
    }
}

impl Certified {
    /// A side of TLS that shows this certificate.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.clone()));
        let configuration = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(self.chain.clone(), key)
            .expect("a certificate");
        TlsAcceptor::from(Arc::new(configuration))
    }
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}
