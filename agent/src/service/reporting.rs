//! Reporting: renew if it is time, hold a session, take over what came with it.

use std::time::Duration;

use vedetta_proto::agent;
use vedetta_proto::limits::PACKS_MAX;

use super::{SESSIONS_IN_A_ROW_MAX, Service, said};
use crate::assignment::Assignment;
use crate::chance;
use crate::connect::ConnectError;
use crate::enrolment::{self, EnrolmentError};
use crate::identity::{self, IdentityError};
use crate::packs::{self, PackRefusal};
use crate::schedule;
use crate::session::{self, Outcome, SessionError};
use crate::spool::{SetAside, SpoolError};

/// Clock difference from which it is said, in milliseconds.
const CLOCK_SKEW_SAID_MILLISECONDS: u64 = 5 * 60 * 1000;

/// Shortest rest, in seconds, after a collector was too busy for a session.
const BUSY_SECONDS_MIN: u64 = 60;
/// How often in a row the collector must refuse a batch before it is set aside.
const REFUSALS_BEFORE_SET_ASIDE: u32 = 3;

/// The batch that the collector refused last, and how often in a row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Refusals {
    sequence: u64,
    times: u32,
}

impl Refusals {
    /// Counts one more refusal; answers whether it is for good.
    const fn is_for_good(&mut self, sequence: u64) -> bool {
        if self.sequence != sequence {
            *self = Self { sequence, times: 0 };
        }
        self.times += 1;
        if self.times < REFUSALS_BEFORE_SET_ASIDE {
            return false;
        }
        *self = Self { sequence: 0, times: 0 };
        true
    }
}

