//! What every store keeps to, whichever engine it stands on.

use vedetta_checks::verdict::Verdict;
use vedetta_core::actor::{Actor, SystemJob};
use vedetta_core::agent::{Agent, AgentCursor, EnrolmentCodeRecord};
use vedetta_core::aggregate::{Aggregate, Record};
use vedetta_core::asset::{Asset, Grant};
use vedetta_core::audit::AuditRecord;
use vedetta_core::changes::{CHANGES_MAX, Changes, Position};
use vedetta_core::finding::Finding;
use vedetta_core::incident::{Incident, TimelineEntry};
use vedetta_core::organisation::Organisation;
use vedetta_core::pack::StoredPack;
use vedetta_core::person::{LoginLink, Session, User};
use vedetta_core::posture::RollUp;
use vedetta_core::result::{CurrentResult, Transition};
use vedetta_core::store::{CommitError, Page, Prefix, Store};
use vedetta_core::workstation::WorkstationAnswers;

use crate::samples::{
    asset_key, at, current_result, every_record, organisation, organisation_id, result_key, transition,
};

pub(crate) fn actor() -> Actor {
    Actor::Job(SystemJob::new("conformance"))
}

pub(crate) fn naming(name: &str) -> Changes {
    let mut changes = Changes::audited("organisation.change", name);
    changes.put(organisation(1, name));
    changes
}

async fn read_back<A: Aggregate + PartialEq>(store: &impl Store, value: A) {
    let stored = store.get::<A>(&value.key()).await.unwrap().expect(A::NAME);
    assert_eq!(stored.value, value);
    let listed = store.list::<A>(Prefix::All, Page::first(10)).await.unwrap();
    assert!(listed.iter().any(|item| item.value == value), "{} is listed", A::NAME);
}

pub(crate) async fn every_aggregate_is_read_as_it_was_written(store: impl Store) {
    for record in every_record() {
        // The store writes the audit itself; a chain of its own making is tested below.
        if matches!(record, Record::AuditRecord(_)) {
            continue;
        }
        let mut changes = Changes::audited("test.put", "one");
        changes.puts.push(record.clone());
        store.commit(&actor(), at(0), changes).await.unwrap();
        match record {
            Record::Organisation(value) => read_back::<Organisation>(&store, value).await,
            Record::Asset(value) => read_back::<Asset>(&store, value).await,
            Record::Grant(value) => read_back::<Grant>(&store, value).await,
            Record::Agent(value) => read_back::<Agent>(&store, value).await,
            Record::AgentCursor(value) => read_back::<AgentCursor>(&store, value).await,
            Record::EnrolmentCodeRecord(value) => read_back::<EnrolmentCodeRecord>(&store, value).await,
            Record::CurrentResult(value) => read_back::<CurrentResult>(&store, value).await,
            Record::Transition(value) => read_back::<Transition>(&store, value).await,
            Record::Finding(value) => read_back::<Finding>(&store, value).await,
            Record::Incident(value) => read_back::<Incident>(&store, value).await,
            Record::TimelineEntry(value) => read_back::<TimelineEntry>(&store, value).await,
            Record::User(value) => read_back::<User>(&store, value).await,
            Record::LoginLink(value) => read_back::<LoginLink>(&store, value).await,
            Record::Session(value) => read_back::<Session>(&store, value).await,
            Record::StoredPack(value) => read_back::<StoredPack>(&store, value).await,
            Record::RollUp(value) => read_back::<RollUp>(&store, value).await,
            Record::WorkstationAnswers(value) => read_back::<WorkstationAnswers>(&store, value).await,
            Record::AuditRecord(_) => {}
        }
    }
}

pub(crate) async fn a_commit_is_read_with_its_position_as_version(store: impl Store) {
    let first = store.commit(&actor(), at(0), naming("A")).await.unwrap();
    let second = store.commit(&actor(), at(1), naming("B")).await.unwrap();
    assert!(second > first);
    let stored = store.get::<Organisation>(&organisation_id(1)).await.unwrap().unwrap();
    assert_eq!((stored.value.name.as_str(), stored.version), ("B", second));
    assert_eq!(store.position(), second);
}

