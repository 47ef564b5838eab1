//! The few words on the host that every check may use: bound as `host` in its conditions.

use vedetta_checks::judge::HostFacts;
use vedetta_checks::value::Record;

use super::{LookedAt, system};
use crate::ProbeContext;

/// The record `host` of the looked-at host, in the schema `vedetta_checks::judge::HOST_FACTS`.
///
/// Reads a few small files: call it where blocking is allowed, once for all checks of a run.
#[must_use]
pub fn profile(context: &ProbeContext) -> Record {
    #[cfg(windows)]
    let system = if context.is_live() { crate::windows::system() } else { system::facts(&LookedAt::new(context)) };
    #[cfg(not(windows))]
    let system = system::facts(&LookedAt::new(context));
    let facts = HostFacts {
        os_family: system.os_family,
        distribution: system.distribution,
        version_id: system.version_id,
        is_root: system.is_root,
        is_container: system.is_container,
        role: system.role,
    };
    facts.into_record()
}
