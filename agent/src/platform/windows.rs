//! Windows: access lists instead of modes, console events, a named pipe, and what the interfaces tell.
//!
//! Everything of the agent lies below one folder that only administrators and the system itself enter. The access list is set
//! by `icacls`, the system's own program; groups are named by their numbers, which are the same in every language.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::windows::named_pipe::{ClientOptions, NamedPipeClient, NamedPipeServer, ServerOptions};
use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown};
use tokio::sync::Mutex;
use uuid::Uuid;
use windows_registry::LOCAL_MACHINE;

use super::program::run_system_program;
use crate::chance;

/// The folder of everything that the agent keeps.
pub const HOME: &str = "C:\\ProgramData\\Vedetta";
/// Where the configuration is, unless `--config` names another file.
pub const CONFIG_FILE: &str = "C:\\ProgramData\\Vedetta\\agent.toml";
/// Folder for identity, spool and assignment.
pub const STATE_FOLDER: &str = "C:\\ProgramData\\Vedetta\\state";
/// Folder with the public keys of trusted publishers.
pub const PUBLISHERS_FOLDER: &str = "C:\\ProgramData\\Vedetta\\publishers";
/// What a person without the rights can do about it.
pub const AS_ADMINISTRATOR: &str =
    "\n  Servono i permessi di amministratore: ripetere il comando in un terminale aperto come amministratore";
/// The `hosts` file, below the root folder.
pub const HOSTS_FILE: &str = "Windows\\System32\\drivers\\etc\\hosts";
/// Full control for the system and for administrators, for all that is below too (well-known security identifiers).
const SYSTEM_AND_ADMINISTRATORS: [&str; 2] = ["*S-1-5-18:(OI)(CI)F", "*S-1-5-32-544:(OI)(CI)F"];
/// Full control for whoever owns the folder.
const OWNER: &str = "*S-1-3-4:(OI)(CI)F";
/// The group of administrators, as an owner.
const ADMINISTRATORS: &str = "*S-1-5-32-544";
/// What a caller sends to ring: only who may write to the pipe can, and those are administrators and the system.
const RING: u8 = b'!';
/// Where the id of this start of the host is kept: a volatile key, which lives in memory alone and goes when Windows stops. Only
/// administrators and the system write below `SOFTWARE`.
const START_KEY: &str = "SOFTWARE\\Vedetta-start";
/// Name of the value in it.
const START_ID: &str = "Id";
/// Longest wait for that sign, in seconds.
const RING_SECONDS_MAX: u64 = 5;
/// How often, and after which pause, a busy pipe is tried again.
const BUSY_ATTEMPTS_MAX: u32 = 50;
const BUSY_PAUSE: Duration = Duration::from_millis(100);
/// Every instance of the pipe has a caller (`ERROR_PIPE_BUSY`).
const PIPE_BUSY: i32 = 231;

/// Makes the folder and the parents that are missing; only the system and administrators enter it, and its owner where it is
/// not below [`HOME`]. What others put there before gets the same access list.
///
/// # Errors
/// The system's answer, or that of `icacls`.
pub fn make_private_folder(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let is_ours = folder.starts_with(HOME);
    let top = if is_ours { Path::new(HOME) } else { folder };
    let top =
        top.to_str().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the folder's name is no text"))?;
    let icacls = |arguments: &[&str]| run_system_program("icacls.exe", arguments).map(drop);
    if is_ours {
        icacls(&[top, "/setowner", ADMINISTRATORS, "/T", "/C", "/Q"])?;
    }
    let [system, administrators] = SYSTEM_AND_ADMINISTRATORS;
    let mut list = vec![top, "/inheritance:r", "/grant:r", system, "/grant:r", administrators];
    if !is_ours {
        list.extend(["/grant:r", OWNER]);
    }
    list.push("/Q");
    icacls(&list)?;
    icacls(&[&format!("{top}\\*"), "/reset", "/T", "/C", "/Q"])
}

/// Makes a file that is not there yet, for writing. Who reads it is decided by its folder.
///
/// # Errors
/// The system's answer, also when the file is there.
pub fn create_new(file: &Path, _is_secret: bool) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(file)
}

/// The file system keeps the order of names itself; a folder cannot be synced.
///
/// # Errors
/// None.
pub fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// Whether only administrators can write there: so it is below the agent's own folder, and nowhere else is believed.
///
/// # Errors
/// The system's answer.
pub fn is_trusted(path: &Path) -> io::Result<bool> {
    // Real paths, so that no link leads elsewhere. The agent's own folder may not be there.
    let home = Path::new(HOME).canonicalize();
    Ok(home.is_ok_and(|home| path.canonicalize().is_ok_and(|path| path.starts_with(home))))
}

/// The id of this start of the host; zero for who may not keep one (an agent that is no administrator). Windows has none of its own, and the moment of
/// the start, counted back from now, differs by a second from one reading to the next: an id made of it would come back, as
/// that of a copied host does. So the first to ask draws one, and keeps it where Windows forgets it when it starts anew.
#[must_use]
pub fn boot_id() -> [u8; 16] {
    kept_boot_id().unwrap_or_else(|error| {
        tracing::warn!("no id for this start of the host: {error}");
        [0; 16]
    })
}

