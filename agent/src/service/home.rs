//! The state folder: made for its owner alone, worked in by one process at a time.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::chance::{self, ChanceError};
use crate::config::Config;
use crate::connect::{Proxy, ProxyError, credentials};
use crate::identity::{Identity, IdentityError};
use crate::platform;
use crate::spool::{Spool, SpoolError, limits};
use crate::state_format::{self, StateFormatError};
use crate::targets::{HostAllow, OwnHost};

/// Name of the spool's folder in the state folder.
pub const SPOOL_FOLDER: &str = "spool";
const LOCK_FILE: &str = "lock";

/// Why the agent cannot work in its state folder.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// Another agent works there.
    #[error("another vedetta-agent is at work in {folder}; it looks and reports by itself", folder = .folder.display())]
    Locked {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder cannot be used.
    #[error("cannot use the state folder {folder}: {source}", folder = .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// A newer program wrote it.
    #[error(transparent)]
    Format(#[from] StateFormatError),
    /// There is no usable identity.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The spool cannot be used.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// The proxy's credentials cannot be used.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// No random bytes.
    #[error(transparent)]
    Chance(#[from] ChanceError),
}

/// The state folder, locked.
#[derive(Debug)]
pub struct Home {
    folder: PathBuf,
    _lock: File,
}

impl Home {
    /// Makes the folder if it is missing, and locks it.
    ///
    /// # Errors
    /// [`HomeError::Locked`] when another agent works there, [`HomeError::Format`] when a newer program wrote it,
    /// [`HomeError::Folder`] when it cannot be used.
    pub fn open(folder: &Path) -> Result<Self, HomeError> {
        let failed = |source| HomeError::Folder { folder: folder.to_path_buf(), source };
        platform::make_private_folder(folder).map_err(failed)?;
        let lock = File::options().create(true).append(true).open(folder.join(LOCK_FILE)).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {
                state_format::keep(folder)?;
                Ok(Self { folder: folder.to_path_buf(), _lock: lock })
            }
            Err(std::fs::TryLockError::WouldBlock) => Err(HomeError::Locked { folder: folder.to_path_buf() }),
            Err(std::fs::TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Opens the spool.
    ///
    /// # Errors
    /// [`HomeError::Spool`] says what is wrong with it.
    pub fn spool(&self, now: Timestamp) -> Result<Spool, HomeError> {
        Ok(Spool::open(&self.folder.join(SPOOL_FOLDER), limits(), chance::bytes()?, now)?)
    }
}

/// What this host allows now: itself, the names confirmed at enrolment, and its configuration.
pub(super) fn allow(config: &Config, identity: &Identity) -> HostAllow {
    HostAllow::new(OwnHost::read(Path::new("/")), &identity.public_names, &config.allow)
}

/// The proxy of the configuration, with its credentials.
///
/// # Errors
/// [`ProxyError::File`] when the credentials cannot be read.
pub fn proxy(config: &Config) -> Result<Option<Proxy>, ProxyError> {
    let Some(address) = &config.proxy else { return Ok(None) };
    let credentials = config.proxy_credentials_file.as_deref().map(credentials).transpose()?;
    Ok(Some(Proxy { address: address.clone(), credentials }))
}
