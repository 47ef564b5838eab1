//! The certificates that a server sends: what each says, and whether they are trusted.

pub(super) mod read;
pub(super) mod trust;
