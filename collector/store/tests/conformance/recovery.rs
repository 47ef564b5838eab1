//! What the embedded store keeps through crashes, lost indexes and retention.

use std::path::Path;

use vedetta_core::changes::{Changes, Position};
use vedetta_core::store::{Page, Prefix, Store};
use vedetta_store::{Embedded, OpenReport};

use crate::samples::{asset_key, at, every_record, transition};
use crate::suite::{actor, naming};
use crate::{open, small};

async fn fill(store: &Embedded) {
    for record in every_record() {
        let mut changes = Changes::audited("test.put", "one");
        changes.puts.push(record);
        // The sample of an audit record has the place of the first one, which the store made itself.
        if !matches!(changes.puts.first(), Some(vedetta_core::aggregate::Record::AuditRecord(_))) {
            store.commit(&actor(), at(0), changes).await.unwrap();
        }
    }
}

fn reopen(folder: &Path) -> (Embedded, OpenReport) {
    Embedded::open(folder, small()).unwrap()
}

fn only_segment(folder: &Path) -> std::path::PathBuf {
    std::fs::read_dir(folder.join("journal"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "log"))
        .unwrap()
}

fn delete_index(folder: &Path) {
    std::fs::remove_dir_all(folder.join("index")).unwrap();
}

#[tokio::test]
async fn what_was_committed_is_there_after_reopening() {
    let (store, folder) = open();
    fill(&store).await;
    let (before, position) = (store.digest().unwrap(), store.position());
    store.close();
    let (store, report) = reopen(folder.path());
    assert_eq!((store.digest().unwrap(), store.position()), (before, position));
    assert!(report.rebuilt.is_none(), "{report:?}");
}

#[tokio::test]
async fn a_deleted_index_is_rebuilt_from_the_journal_with_the_same_digest() {
    let (store, folder) = open();
    fill(&store).await;
    let before = store.digest().unwrap();
    store.close();
    delete_index(folder.path());
    let (store, report) = reopen(folder.path());
    assert_eq!(store.digest().unwrap(), before);
    assert_eq!(report.rebuilt.as_deref(), Some("it was missing"));
    assert_eq!(Position(report.replayed_commits), store.position());
}

#[tokio::test]
async fn an_index_of_garbage_is_set_aside_and_rebuilt() {
    let (store, folder) = open();
    fill(&store).await;
    let before = store.digest().unwrap();
    store.close();
    for file in ["conf", "db"] {
        std::fs::write(folder.path().join("index").join(file), vec![0xA5; 4_096]).unwrap();
    }
    let (store, report) = reopen(folder.path());
    assert_eq!(store.digest().unwrap(), before);
    assert!(report.rebuilt.is_some(), "{report:?}");
}

#[tokio::test]
async fn after_a_checkpoint_old_segments_go_and_a_deleted_index_still_comes_back() {
    let (store, folder) = open();
    fill(&store).await;
    // Enough commits to close some segments of 1 MiB.
    for number in 0..900 {
        let name = format!("{number} {}", "x".repeat(4_000));
        store.commit(&actor(), at(number), naming(&name)).await.unwrap();
    }
    let segments = || std::fs::read_dir(folder.path().join("journal")).unwrap().count();
    let many = segments();
    store.checkpoint().await.unwrap();
    assert!(segments() < many, "{} of {many} segments are left", segments());
    store.commit(&actor(), at(0), naming("after the checkpoint")).await.unwrap();
    let before = store.digest().unwrap();
    store.close();
    delete_index(folder.path());
    let (store, report) = reopen(folder.path());
    assert_eq!(store.digest().unwrap(), before);
    assert!(report.replayed_commits < 900, "{report:?}");
}

#[tokio::test]
async fn history_that_was_given_up_does_not_come_back_with_a_rebuilt_index() {
    let (store, folder) = open();
    let month = 31 * 86_400;
    for number in 0..4 {
        let mut changes = Changes::audited("test.transition", "x");
        changes.put(transition(1, 4, at(number * month)));
        store.commit(&actor(), at(0), changes).await.unwrap();
    }
    let history = async |store: &Embedded| {
        let prefix = Prefix::Asset(asset_key(1, 4));
        store.list::<vedetta_core::result::Transition>(prefix, Page::first(10)).await.unwrap().len()
    };
    assert_eq!(history(&store).await, 4);
    let cut = at(2 * month).strftime("%Y-%m").to_string();
    store.drop_history_before(&cut).await.unwrap();
    assert_eq!(history(&store).await, 2);
    let before = store.digest().unwrap();
    store.close();
    delete_index(folder.path());
    let (store, _) = reopen(folder.path());
    assert_eq!((history(&store).await, store.digest().unwrap()), (2, before));
}

