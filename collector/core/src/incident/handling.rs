//! What people do with an incident: open it, write its timeline, attach findings, close it.

use jiff::{SignedDuration, Timestamp};
use vedetta_checks::fact::clean_text;

use super::{Incident, IncidentState, TimelineEntry, TimelineKey};
use crate::actor::Scope;
use crate::changes::Changes;
use crate::finding::Finding;
use crate::ids::IncidentId;
use crate::organisation::Organisation;
use crate::store::Stored;

/// Longest title, in bytes.
pub const TITLE_BYTES_MAX: usize = 200;
/// Longest entry of the timeline, in bytes.
pub const ENTRY_BYTES_MAX: usize = 8 * 1024;
/// Longest reason for closing, in bytes.
pub const REASON_BYTES_MAX: usize = 1024;
/// Most entries of one timeline.
pub const ENTRIES_MAX: u64 = 10_000;
/// Most findings of one incident.
pub const FINDINGS_MAX: usize = 200;
/// How far ahead of the collector's clock the moment of notice may lie: people round to the minute.
pub const NOTICED_AHEAD_MAX: SignedDuration = SignedDuration::from_mins(5);

/// What suffices to open an incident.
#[derive(Debug, Clone, Copy)]
pub struct NewIncident<'a> {
    /// One line on what happens.
    pub title: &'a str,
    /// When it was noticed.
    pub noticed_at: Timestamp,
    /// A finding that it starts from, if there is one.
    pub finding: Option<&'a Finding>,
}

/// Why an incident is not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IncidentError {
    /// The organisation, incident or finding does not exist, or the person may not handle it: all answer the same.
    #[error("there is no such organisation, incident or finding")]
    NotFound,
    /// Nothing was written.
    #[error("write {what}")]
    Empty {
        /// What is missing.
        what: &'static str,
    },
    /// Too long a text.
    #[error("{what} is longer than {bytes_max} bytes")]
    TooLong {
        /// Which text.
        what: &'static str,
        /// Its limit, in bytes.
        bytes_max: usize,
    },
    /// An incident cannot have been noticed in the future.
    #[error("the moment at which it was noticed lies in the future")]
    NoticedInFuture,
    /// It is closed: its timeline is complete.
    #[error("the incident is closed: open a new one if it goes on")]
    Closed,
    /// The limit of entries or findings.
    #[error("the incident holds as many {what} as it can: open a second one")]
    Full {
        /// Entries or findings.
        what: &'static str,
    },
}

/// Opens an incident of one organisation.
///
/// # Errors
/// [`IncidentError`] when the person may not, or a text or time is not acceptable.
pub fn open(
    scope: &Scope,
    organisation: Option<&Organisation>,
    command: &NewIncident<'_>,
    id: IncidentId,
    now: Timestamp,
) -> Result<(Incident, Changes), IncidentError> {
    let organisation = organisation.filter(|node| scope.handles_incidents(node.id)).ok_or(IncidentError::NotFound)?;
    let title = text("the title", command.title, TITLE_BYTES_MAX)?;
    if now.checked_add(NOTICED_AHEAD_MAX).is_ok_and(|latest| command.noticed_at > latest) {
        return Err(IncidentError::NoticedInFuture);
    }
    if command.finding.is_some_and(|finding| finding.key.asset.organisation != organisation.id) {
        return Err(IncidentError::NotFound);
    }
    let incident = Incident {
        id,
        organisation: organisation.id,
        title,
        noticed_at: command.noticed_at.min(now),
        opened_at: now,
        opened_by: scope.login().to_owned(),
        state: IncidentState::Open,
        findings: command.finding.map(|finding| finding.id).into_iter().collect(),
        entries: 0,
    };
    let mut changes = Changes::audited("incident.open", format!("{id} {}", organisation.id));
    changes.expect::<Incident>(id, None);
    changes.put(incident.clone());
    Ok((incident, changes))
}

