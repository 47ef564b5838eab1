//! What an owner relies on, on the operating system's files.

use std::fs;
use std::path::PathBuf;

use super::{KIND, SMALL, record, records, texts};
use crate::{AppendError, Journal, OpenError, Options, ReadError, Recovery, Sequence};

/// A folder that goes when the test ends, and a journal in it.
fn journal(options: Options) -> (tempfile::TempDir, Journal) {
    let folder = tempfile::tempdir().unwrap();
    let (journal, recovery) = Journal::open(&folder.path().join("spool"), options).unwrap();
    assert_eq!(recovery, Recovery::default());
    (folder, journal)
}

/// Fills the journal with one record of 100 bytes a group until it says that it is full.
fn fill(journal: &mut Journal) -> AppendError {
    loop {
        if let Err(error) = journal.append(&[(KIND, &[1; 100])]) {
            return error;
        }
    }
}

fn segment_files(folder: &tempfile::TempDir) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder.path().join("spool"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
        .collect();
    files.sort();
    files
}

#[test]
fn records_come_back_in_order_with_their_kind() {
    let (_folder, mut journal) = journal(Options::default());
    assert_eq!(journal.append(&[(KIND, b"one"), (KIND, b"two")]).unwrap(), Sequence::new(2));
    assert_eq!(journal.append(&[(KIND, b"")]).unwrap(), Sequence::new(3));
    assert_eq!(records(&journal), [record(1, b"one"), record(2, b"two"), record(3, b"")]);
}

#[test]
fn reopened_journal_has_its_records_and_goes_on_counting() {
    let (folder, mut journal) = journal(Options::default());
    journal.append(&[(KIND, b"one")]).unwrap();
    drop(journal);
    let (mut journal, recovery) = Journal::open(&folder.path().join("spool"), Options::default()).unwrap();
    assert_eq!(recovery, Recovery { records: 1, segments: 1, ..Recovery::default() });
    assert_eq!(journal.append(&[(KIND, b"two")]).unwrap(), Sequence::new(2));
    assert_eq!(texts(&journal), ["one", "two"]);
}

#[test]
fn reader_starts_in_the_middle_of_a_group() {
    let (_folder, mut journal) = journal(Options::default());
    journal.append(&[(KIND, b"one"), (KIND, b"two"), (KIND, b"three")]).unwrap();
    let read: Vec<_> = journal.read_from(Sequence::new(2)).map(Result::unwrap).collect();
    assert_eq!(read, [record(2, b"two"), record(3, b"three")]);
}

#[test]
fn reader_starts_in_any_segment() {
    let (folder, mut journal) = journal(SMALL);
    fill(&mut journal);
    assert!(segment_files(&folder).len() > 2);
    let end = journal.next_sequence().get();
    for from in 0..=end {
        let read: Vec<_> = journal.read_from(Sequence::new(from)).map(|item| item.unwrap().sequence.get()).collect();
        assert_eq!(read, (from.max(1)..end).collect::<Vec<_>>());
    }
}

#[test]
fn unsynced_records_are_not_read_before_the_sync() {
    let (_folder, mut journal) = journal(Options::default());
    journal.append_unsynced(&[(KIND, b"one")]).unwrap();
    journal.append_unsynced(&[(KIND, b"two")]).unwrap();
    assert_eq!(records(&journal), []);
    assert_eq!(journal.sync().unwrap(), Sequence::new(3));
    assert_eq!(texts(&journal), ["one", "two"]);
}

#[test]
fn reader_does_not_see_what_was_appended_after_it_was_made() {
    let (_folder, mut journal) = journal(Options::default());
    journal.append(&[(KIND, b"one")]).unwrap();
    let reader = journal.read_from(Sequence::FIRST);
    journal.append(&[(KIND, b"two")]).unwrap();
    assert_eq!(reader.map(Result::unwrap).collect::<Vec<_>>(), [record(1, b"one")]);
}

#[test]
fn second_opener_is_refused() {
    let (folder, _journal) = journal(Options::default());
    let error = Journal::open(&folder.path().join("spool"), Options::default()).err().unwrap();
    assert!(matches!(&error, OpenError::Locked { .. }));
    assert!(error.to_string().contains("another process has it open"), "{error}");
}

#[test]
fn empty_group_is_refused() {
    let (_folder, mut journal) = journal(Options::default());
    assert!(matches!(journal.append(&[]), Err(AppendError::EmptyGroup)));
}

#[test]
fn record_over_the_limit_is_refused_and_one_at_the_limit_is_not() {
    let (_folder, mut journal) = journal(SMALL);
    assert!(matches!(journal.append(&[(KIND, &[0; 201])]), Err(AppendError::RecordTooLarge { bytes: 201, max: 200 })));
    journal.append(&[(KIND, &[0; 200])]).unwrap();
}

#[test]
fn group_over_a_segment_is_refused_and_one_that_fills_it_is_not() {
    let (_folder, mut journal) = journal(SMALL);
    // Segment header 24, group header 32, two frame headers of 18: 308 bytes are left of 400.
    let bytes = [0; 200];
    let error = journal.append(&[(KIND, &bytes), (KIND, &bytes[..109])]).unwrap_err();
    assert!(matches!(error, AppendError::GroupTooLarge { bytes: 377, max: 376 }), "{error}");
    journal.append(&[(KIND, &bytes), (KIND, &bytes[..108])]).unwrap();
    assert_eq!(journal.bytes(), 400);
}

