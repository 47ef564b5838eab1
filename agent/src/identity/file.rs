//! The identity file: JSON with PEM inside, mode 0600, replaced whole.

use std::io::{Read as _, Write as _};
use std::path::Path;

use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use serde::{Deserialize, Serialize};
use vedetta_checks::target::DomainName;

use super::{IDENTITY_VERSION, Identity, IdentityError, PendingKey, certificates, check_chain, validity};

/// Name of the file in the state folder.
pub const FILE_NAME: &str = "identity.json";
/// Longest identity file, in bytes.
const FILE_BYTES_MAX: u64 = 128 * 1024;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    agent_id: String,
    organisation: String,
    addresses: Vec<String>,
    public_names: Vec<String>,
    enrolled_at: Timestamp,
    authority: String,
    chain: String,
    key: String,
    pending: Option<PendingKey>,
}

/// Reads the identity from the state folder.
///
/// # Errors
/// [`IdentityError::NotEnrolled`] when there is none, [`IdentityError::Corrupt`] when it says nothing usable.
pub fn load(state: &Path) -> Result<Identity, IdentityError> {
    let file = state.join(FILE_NAME);
    let mut text = String::new();
    match std::fs::File::open(&file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(IdentityError::NotEnrolled),
        Err(source) => return Err(IdentityError::File { operation: "reading", file, source }),
        Ok(opened) => {
            let read = opened.take(FILE_BYTES_MAX).read_to_string(&mut text);
            read.map_err(|source| IdentityError::File { operation: "reading", file: file.clone(), source })?;
        }
    }
    parse(&text).map_err(|why| IdentityError::Corrupt { file, why })
}

fn parse(text: &str) -> Result<Identity, String> {
    let stored: Stored = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if stored.version > IDENTITY_VERSION {
        return Err(format!("it has version {}, this program reads up to {IDENTITY_VERSION}", stored.version));
    }
    let names = stored.public_names.iter().map(|name| DomainName::parse(name).map_err(|error| error.to_string()));
    let authority = certificates(&stored.authority)?.into_iter().next().ok_or("the authority is missing")?;
    let ders: Vec<Vec<u8>> = certificates(&stored.chain)?.iter().map(|certificate| certificate.to_vec()).collect();
    let chain = check_chain(&ders, &stored.key).map_err(|error| error.to_string())?;
    let (not_before, not_after) = validity(&chain).map_err(|error| error.to_string())?;
    if stored.addresses.is_empty() {
        return Err("it names no address of the collector".to_owned());
    }
    Ok(Identity {
        agent_id: stored.agent_id,
        organisation: stored.organisation,
        addresses: stored.addresses,
        public_names: names.collect::<Result<_, _>>()?,
        enrolled_at: stored.enrolled_at,
        authority,
        chain,
        key: stored.key,
        pending: stored.pending,
        not_before,
        not_after,
    })
}

/// Writes the identity into the state folder: whole, readable by its owner alone, durable when this returns.
///
/// # Errors
/// [`IdentityError::File`]: the former identity is still there.
pub fn save(state: &Path, identity: &Identity) -> Result<(), IdentityError> {
    let stored = Stored {
        version: IDENTITY_VERSION,
        agent_id: identity.agent_id.clone(),
        organisation: identity.organisation.clone(),
        addresses: identity.addresses.clone(),
        public_names: identity.public_names.iter().map(ToString::to_string).collect(),
        enrolled_at: identity.enrolled_at,
        authority: pem(std::slice::from_ref(&identity.authority)),
        chain: pem(&identity.chain),
        key: identity.key.clone(),
        pending: identity.pending.clone(),
    };
    let text = serde_json::to_string_pretty(&stored).map_err(|error| IdentityError::Key(error.to_string()))?;
    let file = state.join(FILE_NAME);
    crate::files::replace(&file, text.as_bytes()).map_err(|source| IdentityError::File {
        operation: "writing",
        file,
        source,
    })
}

fn pem(certificates: &[CertificateDer<'static>]) -> String {
    use base64::Engine as _;
    let mut text = Vec::new();
    for certificate in certificates {
        let body = base64::engine::general_purpose::STANDARD.encode(certificate);
        let lines: Vec<&[u8]> = body.as_bytes().chunks(64).collect();
        // Writing into memory cannot fail.
        let _ = writeln!(
            text,
            "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----",
            String::from_utf8_lossy(&lines.join(&b'\n'))
        );
    }
    String::from_utf8_lossy(&text).into_owned()
}
