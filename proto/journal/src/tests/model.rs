//! Any sequence of appends, syncs, drops, reopenings, full disks, faults and losses of power, against a plain model.
//!
//! What must hold: nothing acknowledged is lost; nothing appears that was not written; a group is there whole or not
//! at all; sequences have no hole but what was dropped.

use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;

use super::disk::{Disk, Fault, Unsynced};
use super::{KIND, SMALL, records};
use crate::{AppendError, Journal, Kind, Recovery, Sequence};

const FOLDER: &str = "/journal";
/// Opening is tried again after each fault that strikes it; there are three a step at most.
const OPEN_ATTEMPTS_MAX: u32 = 4;

#[derive(Debug, Clone)]
enum Step {
    /// Appends records of these lengths, synced or not.
    Append {
        lengths: Vec<usize>,
        synced: bool,
    },
    Sync,
    /// Drops before a place between the first (0) and the next sequence (255).
    DropBefore(u8),
    MakeRoom(u64),
    /// Ends the process and starts it again; the disk goes on.
    Reopen,
    /// Loses power now.
    LosePower(Unsynced),
    /// Loses power, or fails, in the middle of whatever comes after this many operations.
    FaultAfter(u64, Fault, Unsynced),
    /// Leaves this many bytes free on the disk, or as many as one likes.
    LeaveFree(Option<usize>),
}

fn unsynced() -> impl Strategy<Value = Unsynced> {
    prop_oneof![1 => Just(Unsynced::Gone), 1 => Just(Unsynced::Kept), 4 => any::<u64>().prop_map(Unsynced::ByChance)]
}

fn step() -> impl Strategy<Value = Step> {
    let append = (prop::collection::vec(0_usize..90, 1..4), any::<bool>());
    let fault = prop_oneof![(1_u64..4).prop_map(|times| Fault::InputOutput { times }), Just(Fault::PowerOff)];
    prop_oneof![
        12 => append.prop_map(|(lengths, synced)| Step::Append { lengths, synced }),
        3 => Just(Step::Sync),
        2 => any::<u8>().prop_map(Step::DropBefore),
        1 => (0_u64..600).prop_map(Step::MakeRoom),
        1 => Just(Step::Reopen),
        1 => unsynced().prop_map(Step::LosePower),
        3 => (0_u64..12, fault, unsynced()).prop_map(|(after, fault, left)| Step::FaultAfter(after, fault, left)),
        2 => prop::option::of(0_usize..300).prop_map(Step::LeaveFree),
    ]
}

/// The journal under test beside what it must contain.
struct Pair {
    disk: Disk,
    journal: Option<Journal>,
    left_by_next_loss: Unsynced,
    /// Groups in order, from sequence 1 on, whether dropped since or not.
    groups: Vec<Vec<Vec<u8>>>,
    /// How many of them are acknowledged.
    acknowledged: usize,
    /// The oldest record kept lies between these sequences.
    first: (Sequence, Sequence),
    /// Makes every record unlike any other.
    written: u64,
}

impl Pair {
    fn new(page_bytes: usize) -> Self {
        let mut pair = Self {
            disk: Disk::new(page_bytes),
            journal: None,
            left_by_next_loss: Unsynced::Gone,
            groups: Vec::new(),
            acknowledged: 0,
            first: (Sequence::FIRST, Sequence::FIRST),
            written: 0,
        };
        pair.open();
        pair
    }

    fn journal(&mut self) -> &mut Journal {
        self.journal.as_mut().unwrap()
    }

    fn run(&mut self, step: &Step) {
        match step {
            Step::Append { lengths, synced } => self.append(lengths, *synced),
            Step::Sync => {
                let result = self.journal().sync().map(|_| ());
                self.judge(result);
            }
            Step::DropBefore(part) => {
                let (first, next) = (self.journal().first_sequence().get(), self.journal().next_sequence().get());
                let before = Sequence::new(first + (next - first) * u64::from(*part) / 255);
                self.first.1 = before.max(self.first.1);
                let result = self.journal().drop_before(before).map(|_| ());
                self.after_drop(result.is_ok());
            }
            Step::MakeRoom(bytes) => {
                self.first.1 = self.journal().next_sequence();
                let result = self.journal().make_room(*bytes);
                self.after_drop(result.is_ok());
            }
            Step::Reopen => self.reopen(),
            Step::LosePower(unsynced) => self.lose_power(*unsynced),
            Step::FaultAfter(operations, fault, unsynced) => {
                self.left_by_next_loss = *unsynced;
                self.disk.fault_after(*operations, *fault);
            }
            Step::LeaveFree(bytes) => self.disk.set_capacity(bytes.map(|bytes| self.disk.used() + bytes)),
        }
    }

    fn append(&mut self, lengths: &[usize], synced: bool) {
        let group: Vec<Vec<u8>> = lengths.iter().map(|length| self.fresh_record(*length)).collect();
        let records: Vec<(Kind, &[u8])> = group.iter().map(|bytes| (KIND, bytes.as_slice())).collect();
        let next = self.journal().next_sequence();
        let result = if synced { self.journal().append(&records) } else { self.journal().append_unsynced(&records) };
        match result {
            Ok(last) => {
                assert_eq!(last.next(), next.plus(lengths.len() as u64));
                self.groups.push(group);
                self.acknowledge();
                assert!(!synced || self.acknowledged == self.groups.len());
            }
            Err(AppendError::Full { needed_bytes, .. }) => {
                self.first.1 = self.journal().next_sequence();
                let dropped = self.journal().make_room(needed_bytes);
                self.after_drop(dropped.is_ok());
            }
            Err(AppendError::DiskFull { .. }) => {
                // Cutting the torn group off synced the others.
                self.acknowledge();
                assert_eq!(self.journal().next_sequence(), next);
            }
            Err(error) => {
                self.groups.push(group);
                self.judge(Err(error));
            }
        }
    }

