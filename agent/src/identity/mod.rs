//! Who this agent is towards the collector: a key made on this host and a certificate for it.
//!
//! Everything lies in one file, replaced whole, so a crash leaves the old identity or the new one and never a key
//! without its certificate. A renewal's new key is written before its request is sent: when the answer is lost, the
//! same request is sent again.

mod file;
mod key;

use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use vedetta_checks::target::DomainName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

pub use file::{FILE_NAME, load, save};
pub use key::{PendingKey, new_key};

/// Version of the identity file; a greater one is refused.
pub const IDENTITY_VERSION: u32 = 1;

/// Why there is no usable identity.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The host was never enrolled.
    #[error("this host is not enrolled; ask for a code and run `vedetta-agent enrol CODE`")]
    NotEnrolled,
    /// The file cannot be read or written.
    #[error("{operation} {file} failed: {source}")]
    File {
        /// What was attempted.
        operation: &'static str,
        /// The file.
        file: std::path::PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The file is there and says nothing usable.
    #[error("the identity in {file} is damaged ({why}); ask for a new code and run `vedetta-agent enrol CODE --again`")]
    Corrupt {
        /// The file.
        file: std::path::PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A key or request could not be made.
    #[error("cannot make a key on this host: {0}")]
    Key(String),
    /// What the collector sent as certificates is none, or not for our key.
    #[error("the collector's answer holds no certificate for this host's key: {0}")]
    Certificate(String),
}

/// An identity, checked when it was read.
#[derive(Clone)]
pub struct Identity {
    /// Id that the collector gave, as text.
    pub agent_id: String,
    /// Name of the organisation, for people.
    pub organisation: String,
    /// Where the collector is, tried in this order.
    pub addresses: Vec<String>,
    /// Names that a person confirmed on this host.
    pub public_names: Vec<DomainName>,
    /// When the host was enrolled.
    pub enrolled_at: Timestamp,
    /// The collector's certificate authority, DER.
    pub authority: CertificateDer<'static>,
    /// Certificate and its chain, leaf first, DER.
    pub chain: Vec<CertificateDer<'static>>,
    /// Private key, PKCS #8 PEM.
    pub key: String,
    /// A renewal that was begun.
    pub pending: Option<PendingKey>,
    /// From when the certificate is valid.
    pub not_before: Timestamp,
    /// Until when it is valid.
    pub not_after: Timestamp,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Identity")
            .field("agent_id", &self.agent_id)
            .field("not_after", &self.not_after)
            .finish_non_exhaustive()
    }
}

impl Identity {
    /// When to renew: half of the certificate's life after its beginning.
    #[must_use]
    pub fn renew_at(&self) -> Timestamp {
        let half = (self.not_after.as_millisecond() - self.not_before.as_millisecond()) / 2;
        Timestamp::from_millisecond(self.not_before.as_millisecond() + half).unwrap_or(self.not_after)
    }

    /// Whether it is time to renew.
    #[must_use]
    pub fn is_renewal_due(&self, now: Timestamp) -> bool {
        now >= self.renew_at()
    }

    /// Whether the certificate has run out, so that renewing is all it may do.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.not_after
    }

    /// The same identity with the renewed certificate and its key.
    ///
    /// # Errors
    /// [`IdentityError::Certificate`] when the chain is empty, broken or for another key.
    pub fn renewed(&self, pending: &PendingKey, chain: &[Vec<u8>]) -> Result<Self, IdentityError> {
        let chain = check_chain(chain, &pending.key)?;
        let (not_before, not_after) = validity(&chain)?;
        Ok(Self { chain, key: pending.key.clone(), pending: None, not_before, not_after, ..self.clone() })
    }
}

/// The chain as certificates, when its leaf is for this key.
///
/// # Errors
/// [`IdentityError::Certificate`] says what is wrong.
pub fn check_chain(chain: &[Vec<u8>], key: &str) -> Result<Vec<CertificateDer<'static>>, IdentityError> {
    let wrong = |why: &str| IdentityError::Certificate(why.to_owned());
    let leaf = chain.first().ok_or_else(|| wrong("no certificate"))?;
    let (_, parsed) = X509Certificate::from_der(leaf).map_err(|error| wrong(&error.to_string()))?;
    let public = key::public_key(key)?;
    if parsed.public_key().subject_public_key.data.as_ref() != public.as_slice() {
        return Err(wrong("the certificate is for another key"));
    }
    Ok(chain.iter().map(|der| CertificateDer::from(der.clone())).collect())
}

/// From when and until when the leaf is valid.
///
/// # Errors
/// [`IdentityError::Certificate`] when there is none or it cannot be read.
pub fn validity(chain: &[CertificateDer<'static>]) -> Result<(Timestamp, Timestamp), IdentityError> {
    let wrong = |why: String| IdentityError::Certificate(why);
    let leaf = chain.first().ok_or_else(|| wrong("no certificate".to_owned()))?;
    let (_, parsed) = X509Certificate::from_der(leaf).map_err(|error| wrong(error.to_string()))?;
    let validity = parsed.validity();
    let time = |seconds| Timestamp::from_second(seconds).map_err(|error| wrong(error.to_string()));
    Ok((time(validity.not_before.timestamp())?, time(validity.not_after.timestamp())?))
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