#[test]
fn full_journal_says_its_limit_and_keeps_under_it() {
    let (folder, mut journal) = journal(SMALL);
    let error = fill(&mut journal);
    assert!(matches!(error, AppendError::Full { total_bytes_max: 1_200, .. }), "{error}");
    let on_disk: u64 = segment_files(&folder).iter().map(|file| fs::metadata(file).unwrap().len()).sum();
    assert_eq!(on_disk, journal.bytes());
    assert!(on_disk <= 1_200);
}

#[test]
fn room_is_made_by_dropping_the_oldest_and_told() {
    let (folder, mut journal) = journal(SMALL);
    let AppendError::Full { needed_bytes, .. } = fill(&mut journal) else { panic!("not full") };
    let (files, bytes, first) = (segment_files(&folder).len(), journal.bytes(), journal.first_sequence());
    let dropped = journal.make_room(needed_bytes).unwrap();
    assert_eq!(dropped.sequences, first..journal.first_sequence());
    assert_eq!(dropped.bytes, bytes - journal.bytes());
    assert_eq!(segment_files(&folder).len(), files - 1);
    journal.append(&[(KIND, &[2; 100])]).unwrap();
    assert_eq!(records(&journal)[0].sequence, journal.first_sequence());
}

#[test]
fn oldest_segment_is_dropped_alone_and_the_last_never() {
    let (folder, mut journal) = journal(SMALL);
    fill(&mut journal);
    for left in (1..segment_files(&folder).len()).rev() {
        assert!(!journal.drop_oldest().unwrap().sequences.is_empty());
        assert_eq!(segment_files(&folder).len(), left);
    }
    assert!(journal.drop_oldest().unwrap().sequences.is_empty());
    assert_eq!(segment_files(&folder).len(), 1);
}

#[test]
fn dropping_keeps_the_segment_that_holds_the_sequence() {
    let (_folder, mut journal) = journal(SMALL);
    fill(&mut journal);
    let second_segment = records(&journal).iter().map(|record| record.sequence).find(|s| s.get() == 3).unwrap();
    assert!(journal.drop_before(second_segment.next()).unwrap().sequences.contains(&Sequence::new(1)));
    assert_eq!(journal.first_sequence(), second_segment);
}

#[test]
fn dropping_everything_keeps_the_last_segment_and_the_count() {
    let (folder, mut journal) = journal(SMALL);
    fill(&mut journal);
    let next = journal.next_sequence();
    journal.drop_before(next).unwrap();
    assert_eq!(segment_files(&folder).len(), 1);
    drop(journal);
    let (journal, _) = Journal::open(&folder.path().join("spool"), SMALL).unwrap();
    assert_eq!(journal.next_sequence(), next);
}

#[test]
fn reader_overtaken_by_a_drop_says_so_and_goes_on() {
    let (_folder, mut journal) = journal(SMALL);
    fill(&mut journal);
    let mut reader = journal.read_from(Sequence::FIRST);
    journal.drop_before(journal.next_sequence()).unwrap();
    let Some(Err(ReadError::Dropped { sequences })) = reader.next() else { panic!("not told") };
    assert_eq!(sequences.start, Sequence::FIRST);
    assert!(reader.any(|item| item.is_ok()));
}

#[test]
fn contradictory_limits_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        (Options { record_bytes_max: 0, ..SMALL }, "record_bytes_max is 0"),
        (Options { record_bytes_max: 399, ..SMALL }, "does not fit in a segment"),
        (Options { total_bytes_max: 799, ..SMALL }, "under twice segment_bytes_max"),
    ];
    for (options, expected) in cases {
        let error = Journal::open(folder.path(), options).err().unwrap().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn disk_reserve_that_is_larger_than_the_disk_refuses_appends() {
    let (_folder, mut journal) = journal(Options { free_bytes_reserve: u64::MAX, ..Options::default() });
    assert!(matches!(journal.append(&[(KIND, b"one")]), Err(AppendError::DiskFull { .. })));
    assert_eq!(journal.poisoned(), None);
}

#[test]
fn missing_parents_of_the_folder_are_made() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = Journal::open(&folder.path().join("state/agent/spool"), Options::default()).unwrap();
    journal.append(&[(KIND, b"one")]).unwrap();
    assert_eq!(texts(&journal), ["one"]);
}

#[test]
fn file_in_the_place_of_the_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("spool");
    fs::write(&file, b"not a folder").unwrap();
    let error = Journal::open(&file, Options::default()).err().unwrap();
    assert!(matches!(error, OpenError::Io { operation: "creating folder", file: named, .. } if named == file));
}

#[cfg(unix)]
#[test]
fn files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, mut journal) = journal(Options::default());
    journal.append(&[(KIND, b"one")]).unwrap();
    assert_eq!(fs::metadata(&segment_files(&folder)[0]).unwrap().permissions().mode() & 0o077, 0);
    assert_eq!(fs::metadata(folder.path().join("spool")).unwrap().permissions().mode() & 0o077, 0);
}
