//! What `status` shows: written by the agent at work, read by anybody who may read the state folder.
//!
//! What lasts lies in the state folder and is written when it changes. The moments change with every report: as a service of
//! systemd the agent keeps them in memory (the unit's run-time folder), so that an agent with nothing new writes to no disk.

use std::io;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vedetta_checks::pack::Pack;

use crate::assignment::Sorted;
use crate::packs::RefusedPacks;
use crate::spool::Spool;
use crate::version;

/// Name of the file in the state folder.
pub const STATUS_FILE: &str = "status.json";

/// The agent's own account of itself. Fields are only ever added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Status {
    /// When the last report was complete.
    pub last_report: Option<Timestamp>,
    /// When the last report failed, if none was complete since.
    pub last_failure: Option<Timestamp>,
    /// Why it failed.
    pub failure: Option<String>,
    /// When the next report is due at the latest.
    pub next_report: Option<Timestamp>,
    /// Batches that wait for an acknowledgement.
    pub waiting_batches: usize,
    /// Bytes of the spool.
    pub spool_bytes: u64,
    /// What is wrong with the spool, until something could be queued again.
    pub spool_error: Option<String>,
    /// Batches that a full spool dropped and the collector was not told of yet.
    pub gap_batches: u64,
    /// Results that the collector refused for good, since the agent was enrolled.
    pub set_aside_batches: u64,
    /// The last of them, and why.
    pub set_aside: Option<String>,
    /// This host's clock less the collector's.
    pub clock_ahead_milliseconds: i64,
    /// The version of the program that wrote this; empty where it was one that did not say so.
    pub program: String,
    /// The newest version of the agent that people can get, as the collector last said it.
    pub newest_agent: Option<String>,
    /// Packs that run: id and version.
    pub packs: Vec<String>,
    /// Packs that were refused, and why.
    pub refused_packs: Vec<(String, String)>,
    /// Packs of the last assignment that were refused, and why.
    pub refused_bundles: Vec<(String, String)>,
    /// What of them need not be sent again soon.
    pub refused_lately: RefusedPacks,
    /// Targets that are looked at.
    pub targets: Vec<String>,
    /// Assigned targets that this host does not allow.
    pub refused_targets: Vec<String>,
}

pub(super) fn pack_line(pack: &Pack) -> String {
    format!("{} {}", pack.id, pack.version)
}

/// Where the moments lie while the service runs: its unit makes the folder, and takes it away.
#[cfg(unix)]
const RUN_FOLDER: &str = "/run/vedetta-agent";

/// The run-time folder of the service that works in a state folder; none for an agent that a person started by hand.
fn run_folder(state: &Path) -> Option<&'static Path> {
    #[cfg(unix)]
    {
        let folder = Path::new(RUN_FOLDER);
        (state == Path::new(crate::platform::STATE_FOLDER) && folder.is_dir()).then_some(folder)
    }
    #[cfg(not(unix))]
    {
        let _has_none = state;
        None
    }
}

impl Status {
    pub(super) fn note(&mut self, failure: Option<String>, now: Timestamp) {
        match failure {
            None => {
                (self.last_report, self.last_failure, self.failure) = (Some(now), None, None);
            }
            failure @ Some(_) => (self.last_failure, self.failure) = (Some(now), failure),
        }
    }

    pub(super) fn gather(&mut self, spool: &Spool, sorted: &Sorted, next_report: Timestamp) {
        version::OWN.clone_into(&mut self.program);
        self.next_report = Some(next_report);
        self.waiting_batches = spool.pending();
        self.spool_bytes = spool.bytes();
        self.gap_batches = spool.counters().gap_batches;
        self.targets = sorted.allowed.iter().map(|(_, target, _)| target.filed().to_string()).collect();
        self.refused_targets = sorted.refused.iter().map(|(_, refusal)| refusal.to_string()).collect();
    }

    /// Writes the account: what lasts when it differs from `kept`, the moments to memory when there is a place for them.
    ///
    /// # Errors
    /// The system's answer; what lasts is tried again with the next account.
    pub(super) fn save(&self, state: &Path, kept: &mut Option<Self>) -> io::Result<()> {
        self.save_to(state, run_folder(state), kept)
    }

    fn save_to(&self, state: &Path, run_folder: Option<&Path>, kept: &mut Option<Self>) -> io::Result<()> {
        let bytes = serde_json::to_vec(self).map_err(io::Error::other)?;
        if let Some(folder) = run_folder {
            crate::files::replace(&folder.join(STATUS_FILE), &bytes)?;
            if kept.as_ref().is_some_and(|kept| kept.without_moments() == self.without_moments()) {
                return Ok(());
            }
        }
        crate::files::replace(&state.join(STATUS_FILE), &bytes)?;
        *kept = Some(self.clone());
        Ok(())
    }

    /// What changes only when there is something new.
    fn without_moments(&self) -> Self {
        Self { last_report: None, last_failure: None, next_report: None, clock_ahead_milliseconds: 0, ..self.clone() }
    }

    /// The account that the agent last wrote.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn load(state: &Path) -> io::Result<Self> {
        if let Some(newer) = run_folder(state).and_then(|folder| Self::load_from(folder).transpose()) {
            return newer;
        }
        Ok(Self::load_from(state)?.unwrap_or_default())
    }

    fn load_from(folder: &Path) -> io::Result<Option<Self>> {
        match crate::files::read(&folder.join(STATUS_FILE))? {
            None => Ok(None),
            Some(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(io::Error::other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_alone_are_kept_in_memory_and_what_lasts_on_the_disk() {
        let (state, memory) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let on_disk = || Status::load_from(state.path()).unwrap();
        let save = |status: &Status, kept: &mut Option<Status>| {
            status.save_to(state.path(), Some(memory.path()), kept).unwrap();
            assert_eq!(Status::load_from(memory.path()).unwrap().as_ref(), Some(status));
        };
        let mut kept = None;
        let first = Status { last_report: Some(Timestamp::UNIX_EPOCH), ..Status::default() };
        save(&first, &mut kept);
        let later = Status { last_report: Some(Timestamp::MAX), clock_ahead_milliseconds: 7, ..first.clone() };
        save(&later, &mut kept);
        assert_eq!(on_disk(), Some(first), "only moments changed");
        let failed = Status { failure: Some("no route".to_owned()), ..later };
        save(&failed, &mut kept);
        assert_eq!(on_disk(), Some(failed));
    }

    #[test]
    fn without_a_place_in_memory_everything_is_on_the_disk() {
        let state = tempfile::tempdir().unwrap();
        let mut kept = None;
        for moment in [Timestamp::UNIX_EPOCH, Timestamp::MAX] {
            let status = Status { next_report: Some(moment), ..Status::default() };
            status.save_to(state.path(), None, &mut kept).unwrap();
            assert_eq!(Status::load_from(state.path()).unwrap(), Some(status));
        }
    }
}
