//! The one reader of the clock here.

use jiff::Timestamp;

/// The time now.
#[expect(clippy::disallowed_methods, reason = "the one file that reads the clock")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
