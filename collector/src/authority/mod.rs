//! The agents' certificate authority: made on first start, kept in the state folder, never used for people's port.
//!
//! - [`Authority`] holds the CA and issues the agents' certificates and the collector's own for the agents' port;
//! - [`verifier`] reads and checks a client certificate in the handshake;
//! - [`people`] keeps the certificate of the people's port, which has nothing to do with the CA;
//! - [`files`] writes and reads the key files.
//!
//! An agent's certificate carries one name, `spiffe://vedetta/agent/<id>/<generation>`. Host and organisation stand in
//! the collector's registry and are never read from it.

pub mod files;
pub mod people;
pub mod verifier;

use std::path::Path;
use std::time::Duration;

use aws_lc_rs::digest;
use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, SanType,
};
use rustls_pki_types::{CertificateDer, CertificateSigningRequestDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use vedetta_core::agent::Fingerprint;
use vedetta_core::ids::AgentId;
use x509_parser::prelude::{FromDer as _, X509Certificate, X509CertificationRequest};

/// What every agent's name starts with.
pub const AGENT_NAME_PREFIX: &str = "spiffe://vedetta/agent/";
/// How much a certificate starts before it is issued, so that a host whose clock is slow accepts it.
pub const BACKDATED: Duration = Duration::from_secs(15 * 60);
/// Largest certificate request that is looked at, in bytes.
pub const REQUEST_BYTES_MAX: usize = 4 * 1024;

/// How long the authority's own certificates live. How long an agent's does is a rule of `core`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetimes {
    /// The CA.
    pub authority: Duration,
    /// The collector's own on the agents' port; renewed at half of it.
    pub collector: Duration,
}

/// The authority cannot do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// A key or certificate file cannot be read or written.
    #[error(transparent)]
    File(#[from] files::FileError),
    /// A certificate cannot be made.
    #[error("cannot make {what}: {why}")]
    Issue {
        /// Which certificate.
        what: &'static str,
        /// What the library said.
        why: String,
    },
    /// What a host sent is no certificate request that we sign.
    #[error("the certificate request is refused: {0}")]
    Request(String),
}

/// A certificate with its chain and key, ready for a TLS server.
#[derive(Debug)]
pub struct ServerIdentity {
    /// The certificate first, then the one that signed it.
    pub chain: Vec<CertificateDer<'static>>,
    /// Its key.
    pub key: PrivateKeyDer<'static>,
    /// When it stops being valid.
    pub not_after: Timestamp,
}

/// A certificate that was issued to an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedCertificate {
    /// DER: the agent's certificate, then the CA's.
    pub chain: Vec<Vec<u8>>,
}

/// A certificate request that was read and whose signature was checked. Only its public key is used.
#[derive(Debug)]
pub struct CheckedRequest {
    parameters: CertificateSigningRequestParams,
    key: Fingerprint,
}

impl CheckedRequest {
    /// Reads a PKCS #10 request (RFC 2986) and checks that its sender holds the key (P-256 or Ed25519).
    ///
    /// # Errors
    /// [`AuthorityError::Request`] says what is wrong with it.
    pub fn read(der: &[u8]) -> Result<Self, AuthorityError> {
        if der.len() > REQUEST_BYTES_MAX {
            return Err(AuthorityError::Request(format!("{} bytes, over {REQUEST_BYTES_MAX}", der.len())));
        }
        let refused = |error: &dyn std::fmt::Display| AuthorityError::Request(error.to_string());
        let parameters = CertificateSigningRequestParams::from_der(&CertificateSigningRequestDer::from(der))
            .map_err(|error| refused(&error))?;
        let algorithm = parameters.public_key.algorithm();
        if algorithm != &PKCS_ECDSA_P256_SHA256 && algorithm != &PKCS_ED25519 {
            return Err(AuthorityError::Request("its key is neither P-256 nor Ed25519".to_owned()));
        }
        let (_, request) = X509CertificationRequest::from_der(der).map_err(|error| refused(&error))?;
        let key = sha256(request.certification_request_info.subject_pki.raw);
        Ok(Self { parameters, key })
    }

    /// SHA-256 of its public key (SubjectPublicKeyInfo).
    #[must_use]
    pub const fn key(&self) -> Fingerprint {
        self.key
    }
}

/// The agents' certificate authority.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    lifetimes: Lifetimes,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Authority").field("lifetimes", &self.lifetimes).finish_non_exhaustive()
    }
}

impl Authority {
    /// Opens the authority in a folder, or makes it when the folder holds none.
    ///
    /// # Errors
    /// When a file cannot be read or written, or only one of key and certificate is there: half an authority is never
    /// replaced in silence, since every agent pins its certificate.
    pub fn open(folder: &Path, lifetimes: Lifetimes, now: Timestamp) -> Result<Self, AuthorityError> {
        let pair = match files::read_pair(folder, "ca")? {
            Some(pair) => pair,
            None => {
                let made = make_authority(lifetimes.authority, now)?;
                files::write_pair(folder, "ca", &made)?;
                made
            }
        };
        let wrong = |error: rcgen::Error| AuthorityError::Issue {
            what: "the authority from its files",
            why: error.to_string(),
        };
        let key = KeyPair::from_pem(&pair.key).map_err(wrong)?;
        let certificate = files::certificates(&pair.certificate, &folder.join("ca.crt"))?
            .into_iter()
            .next()
            .ok_or(AuthorityError::Issue { what: "the authority from its files", why: "no certificate".to_owned() })?;
        let issuer = Issuer::from_ca_cert_der(&certificate, key).map_err(wrong)?;
        Ok(Self { issuer, certificate, lifetimes })
    }

