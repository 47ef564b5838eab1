use std::sync::LazyLock;

use vedetta_checks::evidence::Evidence;
use vedetta_checks::pack::trust::TrustedPack;
use vedetta_checks::packs;
use vedetta_checks::result::{AssetReference, CheckResult, PackDigest, Vantage};
use vedetta_checks::target::Target;
use vedetta_checks::verdict::Verdict;
use vedetta_checks::word::CheckId;

use super::*;

const EPOCH: Epoch = [7; 16];
const OTHER: Epoch = [8; 16];

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

/// A result as an embedded pack judges it: only such a result can be queued.
fn result(check: &str, verdict: Verdict, second: i64) -> SpoolableResult {
    static PACKS: LazyLock<Vec<TrustedPack>> = LazyLock::new(|| packs::trusted().unwrap());
    let pack = &PACKS[0];
    let digest: PackDigest = pack.pack().digest;
    let result = CheckResult {
        check: CheckId::parse(check).unwrap(),
        pack: digest,
        asset: AssetReference::OwnHost,
        target: Target::Host,
        vantage: Vantage::Inside,
        verdict,
        clause: None,
        evidence: Evidence::empty(),
        observed_at: at(second),
    };
    pack.spoolable().unwrap().seal(result).unwrap()
}

fn open(folder: &Path) -> Spool {
    Spool::open(folder, Options { free_bytes_reserve: 0, ..limits() }, EPOCH, at(0)).unwrap()
}

fn open_small(folder: &Path, epoch: Epoch) -> Spool {
    let limits = Options {
        segment_bytes_max: 64 * 1024,
        total_bytes_max: CHECKPOINT_RESERVE_BYTES + 256 * 1024,
        record_bytes_max: 32 * 1024,
        free_bytes_reserve: 0,
    };
    Spool::open(folder, limits, epoch, at(0)).unwrap()
}

#[test]
fn a_changed_result_goes_whole_and_an_unchanged_one_is_confirmed() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path());
    let first = spool.enqueue(&[result("a.b", Verdict::Pass, 0), result("a.c", Verdict::Fail, 0)], at(0)).unwrap();
    assert_eq!((first.changed, first.confirmed, first.batches), (2, 0, 1));
    let second = spool.enqueue(&[result("a.b", Verdict::Pass, 9), result("a.c", Verdict::Pass, 9)], at(9)).unwrap();
    assert_eq!((second.changed, second.confirmed), (1, 1));
    let batches = spool.batches_after(0, 9).unwrap();
    assert_eq!(batches.iter().map(|batch| batch.sequence).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(batches[1].confirmations[0].check, "a.b");
    let key = Key { check: "a.b".to_owned(), grant: Vec::new(), target: "host".to_owned(), vantage: 1 };
    assert_eq!(spool.state().observed_at(&key), Some(at(9)));
}

#[test]
fn everything_survives_closing_and_opening() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path());
    for second in 0..3 {
        spool
            .enqueue(&[result("a.b", Verdict::Pass, second), result("a.c", Verdict::Fail, second)], at(second))
            .unwrap();
    }
    spool.acknowledge(2, at(5)).unwrap();
    let (counters, state) = (spool.counters(), spool.state().clone());
    drop(spool);
    let again = Spool::open(folder.path(), limits(), OTHER, at(6)).unwrap();
    assert_eq!((again.epoch(), again.counters(), again.state()), (&EPOCH, counters, &state));
    assert_eq!((again.pending(), again.batches_after(0, 9).unwrap()[0].sequence), (1, 3));
}

#[test]
fn a_torn_tail_loses_only_what_was_never_durable() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path());
    spool.enqueue(&[result("a.b", Verdict::Pass, 0)], at(0)).unwrap();
    drop(spool);
    let segment = segments(folder.path()).pop().unwrap();
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes.extend_from_slice(&[0xF5, b'G', b'R', b'P', 1, 2, 3]);
    std::fs::write(&segment, bytes).unwrap();
    let again = Spool::open(folder.path(), limits(), OTHER, at(1)).unwrap();
    assert_eq!((again.epoch(), again.pending(), again.state().len()), (&EPOCH, 1, 1));
}

#[test]
fn damage_starts_a_new_epoch_and_owes_the_whole_state() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path());
    spool.enqueue(&[result("a.b", Verdict::Pass, 0)], at(0)).unwrap();
    spool.enqueue(&[result("a.c", Verdict::Pass, 1)], at(1)).unwrap();
    drop(spool);
    let segment = segments(folder.path()).pop().unwrap();
    let mut bytes = std::fs::read(&segment).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xFF;
    std::fs::write(&segment, bytes).unwrap();
    let again = Spool::open(folder.path(), limits(), OTHER, at(2)).unwrap();
    assert_eq!((again.epoch(), again.counters().owes_whole_state), (&OTHER, true));
}

