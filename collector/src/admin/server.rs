//! The collector's end of the admin socket.

use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use vedetta_core::store::{CommitError, Store};

use super::frame::{ANSWER_BYTES_MAX, FrameError, REQUEST_BYTES_MAX, read, write};
use super::words::Words;
use super::{AdminError, Context, Facts, verbs};
use crate::intake::{DECISIONS_MAX, Shared};
use crate::stop::Stop;

/// Most requests at once.
const REQUESTS_MAX: usize = 16;
/// Longest time to send a request.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);
/// Longest time for a verb and its answer.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(600);

/// A request on the socket.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// Which verb.
    pub verb: String,
    /// What it needs to know.
    pub request: Value,
}

/// An answer on the socket.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// It was done.
    Done(Value),
    /// It was not, with the words for the person.
    Failed(Words),
}

/// The listening socket, and who may use it beside root.
#[derive(Debug)]
pub struct AdminSocket {
    listener: UnixListener,
    owner: u32,
}

impl AdminSocket {
    /// Opens the socket with mode 0600; one that a dead collector left behind is replaced. The store's lock already
    /// makes sure that no other collector runs on this state folder.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn open(path: &Path) -> io::Result<Self> {
        match std::fs::remove_file(path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        // The state folder has mode 0700, so nobody else can connect before the mode is set.
        let listener = UnixListener::bind(path)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self { listener, owner: std::fs::metadata(path)?.uid() })
    }

    /// Answers requests until the collector stops.
    pub async fn serve<S: Store>(self, shared: Arc<Shared<S>>, facts: Arc<Facts>, stop: Stop) {
        let places = Arc::new(Semaphore::new(REQUESTS_MAX));
        let stopped = stop.wait();
        tokio::pin!(stopped);
        loop {
            let stream = tokio::select! {
                () = &mut stopped => return,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        tracing::warn!(%error, "the admin socket cannot accept");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                        continue;
                    }
                },
            };
            let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                tracing::warn!("too many requests on the admin socket");
                continue;
            };
            let (shared, facts, owner) = (Arc::clone(&shared), Arc::clone(&facts), self.owner);
            tokio::spawn(async move {
                if let Err(error) = answer(stream, shared, facts, owner).await {
                    tracing::warn!(%error, "a request on the admin socket failed");
                }
                drop(place);
            });
        }
    }
}

async fn answer<S: Store>(
    mut stream: UnixStream,
    shared: Arc<Shared<S>>,
    facts: Arc<Facts>,
    owner: u32,
) -> Result<(), FrameError> {
    let uid = stream.peer_cred()?.uid();
    if !may_use(uid, owner) {
        tracing::warn!(uid, "somebody else's request on the admin socket was refused");
        let reply = Reply::Failed(Words::new(
            "può farlo solo root o l'utente del collettore",
            "only root and the collector's own user may do this",
        ));
        return write(&mut stream, &reply, ANSWER_BYTES_MAX).await;
    }
    let late = |_| FrameError::Io(io::ErrorKind::TimedOut.into());
    let call: Call =
        tokio::time::timeout(REQUEST_TIME_MAX, read(&mut stream, REQUEST_BYTES_MAX)).await.map_err(late)??;
    let context = Context { shared, facts, uid };
    let reply = match tokio::time::timeout(ANSWER_TIME_MAX, dispatch(&context, &call)).await {
        Ok(Ok(value)) => Reply::Done(value),
        Ok(Err(error)) => Reply::Failed(error.words()),
        Err(_) => {
            Reply::Failed(Words::new("durava troppo ed è stato interrotto", "this took too long and was given up"))
        }
    };
    tokio::time::timeout(REQUEST_TIME_MAX, write(&mut stream, &reply, ANSWER_BYTES_MAX)).await.map_err(late)?
}

/// Whether a user of this host may use the socket.
#[must_use]
pub const fn may_use(uid: u32, owner: u32) -> bool {
    uid == owner || uid == 0
}

/// Runs a verb, again from the start when somebody else was quicker.
async fn dispatch<S: Store>(context: &Context<S>, call: &Call) -> Result<Value, AdminError> {
    tracing::debug!(verb = call.verb, uid = context.uid, "admin request");
    let mut outcome = verbs::dispatch(context, &call.verb, &call.request).await;
    for _ in 1..DECISIONS_MAX {
        match outcome {
            Err(AdminError::Commit(error)) if matches!(*error, CommitError::Stale { .. }) => {
                outcome = verbs::dispatch(context, &call.verb, &call.request).await;
            }
            settled => return settled,
        }
    }
    outcome
}
