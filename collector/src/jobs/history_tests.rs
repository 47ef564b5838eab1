//! Roll-ups and retention over a real store.

use jiff::Timestamp;
use uuid::Uuid;
use vedetta_checks::result::Vantage;
use vedetta_checks::verdict::Verdict;
use vedetta_checks::word::CheckId;
use vedetta_core::actor::{Actor, SystemJob};
use vedetta_core::aggregate::Aggregate;
use vedetta_core::asset::AssetKey;
use vedetta_core::audit::AuditRecord;
use vedetta_core::changes::{Changes, Position};
use vedetta_core::ids::{AssetId, OrganisationId};
use vedetta_core::organisation::Organisation;
use vedetta_core::posture::RollUp;
use vedetta_core::result::{ResultKey, Transition};
use vedetta_core::store::{CommitError, Page, Prefix, ReadError, Store, Stored};
use vedetta_store::Embedded;

use super::retention::{History, give_up};
use super::roll_up;
use crate::testing::{Collector, DAY};

async fn all<A: Aggregate>(store: &Embedded) -> Vec<A> {
    let found = store.list::<A>(Prefix::All, Page::first(1_000)).await.unwrap();
    found.into_iter().map(|stored| stored.value).collect()
}

fn transition(at: &str) -> Transition {
    let at: Timestamp = at.parse().unwrap();
    let asset =
        AssetKey { organisation: OrganisationId::new(Uuid::from_u128(1)), asset: AssetId::new(Uuid::from_u128(2)) };
    let check = CheckId::parse("patch.security.pending").unwrap();
    let key = ResultKey { asset, check, target: "host".parse().unwrap(), vantage: Vantage::Inside };
    Transition { key, observed_at: at, received_at: at, from: None, to: Verdict::Fail }
}

#[tokio::test(flavor = "multi_thread")]
async fn history_older_than_the_kept_months_is_given_up_once_a_month_and_audited() {
    let collector = Collector::start().await;
    let store = &collector.shared.store;
    let (old, kept) = (transition("2026-08-31T23:59:59Z"), transition("2026-09-01T00:00:00Z"));
    let mut changes = Changes::audited("test.transition", "x");
    changes.put(old);
    changes.put(kept.clone());
    store.commit(&Actor::Job(SystemJob::new("test")), collector.shared.clock.now(), changes).await.unwrap();

    let history = History::new(store.clone(), 2);
    assert!(give_up(store, &history, collector.shared.clock.now()).await.unwrap());
    assert_eq!(all::<Transition>(store).await, [kept]);
    assert!(!give_up(store, &history, collector.shared.clock.now()).await.unwrap());
    let said = async || {
        let audit = all::<AuditRecord>(store).await;
        let own = audit.into_iter().filter(|record| record.action == "history.give-up");
        own.map(|record| record.subject).collect::<Vec<_>>()
    };
    assert_eq!(said().await, ["before 2026-09"]);
    collector.port.clock.pass(DAY * 10);
    assert!(give_up(store, &history, collector.shared.clock.now()).await.unwrap());
    assert!(all::<Transition>(store).await.is_empty());
    assert_eq!(said().await.len(), 2);
}

/// A store that cannot read what one organisation has.
#[derive(Clone)]
struct Unreadable {
    inner: Embedded,
    organisation: OrganisationId,
}

impl Store for Unreadable {
    async fn commit(&self, actor: &Actor, at: Timestamp, changes: Changes) -> Result<Position, CommitError> {
        self.inner.commit(actor, at, changes).await
    }

    async fn get<A: Aggregate>(&self, key: &A::Key) -> Result<Option<Stored<A>>, ReadError> {
        self.inner.get::<A>(key).await
    }

    async fn get_many<A: Aggregate>(&self, keys: Vec<A::Key>) -> Result<Vec<Option<Stored<A>>>, ReadError> {
        self.inner.get_many::<A>(keys).await
    }

    async fn list<A: Aggregate>(&self, prefix: Prefix, page: Page<A>) -> Result<Vec<Stored<A>>, ReadError> {
        if prefix == Prefix::Organisation(self.organisation) {
            return Err(ReadError { what: "the test's organisation".to_owned(), why: "damaged".to_owned() });
        }
        self.inner.list(prefix, page).await
    }

    fn position(&self) -> Position {
        self.inner.position()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_that_cannot_be_read_does_not_keep_the_others_from_their_roll_ups() {
    let collector = Collector::start().await;
    collector.reported().await;
    let store = collector.shared.store.clone();
    let comune = all::<Organisation>(&store).await.remove(0);
    let damaged = OrganisationId::new(Uuid::nil());
    let mut changes = Changes::audited("organisation.found", damaged);
    changes.put(Organisation { id: damaged, name: "Comune guasto".to_owned(), ..comune.clone() });
    let now = collector.shared.clock.now();
    store.commit(&Actor::Job(SystemJob::new("test")), now, changes).await.unwrap();
    assert_eq!(all::<Organisation>(&store).await[0].id, damaged, "the damaged one comes first");

    let unreadable = Unreadable { inner: store.clone(), organisation: damaged };
    assert_eq!(roll_up::write(&unreadable, now).await.unwrap(), 1);
    assert_eq!(all::<RollUp>(&store).await.len(), 1);
    assert_eq!(roll_up::write(&unreadable, now).await.unwrap(), 0, "nothing has changed");
}
