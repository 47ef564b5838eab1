//! The verifier of a finished handshake: it accepts every certificate and keeps what was sent and asked.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::sign::CertifiedKey;
use rustls::{DigitallySignedStruct, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

/// What came during one handshake.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// Certificates in the order sent; empty when none came.
    pub(crate) chain: Vec<CertificateDer<'static>>,
    /// Revocation state of the first, as sent along; empty when none came.
    pub(crate) staple: Vec<u8>,
    /// Whether the server asked for a certificate of the client.
    pub(crate) asked_for_certificate: bool,
}

/// Accepts every certificate, offers none, and keeps what it saw.
#[derive(Debug)]
pub(crate) struct Recorder {
    schemes: Vec<SignatureScheme>,
    seen: Mutex<Seen>,
}

impl Recorder {
    /// A recorder that offers these signature schemes to the server.
    pub(crate) fn new(schemes: Vec<SignatureScheme>) -> Self {
        Self { schemes, seen: Mutex::default() }
    }

    /// The signature schemes that are offered.
    pub(crate) fn schemes(&self) -> &[SignatureScheme] {
        &self.schemes
    }

    /// What came since it was asked last.
    pub(crate) fn take(&self) -> Seen {
        std::mem::take(&mut *self.seen())
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let sent = std::iter::once(end_entity).chain(intermediates);
        let mut seen = self.seen();
        seen.chain = sent.map(|certificate| certificate.clone().into_owned()).collect();
        seen.staple = ocsp_response.to_vec();
        Ok(ServerCertVerified::assertion())
    }

    // Signatures are accepted too: a server with a weak or broken one must still show its certificate.
    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes.clone()
    }
}

/// The side of the recorder that is asked for a certificate of ours.
#[derive(Debug)]
pub(crate) struct NoCertificate(pub(crate) Arc<Recorder>);

impl ResolvesClientCert for NoCertificate {
    fn resolve(&self, _root_hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.seen().asked_for_certificate = true;
        None
    }

    // Said so that the library comes and asks.
    fn has_certs(&self) -> bool {
        true
    }
}
