//! The run: bounded looks at many targets, passive, with a pause between targets of one supplier.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;
use vedetta_checks::catalogue::ProbeCatalogue;
use vedetta_checks::result::{AssetReference, CheckResult, Vantage};
use vedetta_checks::value::Record;
use vedetta_probes::supplier::{self, Suppliers};

use super::list::{Entry, Excluded};
use super::progress::Progress;
use crate::engine::{self, PlanFilter, Surroundings};
use crate::packs::PackSet;
use crate::targets::AllowedTarget;

/// Lines of the list that are begun and not ended: each knows its supplier and waits for a place or a turn.
const BEGUN_MAX: usize = 256;
/// The time over which a rate is counted.
const MINUTE: Duration = Duration::from_secs(60);

/// How gently a run looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchLimits {
    /// Targets at the same time.
    pub concurrency: usize,
    /// Targets a minute in one network, or of one supplier that the list names; 0: as many as come.
    pub per_minute: u32,
}

impl BatchLimits {
    /// The time between the starts of two targets of one supplier.
    fn pause(self) -> Duration {
        MINUTE.checked_div(self.per_minute).unwrap_or_default()
    }
}

/// What came of one line of the list.
#[derive(Debug, Clone)]
pub struct Row {
    /// The line.
    pub entry: Entry,
    /// Who runs it, as the DNS tells.
    pub suppliers: Suppliers,
    /// What became of it.
    pub state: RowState,
}

impl Row {
    /// A row of a target at which nobody looked.
    fn unseen(entry: Entry, state: RowState) -> Self {
        Self { entry, suppliers: Suppliers::default(), state }
    }
}

/// What became of one line.
#[derive(Debug, Clone)]
pub enum RowState {
    /// It was looked at.
    Looked(Vec<CheckResult>),
    /// It stands in the list of what must not be looked at: no question was asked.
    Excluded,
    /// The look broke off.
    BrokenOff,
}

/// When the last target in each network, or of each supplier, was begun.
#[derive(Debug, Default)]
struct Turns(Mutex<BTreeMap<String, Instant>>);

impl Turns {
    /// Begins a target now, unless one of the same supplier was begun less than `pause` ago: then says when to ask again.
    fn begin(&self, supplier: &str, suppliers: &Suppliers, pause: Duration, now: Instant) -> Result<(), Instant> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let named = Some(supplier).filter(|name| !name.is_empty() && !suppliers.networks.is_empty());
        let keys: Vec<&str> = suppliers.networks.iter().map(String::as_str).chain(named).collect();
        let free = keys.iter().filter_map(|key| turns.get(*key)).map(|last| *last + pause).max();
        match free.filter(|free| *free > now) {
            Some(later) => Err(later),
            None => {
                turns.extend(keys.into_iter().map(|key| (key.to_owned(), now)));
                Ok(())
            }
        }
    }
}

/// What a run is made of.
#[derive(Debug)]
pub struct Batch {
    /// The checks.
    pub packs: Arc<PackSet>,
    /// What the probes can see.
    pub catalogue: ProbeCatalogue,
    /// Which of the checks.
    pub filter: PlanFilter,
    /// What the looks are handed; they share what they learn of servers and names.
    pub surroundings: Surroundings,
    /// How gently it looks.
    pub limits: BatchLimits,
}

/// Everything that the looks of a run share.
struct Shared {
    batch: Batch,
    host: Record,
    turns: Turns,
    permits: Semaphore,
}

/// Looks at every line that is not excluded. Rows stand in the order of the list.
pub async fn run(batch: Batch, entries: Vec<Entry>, excluded: &Excluded, progress: &mut Progress) -> Vec<Row> {
    let host = engine::host_facts(&batch.surroundings).await;
    let permits = Semaphore::new(batch.limits.concurrency.max(1));
    let shared = Arc::new(Shared { batch, host, turns: Turns::default(), permits });
    let mut rows: BTreeMap<usize, Row> = BTreeMap::new();
    let mut running = JoinSet::new();
    let mut waiting = entries.iter().cloned().enumerate();
    loop {
        for (number, entry) in waiting.by_ref().take(BEGUN_MAX.saturating_sub(running.len())) {
            let (shared, is_excluded) = (Arc::clone(&shared), excluded.has(&entry.target));
            running.spawn(async move {
                let row = if is_excluded { Row::unseen(entry, RowState::Excluded) } else { look(entry, &shared).await };
                (number, row)
            });
        }
        match running.join_next().await {
            Some(Ok((number, row))) => {
                progress.step(&row.entry.target.to_string());
                rows.insert(number, row);
            }
            Some(Err(error)) => tracing::error!("a look broke off: {error}"),
            None => break,
        }
    }
    let row = |(number, entry)| rows.remove(&number).unwrap_or_else(|| Row::unseen(entry, RowState::BrokenOff));
    entries.into_iter().enumerate().map(row).collect()
}

async fn look(entry: Entry, shared: &Shared) -> Row {
    let batch = &shared.batch;
    // The semaphore is never closed.
    let mut permit = shared.permits.acquire().await;
    let suppliers = supplier::of(&entry.target, &batch.surroundings.context).await;
    // Who waits for its turn gives its place to others, and its look's own deadline has not begun.
    while let Err(later) = shared.turns.begin(&entry.supplier, &suppliers, batch.limits.pause(), Instant::now()) {
        drop(permit);
        tokio::time::sleep_until(later).await;
        permit = shared.permits.acquire().await;
    }
    let target = AllowedTarget::typed_by_a_person(entry.target.clone());
    let targets = [(AssetReference::OwnHost, target, Vantage::Outside)];
    let looks = engine::plan(&batch.packs, &targets, batch.filter, &batch.catalogue);
    let results = engine::look_at_part(&looks, &batch.packs, &shared.host, &batch.surroundings).await;
    Row { entry, suppliers, state: RowState::Looked(results) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_of_one_supplier_wait_for_each_other_and_others_do_not() {
        let turns = Turns::default();
        let at = |network: &str| Suppliers { networks: [network.to_owned()].into(), ..Suppliers::default() };
        let (pause, now) = (Duration::from_secs(2), Instant::now());
        assert_eq!(turns.begin("", &at("192.0.2.0/24"), pause, now), Ok(()));
        assert_eq!(turns.begin("", &at("192.0.2.0/24"), pause, now), Err(now + pause));
        assert_eq!(turns.begin("Acme", &at("198.51.100.0/24"), pause, now), Ok(()));
        assert_eq!(turns.begin("Acme", &at("203.0.113.0/24"), pause, now), Err(now + pause));
        assert_eq!(turns.begin("", &at("192.0.2.0/24"), pause, now + pause), Ok(()));
        assert_eq!(turns.begin("", &at("192.0.2.0/24"), pause, now + pause), Err(now + pause * 2));
    }

    #[test]
    fn what_stands_on_loopback_waits_for_nobody() {
        let (turns, pause, now) = (Turns::default(), Duration::from_secs(2), Instant::now());
        assert_eq!(turns.begin("Acme", &Suppliers::default(), pause, now), Ok(()));
        assert_eq!(turns.begin("Acme", &Suppliers::default(), pause, now), Ok(()));
    }
}