    /// The CA's certificate.
    #[must_use]
    pub const fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// SHA-256 of the CA's certificate, which enrolment codes carry.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        sha256(&self.certificate)
    }

    /// How long certificates live.
    #[must_use]
    pub const fn lifetimes(&self) -> Lifetimes {
        self.lifetimes
    }

    /// Issues an agent's certificate. Whether the agent may have it was decided in `core`.
    ///
    /// # Errors
    /// When the library cannot sign.
    pub fn issue_agent(
        &self,
        request: &CheckedRequest,
        agent: AgentId,
        generation: u64,
        not_after: Timestamp,
        now: Timestamp,
    ) -> Result<IssuedCertificate, AuthorityError> {
        let what = "an agent's certificate";
        let name = format!("{AGENT_NAME_PREFIX}{agent}/{generation}");
        let mut parameters = request.parameters.clone();
        parameters.params = validity(now, not_after);
        parameters.params.distinguished_name = common_name(&format!("vedetta agent {agent}"));
        parameters.params.subject_alt_names =
            vec![SanType::URI(name.try_into().map_err(|error: rcgen::Error| issue_error(what, &error))?)];
        parameters.params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        parameters.params.use_authority_key_identifier_extension = true;
        let certificate = parameters.signed_by(&self.issuer).map_err(|error| issue_error(what, &error))?;
        Ok(IssuedCertificate { chain: vec![certificate.der().to_vec(), self.certificate.to_vec()] })
    }

    /// Issues the collector's own certificate for the agents' port, with a new key that lives in memory only.
    ///
    /// # Errors
    /// When the library cannot sign.
    pub fn issue_collector(&self, now: Timestamp) -> Result<ServerIdentity, AuthorityError> {
        let what = "the collector's certificate";
        let name = vedetta_proto::limits::COLLECTOR_NAME;
        let not_after = later(now, self.lifetimes.collector);
        let key = new_key(what)?;
        let mut parameters = validity(now, not_after);
        parameters.distinguished_name = common_name(name);
        parameters.subject_alt_names =
            vec![SanType::DnsName(name.try_into().map_err(|error: rcgen::Error| issue_error(what, &error))?)];
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        parameters.use_authority_key_identifier_extension = true;
        let certificate = parameters.signed_by(&key, &self.issuer).map_err(|error| issue_error(what, &error))?;
        Ok(ServerIdentity {
            chain: vec![certificate.der().clone(), self.certificate.clone()],
            key: PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der())),
            not_after,
        })
    }
}

fn make_authority(lifetime: Duration, now: Timestamp) -> Result<files::PemPair, AuthorityError> {
    let what = "the agents' certificate authority";
    let key = new_key(what)?;
    let mut parameters = validity(now, later(now, lifetime));
    parameters.distinguished_name = common_name("Vedetta agents");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let certificate = parameters.self_signed(&key).map_err(|error| issue_error(what, &error))?;
    Ok(files::PemPair { certificate: certificate.pem(), key: key.serialize_pem() })
}

fn issue_error(what: &'static str, error: &rcgen::Error) -> AuthorityError {
    AuthorityError::Issue { what, why: error.to_string() }
}

fn new_key(what: &'static str) -> Result<KeyPair, AuthorityError> {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(|error| issue_error(what, &error))
}

fn common_name(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

/// Parameters with their validity set, the start a little before now.
fn validity(now: Timestamp, not_after: Timestamp) -> CertificateParams {
    let moment = |time: Timestamp| {
        let seconds = u64::try_from(time.as_second()).unwrap_or(0);
        rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds)
    };
    let mut parameters = CertificateParams::default();
    parameters.not_before = moment(now.saturating_sub(BACKDATED).unwrap_or(now));
    parameters.not_after = moment(not_after);
    parameters
}

/// A moment later by a duration, in whole seconds as certificates have them; at most the last moment that there is.
#[must_use]
pub fn later(now: Timestamp, by: Duration) -> Timestamp {
    let seconds = i64::try_from(by.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(now.as_second().saturating_add(seconds)).unwrap_or(Timestamp::MAX)
}

/// The moment from which a certificate of that lifetime is to be renewed.
#[must_use]
pub fn half_life(not_after: Timestamp, lifetime: Duration) -> Timestamp {
    not_after.saturating_sub(lifetime / 2).unwrap_or(not_after)
}

/// SHA-256 as the registry keeps it.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Fingerprint {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    Fingerprint(hash)
}

/// When a certificate stops being valid; `None` when it cannot be read.
#[must_use]
pub fn not_after(certificate: &CertificateDer<'_>) -> Option<Timestamp> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    Timestamp::from_second(parsed.validity().not_after.timestamp()).ok()
}

#[cfg(test)]
mod tests;
