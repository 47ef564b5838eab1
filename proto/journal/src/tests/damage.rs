//! Damaged, torn and foreign bytes, on the operating system's files.

use std::fs;
use std::path::{Path, PathBuf};

use super::{KIND, SMALL, record, records, texts};
use crate::format::{GROUP_HEADER_BYTES, SEGMENT_HEADER_BYTES, encode_group, encode_segment_header};
use crate::{AppendError, Damage, Journal, OpenError, Options, ReadError, Record, Recovery, Sequence};

const SEGMENT_HEADER: usize = SEGMENT_HEADER_BYTES as usize;
/// Limits by which the records of these tests fill three segments.
const TIGHT: Options = Options { segment_bytes_max: 260, record_bytes_max: 180, ..SMALL };
/// Bytes of a group of one record of five bytes.
const GROUP: usize = GROUP_HEADER_BYTES as usize + 18 + 5;

fn first_segment(folder: &Path) -> PathBuf {
    folder.join("00000000000000000001.log")
}

/// A folder with a journal of these groups of one record each, each synced.
fn journal_of(options: Options, groups: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = Journal::open(folder.path(), options).unwrap();
    for text in groups {
        journal.append(&[(KIND, text.as_bytes())]).unwrap();
    }
    folder
}

fn open(folder: &Path) -> (Journal, Recovery) {
    Journal::open(folder, SMALL).unwrap()
}

fn change(file: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(file).unwrap();
    change(&mut bytes);
    fs::write(file, bytes).unwrap();
}

/// What can be read, and what the reader said of the rest.
fn read(journal: &Journal) -> (Vec<Record>, Vec<Damage>) {
    let (mut records, mut damages) = (Vec::new(), Vec::new());
    for item in journal.read_from(Sequence::FIRST) {
        match item {
            Ok(record) => records.push(record),
            Err(ReadError::Damaged(damage)) => damages.push(damage),
            Err(error @ (ReadError::Dropped { .. } | ReadError::Io { .. })) => panic!("{error}"),
        }
    }
    (records, damages)
}

/// Opens a journal that may be damaged anywhere, and holds it to returning only what was written, to counting every
/// missing record, and to going on.
fn assert_honest(folder: &Path, written: &[Record], what: &str) {
    let (mut journal, recovery) = open(folder);
    let (found, damages) = read(&journal);
    for record in &found {
        assert!(written.contains(record), "{what}: {record:?} was never written");
    }
    let lost: u64 = damages.iter().map(|damage| damage.sequences.end.get() - damage.sequences.start.get()).sum();
    let next = journal.next_sequence().get();
    assert_eq!(found.len() as u64 + lost, next - 1, "{what}: every record is there or told as lost");
    assert!(next > written.len() as u64 || recovery.truncated_bytes > 0 || !recovery.quarantined.is_empty(), "{what}");
    let sequence = journal.append(&[(KIND, b"after")]).unwrap();
    drop(journal);
    let (journal, _) = open(folder);
    let last = read(&journal).0.pop().unwrap();
    assert_eq!(last, Record { sequence, kind: KIND, bytes: b"after".to_vec() }, "{what}: it goes on");
}

const TEXTS: [&str; 12] =
    ["one-a", "two-b", "three", "four.", "five.", "six..", "seven", "eight", "nine.", "ten..", "11...", "12..."];

fn written() -> Vec<Record> {
    TEXTS.iter().zip(1..).map(|(text, sequence)| record(sequence, text.as_bytes())).collect()
}

#[test]
fn no_flipped_bit_is_returned_or_stops_the_journal() {
    let original = journal_of(TIGHT, &TEXTS);
    let files: Vec<_> = segments(original.path());
    assert!(files.len() > 2, "closed segments and the last one are tried");
    for file in &files {
        let bytes = fs::read(file).unwrap();
        for index in 0..bytes.len() {
            for bit in [0, 3, 7] {
                let folder = copy_of(&files);
                change(&folder.path().join(file.file_name().unwrap()), |bytes| bytes[index] ^= 1 << bit);
                assert_honest(folder.path(), &written(), &format!("{} byte {index} bit {bit}", file.display()));
            }
        }
    }
}

