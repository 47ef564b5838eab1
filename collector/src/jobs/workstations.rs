//! Forgets the answers of workstations that nobody has renewed in time.

use std::sync::Arc;
use std::time::Duration;

use vedetta_core::actor::{Actor, SystemJob};
use vedetta_core::changes::Changes;
use vedetta_core::store::{Prefix, Store};
use vedetta_core::workstation::{WorkstationAnswers, day_of, expired};

use super::Work;
use crate::admin::{AdminError, lookup};

/// How often.
pub const EVERY: Duration = Duration::from_secs(6 * 3_600);
/// Most removals in one commit.
const AT_ONCE: usize = 1_000;

/// The job.
pub(super) async fn forget_old<S: Store>(work: Arc<Work<S>>) -> Result<(), AdminError> {
    let now = work.clock.now();
    let all = lookup::beneath::<WorkstationAnswers>(&work.store, Prefix::All).await?;
    for some in expired(&all, day_of(now)).chunks(AT_ONCE) {
        let mut changes = Changes::audited("workstation.forget", some.len());
        for (key, version) in some {
            changes.expect::<WorkstationAnswers>(*key, Some(*version));
            changes.remove::<WorkstationAnswers>(*key);
        }
        work.store.commit(&Actor::Job(SystemJob::new("workstations")), now, changes).await?;
    }
    Ok(())
}
