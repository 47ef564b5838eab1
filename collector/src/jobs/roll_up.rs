//! Keeps the posture of each organisation for each day, as it was computed then. Written while the day lasts and final
//! when it ends: an old score is never computed again.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
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
    let now = work.clock.now();
    let rome = TimeZone::get("Europe/Rome").map_err(AdminError::refused)?;
    let day = now.to_zoned(rome).date();
    for organisation in lookup::all::<Organisation>(&work.store).await? {
        let (view, _) = material::view(&work.store, &organisation, now).await?;
        if view.last_received.is_none() {
            continue;
        }
        let roll_up = view.roll_up(day);
        let before = work.store.get::<RollUp>(&roll_up.key).await?;
        if before.as_ref().is_some_and(|before| before.value == roll_up) {
            continue;
        }
        let mut changes = Changes::audited("posture.roll-up", format!("{} {day}", organisation.id));
        changes.expect::<RollUp>(roll_up.key, before.map(|before| before.version));
        changes.put(roll_up);
        work.store.commit(&Actor::Job(SystemJob::new("roll-up")), now, changes).await?;
    }
    Ok(())
}