#[tokio::test]
async fn a_journal_torn_at_any_byte_opens_with_a_whole_prefix_of_the_commits() {
    let (store, folder) = open();
    let mut digests = vec![store.digest().unwrap()];
    for number in 0..6 {
        store.commit(&actor(), at(number), naming(&format!("name {number}"))).await.unwrap();
        digests.push(store.digest().unwrap());
    }
    store.close();
    let segment = only_segment(folder.path());
    let whole = std::fs::read(&segment).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for length in (24..=whole.len()).step_by(37).chain([whole.len()]) {
        let torn = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(torn.path().join("journal")).unwrap();
        let copy = torn.path().join("journal").join(segment.file_name().unwrap());
        std::fs::write(copy, &whole[..length]).unwrap();
        let (store, _) = reopen(torn.path());
        let kept = usize::try_from(store.position().0).unwrap();
        assert_eq!(store.digest().unwrap(), digests[kept], "torn at {length}: {kept} commits");
        seen.insert(kept);
        store.close();
    }
    assert_eq!(seen.last(), Some(&6));
    assert!(seen.len() > 3, "{seen:?}");
}

#[tokio::test]
async fn a_folder_in_use_is_refused() {
    let (_store, folder) = open();
    let refused = Embedded::open(folder.path(), small()).err().map(|error| error.to_string());
    assert!(refused.as_deref().is_some_and(|text| text.contains("could not open the store")), "{refused:?}");
}

#[tokio::test]
async fn a_backup_restores_the_same_state_and_goes_on_after_it() {
    let (store, _folder) = open();
    fill(&store).await;
    let backup = tempfile::tempdir().unwrap();
    let position = store.backup(backup.path()).await.unwrap();
    let before = store.digest().unwrap();
    let target = tempfile::tempdir().unwrap();
    assert_eq!(Embedded::restore(backup.path(), target.path()).unwrap(), position);
    let (restored, report) = reopen(target.path());
    assert!(report.damaged.is_empty(), "{report:?}");
    assert_eq!(restored.digest().unwrap(), before);
    let next = restored.commit(&actor(), at(0), naming("after the restore")).await.unwrap();
    assert_eq!(next, Position(position.0 + 1));
    restored.close();
    let (restored, _) = reopen(target.path());
    assert_eq!(restored.position(), next);
    restored.close();
    let again = Embedded::restore(backup.path(), target.path()).unwrap_err().to_string();
    assert!(again.contains("there is one already"), "{again}");
}

#[tokio::test]
async fn a_journal_that_lost_its_acknowledged_end_is_reported_and_the_index_goes_back_to_it() {
    let (store, folder) = open();
    let mut digests = vec![store.digest().unwrap()];
    for number in 0..6 {
        store.commit(&actor(), at(number), naming(&format!("name {number}"))).await.unwrap();
        digests.push(store.digest().unwrap());
    }
    store.close();
    let segment = only_segment(folder.path());
    let whole = std::fs::read(&segment).unwrap();
    std::fs::write(&segment, &whole[..whole.len() - 200]).unwrap();
    let (store, report) = reopen(folder.path());
    let kept = usize::try_from(store.position().0).unwrap();
    assert!((1..6).contains(&kept), "{kept}");
    assert!(report.damaged.iter().any(|damage| damage.contains("up to 6 were acknowledged")), "{report:?}");
    assert!(report.rebuilt.is_some(), "{report:?}");
    assert_eq!(store.digest().unwrap(), digests[kept]);
    let next = store.commit(&actor(), at(9), naming("after the loss")).await.unwrap();
    assert_eq!(next, Position(kept as u64 + 1));
    let before = store.digest().unwrap();
    store.close();
    let (store, report) = reopen(folder.path());
    assert!(report.damaged.is_empty(), "{report:?}");
    assert_eq!(store.digest().unwrap(), before);
}

#[tokio::test]
async fn a_journal_cut_before_its_checkpoint_is_refused_because_new_commits_would_vanish() {
    let (store, folder) = open();
    for number in 0..3 {
        store.commit(&actor(), at(number), naming(&format!("name {number}"))).await.unwrap();
    }
    store.checkpoint().await.unwrap();
    store.close();
    let segment = only_segment(folder.path());
    let whole = std::fs::read(&segment).unwrap();
    std::fs::write(&segment, &whole[..whole.len() - 200]).unwrap();
    let refused = Embedded::open(folder.path(), small()).err().map(|error| error.to_string());
    assert!(refused.as_deref().is_some_and(|text| text.contains("its end was lost")), "{refused:?}");
}

#[tokio::test]
async fn a_second_backup_at_the_same_position_keeps_the_first_and_what_a_person_keeps_beside_it() {
    use std::os::unix::fs::MetadataExt as _;
    let (store, _folder) = open();
    fill(&store).await;
    let target = tempfile::tempdir().unwrap();
    std::fs::create_dir(target.path().join("unfinished")).unwrap();
    std::fs::write(target.path().join("unfinished").join("notes.txt"), "mine").unwrap();
    let position = store.backup(target.path()).await.unwrap();
    let checkpoint = target.path().join(format!("{:020}", position.0));
    let first = std::fs::metadata(&checkpoint).unwrap().ino();
    assert_eq!(store.backup(target.path()).await.unwrap(), position);
    assert_eq!(std::fs::metadata(&checkpoint).unwrap().ino(), first);
    assert!(target.path().join("unfinished").join("notes.txt").exists());
    for file in std::fs::read_dir(&checkpoint).unwrap() {
        std::fs::write(file.unwrap().path(), "torn").unwrap();
    }
    store.backup(target.path()).await.unwrap();
    let restored = tempfile::tempdir().unwrap();
    assert_eq!(Embedded::restore(target.path(), restored.path()).unwrap(), position);
}
