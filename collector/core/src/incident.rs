//! Incidents: something under handling, with a timeline that is only ever added to.

mod handling;

pub use handling::{
    ENTRIES_MAX, ENTRY_BYTES_MAX, FINDINGS_MAX, IncidentError, NOTICED_AHEAD_MAX, NewIncident, REASON_BYTES_MAX,
    TITLE_BYTES_MAX, add_entry, attach_finding, close, open,
};

use jiff::Timestamp;

use crate::ids::{FindingId, IncidentId, OrganisationId};

/// Where an incident stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IncidentState {
    /// Under handling.
    Open,
    /// Ended, with the reason that a person gave.
    Closed {
        /// When.
        at: Timestamp,
        /// Why.
        reason: String,
    },
}

/// An incident of one organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// One line on what happens.
    pub title: String,
    /// When it was noticed: the clocks of the law start here.
    pub noticed_at: Timestamp,
    /// When it was written down.
    pub opened_at: Timestamp,
    /// Who wrote it down.
    pub opened_by: String,
    /// Where it stands.
    pub state: IncidentState,
    /// Findings that belong to it.
    pub findings: Vec<FindingId>,
    /// How many timeline entries it has.
    pub entries: u64,
}

/// Which entry: entries of one incident lie in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimelineKey {
    /// The incident.
    pub incident: IncidentId,
    /// Counts from 1.
    pub number: u64,
}

/// One entry of the timeline: written once, never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// Its key.
    pub key: TimelineKey,
    /// When it was written.
    pub at: Timestamp,
    /// Who wrote it.
    pub by: String,
    /// What happened or was done.
    pub text: String,
}
