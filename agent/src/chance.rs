//! The agent's one source of random numbers; everything else is handed what it needs.

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};

/// The system gave no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot get random bytes from the operating system")]
pub struct ChanceError;

/// Random bytes, fit for ids and keys.
///
/// # Errors
/// [`ChanceError`] when the operating system gives none.
pub fn bytes<const N: usize>() -> Result<[u8; N], ChanceError> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| ChanceError)?;
    Ok(bytes)
}

/// A number from 0 up to and not including 1, to spread agents over time. Falls back to the middle: a missing random
/// number must not stop a report.
#[must_use]
pub fn fraction() -> f64 {
    bytes::<4>().map_or(0.5, |bytes| f64::from(u32::from_be_bytes(bytes)) / (f64::from(u32::MAX) + 1.0))
}