/// Adds one entry to the timeline.
///
/// # Errors
/// [`IncidentError`] when the person may not, the text is not acceptable, or the incident is closed or full.
pub fn add_entry(
    scope: &Scope,
    incident: Option<&Stored<Incident>>,
    entry: &str,
    now: Timestamp,
) -> Result<Changes, IncidentError> {
    let stored = handled(scope, incident)?;
    let text = entry_text(entry)?;
    if stored.value.entries >= ENTRIES_MAX {
        return Err(IncidentError::Full { what: "entries" });
    }
    let number = stored.value.entries + 1;
    let key = TimelineKey { incident: stored.value.id, number };
    let mut changes = Changes::audited("incident.entry", format!("{} {number}", stored.value.id));
    changes.expect::<Incident>(stored.value.id, Some(stored.version));
    changes.expect::<TimelineEntry>(key, None);
    changes.put(TimelineEntry { key, at: now, by: scope.login().to_owned(), text });
    changes.put(Incident { entries: number, ..stored.value.clone() });
    Ok(changes)
}

/// Attaches a finding of the same organisation; attaching it again changes nothing but the audit.
///
/// # Errors
/// [`IncidentError`] when the person may not, the finding is another organisation's, or the incident is closed or full.
pub fn attach_finding(
    scope: &Scope,
    incident: Option<&Stored<Incident>>,
    finding: Option<&Finding>,
) -> Result<Changes, IncidentError> {
    let stored = handled(scope, incident)?;
    let own = |finding: &&Finding| finding.key.asset.organisation == stored.value.organisation;
    let finding = finding.filter(own).ok_or(IncidentError::NotFound)?;
    let mut after = stored.value.clone();
    if !after.findings.contains(&finding.id) {
        if after.findings.len() >= FINDINGS_MAX {
            return Err(IncidentError::Full { what: "findings" });
        }
        after.findings.push(finding.id);
    }
    let mut changes = Changes::audited("incident.attach", format!("{} {}", after.id, finding.id));
    changes.expect::<Incident>(after.id, Some(stored.version));
    changes.put(after);
    Ok(changes)
}

/// Closes an incident with a reason.
///
/// # Errors
/// [`IncidentError`] when the person may not, gives no reason, or it is closed already.
pub fn close(
    scope: &Scope,
    incident: Option<&Stored<Incident>>,
    reason: &str,
    now: Timestamp,
) -> Result<Changes, IncidentError> {
    let stored = handled(scope, incident)?;
    let reason = text("the reason", reason, REASON_BYTES_MAX)?;
    let mut changes = Changes::audited("incident.close", stored.value.id);
    changes.expect::<Incident>(stored.value.id, Some(stored.version));
    changes.put(Incident { state: IncidentState::Closed { at: now, reason }, ..stored.value.clone() });
    Ok(changes)
}

/// The incident, if the person may handle it and it is open.
fn handled<'a>(scope: &Scope, incident: Option<&'a Stored<Incident>>) -> Result<&'a Stored<Incident>, IncidentError> {
    let stored =
        incident.filter(|stored| scope.handles_incidents(stored.value.organisation)).ok_or(IncidentError::NotFound)?;
    match stored.value.state {
        IncidentState::Open => Ok(stored),
        IncidentState::Closed { .. } => Err(IncidentError::Closed),
    }
}

/// One line of text: not empty, not too long, without control characters.
fn text(what: &'static str, given: &str, bytes_max: usize) -> Result<String, IncidentError> {
    let given = given.trim();
    if given.is_empty() {
        return Err(IncidentError::Empty { what });
    }
    if given.len() > bytes_max {
        return Err(IncidentError::TooLong { what, bytes_max });
    }
    Ok(clean_text(given, bytes_max))
}

/// An entry keeps its line breaks; other control characters become spaces.
fn entry_text(given: &str) -> Result<String, IncidentError> {
    let what = "the entry";
    let lines: Vec<_> = given.trim().lines().map(|line| clean_text(line, ENTRY_BYTES_MAX)).collect();
    let joined = lines.join("\n");
    if joined.is_empty() {
        return Err(IncidentError::Empty { what });
    }
    if joined.len() > ENTRY_BYTES_MAX {
        return Err(IncidentError::TooLong { what, bytes_max: ENTRY_BYTES_MAX });
    }
    Ok(joined)
}

#[cfg(test)]
mod tests;
