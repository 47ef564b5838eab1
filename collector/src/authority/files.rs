//! Key and certificate files: PEM, the key readable by the collector's own user only, replaced whole.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// Largest PEM file that is read, in bytes.
pub const FILE_BYTES_MAX: u64 = 256 * 1024;

/// A key or certificate file is not usable.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system refused.
    #[error("cannot {what} {}: {why}", path.display())]
    Io {
        /// Read, write or create.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// One of key and certificate is missing.
    #[error("{} is missing beside its partner: restore both from the backup, or move both away to start anew", .0.display())]
    Half(PathBuf),
    /// The content is no PEM of the kind that is needed.
    #[error("{} holds no usable {what}: {why}", path.display())]
    Content {
        /// Certificate or key.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

/// A certificate and its key, both PEM.
pub struct PemPair {
    /// The certificate.
    pub certificate: String,
    /// The key, PKCS #8.
    pub key: String,
}

/// Reads `NAME.crt` and `NAME.key` of a folder; `None` when neither is there.
///
/// # Errors
/// When only one is there, or a file cannot be read.
pub fn read_pair(folder: &Path, name: &str) -> Result<Option<PemPair>, FileError> {
    let (certificate, key) = (folder.join(format!("{name}.crt")), folder.join(format!("{name}.key")));
    match (read_if_there(&certificate)?, read_if_there(&key)?) {
        (Some(certificate), Some(key)) => Ok(Some(PemPair { certificate, key })),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(FileError::Half(certificate)),
        (Some(_), None) => Err(FileError::Half(key)),
    }
}

/// Writes `NAME.key` (mode 0600), then `NAME.crt`, each replaced whole and on the disk when this returns.
///
/// # Errors
/// When the system refuses.
pub fn write_pair(folder: &Path, name: &str, pair: &PemPair) -> Result<(), FileError> {
    private_folder(folder)?;
    write_private(&folder.join(format!("{name}.key")), pair.key.as_bytes())?;
    write_private(&folder.join(format!("{name}.crt")), pair.certificate.as_bytes())
}

/// Makes a folder that only the collector's own user may enter; one that was open to others is closed.
///
/// # Errors
/// When the system refuses.
pub fn private_folder(folder: &Path) -> Result<(), FileError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|why| io_error("create", folder, why))?;
    let mode = fs::metadata(folder).map_err(|why| io_error("read", folder, why))?.permissions().mode();
    if mode & 0o077 != 0 {
        let closed = fs::Permissions::from_mode(0o700);
        fs::set_permissions(folder, closed).map_err(|why| io_error("close to others", folder, why))?;
    }
    Ok(())
}

/// Replaces a file whole with content that only the collector's own user may read.
///
/// # Errors
/// When the system refuses.
pub fn write_private(path: &Path, content: &[u8]) -> Result<(), FileError> {
    let failed = |why| io_error("write", path, why);
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.as_file().set_permissions(fs::Permissions::from_mode(0o600)).map_err(failed)?;
    file.write_all(content).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}

/// The text of a file of at most [`FILE_BYTES_MAX`]; `None` when it does not exist.
///
/// # Errors
/// When it is larger, not text, or cannot be read.
pub fn read_if_there(path: &Path) -> Result<Option<String>, FileError> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.len() > FILE_BYTES_MAX => {
            return Err(FileError::Content { what: "PEM", path: path.to_owned(), why: "it is too large".to_owned() });
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io_error("read", path, error)),
    }
    fs::read_to_string(path).map(Some).map_err(|why| io_error("read", path, why))
}

/// The certificates of a PEM text.
///
/// # Errors
/// When there is none or one is damaged; the path is only for the message.
pub fn certificates(pem: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>, FileError> {
    let wrong = |why: String| FileError::Content { what: "certificate", path: path.to_owned(), why };
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|error| wrong(error.to_string()))?;
    if found.is_empty() { Err(wrong("it holds none".to_owned())) } else { Ok(found) }
}

/// The private key of a PEM text.
///
/// # Errors
/// When there is none or it is damaged; the path is only for the message.
pub fn private_key(pem: &str, path: &Path) -> Result<PrivateKeyDer<'static>, FileError> {
    PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|error| FileError::Content {
        what: "private key",
        path: path.to_owned(),
        why: error.to_string(),
    })
}

fn io_error(what: &'static str, path: &Path, why: io::Error) -> FileError {
    FileError::Io { what, path: path.to_owned(), why }
}