pub(crate) async fn a_stale_version_is_refused_with_the_newer_one_and_nothing_is_written(store: impl Store) {
    let first = store.commit(&actor(), at(0), naming("A")).await.unwrap();
    let second = store.commit(&actor(), at(1), naming("B")).await.unwrap();
    let mut stale = naming("C");
    stale.put(organisation(2, "beside it"));
    stale.expect::<Organisation>(organisation_id(1), Some(first));
    let refused = store.commit(&actor(), at(2), stale).await;
    assert!(matches!(refused, Err(CommitError::Stale { found: Some(found), .. }) if found == second), "{refused:?}");
    assert_eq!(store.get::<Organisation>(&organisation_id(1)).await.unwrap().unwrap().value.name, "B");
    assert_eq!(store.get::<Organisation>(&organisation_id(2)).await.unwrap(), None);
}

pub(crate) async fn what_must_not_exist_is_made_once_by_many_at_a_time(store: impl Store) {
    let racers: Vec<_> = (0..64)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut changes = naming(&format!("racer {number}"));
                changes.expect::<Organisation>(organisation_id(1), None);
                store.commit(&actor(), at(0), changes).await
            })
        })
        .collect();
    let mut won = 0;
    for racer in racers {
        match racer.await.unwrap() {
            Ok(_) => won += 1,
            Err(CommitError::Stale { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(won, 1);
}

pub(crate) async fn a_removed_record_is_gone(store: impl Store) {
    store.commit(&actor(), at(0), naming("A")).await.unwrap();
    let mut changes = Changes::audited("organisation.remove", 1);
    changes.remove::<Organisation>(organisation_id(1));
    store.commit(&actor(), at(1), changes).await.unwrap();
    assert_eq!(store.get::<Organisation>(&organisation_id(1)).await.unwrap(), None);
}

pub(crate) async fn changes_without_an_audit_entry_or_too_many_are_refused(store: impl Store) {
    let mut silent = naming("A");
    silent.audit.clear();
    let mut many = Changes::audited("test.many", "x");
    many.puts = vec![organisation(1, "A").into_record(); CHANGES_MAX + 1];
    for changes in [silent, many] {
        let refused = store.commit(&actor(), at(0), changes).await;
        assert!(matches!(refused, Err(CommitError::Invalid(_))), "{refused:?}");
    }
    assert_eq!(store.position(), Position(0));
}

pub(crate) async fn only_the_sign_of_life_of_a_host_is_committed_without_an_audit_entry(store: impl Store) {
    let of = |records: fn(&Record) -> bool| {
        let mut changes = Changes::routine();
        changes.puts = every_record().into_iter().filter(records).collect();
        changes
    };
    let alive = of(|record| matches!(record, Record::Agent(_) | Record::AgentCursor(_) | Record::CurrentResult(_)));
    assert!(alive.puts.len() >= 3);
    store.commit(&actor(), at(0), alive).await.unwrap();
    assert!(store.list::<AuditRecord>(Prefix::All, Page::first(1)).await.unwrap().is_empty());
    let mut removing = Changes::routine();
    removing.remove::<Organisation>(organisation_id(1));
    let posing = of(|record| matches!(record, Record::User(_)));
    for changes in [removing, posing, of(|record| matches!(record, Record::Finding(_)))] {
        let refused = store.commit(&actor(), at(0), changes).await;
        assert!(matches!(refused, Err(CommitError::Invalid(_))), "{refused:?}");
    }
    assert_eq!(store.position(), Position(1));
}

pub(crate) async fn every_commit_leaves_an_audit_record_that_follows_the_one_before(store: impl Store) {
    let commits: Vec<_> = (0..40)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { store.commit(&actor(), at(number), naming("A")).await.unwrap() })
        })
        .collect();
    for commit in commits {
        commit.await.unwrap();
    }
    let records = store.list::<AuditRecord>(Prefix::All, Page::first(100)).await.unwrap();
    assert_eq!(records.len(), 40);
    let mut previous = None;
    for record in &records {
        assert!(record.value.follows(previous), "{record:?}");
        assert_eq!(
            (record.value.actor.as_str(), record.value.action.as_str()),
            ("job:conformance", "organisation.change")
        );
        previous = Some(&record.value);
    }
}

