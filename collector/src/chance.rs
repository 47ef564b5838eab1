//! The collector's one source of random numbers; everything else is handed what it needs.

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use jiff::Timestamp;
use uuid::Uuid;

/// The system gave no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot get random bytes from the operating system")]
pub struct ChanceError;

/// Random bytes, fit for secrets and keys.
///
/// # Errors
/// [`ChanceError`] when the operating system gives none.
pub fn bytes<const N: usize>() -> Result<[u8; N], ChanceError> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| ChanceError)?;
    Ok(bytes)
}

/// A new id (UUIDv7, RFC 9562 section 5.7) whose leading part is the given time.
///
/// # Errors
/// [`ChanceError`] when the operating system gives no random bytes.
pub fn id(now: Timestamp) -> Result<Uuid, ChanceError> {
    let milliseconds = u64::try_from(now.as_millisecond()).unwrap_or(0);
    Ok(uuid::Builder::from_unix_timestamp_millis(milliseconds, &bytes()?).into_uuid())
}

/// Several new ids at once, for use cases that take them one by one.
///
/// # Errors
/// [`ChanceError`] when the operating system gives no random bytes.
pub fn ids(now: Timestamp, count: usize) -> Result<Vec<Uuid>, ChanceError> {
    (0..count).map(|_| id(now)).collect()
}
