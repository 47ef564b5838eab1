//! The loop that ties everything: look when due, queue, report, renew, sleep.

mod home;
mod reporting;
mod status;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use vedetta_checks::catalogue::ProbeCatalogue;
use vedetta_checks::pack::trust::{SpoolableResult, Trust};
use vedetta_checks::result::CheckResult;
use vedetta_proto::{agent, wire};

use crate::assignment::{Assignment, Sorted};
use crate::chance;
use crate::config::Config;
use crate::connect::Proxy;
use crate::engine::{self, Look, PlanFilter, Surroundings};
use crate::identity::Identity;
use crate::packs::{PackSet, PackSources, RunVersions};
use crate::schedule::{self, Planned};
use crate::session::{Backoff, Greeting};
use crate::spool::{Key, Spool, SpoolError};
use crate::targets::{HostAllow, OwnHost};

pub use home::{Home, HomeError, SPOOL_FOLDER, proxy};
pub use reporting::ReportError;
pub use status::{STATUS_FILE, Status};

/// Most sessions in a row before the agent rests: a collector that always wants one more must not keep it awake.
const SESSIONS_IN_A_ROW_MAX: usize = 8;
/// Longest sleep, so that a clock that was set is noticed.
const SLEEP_MAX: Duration = Duration::from_secs(60);
/// Shortest sleep.
const SLEEP_MIN: Duration = Duration::from_millis(200);

/// The agent at work. It holds the state folder alone.
pub struct Service {
    config: Config,
    _home: Home,
    identity: Identity,
    assignment: Assignment,
    allow: HostAllow,
    catalogue: ProbeCatalogue,
    surroundings: Surroundings,
    proxy: Option<Proxy>,
    spool: Spool,
    status: Status,
    backoff: Backoff,
    /// Stays the same for one process, so that a check's jitter does.
    fraction: f64,
    boot_id: [u8; 16],
    /// None until the packs were read, and after an assignment has changed.
    plan: Option<Plan>,
    /// When each key was last tried, also when its result could not be queued.
    tried: BTreeMap<Key, Timestamp>,
    next_report: Timestamp,
    /// Every check is due: a new assignment, or a person asked.
    look_at_all: bool,
    /// A write to the spool failed: it takes no more until it is opened again.
    spool_is_broken: bool,
}

/// Why the agent stopped working.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was asked to.
    Stopped,
    /// The spool takes no more until it is opened again.
    SpoolBroken,
}

/// What is looked at and how often: all that is kept of the packs between two looks.
struct Plan {
    checks: Vec<(Key, Duration)>,
    pack_digests: Vec<Vec<u8>>,
}

impl Service {
    /// Opens the state folder for work.
    ///
    /// # Errors
    /// [`HomeError`]: not enrolled, another agent at work there, or the spool cannot be opened.
    pub fn open(config: Config, surroundings: Surroundings) -> Result<Self, HomeError> {
        let home = Home::open(&config.state)?;
        let now = (surroundings.clock)();
        let identity = crate::identity::load(&config.state)?;
        let spool = home.spool(now)?;
        let own = OwnHost::read(Path::new("/"));
        let allow = HostAllow::new(own, &identity.public_names, &config.allow);
        let proxy = home::proxy(&config)?;
        Ok(Self {
            assignment: Assignment::load(&config.state),
            allow,
            catalogue: vedetta_probes::catalogue(),
            proxy,
            spool,
            status: Status::default(),
            backoff: Backoff::default(),
            fraction: chance::fraction(),
            boot_id: home::boot_id(),
            plan: None,
            tried: BTreeMap::new(),
            next_report: now,
            look_at_all: false,
            spool_is_broken: false,
            surroundings,
            identity,
            _home: home,
            config,
        })
    }

    /// The spool, for commands that look into it.
    #[must_use]
    pub const fn spool(&self) -> &Spool {
        &self.spool
    }

    /// What would be said first in a session.
    #[must_use]
    pub fn hello(&mut self) -> agent::Hello {
        let greeting = self.greeting();
        crate::session::hello(&greeting, &self.spool, self.now().as_millisecond())
    }

