//! Incidents and their timelines on disk.

use vedetta_core::ids::{FindingId, IncidentId, OrganisationId};
use vedetta_core::incident::{Incident, IncidentState, TimelineEntry, TimelineKey};
use vedetta_proto::store;

use super::field::{Fields, id_bytes};
use super::{Codec, CodecError};
use crate::key::KeyBytes;

const INCIDENT: Fields = Fields("incident");
const ENTRY: Fields = Fields("timeline entry");

impl Codec for Incident {
    type Message = store::Incident;

    fn key_bytes(key: &IncidentId) -> Vec<u8> {
        KeyBytes::new().id(key.uuid()).finish()
    }

    fn to_message(&self) -> store::Incident {
        let (closed_at, closed_reason) = match &self.state {
            IncidentState::Open => (None, String::new()),
            IncidentState::Closed { at, reason } => (Some(at.as_millisecond()), reason.clone()),
        };
        store::Incident {
            id: id_bytes(self.id.uuid()),
            organisation: id_bytes(self.organisation.uuid()),
            title: self.title.clone(),
            noticed_at: self.noticed_at.as_millisecond(),
            opened_at: self.opened_at.as_millisecond(),
            opened_by: self.opened_by.clone(),
            closed_at,
            closed_reason,
            findings: self.findings.iter().map(|finding| id_bytes(finding.uuid())).collect(),
            entries: self.entries,
        }
    }

    fn from_message(message: store::Incident) -> Result<Self, CodecError> {
        Ok(Self {
            id: IncidentId::new(INCIDENT.id("id", &message.id)?),
            organisation: OrganisationId::new(INCIDENT.id("organisation", &message.organisation)?),
            title: message.title,
            noticed_at: INCIDENT.time("noticed_at", message.noticed_at)?,
            opened_at: INCIDENT.time("opened_at", message.opened_at)?,
            opened_by: message.opened_by,
            state: match INCIDENT.time_option("closed_at", message.closed_at)? {
                None => IncidentState::Open,
                Some(at) => IncidentState::Closed { at, reason: message.closed_reason },
            },
            findings: message
                .findings
                .iter()
                .map(|finding| INCIDENT.id("findings", finding).map(FindingId::new))
                .collect::<Result<_, _>>()?,
            entries: message.entries,
        })
    }
}

impl Codec for TimelineEntry {
    type Message = store::TimelineEntry;

    fn key_bytes(key: &TimelineKey) -> Vec<u8> {
        KeyBytes::new().id(key.incident.uuid()).number(key.number).finish()
    }

    fn to_message(&self) -> store::TimelineEntry {
        store::TimelineEntry {
            incident: id_bytes(self.key.incident.uuid()),
            number: self.key.number,
            at: self.at.as_millisecond(),
            by: self.by.clone(),
            text: self.text.clone(),
        }
    }

    fn from_message(message: store::TimelineEntry) -> Result<Self, CodecError> {
        Ok(Self {
            key: TimelineKey {
                incident: IncidentId::new(ENTRY.id("incident", &message.incident)?),
                number: message.number,
            },
            at: ENTRY.time("at", message.at)?,
            by: message.by,
            text: message.text,
        })
    }
}
