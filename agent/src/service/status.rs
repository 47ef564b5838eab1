//! What `status` shows: written by the agent at work, read by anybody who may read the state folder.

use std::io;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vedetta_checks::pack::Pack;

use crate::assignment::Sorted;
use crate::packs::RefusedPacks;
use crate::spool::Spool;

/// Name of the file in the state folder.
pub const STATUS_FILE: &str = "status.json";

/// The agent's own account of itself. Fields are only ever added.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
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
        self.next_report = Some(next_report);
        self.waiting_batches = spool.pending();
        self.spool_bytes = spool.bytes();
        self.gap_batches = spool.counters().gap_batches;
        self.targets = sorted.allowed.iter().map(|(_, target, _)| target.filed().to_string()).collect();
        self.refused_targets = sorted.refused.iter().map(|(_, refusal)| refusal.to_string()).collect();
    }

    pub(super) fn save(&self, state: &Path) -> io::Result<()> {
        let bytes = serde_json::to_vec(self).map_err(io::Error::other)?;
        crate::files::replace(&state.join(STATUS_FILE), &bytes)
    }

    /// The account that the agent last wrote.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn load(state: &Path) -> io::Result<Self> {
        match crate::files::read(&state.join(STATUS_FILE))? {
            None => Ok(Self::default()),
            Some(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::other),
        }
    }
}
