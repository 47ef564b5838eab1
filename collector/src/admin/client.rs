//! The command line's end of the admin socket.

use std::path::{Path, PathBuf};

use tokio::net::UnixStream;

use super::frame::{ANSWER_BYTES_MAX, FrameError, REQUEST_BYTES_MAX, read, write};
use super::server::{Call, Reply};
use super::words::Words;
use super::{SOCKET_NAME, Verb};

/// The running collector could not be asked, or said no.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody answers on the socket.
    #[error("no collector answers on {}: {why}. Start it with `vedetta-collector serve`, or name its folder with --state", socket.display())]
    Connect {
        /// Which socket.
        socket: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
    /// The exchange broke.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The collector said no.
    #[error("{}", .0.it)]
    Failed(Words),
}

/// Asks the collector whose state folder this is.
///
/// # Errors
/// [`ClientError`] says who could not or would not.
pub async fn call<V: Verb>(state: &Path, request: V::Request) -> Result<V::Answer, ClientError> {
    let socket = state.join(SOCKET_NAME);
    let mut stream =
        UnixStream::connect(&socket).await.map_err(|why| ClientError::Connect { socket: socket.clone(), why })?;
    let request = serde_json::to_value(request).map_err(FrameError::from)?;
    write(&mut stream, &Call { verb: V::NAME.to_owned(), request }, REQUEST_BYTES_MAX).await?;
    match read(&mut stream, ANSWER_BYTES_MAX).await? {
        Reply::Done(value) => Ok(serde_json::from_value(value).map_err(FrameError::from)?),
        Reply::Failed(why) => Err(ClientError::Failed(why)),
    }
}