#[test]
fn no_truncation_returns_a_wrong_record_or_stops_the_journal() {
    let original = journal_of(TIGHT, &TEXTS);
    let files: Vec<_> = segments(original.path());
    for file in &files {
        for length in 0..fs::read(file).unwrap().len() {
            let folder = copy_of(&files);
            change(&folder.path().join(file.file_name().unwrap()), |bytes| bytes.truncate(length));
            let (journal, _) = open(folder.path());
            let (found, _) = read(&journal);
            assert!(found.iter().all(|record| written().contains(record)), "{} cut at {length}", file.display());
        }
    }
}

fn segments(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some()).collect();
    files.sort();
    files
}

fn copy_of(files: &[PathBuf]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        fs::copy(file, folder.path().join(file.file_name().unwrap())).unwrap();
    }
    folder
}

#[test]
fn torn_group_is_cut_off_whole_and_told() {
    let folder = journal_of(SMALL, &["first"]);
    let (mut journal, _) = open(folder.path());
    journal.append(&[(KIND, b"two-a"), (KIND, b"two-b")]).unwrap();
    drop(journal);
    change(&first_segment(folder.path()), |bytes| bytes.truncate(bytes.len() - 1));
    let (journal, recovery) = open(folder.path());
    let torn = (GROUP + 18 + 5 - 1) as u64;
    assert_eq!(recovery, Recovery { records: 1, segments: 1, truncated_bytes: torn, quarantined: Vec::new() });
    assert_eq!(texts(&journal), ["first"]);
    assert_eq!(fs::metadata(first_segment(folder.path())).unwrap().len(), journal.bytes());
}

#[test]
fn rest_of_a_damaged_closed_segment_is_told_and_passed_over() {
    let folder = journal_of(TIGHT, &TEXTS);
    let second = segments(folder.path())[1].clone();
    let second_first: u64 = second.file_stem().unwrap().to_str().unwrap().parse().unwrap();
    change(&first_segment(folder.path()), |bytes| bytes[SEGMENT_HEADER + GROUP + 40] ^= 1);
    let (journal, recovery) = open(folder.path());
    assert_eq!(recovery.quarantined, [], "closed segments are not read at opening");
    let damage = Damage {
        file: first_segment(folder.path()),
        offset: (SEGMENT_HEADER + GROUP) as u64,
        sequences: Sequence::new(2)..Sequence::new(second_first),
    };
    let (found, damages) = read(&journal);
    assert_eq!(damages, std::slice::from_ref(&damage));
    assert_eq!(journal.verify().unwrap(), [damage]);
    let sequences: Vec<_> = found.iter().map(|record| record.sequence.get()).collect();
    assert_eq!(sequences, [1].into_iter().chain(second_first..=12).collect::<Vec<_>>());
}

#[test]
fn missing_segment_is_told_as_lost() {
    let folder = journal_of(TIGHT, &TEXTS);
    let files = segments(folder.path());
    fs::remove_file(&files[1]).unwrap();
    let first_of = |file: &Path| file.file_stem().unwrap().to_str().unwrap().parse().map(Sequence::new).unwrap();
    let (journal, _) = open(folder.path());
    let damages = read(&journal).1;
    assert_eq!(damages.len(), 1);
    assert_eq!(damages[0].sequences, first_of(&files[1])..first_of(&files[2]));
}