#[test]
fn a_lost_spool_is_a_new_epoch_without_state() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(&folder.path().join("spool"));
    spool.enqueue(&[result("a.b", Verdict::Pass, 0)], at(0)).unwrap();
    drop(spool);
    std::fs::remove_dir_all(folder.path().join("spool")).unwrap();
    let again = Spool::open(&folder.path().join("spool"), limits(), OTHER, at(1)).unwrap();
    assert_eq!((again.epoch(), again.state().is_empty(), again.counters()), (&OTHER, true, Counters::default()));
}

#[test]
fn the_whole_state_is_sent_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path());
    spool.enqueue(&[result("a.b", Verdict::Pass, 0), result("a.c", Verdict::Fail, 0)], at(0)).unwrap();
    spool.acknowledge(1, at(1)).unwrap();
    spool.enqueue_whole_state(at(2)).unwrap();
    let batch = &spool.batches_after(1, 9).unwrap()[0];
    assert_eq!((batch.whole_state, batch.results.len(), batch.sequence), (true, 2, 2));
}

#[test]
fn a_full_spool_drops_the_oldest_counts_the_gap_and_owes_the_whole_state() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open_small(folder.path(), EPOCH);
    let checks: Vec<String> = (0..200).map(|number| format!("a.check{number}")).collect();
    for second in 0..60 {
        let verdict = || if second % 2 == 0 { Verdict::Pass } else { Verdict::Fail };
        let results: Vec<_> = checks.iter().map(|check| result(check, verdict(), second)).collect();
        spool.enqueue(&results, at(second)).unwrap();
    }
    let counters = spool.counters();
    assert!(counters.gap_batches > 0 && counters.owes_whole_state, "{counters:?}");
    assert_eq!(counters.gap_batches + spool.pending() as u64, counters.last_sequence);
    assert!(spool.bytes() <= CHECKPOINT_RESERVE_BYTES + 256 * 1024);
    assert_eq!(spool.state().len(), checks.len());
    let (state, pending) = (spool.state().clone(), spool.pending());
    drop(spool);
    let again = open_small(folder.path(), OTHER);
    assert_eq!((again.epoch(), again.counters(), again.pending()), (&EPOCH, counters, pending));
    assert_eq!(again.state(), &state);
}

#[test]
fn a_new_epoch_queues_again_what_waited() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path());
    for second in 0..5 {
        spool.enqueue(&[result("a.b", Verdict::Pass, second)], at(second)).unwrap();
    }
    spool.acknowledge(3, at(6)).unwrap();
    spool.begin_epoch(OTHER, true, at(7)).unwrap();
    let sequences: Vec<u64> = spool.batches_after(0, 9).unwrap().iter().map(|batch| batch.sequence).collect();
    assert_eq!((sequences, spool.counters().last_sequence), (vec![1, 2], 2));
    drop(spool);
    let again = open(folder.path());
    assert_eq!((again.epoch(), again.pending()), (&OTHER, 2));
}

#[test]
fn the_outbox_tells_what_was_sent_from_what_waits_beside_the_running_agent() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path());
    for second in 0..3 {
        spool.enqueue(&[result("a.b", Verdict::Pass, second)], at(second)).unwrap();
    }
    spool.acknowledge(2, at(5)).unwrap();
    let sequences = |filter, last| -> Vec<u64> {
        read_outbox(folder.path(), filter, last).unwrap().iter().map(|entry| entry.batch.sequence).collect()
    };
    assert_eq!(sequences(OutboxFilter::Sent, 9), [1, 2]);
    assert_eq!(sequences(OutboxFilter::Sent, 1), [2]);
    assert_eq!(sequences(OutboxFilter::Queued, 9), [3]);
    assert_eq!(sequences(OutboxFilter::All, 9), [1, 2, 3]);
    let sent = &read_outbox(folder.path(), OutboxFilter::Sent, 9).unwrap()[0];
    assert_eq!(sent.status.acknowledged_at(), Some(at(5)));
}

#[test]
fn an_acknowledgement_of_what_was_never_made_is_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path());
    spool.enqueue(&[result("a.b", Verdict::Pass, 0)], at(0)).unwrap();
    spool.acknowledge(99, at(1)).unwrap();
    assert_eq!((spool.counters().acknowledged, spool.pending()), (0, 1));
}

fn segments(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut segments: Vec<_> = entries.filter(|path| path.extension().is_some_and(|name| name == "log")).collect();
    segments.sort();
    segments
}
