use std::sync::LazyLock;

use vedetta_checks::evidence::Evidence;
use vedetta_checks::pack::trust::TrustedPack;
use vedetta_checks::packs;
use vedetta_checks::result::{AssetReference, CheckResult, PackDigest, Vantage};
use vedetta_checks::target::Target;
use vedetta_checks::verdict::Verdict;
use vedetta_checks::word::CheckId;

use super::room::CHECKPOINT_RESERVE_BYTES;
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

#[test]
fn a_refused_batch_of_several_goes_again_as_single_ones_and_only_the_refused_result_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path());
    let checks = ["a.b", "a.c", "a.d"];
    let results = || checks.map(|check| result(check, Verdict::Pass, 0));
    spool.enqueue(&results(), at(0)).unwrap();
    assert_eq!(spool.set_aside(1, at(1)).unwrap(), Some(SetAside::Divided { batches: 3 }));
    assert_eq!((spool.pending(), spool.counters().gap_batches), (3, 0));
    let lost = SetAside::Lost { what: "a.b (host)".to_owned() };
    assert_eq!(spool.set_aside(2, at(2)).unwrap(), Some(lost));
    assert_eq!((spool.pending(), spool.counters().gap_batches, spool.state().len()), (2, 1, 2));
    assert_eq!(spool.set_aside(2, at(3)).unwrap(), None);
    let counters = spool.counters();
    drop(spool);
    let again = open(folder.path());
    let waiting: Vec<u64> = again.batches_after(0, 9).unwrap().iter().map(|batch| batch.sequence).collect();
    assert_eq!((again.counters(), waiting), (counters, vec![3, 4]));
    let statuses: Vec<Outboxed> =
        read_outbox(folder.path(), OutboxFilter::All, 9).unwrap().iter().map(|entry| entry.status).collect();
    assert_eq!(statuses, [Outboxed::NotSent, Outboxed::NotSent, Outboxed::Queued, Outboxed::Queued]);
}

#[test]
fn a_new_identity_starts_with_nothing_of_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path());
    for second in 0..3 {
        spool.enqueue(&[result("a.b", Verdict::Pass, second)], at(second)).unwrap();
    }
    spool.acknowledge(1, at(4)).unwrap();
    spool.start_over(OTHER).unwrap();
    assert_eq!((spool.pending(), spool.state().is_empty(), spool.counters()), (0, true, Counters::default()));
    drop(spool);
    let mut again = open(folder.path());
    assert_eq!((again.epoch(), again.pending(), again.state().is_empty()), (&OTHER, 0, true));
    assert_eq!(again.enqueue(&[result("a.b", Verdict::Pass, 9)], at(9)).unwrap().changed, 1);
    let statuses: Vec<&str> = read_outbox(folder.path(), OutboxFilter::All, 9)
        .unwrap()
        .iter()
        .map(|entry| match entry.status {
            Outboxed::Sent { .. } => "sent",
            Outboxed::Queued => "queued",
            Outboxed::QueuedAgain => "queued again",
            Outboxed::NotSent => "not sent",
        })
        .collect();
    assert_eq!(statuses, ["sent", "not sent", "not sent", "queued"]);
}

/// Room for marks is made by dropping batches here: what that adds to the counters must stand in the mark.
#[test]
fn a_mark_that_drops_the_oldest_does_not_hide_what_it_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open_small(folder.path(), EPOCH);
    let checks: Vec<String> = (0..50).map(|number| format!("a.check{number}")).collect();
    for second in 0..20_000 {
        // Batches alone drop nothing: they stop well before the limit, and marks fill the rest.
        if spool.bytes() + CHECKPOINT_RESERVE_BYTES + 32_000 < spool.limits.total_bytes_max {
            let verdict = || if second % 2 == 0 { Verdict::Pass } else { Verdict::Fail };
            let results: Vec<_> = checks.iter().map(|check| result(check, verdict(), second)).collect();
            spool.enqueue(&results, at(second)).unwrap();
        }
        let before = spool.pending();
        spool.counters.gap_batches = 1;
        spool.gap_told(at(second)).unwrap();
        let lost = (before - spool.pending()) as u64;
        assert_eq!((spool.counters().gap_batches, spool.counters().owes_whole_state), (lost, lost > 0));
        if lost > 0 {
            let counters = spool.counters();
            drop(spool);
            assert_eq!(open_small(folder.path(), OTHER).counters(), counters);
            return;
        }
    }
    panic!("no mark ever dropped anything");
}

#[test]
fn a_checkpoint_is_there_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path());
    let checks: Vec<String> = (0..5000).map(|number| format!("a.quite_a_long_name_of_a_check{number}")).collect();
    let results: Vec<_> = checks.iter().map(|check| result(check, Verdict::Pass, 0)).collect();
    spool.enqueue(&results, at(0)).unwrap();
    let before = std::fs::metadata(segments(folder.path()).pop().unwrap()).unwrap().len();
    spool.begin_epoch(OTHER, false, at(1)).unwrap();
    assert!(spool.state.chunks(256 * 1024).len() > 1, "it takes several parts");
    drop(spool);
    let segment = segments(folder.path()).pop().unwrap();
    // A crash in the midst of the checkpoint: what was written of it after its first part is torn off.
    let file = std::fs::File::options().write(true).open(&segment).unwrap();
    file.set_len(before + 300 * 1024).unwrap();
    let again = open(folder.path());
    assert_eq!((again.epoch(), again.state().len()), (&EPOCH, 5000));
}

fn segments(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut segments: Vec<_> = entries.filter(|path| path.extension().is_some_and(|name| name == "log")).collect();
    segments.sort();
    segments
}

#[test]
fn answers_of_a_workstation_wait_like_results_and_are_no_part_of_the_state() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path());
    let counts = agent::Counts { token: vec![4; 16], day: "2026-11-22".to_owned(), counts: Vec::new() };
    spool.enqueue_counts(counts.clone(), at(0)).unwrap();
    drop(spool);
    let mut spool = open(folder.path());
    let waiting = spool.batches_after(0, 9).unwrap();
    assert_eq!(waiting.into_iter().map(|batch| batch.counts).collect::<Vec<_>>(), [Some(counts)]);
    assert!(spool.state().is_empty());
    spool.acknowledge(1, at(1)).unwrap();
    assert_eq!(spool.pending(), 0);
}