#[test]
fn damage_before_acknowledged_groups_of_the_last_segment_is_not_cut_off() {
    let folder = journal_of(SMALL, &["first", "two..", "three"]);
    let file = first_segment(folder.path());
    change(&file, |bytes| bytes[SEGMENT_HEADER + GROUP + 50] ^= 1);
    let before = fs::read(&file).unwrap();
    let (mut journal, recovery) = open(folder.path());
    let sequences = Sequence::new(2)..Sequence::new(4);
    let damage = Damage { file: file.clone(), offset: (SEGMENT_HEADER + GROUP) as u64, sequences };
    assert_eq!(recovery, Recovery { records: 1, segments: 1, truncated_bytes: 0, quarantined: vec![damage.clone()] });
    assert_eq!(journal.append(&[(KIND, b"four.")]).unwrap(), Sequence::new(4));
    assert_eq!(read(&journal), (vec![record(1, b"first"), record(4, b"four.")], vec![damage]));
    assert_eq!(fs::read(&file).unwrap(), before, "left for a person to look at");
}

#[test]
fn record_that_contains_a_journal_does_not_pass_for_one() {
    // Written to look like a durable group after a torn one, at whatever offset its author assumed: 0.
    let mut bait = Vec::new();
    encode_group(&mut bait, 0, Sequence::new(9), Sequence::new(9), &[(KIND, b"bait")]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(folder.path());
    journal.append(&[(KIND, b"first")]).unwrap();
    journal.append(&[(KIND, &bait)]).unwrap();
    drop(journal);
    change(&first_segment(folder.path()), |bytes| bytes[SEGMENT_HEADER + GROUP] ^= 1);
    let (journal, recovery) = open(folder.path());
    assert_eq!(recovery.quarantined, []);
    assert_eq!((texts(&journal), journal.next_sequence()), (vec!["first".to_owned()], Sequence::new(2)));
}

#[test]
fn sequence_further_ahead_than_the_file_is_long_is_not_believed() {
    // The record's bytes stand after the headers of segment, group and frame.
    let offset = (SEGMENT_HEADER + GROUP) as u64 + GROUP_HEADER_BYTES + 18;
    let mut bait = Vec::new();
    let far = Sequence::new(1 << 40);
    encode_group(&mut bait, offset, far, far, &[(KIND, b"bait")]).unwrap();
    let folder = journal_of(SMALL, &["first"]);
    open(folder.path()).0.append(&[(KIND, &bait)]).unwrap();
    change(&first_segment(folder.path()), |bytes| bytes[SEGMENT_HEADER + GROUP] ^= 1);
    assert_eq!(open(folder.path()).0.next_sequence(), Sequence::new(2));
}

#[test]
fn group_that_reaches_into_the_next_segment_is_told_as_damage() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(folder.path());
    journal.append(&[(KIND, b"one"), (KIND, b"two")]).unwrap();
    drop(journal);
    let mut overlapping = encode_segment_header(Sequence::new(2));
    encode_group(&mut overlapping, 24, Sequence::new(2), Sequence::new(2), &[(KIND, b"other two")]).unwrap();
    fs::write(folder.path().join("00000000000000000002.log"), overlapping).unwrap();
    let (found, damages) = read(&open(folder.path()).0);
    assert_eq!(found, [record(2, b"other two")]);
    assert_eq!(damages[0].sequences, Sequence::new(1)..Sequence::new(2));
}

#[test]
fn damaged_header_is_told_and_loses_no_record() {
    let folder = journal_of(SMALL, &["first", "two.."]);
    change(&first_segment(folder.path()), |bytes| bytes[3] ^= 1);
    let (mut journal, recovery) = open(folder.path());
    let damage =
        Damage { file: first_segment(folder.path()), offset: 0, sequences: Sequence::new(3)..Sequence::new(3) };
    assert_eq!(recovery.quarantined, [damage]);
    journal.append(&[(KIND, b"three")]).unwrap();
    assert_eq!(texts(&journal), ["first", "two..", "three"]);
    assert_eq!(segments(folder.path()).len(), 2, "nothing is added to a segment with a damaged header");
}

