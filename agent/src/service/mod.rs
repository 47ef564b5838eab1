//! The loop that ties everything: look when due, queue, report, renew, sleep.

mod doorbell;
mod first;
mod home;
mod looking;
mod reporting;
mod status;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use vedetta_checks::catalogue::ProbeCatalogue;
use vedetta_proto::limits::PACKS_MAX;
use vedetta_proto::{agent, wire};

use crate::assignment::{Assignment, Sorted};
use crate::chance;
use crate::config::Config;
use crate::connect::Proxy;
use crate::engine::{self, Looked, Surroundings};
use crate::identity::Identity;
use crate::pace::Pace;
use crate::packs::PackSet;
use crate::schedule;
use crate::session::{Backoff, Greeting};
use crate::spool::{Key, Spool, SpoolError};
use crate::version;

use doorbell::Doorbell;
pub use doorbell::ring;
pub use first::FirstReport;
pub use home::{Home, HomeError, SPOOL_FOLDER, proxy};
pub use reporting::ReportError;
pub use status::{STATUS_FILE, Status};

/// Most sessions in a row before the agent rests: a collector that always wants one more must not keep it awake.
const SESSIONS_IN_A_ROW_MAX: usize = 8;
/// Longest sleep, so that a clock that was set is noticed.
const SLEEP_MAX: Duration = Duration::from_secs(60);
/// Shortest sleep.
const SLEEP_MIN: Duration = Duration::from_secs(1);

/// The agent at work. It holds the state folder alone.
pub struct Service {
    config: Config,
    _home: Home,
    identity: Identity,
    assignment: Assignment,
    catalogue: ProbeCatalogue,
    surroundings: Surroundings,
    proxy: Option<Proxy>,
    spool: Spool,
    status: Status,
    /// The account as it lies in the state folder, once this process wrote it.
    kept_status: Option<Status>,
    backoff: Backoff,
    /// Stays the same for one process, so that the jitter of its checks does.
    fraction: f64,
    boot_id: [u8; 16],
    /// None until the packs were read, and after an assignment has changed.
    plan: Option<looking::Plan>,
    /// When each key was last tried, also when its result could not be queued.
    tried: BTreeMap<Key, Timestamp>,
    next_report: Timestamp,
    /// Everything that was last looked at before this is due: a new assignment, another version, or a person asked.
    asked_at: Option<Timestamp>,
    pace: Pace,
    /// A write to the spool failed: it takes no more until it is opened again.
    spool_is_broken: bool,
    refusals: reporting::Refusals,
}

/// Why the agent stopped working.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was asked to.
    Stopped,
    /// The spool takes no more until it is opened again.
    SpoolBroken,
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
        let proxy = home::proxy(&config)?;
        let status = Status::load(&config.state).unwrap_or_default();
        // Another version may see and judge what the one before could not: what that one found is not left to stand.
        let asked_at = (status.program != version::OWN).then_some(now);
        Ok(Self {
            assignment: Assignment::load(&config.state),
            catalogue: vedetta_probes::catalogue(),
            proxy,
            spool,
            status,
            kept_status: None,
            backoff: Backoff::default(),
            fraction: chance::fraction(),
            boot_id: crate::platform::boot_id(),
            plan: None,
            tried: BTreeMap::new(),
            next_report: now,
            asked_at,
            pace: Pace::default(),
            spool_is_broken: false,
            refusals: reporting::Refusals::default(),
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
        let doorbell = Doorbell::hang(&self.config.state);
        let ended = loop {
            let wait = tokio::select! {
                biased;
                () = &mut stop => break Ended::Stopped,
                wait = self.turn() => wait,
            };
            if self.spool_is_broken {
                break Ended::SpoolBroken;
            }
            let caller = tokio::select! {
                biased;
                () = &mut stop => break Ended::Stopped,
                caller = doorbell.rung() => caller,
                () = tokio::time::sleep(wait.clamp(SLEEP_MIN, SLEEP_MAX)) => continue,
            };
            (self.asked_at, self.next_report) = (Some(self.now()), self.now());
            tokio::select! {
                biased;
                () = &mut stop => break Ended::Stopped,
                _wait = self.turn() => {}
            }
            let failure = self.status.failure.as_deref().or(self.status.spool_error.as_deref());
            doorbell::answer(caller, failure).await;
        };
        // The place in memory ends with the service.
        self.kept_status = None;
        self.write_status();
        ended
    }

    /// One turn: look if something is due, report if there is a reason. Answers how long to sleep.
    async fn turn(&mut self) -> Duration {
        // What could not be queued is in the log and in the status; what waits is reported nevertheless.
        let looked = self.look_if_due().await.unwrap_or(true);
        if looked || self.now() >= self.next_report {
            let wait = self.report_and_plan().await;
            self.next_report = self.now().saturating_add(wait).unwrap_or(Timestamp::MAX);
            self.write_status();
        }
        let now = self.now();
        self.next_due().min(schedule::until(self.next_report, now))
    }

    /// Looks at everything once and reports until all is acknowledged.
    ///
    /// # Errors
    /// [`ReportError`] of the session that failed; what is queued stays queued.
    pub async fn run_once(&mut self) -> Result<(), ReportError> {
        self.asked_at = Some(self.now());
        for _ in 0..SESSIONS_IN_A_ROW_MAX {
            let looked = self.look_if_due().await;
            let reported = self.report().await;
            self.write_status();
            looked?;
            reported?;
            // An assignment that came with the session makes everything due again.
            if self.spool.pending() == 0 && self.next_due() > Duration::ZERO {
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
        let looked = engine::look(&looks, &packs, &self.surroundings).await;
        self.queue(&looked, &packs)
    }

    /// Queues results that were just made elsewhere (`check --send`) and reports them.
    ///
    /// # Errors
    /// [`ReportError`] when they cannot be queued or reported.
    pub async fn send(&mut self, looked: &Looked, packs: &PackSet) -> Result<(), ReportError> {
        self.queue(looked, packs)?;
        for _ in 0..SESSIONS_IN_A_ROW_MAX {
            let reported = self.report().await;
            self.write_status();
            reported?;
            if self.spool.pending() == 0 {
                return Ok(());
            }
        }
        Err(ReportError::Unfinished { waiting: self.spool.pending() })
    }

    fn now(&self) -> Timestamp {
        (self.surroundings.clock)()
    }

    /// What the host makes of its assignment now: its addresses change while the agent runs and are asked anew.
    fn sorted(&self) -> Sorted {
        self.assignment.sort(&home::allow(&self.config, &self.identity))
    }

    /// Digests of the packs of the plan.
    fn running_packs(&self) -> Vec<Vec<u8>> {
        self.plan.iter().flat_map(|plan| plan.pack_digests.clone()).collect()
    }

    /// The packs that run and the feeds that are here, as far as a greeting names them.
    fn held_packs(&self) -> Vec<Vec<u8>> {
        let feeds = self.plan.iter().flat_map(|plan| plan.feed_digests.clone());
        self.running_packs().into_iter().chain(feeds).take(PACKS_MAX).collect()
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
            pack_digests: self.held_packs(),
            // As if no assignment were held, so that missing packs are sent again.
            assignment_revision: if self.plan.as_ref().is_some_and(|plan| plan.lacks_packs) {
                0
            } else {
                self.assignment.revision
            },
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
        if let Err(error) = self.status.save(&self.config.state, &mut self.kept_status) {
            tracing::debug!("the status cannot be written: {error}");
        }
    }
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
