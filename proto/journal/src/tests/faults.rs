//! Full disks and failing syncs, one behaviour a test; every combination is in `model`.

use std::path::Path;
use std::sync::Arc;

use super::disk::{Disk, Fault, Unsynced};
use super::{KIND, SMALL, texts};
use crate::{AppendError, Journal, Options, Sequence};

const PAGE_BYTES: usize = 64;
const ROOMY: Options = Options { total_bytes_max: 1_000_000, ..SMALL };

fn open(disk: &Disk) -> Journal {
    Journal::open_on(Arc::new(disk.clone()), Path::new("/journal"), ROOMY).unwrap().0
}

/// Appends until the disk is full; answers the texts that were acknowledged.
fn fill(journal: &mut Journal) -> Vec<String> {
    for number in 0.. {
        let text = format!("record {number}");
        match journal.append(&[(KIND, text.as_bytes())]) {
            Ok(_) => {}
            Err(AppendError::DiskFull { .. }) => return (0..number).map(|number| format!("record {number}")).collect(),
            Err(error) => panic!("{error}"),
        }
    }
    unreachable!()
}

#[test]
fn full_disk_loses_nothing_and_the_journal_opens_on_it() {
    // Every capacity, so that the disk fills up within headers, groups and the making of segments.
    for capacity in 0..900 {
        let disk = Disk::new(PAGE_BYTES);
        disk.set_capacity(Some(capacity));
        let mut journal = open(&disk);
        let acknowledged = fill(&mut journal);
        assert_eq!(journal.poisoned(), None, "{capacity}");
        assert_eq!(texts(&journal), acknowledged, "{capacity}");
        drop(journal);
        assert_eq!(texts(&open(&disk)), acknowledged, "{capacity}, opened while full");
        let disk = disk.lose_power(Unsynced::ByChance(capacity as u64));
        let mut journal = open(&disk);
        assert_eq!(texts(&journal), acknowledged, "{capacity}, after a loss of power");
        disk.set_capacity(None);
        journal.append(&[(KIND, b"room again")]).unwrap();
        assert_eq!(texts(&journal).len(), acknowledged.len() + 1, "{capacity}");
    }
}

#[test]
fn append_leaves_the_reserve_of_the_disk_free() {
    let disk = Disk::new(PAGE_BYTES);
    disk.set_capacity(Some(1_000));
    let options = Options { free_bytes_reserve: 300, ..ROOMY };
    let (mut journal, _) = Journal::open_on(Arc::new(disk.clone()), Path::new("/journal"), options).unwrap();
    fill(&mut journal);
    assert!((600..=700).contains(&disk.used()), "{}", disk.used());
}

#[test]
fn failed_sync_poisons_and_is_not_taken_for_good_when_repeated() {
    let disk = Disk::new(PAGE_BYTES);
    let mut journal = open(&disk);
    journal.append(&[(KIND, b"acknowledged")]).unwrap();
    journal.append_unsynced(&[(KIND, b"not acknowledged")]).unwrap();
    disk.fault_after(0, Fault::InputOutput { times: 1 });
    assert!(matches!(journal.sync(), Err(AppendError::Failed { operation: "syncing segment", .. })));
    let again = journal.sync().unwrap_err();
    assert!(again.to_string().contains("syncing segment /journal/00000000000000000001.log failed"), "{again}");
    assert!(matches!(journal.append(&[(KIND, b"more")]), Err(AppendError::Poisoned { .. })));
    assert_eq!(texts(&journal), ["acknowledged"], "it still reads what is durable");
    drop(journal);
    let mut journal = open(&disk);
    assert_eq!(journal.append(&[(KIND, b"after")]).unwrap(), Sequence::new(2));
    drop(journal);
    assert_eq!(texts(&open(&disk.lose_power(Unsynced::Gone))), ["acknowledged", "after"]);
}

#[test]
fn what_opening_shows_is_durable_though_an_earlier_sync_of_it_failed() {
    let disk = Disk::new(PAGE_BYTES);
    let mut journal = open(&disk);
    journal.append_unsynced(&[(KIND, b"shown")]).unwrap();
    drop(journal);
    // The rewriting passes, the sync fails: the system forgets that the pages are not on the disk.
    disk.fault_after(1, Fault::InputOutput { times: 1 });
    assert!(Journal::open_on(Arc::new(disk.clone()), Path::new("/journal"), ROOMY).is_err());
    assert_eq!(texts(&open(&disk)), ["shown"]);
    assert_eq!(texts(&open(&disk.lose_power(Unsynced::Gone))), ["shown"]);
}

#[test]
fn failed_write_keeps_what_was_acknowledged() {
    let disk = Disk::new(PAGE_BYTES);
    let mut journal = open(&disk);
    journal.append(&[(KIND, b"acknowledged")]).unwrap();
    disk.fault_after(0, Fault::InputOutput { times: 2 });
    let error = journal.append(&[(KIND, b"torn")]).unwrap_err();
    assert!(matches!(error, AppendError::Failed { operation: "writing segment", .. }), "{error}");
    drop(journal);
    assert_eq!(texts(&open(&disk)), ["acknowledged"]);
}

#[test]
fn segment_that_could_be_neither_made_nor_removed_poisons() {
    let disk = Disk::new(PAGE_BYTES);
    let mut journal = open(&disk);
    journal.append(&[(KIND, &[b'a'; 200])]).unwrap();
    disk.set_capacity(Some(disk.used() + 10));
    // Creating passes, its header finds the disk full, removing fails.
    disk.fault_after(2, Fault::InputOutput { times: 1 });
    let error = journal.append(&[(KIND, &[b'b'; 200])]).unwrap_err();
    assert!(matches!(error, AppendError::Failed { operation: "creating segment", .. }), "{error}");
    drop(journal);
    disk.set_capacity(None);
    let mut journal = open(&disk);
    assert_eq!(journal.append(&[(KIND, b"after")]).unwrap(), Sequence::new(2));
}

#[test]
fn lost_power_takes_a_group_whole_whichever_page_survives() {
    for seed in 0..200 {
        let disk = Disk::new(16);
        let mut journal = open(&disk);
        journal.append(&[(KIND, b"acknowledged")]).unwrap();
        journal.append_unsynced(&[(KIND, b"one of two"), (KIND, b"two of two")]).unwrap();
        drop(journal);
        let found = texts(&open(&disk.lose_power(Unsynced::ByChance(seed))));
        let whole = ["acknowledged", "one of two", "two of two"];
        assert!(found == whole[..1] || found == whole, "seed {seed}: {found:?}");
    }
}