#[test]
fn garbage_under_a_segments_name_is_kept_and_told() {
    for length in [25, 100, 5_000, 200_000] {
        let folder = tempfile::tempdir().unwrap();
        let garbage: Vec<u8> = (0..length).map(|index: usize| u8::try_from(index * 31 % 256).unwrap()).collect();
        fs::write(first_segment(folder.path()), &garbage).unwrap();
        let options = Options { total_bytes_max: 1_000_000, ..SMALL };
        let (mut journal, recovery) = Journal::open(folder.path(), options).unwrap();
        assert_eq!(recovery.quarantined.len(), 1, "{length}");
        journal.append(&[(KIND, b"after")]).unwrap();
        assert_eq!(read(&journal).0, [record(2, b"after")], "{length}");
        assert_eq!(fs::read(first_segment(folder.path())).unwrap(), garbage, "{length}");
    }
}

#[test]
fn segment_whose_making_was_cut_short_is_made_anew() {
    let header = encode_segment_header(Sequence::FIRST);
    let torn = [Vec::new(), header[..10].to_vec(), vec![0; 24], [&header[..20], &[0; 4]].concat()];
    for bytes in torn {
        let folder = tempfile::tempdir().unwrap();
        fs::write(first_segment(folder.path()), &bytes).unwrap();
        let (mut journal, recovery) = open(folder.path());
        assert_eq!(recovery, Recovery::default(), "{bytes:?}");
        journal.append(&[(KIND, b"first")]).unwrap();
        drop(journal);
        assert_eq!(texts(&open(folder.path()).0), ["first"], "{bytes:?}");
    }
}

#[test]
fn sequences_go_on_when_only_an_unmade_segment_is_left() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("00000000000000000042.log"), []).unwrap();
    let (mut journal, _) = open(folder.path());
    assert_eq!(journal.append(&[(KIND, b"first")]).unwrap(), Sequence::new(42));
}

#[test]
fn newer_format_is_refused_by_file_and_version_and_left_as_it_is() {
    let folder = journal_of(SMALL, &["first"]);
    let file = first_segment(folder.path());
    change(&file, |bytes| {
        bytes[8] = 2;
        let checksum = crc32c::crc32c(&bytes[..20]);
        bytes[20..24].copy_from_slice(&checksum.to_le_bytes());
        bytes.truncate(bytes.len() - 1);
    });
    let before = fs::read(&file).unwrap();
    let error = Journal::open(folder.path(), SMALL).err().unwrap();
    assert!(matches!(&error, OpenError::NewerVersion { found: 2, supported: 1, .. }), "{error}");
    assert!(error.to_string().contains("00000000000000000001.log: it has format version 2"), "{error}");
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn foreign_files_are_left_alone() {
    let folder = journal_of(SMALL, &["first"]);
    let names =
        ["note.txt", "1.log", "0000000000000000000x.log", "00000000000000000000.log", "99999999999999999999.log"];
    for name in names {
        fs::write(folder.path().join(name), b"foreign").unwrap();
    }
    let (journal, recovery) = open(folder.path());
    assert_eq!(recovery, Recovery { records: 1, segments: 1, ..Recovery::default() });
    assert_eq!(records(&journal), [record(1, b"first")]);
    assert!(names.iter().all(|name| fs::read(folder.path().join(name)).unwrap() == b"foreign"));
}

#[test]
fn journal_written_under_larger_limits_is_read_and_takes_no_more_before_room_is_made() {
    let folder = journal_of(Options::default(), &["larger than it may be from now on"; 20]);
    let (mut journal, _) = open(folder.path());
    assert_eq!(records(&journal).len(), 20);
    let Err(AppendError::Full { needed_bytes, .. }) = journal.append(&[(KIND, b"more")]) else { panic!("not full") };
    assert!(journal.make_room(needed_bytes).unwrap().sequences.is_empty(), "the only segment is never dropped");
}
