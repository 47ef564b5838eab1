//! Keeps the posture of each organisation for each day, as it was computed then. Written while the day lasts and final
//! when it ends: an old score is never computed again.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use vedetta_checks::rome::ROME;
use vedetta_core::actor::{Actor, SystemJob};
use vedetta_core::changes::Changes;
use vedetta_core::organisation::Organisation;
use vedetta_core::posture::RollUp;
use vedetta_core::store::Store;

use super::Work;
use crate::admin::{AdminError, lookup};
use crate::material;

/// How often. The last run of a day is at most this old when the day ends.
pub const EVERY: Duration = Duration::from_secs(600);

/// The job.
pub(super) async fn compute<S: Store>(work: Arc<Work<S>>) -> Result<(), AdminError> {
    write(&work.store, work.clock.now()).await.map(|_| ())
}

/// Writes the roll-ups of today that have changed; answers how many. An organisation whose roll-up cannot be made is
/// logged and does not stop the others.
///
/// # Errors
/// When the organisations cannot be read.
pub async fn write<S: Store>(store: &S, now: Timestamp) -> Result<usize, AdminError> {
    let day = now.to_zoned(ROME.clone()).date();
    let mut written = 0;
    for organisation in lookup::all::<Organisation>(store).await? {
        match write_one(store, &organisation, day, now).await {
            Ok(is_new) => written += usize::from(is_new),
            Err(error) => {
                tracing::error!(organisation = %organisation.id, %error, "the roll-up of an organisation failed");
            }
        }
    }
    Ok(written)
}

async fn write_one<S: Store>(
    store: &S,
    organisation: &Organisation,
    day: Date,
    now: Timestamp,
) -> Result<bool, AdminError> {
    let view = material::view(store, organisation, now).await?.view;
    if view.last_received.is_none() {
        return Ok(false);
    }
    let roll_up = view.roll_up(day);
    let before = store.get::<RollUp>(&roll_up.key).await?;
    if before.as_ref().is_some_and(|before| before.value == roll_up) {
        return Ok(false);
    }
    let mut changes = Changes::audited("posture.roll-up", format!("{} {day}", organisation.id));
    changes.expect::<RollUp>(roll_up.key, before.map(|before| before.version));
    changes.put(roll_up);
    store.commit(&Actor::Job(SystemJob::new("roll-up")), now, changes).await?;
    Ok(true)
}
