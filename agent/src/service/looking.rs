//! Looking: which checks are due, one look for each probe and target, results into the spool.

use std::collections::BTreeSet;
use std::time::Duration;

use vedetta_checks::pack::trust::{SpoolableResult, Trust};
use vedetta_checks::result::CheckResult;
use vedetta_proto::{agent, wire};

use super::{SLEEP_MAX, Service, status};
use crate::counts;
use crate::engine::{self, Look, Looked, PlanFilter};
use crate::packs::{PackSet, PackSources, RunVersions};
use crate::schedule::{self, Planned};
use crate::spool::{Key, SpoolError};

/// When to look again after results could not be queued.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// What is looked at and how often: all that is kept of the packs between two looks.
pub(super) struct Plan {
    checks: Vec<(Key, Duration)>,
    pub(super) pack_digests: Vec<Vec<u8>>,
    /// Feeds that this host has: they run nowhere, and need not be sent again.
    pub(super) feed_digests: Vec<Vec<u8>>,
    /// Packs of the assignment are missing.
    pub(super) lacks_packs: bool,
}

impl Service {
    fn packs(&self) -> PackSet {
        let sources = PackSources {
            folder: self.config.packs_folder.as_deref(),
            publishers: &self.config.publishers,
            state: Some(&self.config.state),
            wanted: &self.assignment.wanted_packs,
        };
        PackSet::load(&sources, &self.catalogue, self.now())
    }

    /// Reads the packs and makes the plan. Packs are dropped after each look: in between they take no memory.
    pub(super) fn read_plan(&mut self) -> (PackSet, Vec<Look>) {
        let packs = self.packs();
        let looks = engine::plan(&packs, &self.sorted().allowed, PlanFilter::default(), &self.catalogue);
        let own = |look: &Look| -> Vec<(Key, Duration)> {
            look.checks.iter().map(|check| (key(look, check.check.as_str()), check.every)).collect()
        };
        self.status.packs = packs.packs.iter().map(|pack| status::pack_line(pack.compiled.pack())).collect();
        self.status.packs.extend(packs.feed.iter().map(|feed| format!("{} {}", feed.id, feed.version)));
        self.status.refused_packs =
            packs.refused.iter().map(|refusal| (refusal.pack.clone(), refusal.why.clone())).collect();
        self.plan = Some(Plan {
            lacks_packs: !packs.missing.is_empty(),
            checks: looks.iter().flat_map(own).collect(),
            pack_digests: packs.packs.iter().map(|pack| pack.compiled.pack().digest.as_bytes().to_vec()).collect(),
            feed_digests: packs.feed_digests.iter().map(|digest| digest.as_bytes().to_vec()).collect(),
        });
        (packs, looks)
    }

    /// When each check of the plan was last looked at, and how often it should be.
    fn planned(&mut self) -> Vec<Planned> {
        if self.plan.is_none() {
            self.read_plan();
        }
        // A moment in the future asks for nothing yet, or came from a clock that was set back.
        let asked_at = self.asked_at.filter(|asked| *asked <= self.now());
        let checks = self.plan.as_ref().map_or(&[][..], |plan| plan.checks.as_slice());
        let planned = |(key, every): &(Key, Duration)| {
            let last = self.spool.state().observed_at(key).max(self.tried.get(key).copied());
            let last = last.filter(|last| asked_at.is_none_or(|asked| *last >= asked));
            Planned { every: *every, last, fraction: self.fraction }
        };
        checks.iter().map(planned).collect()
    }

    /// How long until a check is due.
    pub(super) fn next_due(&mut self) -> Duration {
        let now = self.now();
        schedule::next_due(&self.planned(), now).unwrap_or(SLEEP_MAX)
    }