    /// Works until `stop` is ready, or until the spool must be opened again.
    pub async fn run(&mut self, mut stop: std::pin::Pin<&mut impl Future<Output = ()>>) -> Ended {
        let ended = loop {
            let wait = tokio::select! {
                biased;
                () = &mut stop => break Ended::Stopped,
                wait = self.turn() => wait,
            };
            if self.spool_is_broken {
                break Ended::SpoolBroken;
            }
            tokio::select! {
                biased;
                () = &mut stop => break Ended::Stopped,
                () = tokio::time::sleep(wait.clamp(SLEEP_MIN, SLEEP_MAX)) => {}
            }
        };
        self.write_status();
        ended
    }

    /// One turn: look if something is due, report if there is a reason. Answers how long to sleep.
    async fn turn(&mut self) -> Duration {
        let looked = self.look_if_due().await;
        if looked || self.now() >= self.next_report {
            let wait = self.report_and_plan().await;
            self.next_report = self.now().saturating_add(wait).unwrap_or(Timestamp::MAX);
            self.write_status();
            if self.look_at_all {
                return SLEEP_MIN;
            }
        }
        let now = self.now();
        let due = schedule::next_due(&self.planned(), now).unwrap_or(SLEEP_MAX);
        due.min(schedule::until(self.next_report, now))
    }

    /// Looks at everything once and reports until all is acknowledged.
    ///
    /// # Errors
    /// [`ReportError`] of the session that failed; what is queued stays queued.
    pub async fn run_once(&mut self) -> Result<(), ReportError> {
        self.look_at_all = true;
        for _ in 0..SESSIONS_IN_A_ROW_MAX {
            self.look_if_due().await;
            self.report().await?;
            // An assignment that came with the session makes everything due again.
            if !self.look_at_all && self.spool.pending() == 0 {
                self.write_status();
                return Ok(());
            }
        }
        Err(ReportError::Unfinished { waiting: self.spool.pending() })
    }

    /// Looks at everything once and queues it, without connecting.
    ///
    /// # Errors
    /// [`SpoolError`] when it cannot be queued.
    pub async fn dry_run(&mut self) -> Result<(), SpoolError> {
        let (packs, looks) = self.read_plan();
        let results = engine::look(&looks, &packs, &self.surroundings).await;
        self.queue(&results, &packs)
    }

    /// Queues results that were just made elsewhere (`check --send`) and reports them.
    ///
    /// # Errors
    /// [`ReportError`] when they cannot be queued or reported.
    pub async fn send(&mut self, results: &[CheckResult], packs: &PackSet) -> Result<(), ReportError> {
        self.queue(results, packs)?;
        for _ in 0..SESSIONS_IN_A_ROW_MAX {
            self.report().await?;
            if self.spool.pending() == 0 {
                self.write_status();
                return Ok(());
            }
        }
        Err(ReportError::Unfinished { waiting: self.spool.pending() })
    }

    fn now(&self) -> Timestamp {
        (self.surroundings.clock)()
    }

    fn sorted(&self) -> Sorted {
        self.assignment.sort(&self.allow)
    }

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
    fn read_plan(&mut self) -> (PackSet, Vec<Look>) {
        let packs = self.packs();
        let looks = engine::plan(&packs, &self.sorted().allowed, PlanFilter::default(), &self.catalogue);
        let own = |look: &Look| -> Vec<(Key, Duration)> {
            look.checks.iter().map(|check| (key(look, check.check.as_str()), check.every)).collect()
        };
        self.plan = Some(Plan {
            checks: looks.iter().flat_map(own).collect(),
            pack_digests: packs.packs.iter().map(|pack| pack.compiled.pack().digest.as_bytes().to_vec()).collect(),
        });
        (packs, looks)
    }

