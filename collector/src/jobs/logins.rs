//! Removes sessions and one-time links that have ended. They let nobody in any more; this only makes room.

use std::sync::Arc;
use std::time::Duration;

use vedetta_core::actor::{Actor, SystemJob};
use vedetta_core::aggregate::Aggregate;
use vedetta_core::changes::Changes;
use vedetta_core::person::{LoginLink, Session};
use vedetta_core::store::{Prefix, Store, Stored};

use super::Work;
use crate::admin::{AdminError, lookup};

/// How often.
pub const EVERY: Duration = Duration::from_secs(600);
/// Most removals in one commit.
const AT_ONCE: usize = 1_000;

/// The job.
pub(super) async fn remove_expired<S: Store>(work: Arc<Work<S>>) -> Result<(), AdminError> {
    let now = work.clock.now();
    let sessions = lookup::beneath::<Session>(&work.store, Prefix::All).await?;
    remove(&work, sessions, |session| session.expires_at <= now).await?;
    let links = lookup::beneath::<LoginLink>(&work.store, Prefix::All).await?;
    remove(&work, links, |link| link.expires_at <= now).await
}

async fn remove<S: Store, A: Aggregate>(
    work: &Work<S>,
    all: Vec<Stored<A>>,
    is_over: impl Fn(&A) -> bool,
) -> Result<(), AdminError> {
    let over: Vec<A> = all.into_iter().map(|stored| stored.value).filter(is_over).collect();
    for some in over.chunks(AT_ONCE) {
        let mut changes = Changes::audited("login.expire", some.len());
        for value in some {
            changes.remove::<A>(value.key());
        }
        work.store.commit(&Actor::Job(SystemJob::new("logins")), work.clock.now(), changes).await?;
    }
    Ok(())
}