/// Why a report did not come about.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The collector was not reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The session broke off.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The certificate could not be renewed.
    #[error("the certificate cannot be renewed: {0}")]
    Renewal(#[source] EnrolmentError),
    /// The identity could not be written.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The spool failed.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// The collector asked to come back later.
    #[error("the collector is busy and asks to come back in {0} s")]
    Busy(u64),
    /// There is no end to it.
    #[error("the collector did not acknowledge everything: {waiting} batches still wait")]
    Unfinished {
        /// Batches that wait.
        waiting: usize,
    },
    /// No random bytes.
    #[error(transparent)]
    Chance(#[from] chance::ChanceError),
}

impl Service {
    /// Reports, notes what came of it, and answers when to report next.
    pub(super) async fn report_and_plan(&mut self) -> Duration {
        let fraction = chance::fraction();
        match self.report().await {
            Ok(()) => {
                self.backoff.succeeded();
                schedule::look_in_after(self.config.look_in, fraction)
            }
            Err(ReportError::Busy(seconds)) => Duration::from_secs(seconds).mul_f64(1.0 + fraction / 2.0),
            Err(error) => {
                let wait = self.backoff.failed(fraction, self.config.look_in);
                tracing::warn!("no report: {}; next attempt in {} s", said(&error), wait.as_secs());
                if let ReportError::Spool(error) | ReportError::Session(SessionError::Spool(error)) = &error {
                    self.spool_failed(error);
                }
                wait
            }
        }
    }

    /// Renews if it is time, and holds sessions until nothing is left to say.
    pub(super) async fn report(&mut self) -> Result<(), ReportError> {
        let outcome = self.try_report().await;
        self.status.note(outcome.as_ref().err().map(|error| said(error)), self.now());
        outcome
    }

    async fn try_report(&mut self) -> Result<(), ReportError> {
        self.renew_if_due().await?;
        for _ in 0..SESSIONS_IN_A_ROW_MAX {
            let channel = enrolment::identified(&self.identity, self.proxy.as_ref()).await?;
            let mut greeting = self.greeting();
            self.name_refused(&mut greeting.pack_digests);
            let clock = self.surroundings.clock;
            let mut outcome = Outcome::default();
            let new_epoch = chance::bytes()?;
            let held = session::report(channel, &mut self.spool, &greeting, new_epoch, clock, &mut outcome).await;
            let again = self.take_over(outcome, held)?;
            if !again {
                return Ok(());
            }
        }
        Err(ReportError::Unfinished { waiting: self.spool.pending() })
    }

    /// Takes over what a session brought, also one that broke off: a new assignment must not wait for a good one.
    /// Answers whether another session is needed at once.
    fn take_over(&mut self, outcome: Outcome, held: Result<(), SessionError>) -> Result<bool, ReportError> {
        if let Some(ahead) = outcome.clock_ahead_milliseconds {
            self.status.clock_ahead_milliseconds = ahead;
            if ahead.unsigned_abs() > CLOCK_SKEW_SAID_MILLISECONDS {
                tracing::warn!("the clock of this host differs from the collector's by {} s", ahead / 1000);
            }
        }
        if let Some(newest) = outcome.newest_agent {
            self.status.newest_agent = newest;
        }
        if let Some(message) = outcome.assignment {
            self.assign(&message);
        }
        self.count_refusal(outcome.refused_batch, held.as_ref().err())?;
        held?;
        match outcome.retry_after {
            Some(delay) => Err(ReportError::Busy(delay.as_secs().max(BUSY_SECONDS_MIN))),
            None => Ok(outcome.again),
        }
    }

    /// Sets a batch aside that was refused several times in a row, so that what waits behind it goes on.
    fn count_refusal(&mut self, refused: Option<u64>, why: Option<&SessionError>) -> Result<(), SpoolError> {
        let Some(sequence) = refused else { return Ok(()) };
        if !self.refusals.is_for_good(sequence) {
            return Ok(());
        }
        let why = why.map(|why| said(why)).unwrap_or_default();
        match self.spool.set_aside(sequence, self.now())? {
            None => {}
            Some(SetAside::Divided { batches }) => {
                tracing::warn!("the batch {sequence} is refused and goes again as {batches} single ones: {why}");
            }
            Some(SetAside::Lost { what }) => {
                tracing::error!("the batch {sequence} with {what} is set aside: {why}");
                self.status.set_aside_batches += 1;
                self.status.set_aside = Some(format!("{what}: {why}"));
            }
        }
        // What waited behind it goes at once.
        self.backoff.succeeded();
        Ok(())
    }

    /// Takes over an assignment: its packs if their signatures hold, its targets as far as this host allows them.
    fn assign(&mut self, message: &agent::Assignment) {
        let refused = self.receive(message);
        let brings_packs = message.packs.len() > refused.len();
        // What was refused lately is not sent again, and stays refused.
        if !message.packs.is_empty() || self.status.refused_lately.is_empty() {
            self.status.refused_bundles = refused.into_iter().map(|refusal| (refusal.pack, refusal.why)).collect();
        }
        let assignment = Assignment::from_wire(message);
        if assignment == self.assignment && !brings_packs {
            return;
        }
        tracing::info!("assignment {}: {} targets", assignment.revision, assignment.targets.len());
        if let Err(error) = assignment.save(&self.config.state) {
            tracing::warn!("the assignment cannot be kept: {error}");
        }
        let is_new = assignment.revision != self.assignment.revision;
        self.assignment = assignment;
        for (_, refusal) in self.sorted().refused.into_iter().filter(|_| is_new) {
            tracing::warn!("{refusal}");
        }
        self.plan = None;
        self.asked_at = Some(self.now());
    }

    fn receive(&mut self, message: &agent::Assignment) -> Vec<PackRefusal> {
        let keys = match packs::pinned_keys(&self.config.publishers) {
            Ok(keys) => keys,
            Err(error) => {
                tracing::warn!("{error}");
                return Vec::new();
            }
        };
        let now = self.now();
        let refused = packs::receive(&message.packs, &self.config.state, &keys, &self.running_packs(), now);
        self.status.refused_lately.note(&refused, &keys, now);
        refused
    }

    /// Adds to the digests of a greeting those that this host refused lately: they need not be sent again.
    fn name_refused(&mut self, digests: &mut Vec<Vec<u8>>) {
        if self.status.refused_lately.is_empty() {
            return;
        }
        let now = self.now();
        if let Ok(keys) = packs::pinned_keys(&self.config.publishers) {
            digests.extend(self.status.refused_lately.digests(&keys, now));
            digests.truncate(PACKS_MAX);
        }
    }

    /// Renews at half of the certificate's life. The new key is on the disk before its request leaves.
    async fn renew_if_due(&mut self) -> Result<(), ReportError> {
        let now = self.now();
        if !self.identity.is_renewal_due(now) {
            return Ok(());
        }
        let pending = match self.identity.pending.clone() {
            Some(pending) => pending,
            None => {
                let pending = identity::new_key()?;
                self.identity.pending = Some(pending.clone());
                identity::save(&self.config.state, &self.identity)?;
                pending
            }
        };
        match enrolment::renew(&self.identity, &pending, self.proxy.as_ref()).await {
            Ok(renewed) => {
                identity::save(&self.config.state, &renewed)?;
                tracing::info!("the certificate was renewed, valid until {}", renewed.not_after);
                self.identity = renewed;
                Ok(())
            }
            // The old certificate still works: the report goes on, and renewing is tried again with the next one.
            Err(error) if !self.identity.is_expired(now) => {
                tracing::warn!("the certificate cannot be renewed yet: {}", said(&error));
                Ok(())
            }
            Err(error) => Err(ReportError::Renewal(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_refused_several_times_in_a_row_is_refused_for_good() {
        let mut refusals = Refusals::default();
        let told = [4, 4, 5, 4, 4, 4, 4].map(|sequence| refusals.is_for_good(sequence));
        assert_eq!(told, [false, false, false, false, false, true, false]);
    }
}
