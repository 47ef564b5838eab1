//! Certificates for mail and web servers, made as they are asked for. All have one key, so that a record of DANE can be
//! written before anybody asks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, PublicKeyData as _};
use rustls::crypto::aws_lc_rs;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{CipherSuite, ServerConfig, SupportedCipherSuite};
use rustls_pki_types::PrivateKeyDer;

/// The name in a certificate for another name.
const OTHER_NAME: &str = "somebody-else.test";

/// What is wrong with the certificates of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing.
    None,
    /// They ended.
    Expired,
    /// They are for another name.
    OtherName,
    /// Nobody knows the authority.
    Untrusted,
}

/// The authorities, and the one key.
pub struct Certificates {
    known: CertifiedIssuer<'static, KeyPair>,
    unknown: CertifiedIssuer<'static, KeyPair>,
    key: KeyPair,
}

impl Certificates {
    pub(super) fn new() -> Self {
        Self { known: authority("Known"), unknown: authority("Unknown"), key: KeyPair::generate().unwrap() }
    }

    /// The authority that a look is told to trust, as PEM.
    pub fn root(&self) -> String {
        self.known.pem()
    }

    /// SHA-256 of the key of every server (RFC 6698: selector 1, matching type 1), in hexadecimal.
    pub(super) fn key_digest(&self) -> String {
        sha256(&self.key.subject_public_key_info())
    }

    /// The same of the known authority's key.
    pub(super) fn authority_digest(&self) -> String {
        sha256(&self.known.key().subject_public_key_info())
    }

    fn certificate(&self, name: &str, fault: Fault) -> CertifiedKey {
        let name = if fault == Fault::OtherName { OTHER_NAME } else { name };
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        let (first, last) = if fault == Fault::Expired { (2024, 2025) } else { (2025, 2045) };
        params.not_before = rcgen::date_time_ymd(first, 1, 1);
        params.not_after = rcgen::date_time_ymd(last, 1, 1);
        let issuer = if fault == Fault::Untrusted { &self.unknown } else { &self.known };
        let certificate = params.signed_by(&self.key, issuer).unwrap();
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).unwrap();
        let chain = vec![certificate.der().clone(), issuer.der().clone()];
        CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()).unwrap()
    }
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.not_before = rcgen::date_time_ymd(2024, 1, 1);
    params.not_after = rcgen::date_time_ymd(2046, 1, 1);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn sha256(bytes: &[u8]) -> String {
    let suites = aws_lc_rs::ALL_CIPHER_SUITES;
    let suite = suites.iter().find(|suite| suite.suite() == CipherSuite::TLS13_AES_128_GCM_SHA256).unwrap();
    let SupportedCipherSuite::Tls13(suite) = suite else { panic!("a suite of TLS 1.3") };
    let digest = suite.common.hash_provider.hash(bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Settings of a TLS server that has a certificate for whatever name it is asked for.
pub(super) fn server(certificates: &Arc<Certificates>, fault: Fault) -> Arc<ServerConfig> {
    let resolver = ByName { certificates: Arc::clone(certificates), fault, made: Mutex::default() };
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(builder.with_no_client_auth().with_cert_resolver(Arc::new(resolver)))
}

struct ByName {
    certificates: Arc<Certificates>,
    fault: Fault,
    made: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl std::fmt::Debug for ByName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "certificates by name, fault {:?}", self.fault)
    }
}

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().unwrap_or("nameless.test").to_owned();
        let mut made = self.made.lock().unwrap();
        let make = || Arc::new(self.certificates.certificate(&name, self.fault));
        Some(Arc::clone(made.entry(name.clone()).or_insert_with(make)))
    }
}
