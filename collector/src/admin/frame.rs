//! One JSON value in a frame: its length in four bytes, big endian, then its text.

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// Largest request, in bytes: a pack of 1 MiB as JSON text.
pub const REQUEST_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Largest answer, in bytes.
pub const ANSWER_BYTES_MAX: usize = 128 * 1024 * 1024;

/// A frame cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The connection broke.
    #[error("the connection to the collector broke: {0}")]
    Io(#[from] std::io::Error),
    /// Larger than the limit.
    #[error("{bytes} bytes, over the limit of {limit}")]
    TooLarge {
        /// How many.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// No JSON of the expected shape.
    #[error("the message is not understood: {0}")]
    Json(#[from] serde_json::Error),
}

/// Writes one value.
///
/// # Errors
/// When it is over the limit or the connection breaks.
pub async fn write(
    stream: &mut (impl AsyncWrite + Unpin),
    value: &impl Serialize,
    limit: usize,
) -> Result<(), FrameError> {
    let text = serde_json::to_vec(value)?;
    let length = u32::try_from(text.len()).ok().filter(|_| text.len() <= limit);
    let length = length.ok_or(FrameError::TooLarge { bytes: text.len(), limit })?;
    stream.write_u32(length).await?;
    stream.write_all(&text).await?;
    stream.flush().await?;
    Ok(())
}

/// Reads one value.
///
/// # Errors
/// When it is over the limit, is no such JSON, or the connection breaks.
pub async fn read<T: DeserializeOwned>(stream: &mut (impl AsyncRead + Unpin), limit: usize) -> Result<T, FrameError> {
    let bytes = usize::try_from(stream.read_u32().await?).unwrap_or(usize::MAX);
    if bytes > limit {
        return Err(FrameError::TooLarge { bytes, limit });
    }
    let mut text = Vec::new();
    let length = u64::try_from(bytes).unwrap_or(u64::MAX);
    if stream.take(length).read_to_end(&mut text).await? != bytes {
        return Err(FrameError::Io(std::io::ErrorKind::UnexpectedEof.into()));
    }
    Ok(serde_json::from_slice(&text)?)
}
