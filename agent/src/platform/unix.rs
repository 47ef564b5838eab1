//! Linux: modes of files, signals, a local socket, and what the kernel tells in `/proc`.

use std::collections::BTreeSet;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::net::IpAddr;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use tokio::net::{UnixListener, UnixStream};
use tokio::signal::unix::{SignalKind, signal};

/// Where the configuration is, unless `--config` names another file.
pub const CONFIG_FILE: &str = "/etc/vedetta/agent.toml";
/// Folder for identity, spool and assignment.
pub const STATE_FOLDER: &str = "/var/lib/vedetta-agent";
/// Folder with the public keys of trusted publishers.
pub const PUBLISHERS_FOLDER: &str = "/etc/vedetta/publishers";
/// What a person without the rights can do about it.
pub const AS_ADMINISTRATOR: &str = "\n  Servono i permessi di amministratore: ripetere il comando con sudo";
/// The `hosts` file, below the root folder.
pub const HOSTS_FILE: &str = "etc/hosts";
/// Name of the doorbell's socket in the state folder.
const SOCKET: &str = "doorbell";
/// Mode of files that only their owner reads, and of those that everybody reads.
const MODES: (u32, u32) = (0o600, 0o644);

/// Makes the folder and the parents that are missing; only its owner enters it.
///
/// # Errors
/// The system's answer.
pub fn make_private_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Makes a file that is not there yet, for writing.
///
/// # Errors
/// The system's answer, also when the file is there.
pub fn create_new(file: &Path, is_secret: bool) -> io::Result<File> {
    let mode = if is_secret { MODES.0 } else { MODES.1 };
    OpenOptions::new().write(true).create_new(true).mode(mode).open(file)
}

/// Makes the names in a folder durable.
///
/// # Errors
/// The system's answer.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Whether only root, or the user that runs the agent, can write there.
///
/// # Errors
/// The system's answer.
pub fn is_trusted(path: &Path) -> io::Result<bool> {
    let metadata = std::fs::metadata(path)?;
    // Our own user id, without a system call of our own: the owner of this process's folder.
    let own = std::fs::metadata("/proc/self").map_or(0, |own| own.uid());
    let is_owner = metadata.uid() == 0 || metadata.uid() == own;
    Ok(is_owner && metadata.mode() & 0o022 == 0)
}

/// The kernel's id of this start of the host; zero when it cannot be read.
#[must_use]
pub fn boot_id() -> [u8; 16] {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    uuid::Uuid::parse_str(text.trim()).map_or([0; 16], uuid::Uuid::into_bytes)
}

/// Name and addresses that the system tells elsewhere than in files: none here.
#[must_use]
pub fn own_host() -> Option<(String, BTreeSet<IpAddr>)> {
    None
}

/// Ready when the agent is asked to stop.
///
/// # Errors
/// The system's answer when signals cannot be heard.
pub fn stopped() -> io::Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Whoever rang the doorbell.
pub type Caller = UnixStream;

/// Where the agent at work hears that it shall look at once: a socket in its state folder, which only its owner enters.
pub struct Bell(UnixListener);

impl Bell {
    /// Listens in the state folder, which this process has locked: what is there is left over.
    ///
    /// # Errors
    /// The system's answer.
    pub fn hang(state: &Path) -> io::Result<Self> {
        let socket = state.join(SOCKET);
        match std::fs::remove_file(&socket) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        UnixListener::bind(&socket).map(Self)
    }

    /// Waits for the next ring.
    ///
    /// # Errors
    /// The system's answer.
    pub async fn rung(&self) -> io::Result<Caller> {
        self.0.accept().await.map(|(caller, _)| caller)
    }
}

/// Rings at the agent that works in a state folder.
///
/// # Errors
/// The system's answer, when nobody listens.
pub async fn ring(state: &Path) -> io::Result<UnixStream> {
    UnixStream::connect(state.join(SOCKET)).await
}
