//! What every handler shares: the handed-in state, the packs, the duties and the limits.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Semaphore;
use uuid::Uuid;
use vedetta_core::actor::Actor;
use vedetta_core::aggregate::Aggregate;
use vedetta_core::changes::Changes;
use vedetta_core::duty::DutyBook;
use vedetta_core::organisation::{Organisation, OrganisationGraph};
use vedetta_core::store::{Page, Prefix, Store, Stored};

use crate::attempts::Attempts;
use crate::failure::Failure;
use crate::figures::OverviewCache;
use crate::shelf::Shelf;
use crate::state::WebState;

/// Most organisations of one collector.
pub(crate) const ORGANISATIONS_MAX: usize = 2_000;
/// Most passphrases hashed at once: each takes much memory by design.
const HASHING_MAX: usize = 2;

/// What a handler is given.
pub(crate) type Shared<S> = Arc<App<S>>;

/// The state of all pages.
pub(crate) struct App<S> {
    pub(crate) hooks: WebState<S>,
    pub(crate) shelf: Shelf,
    pub(crate) duties: DutyBook,
    pub(crate) attempts: Attempts,
    pub(crate) hashing: Semaphore,
    pub(crate) overview: OverviewCache,
}

impl<S: Store> App<S> {
    pub(crate) fn new(hooks: WebState<S>, shelf: Shelf, duties: DutyBook) -> Shared<S> {
        let hashing = Semaphore::new(HASHING_MAX);
        Arc::new(Self {
            hooks,
            shelf,
            duties,
            attempts: Attempts::default(),
            hashing,
            overview: OverviewCache::default(),
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.hooks.clock)()
    }

    pub(crate) fn secret(&self) -> Result<[u8; 32], Failure> {
        (self.hooks.chance)().map_err(Failure::broken)
    }

    /// A new id (UUIDv7) whose leading part is the time.
    pub(crate) fn id(&self) -> Result<Uuid, Failure> {
        let milliseconds = u64::try_from(self.now().as_millisecond()).unwrap_or(0);
        let mut random = [0; 10];
        random.copy_from_slice(self.secret()?.first_chunk::<10>().unwrap_or(&[0; 10]));
        Ok(uuid::Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid())
    }

    pub(crate) async fn get<A: Aggregate>(&self, key: &A::Key) -> Result<Option<Stored<A>>, Failure> {
        self.hooks.store.get(key).await.map_err(Failure::broken)
    }

    /// The values of one page of a list.
    pub(crate) async fn list<A: Aggregate>(&self, prefix: Prefix, page: Page<A>) -> Result<Vec<A>, Failure> {
        let stored = self.hooks.store.list(prefix, page).await.map_err(Failure::broken)?;
        Ok(stored.into_iter().map(|stored| stored.value).collect())
    }

    pub(crate) async fn graph(&self) -> Result<OrganisationGraph, Failure> {
        let all = self.list::<Organisation>(Prefix::All, Page::first(ORGANISATIONS_MAX)).await?;
        Ok(OrganisationGraph::new(all))
    }

    pub(crate) async fn commit(&self, actor: &Actor, changes: Changes) -> Result<(), Failure> {
        self.hooks.store.commit(actor, self.now(), changes).await.map(|_| ()).map_err(Failure::of_commit)
    }
}