    /// When each check of the plan was last looked at, and how often it should be.
    fn planned(&mut self) -> Vec<Planned> {
        if self.plan.is_none() {
            self.read_plan();
        }
        let checks = self.plan.as_ref().map_or(&[][..], |plan| plan.checks.as_slice());
        let planned = |(key, every): &(Key, Duration)| {
            let last = self.spool.state().observed_at(key).max(self.tried.get(key).copied());
            let fraction = (self.fraction + spread(&key.check)).fract();
            Planned { every: *every, last: if self.look_at_all { None } else { last }, fraction }
        };
        checks.iter().map(planned).collect()
    }

    /// Looks at what is due, and queues the results. Answers whether there were any.
    async fn look_if_due(&mut self) -> bool {
        let now = self.now();
        if schedule::due(&self.planned(), now).is_empty() {
            return false;
        }
        let (packs, mut looks) = self.read_plan();
        let chosen = schedule::due(&self.planned(), now);
        self.look_at_all = false;
        let keys: Vec<Key> = self.plan.iter().flat_map(|plan| plan.checks.iter().map(|(key, _)| key.clone())).collect();
        let due: BTreeSet<&Key> = chosen.iter().filter_map(|index| keys.get(*index)).collect();
        for look in &mut looks {
            let own = look.clone();
            look.checks.retain(|check| due.contains(&key(&own, check.check.as_str())));
        }
        looks.retain(|look| !look.checks.is_empty());
        let results = engine::look(&looks, &packs, &self.surroundings).await;
        self.tried.extend(due.iter().map(|key| ((*key).clone(), now)));
        let keys: BTreeSet<&Key> = keys.iter().collect();
        self.tried.retain(|key, _| keys.contains(key));
        self.spool.retain(|key| keys.contains(key));
        if let Err(error) = self.queue(&results, &packs) {
            self.spool_failed(&error);
        }
        true
    }

    fn queue(&mut self, results: &[CheckResult], packs: &PackSet) -> Result<(), SpoolError> {
        let sealed: Vec<SpoolableResult> = results
            .iter()
            .filter_map(|result| {
                let pack = packs.packs.iter().find(|pack| pack.compiled.pack().digest == result.pack)?;
                pack.spoolable?.seal(result.clone())
            })
            .collect();
        let signed = packs.packs.iter().filter(|pack| matches!(pack.trust, Trust::Signed { .. }));
        let versions = signed.map(|pack| (pack.compiled.pack().id.as_str(), pack.compiled.pack().version));
        if let Err(error) = RunVersions::load(&self.config.state).note(&self.config.state, versions) {
            tracing::error!("the versions of packs that ran cannot be kept: {error}");
        }
        self.status.packs = packs.packs.iter().map(|pack| status::pack_line(pack.compiled.pack())).collect();
        self.status.refused_packs =
            packs.refused.iter().map(|refusal| (refusal.pack.clone(), refusal.why.clone())).collect();
        let enqueued = self.spool.enqueue(&sealed, self.now())?;
        tracing::info!("looked: {} results changed, {} confirmed", enqueued.changed, enqueued.confirmed);
        Ok(())
    }

    fn spool_failed(&mut self, error: &SpoolError) {
        self.status.spool_error = Some(said(error));
        tracing::error!("{}", said(error));
        self.spool_is_broken |= error.needs_reopening();
    }

    fn greeting(&mut self) -> Greeting {
        let refused = self.sorted().refused;
        if self.plan.is_none() {
            self.read_plan();
        }
        Greeting {
            boot_id: self.boot_id,
            pack_digests: self.plan.iter().flat_map(|plan| plan.pack_digests.clone()).collect(),
            assignment_revision: self.assignment.revision,
            refused: refused
                .into_iter()
                .map(|(asset, refusal)| agent::RefusedTarget {
                    grant: wire::asset_to_wire(asset),
                    target: refusal.target,
                })
                .collect(),
        }
    }

    fn write_status(&mut self) {
        self.status.gather(&self.spool, &self.sorted(), self.next_report);
        if let Err(error) = self.status.save(&self.config.state) {
            tracing::debug!("the status cannot be written: {error}");
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

/// A number from 0 to 1 that belongs to a text.
fn spread(text: &str) -> f64 {
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    f64::from(hash) / f64::from(u32::MAX)
}

/// An error with its causes in one line.
fn said(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    text
}
