//! The agent's one reader of the clock; everything else is handed the time.

use jiff::Timestamp;

/// Where the time comes from; tests hand in another.
pub type Clock = fn() -> Timestamp;

/// The host's clock.
#[expect(clippy::disallowed_methods, reason = "the one place of this crate that reads the clock")]
#[must_use]
pub fn system() -> Timestamp {
    Timestamp::now()
}