    /// Looks at what is due, and queues the results. Answers whether there were any.
    ///
    /// # Errors
    /// [`SpoolError`] when they could not be queued; they are looked at again soon.
    pub(super) async fn look_if_due(&mut self) -> Result<bool, SpoolError> {
        let now = self.now();
        let fresh = if self.plan.is_none() { Some(self.read_plan()) } else { None };
        if schedule::due(&self.planned(), now).is_empty() {
            return Ok(false);
        }
        let (packs, mut looks) = match fresh {
            Some(fresh) => fresh,
            None => self.read_plan(),
        };
        let chosen = schedule::due(&self.planned(), now);
        let keys: Vec<Key> = self.plan.iter().flat_map(|plan| plan.checks.iter().map(|(key, _)| key.clone())).collect();
        let due: BTreeSet<&Key> = chosen.iter().filter_map(|index| keys.get(*index)).collect();
        for look in &mut looks {
            let own = look.clone();
            look.checks.retain(|check| due.contains(&key(&own, check.check.as_str())));
        }
        looks.retain(|look| {
            let target = look.target.filed().to_string();
            let fits = !look.checks.is_empty() && self.pace.take(look.probe.as_str(), &target, now);
            if !fits && !look.checks.is_empty() {
                tracing::info!("the look of {} at {target} waits: too many within a minute", look.probe);
            }
            fits
        });
        if looks.is_empty() {
            return Ok(false);
        }
        let looked = engine::look(&looks, &packs, &self.surroundings).await;
        let tried = looks.iter().flat_map(|look| look.checks.iter().map(|check| key(look, check.check.as_str())));
        self.tried.extend(tried.map(|key| (key, now)));
        let keys: BTreeSet<&Key> = keys.iter().collect();
        self.tried.retain(|key, _| keys.contains(key));
        self.spool.retain(|key| keys.contains(key));
        if let Err(error) = self.queue(&looked, &packs) {
            // What was seen could not be kept: it is looked at again, long before its next turn.
            self.asked_at = now.saturating_add(LOOK_AGAIN_AFTER).ok();
            self.spool_failed(&error);
            return Err(error);
        }
        Ok(true)
    }

    /// Queues what a run saw, as far as it may leave: of a workstation some checks are only counted.
    pub(super) fn queue(&mut self, looked: &Looked, packs: &PackSet) -> Result<(), SpoolError> {
        let is_counted = |result: &CheckResult| looked.is_workstation && counts::is_counted(result, packs);
        let seal = |result: &CheckResult| {
            let pack = packs.packs.iter().find(|pack| pack.compiled.pack().digest == result.pack)?;
            pack.spoolable?.seal(if is_counted(result) { counts::blank(result) } else { result.clone() })
        };
        let sealed: Vec<SpoolableResult> = looked.results.iter().filter_map(seal).collect();
        let is_sent = |result: &&CheckResult| is_counted(result) && seal(result).is_some();
        let counted: Vec<&CheckResult> = looked.results.iter().filter(is_sent).collect();
        let trusted = packs.packs.iter().filter(|pack| pack.trust != Trust::Local);
        let versions = trusted.map(|pack| (pack.compiled.pack().id.as_str(), pack.compiled.pack().version));
        let versions = versions.chain(packs.feed.iter().map(|feed| (feed.id.as_str(), feed.version)));
        if let Err(error) = RunVersions::load(&self.config.state).note(&self.config.state, versions) {
            tracing::error!("the versions of packs that ran cannot be kept: {error}");
        }
        let enqueued = self.spool.enqueue(&sealed, self.now())?;
        self.queue_counts(&counted)?;
        self.status.spool_error = None;
        tracing::info!("looked: {} results changed, {} confirmed", enqueued.changed, enqueued.confirmed);
        Ok(())
    }
}

impl Service {
    /// Queues the bare answers of a workstation. Without a token none leaves: a new one each time would count a PC twice.
    fn queue_counts(&mut self, counted: &[&CheckResult]) -> Result<(), SpoolError> {
        if counted.is_empty() {
            return Ok(());
        }
        match counts::token(&self.config.state) {
            Ok(token) => {
                let now = self.now();
                self.spool.enqueue_counts(counts::message(token, counted.iter().copied(), now), now)
            }
            Err(error) => {
                tracing::error!("the workstation's token cannot be kept, and it is not counted: {error}");
                Ok(())
            }
        }
    }
}

fn key(look: &Look, check: &str) -> Key {
    Key {
        check: check.to_owned(),
        grant: wire::asset_to_wire(look.asset),
        target: look.target.filed().to_string(),
        vantage: agent::Vantage::from(look.vantage).into(),
    }
}
