//! Hosts with rpm and dnf.

use super::seen::{Looking, Seen};

/// Reads what rpm and dnf have on this host.
pub(super) fn read(looking: &Looking<'_>) -> Seen {
    Seen::nothing(looking, &super::unsupported("rpm"))
}
