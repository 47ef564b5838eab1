//! Checks client certificates in the handshake: none is fine (enrolment), one of another CA is refused, one of ours that
//! ended within the grace is let in and is recognised later by its date, since it may only renew.

use std::sync::Arc;

use jiff::Timestamp;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme};
use rustls_pki_types::{CertificateDer, UnixTime};
use vedetta_core::actor::VerifiedCertificate;
use vedetta_core::enrolment::RENEWAL_GRACE;
use vedetta_core::ids::AgentId;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::{AGENT_NAME_PREFIX, Authority, not_after, sha256};

/// Verifier of the agents' port.
#[derive(Debug)]
pub struct AgentVerifier {
    chain: Arc<dyn ClientCertVerifier>,
}

impl AgentVerifier {
    /// The verifier for certificates of one authority.
    ///
    /// # Errors
    /// When the authority's own certificate is no trust anchor.
    pub fn new(authority: &Authority, provider: Arc<CryptoProvider>) -> Result<Self, Error> {
        let mut roots = RootCertStore::empty();
        roots.add(authority.certificate().clone())?;
        let chain = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
            .allow_unauthenticated()
            .build()
            .map_err(|error| Error::General(error.to_string()))?;
        Ok(Self { chain })
    }
}

impl ClientCertVerifier for AgentVerifier {
    fn offer_client_auth(&self) -> bool {
        true
    }

    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.chain.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let expired = match self.chain.verify_client_cert(end_entity, intermediates, now) {
            Err(
                error @ Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }),
            ) => error,
            other => return other,
        };
        let end = not_after(end_entity).ok_or(Error::InvalidCertificate(CertificateError::BadEncoding))?;
        let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        let reached = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
        if reached.duration_since(end) > RENEWAL_GRACE {
            return Err(expired);
        }
        let then =
            UnixTime::since_unix_epoch(std::time::Duration::from_secs(u64::try_from(end.as_second()).unwrap_or(0)));
        self.chain.verify_client_cert(end_entity, intermediates, then)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}

/// What a client certificate says, after the handshake has verified it; `None` when it carries no agent's name.
#[must_use]
pub fn read_certificate(certificate: &CertificateDer<'_>) -> Option<VerifiedCertificate> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    let names = parsed.subject_alternative_name().ok()??;
    let [GeneralName::URI(name)] = names.value.general_names.as_slice() else { return None };
    let (agent, generation) = name.strip_prefix(AGENT_NAME_PREFIX)?.split_once('/')?;
    Some(VerifiedCertificate {
        agent: agent.parse::<AgentId>().ok()?,
        generation: generation.parse().ok()?,
        key: sha256(parsed.public_key().raw),
        not_after: Timestamp::from_second(parsed.validity().not_after.timestamp()).ok()?,
    })
}
