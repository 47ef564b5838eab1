//! TLS 1.3 settings: for the first contact by the fingerprint in the code, and from then on by the pinned authority.

use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};

use crate::identity::Identity;

/// TLS settings that cannot work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// Our key or certificate is unusable.
    #[error("the identity of this host cannot be used for TLS: {0}")]
    Identity(String),
    /// The authority's certificate is unusable.
    #[error("the certificate of the collector's authority cannot be used: {0}")]
    Authority(String),
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// Settings for an enrolled host: our certificate towards the collector, its authority pinned.
///
/// # Errors
/// [`TlsError`] when identity or authority cannot be used.
pub fn identified(identity: &Identity) -> Result<Arc<ClientConfig>, TlsError> {
    let wrong = |error: rustls::Error| TlsError::Identity(error.to_string());
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes())
        .map_err(|error| TlsError::Identity(error.to_string()))?;
    let verifier = verifier(&identity.authority)?;
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(wrong)?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_client_auth_cert(identity.chain.clone(), key)
        .map_err(wrong)?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    // Every session proves itself anew, so a revocation is never passed by.
    config.resumption = rustls::client::Resumption::disabled();
    Ok(Arc::new(config))
}

fn verifier(authority: &CertificateDer<'static>) -> Result<Arc<WebPkiServerVerifier>, TlsError> {
    let wrong = |why: String| TlsError::Authority(why);
    let mut roots = RootCertStore::empty();
    roots.add(authority.clone()).map_err(|error| wrong(error.to_string()))?;
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
        .build()
        .map_err(|error| wrong(error.to_string()))
}

/// Settings for the first contact, and the authority's certificate once it was seen.
pub struct Enrolling {
    /// The settings.
    pub config: Arc<ClientConfig>,
    authority: Arc<OnceLock<CertificateDer<'static>>>,
}

impl Enrolling {
    /// The certificate with the code's fingerprint, once a handshake has succeeded.
    #[must_use]
    pub fn authority(&self) -> Option<CertificateDer<'static>> {
        self.authority.get().cloned()
    }
}

/// Settings for a host without an identity: the collector must show the authority whose fingerprint the code carries.
///
/// # Errors
/// [`TlsError`] when the build offers no TLS 1.3.
pub fn enrolling(fingerprint: [u8; 32]) -> Result<Enrolling, TlsError> {
    let authority = Arc::new(OnceLock::new());
    let provider = provider();
    let verifier = FingerprintVerifier {
        fingerprint,
        authority: Arc::clone(&authority),
        algorithms: provider.signature_verification_algorithms,
    };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|error| TlsError::Identity(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    config.resumption = rustls::client::Resumption::disabled();
    Ok(Enrolling { config: Arc::new(config), authority })
}

/// Accepts a chain that holds the certificate with the fingerprint, when the leaf is valid beneath it and for the fixed
/// name. Everything else is rustls's own verification.
#[derive(Debug)]
struct FingerprintVerifier {
    fingerprint: [u8; 32],
    authority: Arc<OnceLock<CertificateDer<'static>>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for FingerprintVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let matches = |certificate: &&CertificateDer<'_>| fingerprint(certificate) == self.fingerprint;
        let authority = intermediates
            .iter()
            .find(matches)
            .ok_or(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer))?
            .clone()
            .into_owned();
        let verifier = verifier(&authority).map_err(|error| rustls::Error::General(error.to_string()))?;
        let verified = verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)?;
        // A second handshake sees the same certificate: its digest is fixed.
        let _ = self.authority.set(authority);
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// SHA-256 of a certificate's DER.
fn fingerprint(certificate: &CertificateDer<'_>) -> [u8; 32] {
    let digest = ::aws_lc_rs::digest::digest(&::aws_lc_rs::digest::SHA256, certificate);
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
    bytes
}