pub(crate) async fn lists_keep_to_their_prefix_their_order_and_their_page(store: impl Store) {
    let mut changes = Changes::audited("test.results", "x");
    for (organisation, asset) in [(1, 1), (1, 2), (2, 1)] {
        for check in ["a.a", "a.b", "a.c"] {
            changes.put(current_result(result_key(organisation, asset, check), Verdict::Pass, 0));
        }
    }
    store.commit(&actor(), at(0), changes).await.unwrap();
    let names = |found: Vec<vedetta_core::store::Stored<CurrentResult>>| -> Vec<String> {
        found.into_iter().map(|item| item.value.key.check.to_string()).collect()
    };
    let of_asset = Prefix::Asset(asset_key(1, 2));
    assert_eq!(names(store.list(of_asset, Page::first(10)).await.unwrap()), ["a.a", "a.b", "a.c"]);
    assert_eq!(names(store.list(of_asset, Page::newest(2)).await.unwrap()), ["a.c", "a.b"]);
    let mut page = Page::first(2);
    page.after = Some(result_key(1, 2, "a.a"));
    assert_eq!(names(store.list(of_asset, page).await.unwrap()), ["a.b", "a.c"]);
    let of_organisation = Prefix::Organisation(organisation_id(1));
    assert_eq!(store.list::<CurrentResult>(of_organisation, Page::first(100)).await.unwrap().len(), 6);
    assert_eq!(store.list::<CurrentResult>(Prefix::All, Page::first(100)).await.unwrap().len(), 9);
}

pub(crate) async fn history_is_read_in_order_across_months(store: impl Store) {
    let month = 31 * 86_400;
    let times: Vec<_> = (0..6).map(|number| at(number * month / 2)).collect();
    for time in times.iter().rev() {
        let mut changes = Changes::audited("test.transition", "x");
        changes.put(transition(1, 4, *time));
        store.commit(&actor(), *time, changes).await.unwrap();
    }
    let prefix = Prefix::Asset(asset_key(1, 4));
    let read = |found: Vec<vedetta_core::store::Stored<Transition>>| -> Vec<_> {
        found.into_iter().map(|item| item.value.received_at).collect()
    };
    assert_eq!(read(store.list(prefix, Page::first(100)).await.unwrap()), times);
    let mut page = Page::first(2);
    page.after = Some(transition(1, 4, times[2]).key());
    assert_eq!(read(store.list(prefix, page).await.unwrap()), times[3..5]);
    let newest: Vec<_> = times.iter().rev().take(3).copied().collect();
    assert_eq!(read(store.list(prefix, Page::newest(3)).await.unwrap()), newest);
}

pub(crate) async fn many_are_read_at_once_in_the_order_of_their_keys(store: impl Store) {
    for number in [1, 3] {
        let mut changes = Changes::audited("organisation.add", number);
        changes.put(organisation(number, "one of many"));
        store.commit(&actor(), at(0), changes).await.unwrap();
    }
    let keys = vec![organisation_id(3), organisation_id(2), organisation_id(1)];
    let found = store.get_many::<Organisation>(keys).await.unwrap();
    let ids: Vec<_> = found.into_iter().map(|stored| stored.map(|stored| stored.value.id)).collect();
    assert_eq!(ids, [Some(organisation_id(3)), None, Some(organisation_id(1))]);
}