fn kept_boot_id() -> io::Result<[u8; 16]> {
    let mut options = LOCAL_MACHINE.options();
    let key = options.read().write().create().volatile().wow64_64().open(START_KEY).map_err(io::Error::other)?;
    let kept = || key.get_string(START_ID).ok().and_then(|text| Uuid::parse_str(&text).ok());
    if let Some(id) = kept() {
        return Ok(id.into_bytes());
    }
    let drawn = Uuid::from_bytes(chance::bytes().map_err(io::Error::other)?);
    key.set_string(START_ID, drawn.to_string()).map_err(io::Error::other)?;
    // Another program of ours may have drawn at the same time: what is kept is asked once more.
    Ok(kept().unwrap_or(drawn).into_bytes())
}

/// The name of the host and the addresses of its interfaces.
#[must_use]
pub fn own_host() -> Option<(String, BTreeSet<IpAddr>)> {
    let adapters = ipconfig::get_adapters().unwrap_or_default();
    let addresses = adapters.iter().flat_map(ipconfig::Adapter::ip_addresses).copied().collect();
    Some((std::env::var("COMPUTERNAME").unwrap_or_default().to_lowercase(), addresses))
}

/// Ready when the agent is asked to stop at a console, or the console or the host goes away.
///
/// # Errors
/// The system's answer when events cannot be heard.
pub fn stopped() -> io::Result<impl Future<Output = ()>> {
    let (mut c, mut pause, mut close, mut shutdown) = (ctrl_c()?, ctrl_break()?, ctrl_close()?, ctrl_shutdown()?);
    Ok(async move {
        tokio::select! {
            _ = c.recv() => {}
            _ = pause.recv() => {}
            _ = close.recv() => {}
            _ = shutdown.recv() => {}
        }
    })
}

/// Whoever rang the doorbell.
pub type Caller = NamedPipeServer;

/// Where the agent at work hears that it shall look at once: a pipe of this host, named after the state folder.
pub struct Bell {
    name: String,
    waiting: Mutex<Option<NamedPipeServer>>,
}

impl Bell {
    /// Listens for the state folder, which this process has locked. Nobody else can have made a pipe of that name.
    ///
    /// # Errors
    /// The system's answer.
    pub fn hang(state: &Path) -> io::Result<Self> {
        let name = pipe_name(state);
        let first = ServerOptions::new().first_pipe_instance(true).create(&name)?;
        Ok(Self { name, waiting: Mutex::new(Some(first)) })
    }

    /// Waits for the next ring.
    ///
    /// # Errors
    /// The system's answer, or that a caller sent no ring in time.
    pub async fn rung(&self) -> io::Result<Caller> {
        let mut waiting = self.waiting.lock().await;
        if waiting.is_none() {
            *waiting = Some(ServerOptions::new().create(&self.name)?);
        }
        // The pipe stays where it is until a ring is heard: who waits here may be called away, and comes again.
        let Some(pipe) = waiting.as_mut() else { return Err(io::ErrorKind::NotConnected.into()) };
        let mut sign = [0];
        let heard = async {
            pipe.connect().await?;
            let read = tokio::time::timeout(Duration::from_secs(RING_SECONDS_MAX), pipe.read_exact(&mut sign)).await;
            read.unwrap_or_else(|_elapsed| Err(io::ErrorKind::TimedOut.into())).map(drop)
        };
        let heard = heard.await;
        let caller = waiting.replace(ServerOptions::new().create(&self.name)?);
        match (heard, caller) {
            (Ok(()), Some(caller)) if sign == [RING] => Ok(caller),
            (Ok(()), _) => Err(io::Error::new(io::ErrorKind::InvalidData, "a caller sent something else than a ring")),
            (Err(error), _) => Err(error),
        }
    }
}

/// Rings at the agent that works in a state folder.
///
/// # Errors
/// The system's answer, when nobody listens or this user may not ring.
pub async fn ring(state: &Path) -> io::Result<NamedPipeClient> {
    let name = pipe_name(state);
    let mut attempts = 0;
    let mut pipe = loop {
        match ClientOptions::new().open(&name) {
            Err(error) if error.raw_os_error() == Some(PIPE_BUSY) && attempts < BUSY_ATTEMPTS_MAX => {
                attempts += 1;
                tokio::time::sleep(BUSY_PAUSE).await;
            }
            opened => break opened?,
        }
    };
    pipe.write_all(&[RING]).await?;
    Ok(pipe)
}

/// One pipe for each state folder.
fn pipe_name(state: &Path) -> String {
    let place = state.canonicalize().unwrap_or_else(|_| state.to_path_buf());
    let place = place.to_string_lossy().to_lowercase();
    let digest = digest(&SHA256, place.as_bytes());
    let digits: String = digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("\\\\.\\pipe\\vedetta-agent-{digits}")
}