    fn fresh_record(&mut self, length: usize) -> Vec<u8> {
        self.written += 1;
        let mut bytes = self.written.to_le_bytes().to_vec();
        bytes.resize(8 + length, u8::try_from(self.written % 251).unwrap());
        bytes
    }

    /// After a sync: everything is acknowledged, or the journal only reads until it is opened again.
    fn judge(&mut self, result: Result<(), AppendError>) {
        match result {
            Ok(()) => {
                self.acknowledge();
                assert_eq!(self.acknowledged, self.groups.len());
            }
            Err(AppendError::Failed { .. }) => {
                let again = self.journal().append(&[(KIND, b"again")]).unwrap_err();
                assert!(matches!(again, AppendError::Poisoned { .. }), "{again}");
                if self.disk.is_off() {
                    self.lose_power(self.left_by_next_loss);
                } else {
                    self.acknowledge();
                    assert_eq!(self.journal().next_sequence(), self.journal().durable_sequence());
                    self.compare(self.acknowledged);
                    // Poisoned, it may be opened again or lose power first.
                    if self.written.is_multiple_of(2) { self.reopen() } else { self.lose_power(self.left_by_next_loss) }
                }
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// What the journal calls durable is acknowledged from here on; starting a segment syncs too.
    fn acknowledge(&mut self) {
        let durable = self.journal().durable_sequence();
        let groups = (self.acknowledged..=self.groups.len()).find(|groups| self.end_of(*groups) == durable);
        self.acknowledged = groups.expect("durable up to the end of a group, and never less than before");
    }

    fn after_drop(&mut self, done: bool) {
        if done {
            let first = self.journal().first_sequence();
            assert!(self.first.0 <= first && first <= self.first.1);
            self.first = (first, first);
        } else if self.disk.is_off() {
            self.lose_power(self.left_by_next_loss);
        } else {
            self.reopen();
        }
    }

    fn lose_power(&mut self, unsynced: Unsynced) {
        self.journal = None;
        self.disk = self.disk.lose_power(unsynced);
        self.open();
    }

    fn reopen(&mut self) {
        let poisoned = self.journal().poisoned().is_some();
        self.journal = None;
        let written = self.groups.len();
        if let Some(recovery) = self.open()
            && !poisoned
        {
            assert_eq!((self.acknowledged, recovery.truncated_bytes), (written, 0), "an orderly end loses nothing");
        }
    }

    /// Opens, losing power on the way if that is due; answers the recovery when nothing disturbed it.
    fn open(&mut self) -> Option<Recovery> {
        for attempt in 0..OPEN_ATTEMPTS_MAX {
            match Journal::open_on(Arc::new(self.disk.clone()), Path::new(FOLDER), SMALL) {
                Ok((journal, recovery)) => {
                    self.journal = Some(journal);
                    self.settle(&recovery);
                    return (attempt == 0).then_some(recovery);
                }
                Err(_) if self.disk.is_off() => self.disk = self.disk.lose_power(self.left_by_next_loss),
                Err(error) => assert!(error.to_string().contains("failed"), "{error}"),
            }
        }
        panic!("it does not open");
    }

    /// What the journal has now must be every acknowledged group and the first few of the others.
    fn settle(&mut self, recovery: &Recovery) {
        assert_eq!(recovery.quarantined, []);
        let (first, next) = (self.journal().first_sequence(), self.journal().next_sequence());
        assert!(self.first.0 <= first && first <= self.first.1, "{first} is not in {:?}", self.first);
        assert_eq!(recovery.records, first.until(next));
        let kept = (self.acknowledged..=self.groups.len()).find(|groups| self.end_of(*groups) == next);
        let kept = kept.expect("the journal ends at the end of a group, after all that was acknowledged");
        self.groups.truncate(kept);
        self.acknowledged = kept;
        self.first = (first, first);
        self.compare(kept);
    }

    fn end_of(&self, groups: usize) -> Sequence {
        Sequence::FIRST.plus(self.groups[..groups].iter().map(|group| group.len() as u64).sum())
    }

    fn compare(&mut self, groups: usize) {
        let first = self.journal().first_sequence();
        let found = records(self.journal());
        let numbered = self.groups[..groups].iter().flatten().zip(1_u64..);
        let expected: Vec<_> = numbered.filter(|(_, number)| *number >= first.get()).collect();
        let found: Vec<_> = found.iter().map(|record| (&record.bytes, record.sequence.get())).collect();
        assert_eq!(found, expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_acknowledged_groups_stay_whole_and_in_order(
        page_bytes in prop::sample::select(vec![16_usize, 64, 512, 4096]),
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut pair = Pair::new(page_bytes);
        for step in &steps {
            pair.run(step);
        }
        pair.lose_power(Unsynced::Gone);
    }
}
