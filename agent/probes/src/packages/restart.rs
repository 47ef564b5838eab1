//! Programs that still run the old form of a file that an update has replaced.

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::facts::RestartFacts;
use super::seen::Looking;

/// What the running processes say.
pub(super) fn facts(_looking: &Looking<'_>) -> RestartFacts {
    let unknown = Unknown::new(Reason::UNSUPPORTED_SYSTEM, "not looked at");
    RestartFacts {
        process_count: Fact::Unknown(unknown.clone()),
        programs: Fact::Unknown(unknown.clone()),
        units: Fact::Unknown(unknown),
    }
}
