//! The certificate of the people's port: the files that were configured, or a self-signed one. Never from the agents' CA:
//! a browser that trusted that CA would trust every certificate that it signs.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rcgen::{ExtendedKeyUsagePurpose, KeyUsagePurpose};

use super::{AuthorityError, ServerIdentity, files, issue_error, later, new_key, not_after, validity};

/// Where the certificate of the people's port comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeopleCertificate {
    /// Files that somebody else renews; read again when they change.
    Files {
        /// PEM, the chain with the server's own certificate first.
        certificate: PathBuf,
        /// PEM, PKCS #8, PKCS #1 or SEC1.
        key: PathBuf,
    },
    /// Made here for these names, kept in the folder, renewed at half its life.
    SelfSigned {
        /// The state folder's part for it.
        folder: PathBuf,
        /// DNS names and IP addresses.
        names: Vec<String>,
        /// How long it lives.
        lifetime: std::time::Duration,
    },
}

impl PeopleCertificate {
    /// The certificate that is to be used now; a self-signed one is made or renewed on the way.
    ///
    /// # Errors
    /// When a file cannot be read or written, or holds something else.
    pub fn load(&self, now: Timestamp) -> Result<ServerIdentity, AuthorityError> {
        match self {
            Self::Files { certificate, key } => identity(certificate, key),
            Self::SelfSigned { folder, names, lifetime } => {
                let (certificate, key) = (folder.join("people.crt"), folder.join("people.key"));
                if let Some(pair) = files::read_pair(folder, "people")? {
                    let leaf = files::certificates(&pair.certificate, &certificate)?.into_iter().next();
                    let end = leaf.as_ref().and_then(not_after);
                    if end.is_some_and(|end| now < super::half_life(end, *lifetime)) {
                        return identity(&certificate, &key);
                    }
                }
                files::write_pair(folder, "people", &self_signed(names, *lifetime, now)?)?;
                identity(&certificate, &key)
            }
        }
    }
}

fn identity(certificate: &Path, key: &Path) -> Result<ServerIdentity, AuthorityError> {
    let missing = |path: &Path| files::FileError::Half(path.to_owned());
    let chain_text = files::read_if_there(certificate)?.ok_or_else(|| missing(certificate))?;
    let key_text = files::read_if_there(key)?.ok_or_else(|| missing(key))?;
    let chain = files::certificates(&chain_text, certificate)?;
    let end = chain.first().and_then(not_after).ok_or_else(|| files::FileError::Content {
        what: "certificate",
        path: certificate.to_owned(),
        why: "its dates cannot be read".to_owned(),
    })?;
    Ok(ServerIdentity { chain, key: files::private_key(&key_text, key)?, not_after: end })
}

fn self_signed(
    names: &[String],
    lifetime: std::time::Duration,
    now: Timestamp,
) -> Result<files::PemPair, AuthorityError> {
    let what = "the certificate of the people's port";
    let key = new_key(what)?;
    let named = rcgen::CertificateParams::new(names.to_vec()).map_err(|error| issue_error(what, &error))?;
    let mut parameters = validity(now, later(now, lifetime));
    parameters.subject_alt_names = named.subject_alt_names;
    parameters.distinguished_name = super::common_name(names.first().map_or("vedetta", String::as_str));
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = parameters.self_signed(&key).map_err(|error| issue_error(what, &error))?;
    Ok(files::PemPair { certificate: certificate.pem(), key: key.serialize_pem() })
}
