//! The reader: what an agent without rights is told of its host by a process that has them.
//!
//! The service of the agent holds no privilege. What only root can see (the rules of the packet filter, who holds a socket,
//! the kinds of password hashes) is looked at by `vedetta-agent reader`, which systemd starts for one connection of the agent's
//! user and which holds three capabilities, writes nowhere and reaches no network. It takes one word of a closed list
//! ([`Part`]) and answers the facts of that part, by the same code and the same rules on persons as the agent's own look. What
//! is declared of the host it reads itself, from the configuration that belongs to root. A reader that is missing, slow or
//! strange costs nothing but its facts: the agent then looks itself, and says what needs privilege.
//!
//! | file | what it is |
//! | --- | --- |
//! | `form` | what crosses, and how it is read back |
//! | `ask` | the agent's end |
//! | `serve` | the reader's end |

#[cfg(unix)]
mod ask;
pub mod form;
#[cfg(unix)]
pub mod serve;

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Semaphore;
use vedetta_checks::catalogue::Observation;
use vedetta_checks::word::ProbeName;
use vedetta_probes::ProbeContext;
use vedetta_probes::privileged::Part;

use crate::config::Config;

/// Where the reader is reached, unless the configuration says otherwise: as in its socket's unit.
#[cfg(unix)]
pub const SOCKET_DEFAULT: &str = "/run/vedetta-agent-reader.socket";
/// On Windows the service has the rights itself.
#[cfg(not(unix))]
pub const SOCKET_DEFAULT: &str = "";
/// Most readers at once: each may read large lists.
const AT_ONCE_MAX: usize = 2;

/// The way to the reader.
#[derive(Debug, Clone)]
pub struct Reader {
    socket: PathBuf,
    turns: Arc<Semaphore>,
}

impl Reader {
    /// The reader of this host, for an agent that is not root itself: root looks with its own rights.
    #[must_use]
    pub fn of(config: &Config) -> Option<Self> {
        let socket = config.reader.clone().filter(|_| !is_root())?;
        Some(Self::at(socket))
    }

    /// The reader behind a socket. Nothing is opened yet.
    #[must_use]
    pub fn at(socket: PathBuf) -> Self {
        Self { socket, turns: Arc::new(Semaphore::new(AT_ONCE_MAX)) }
    }

    /// What a probe sees of the host with the reader's rights; nothing when it needs none, or when the reader does not tell:
    /// then the caller looks itself.
    pub async fn observe(&self, probe: &ProbeName, context: &ProbeContext) -> Option<Observation> {
        let part = Part::of_probe(probe).filter(|_| context.is_live())?;
        let _turn = self.turns.acquire().await.ok()?;
        match self.ask(part).await {
            Ok(seen) => {
                let completed = vedetta_probes::privileged::complete(part, seen, context.clone()).await;
                completed.inspect_err(|error| tracing::warn!("what the reader saw cannot be completed: {error}")).ok()
            }
            Err(error) => {
                tracing::debug!("the reader tells nothing of `{}`: {error}", part.word());
                None
            }
        }
    }
}

/// Whether this process has the rights of root: the owner of its folder in `/proc`.
#[cfg(unix)]
pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// Windows has no root.
#[cfg(not(unix))]
pub(crate) const fn is_root() -> bool {
    false
}

#[cfg(not(unix))]
impl Reader {
    async fn ask(&self, _part: Part) -> std::io::Result<Observation> {
        let place = self.socket.display();
        Err(std::io::Error::new(std::io::ErrorKind::Unsupported, format!("no reader at `{place}`: Windows has none")))
    }
}
