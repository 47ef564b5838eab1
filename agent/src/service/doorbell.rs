//! Asking the agent at work to look and report at once, over a local socket or pipe that only its owner can use.
//!
//! Nothing is said but the ring itself; the answer is one line, `ok` or why the report did not come about.

use std::io;
use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};

use crate::platform::{self, Bell, Caller};

/// Longest wait for the answer, in seconds: a whole look and a report.
const ANSWER_SECONDS_MAX: u64 = 300;
/// Longest time to hand over the answer, in seconds.
const HAND_OVER_SECONDS_MAX: u64 = 5;
/// Longest answer, in bytes.
const ANSWER_BYTES_MAX: u64 = 4 * 1024;
/// The answer after a complete report.
const DONE: &str = "ok";

/// What the agent at work listens to. A missing one (too long a path, no such file system) only costs the ring.
pub(super) struct Doorbell(Option<Bell>);

impl Doorbell {
    /// Listens in the state folder, which this process has locked: what is there is left over.
    pub(super) fn hang(state: &Path) -> Self {
        let listening = Bell::hang(state);
        Self(listening.inspect_err(|error| tracing::warn!("no doorbell for {}: {error}", state.display())).ok())
    }

    /// Waits for the next ring.
    pub(super) async fn rung(&self) -> Caller {
        match &self.0 {
            None => std::future::pending().await,
            Some(bell) => loop {
                match bell.rung().await {
                    Ok(caller) => return caller,
                    Err(error) => {
                        tracing::warn!("the doorbell failed: {error}");
                        tokio::time::sleep(Duration::from_secs(HAND_OVER_SECONDS_MAX)).await;
                    }
                }
            },
        }
    }
}

/// Tells the caller what came of it.
pub(super) async fn answer(mut caller: Caller, failure: Option<&str>) {
    let line = format!("{}\n", failure.unwrap_or(DONE));
    let handing = caller.write_all(line.as_bytes());
    let handed = tokio::time::timeout(Duration::from_secs(HAND_OVER_SECONDS_MAX), handing).await;
    if !matches!(handed, Ok(Ok(()))) {
        tracing::debug!("whoever rang has gone");
    }
}

/// Asks the agent that works in a state folder to look and report at once; answers why it could not, if it could not.
///
/// # Errors
/// When no agent hears, or it gives no answer.
pub async fn ring(state: &Path) -> io::Result<Option<String>> {
    let talk = async {
        let stream = platform::ring(state).await?;
        let mut line = String::new();
        BufReader::new(stream.take(ANSWER_BYTES_MAX)).read_line(&mut line).await?;
        Ok::<String, io::Error>(line.trim().to_owned())
    };
    let answer = tokio::time::timeout(Duration::from_secs(ANSWER_SECONDS_MAX), talk).await;
    match answer.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))? {
        line if line == DONE => Ok(None),
        line if line.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
        line => Ok(Some(line)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_ring_is_heard_and_answered() {
        let folder = tempfile::tempdir().unwrap();
        for (failure, expected) in [(None, None), (Some("no route"), Some("no route".to_owned()))] {
            let doorbell = Doorbell::hang(folder.path());
            let (caller, ()) = tokio::join!(ring(folder.path()), async {
                let caller = doorbell.rung().await;
                answer(caller, failure).await;
            });
            assert_eq!(caller.unwrap(), expected);
        }
    }

    #[tokio::test]
    async fn without_an_agent_nobody_hears() {
        assert!(ring(tempfile::tempdir().unwrap().path()).await.is_err());
    }
}
