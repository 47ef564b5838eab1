//! Agents, their cursors and enrolment codes on disk.

use vedetta_core::agent::{
    Agent, AgentCertificate, AgentCursor, AgentState, CodeState, EnrolmentCodeRecord, Fingerprint,
};
use vedetta_core::ids::{AgentId, OrganisationId};
use vedetta_proto::store;

use super::field::{self, Fields, id_bytes};
use super::{Codec, CodecError};
use crate::key::KeyBytes;

const AGENT: Fields = Fields("agent");
const CURSOR: Fields = Fields("agent cursor");
const CODE: Fields = Fields("enrolment code");

impl Codec for Agent {
    type Message = store::Agent;

    fn key_bytes(key: &AgentId) -> Vec<u8> {
        KeyBytes::new().id(key.uuid()).finish()
    }

    fn to_message(&self) -> store::Agent {
        let (state, state_at, state_reason) = match &self.state {
            AgentState::Active => (1, 0, String::new()),
            AgentState::Quarantined { since, reason } => (2, since.as_millisecond(), reason.clone()),
            AgentState::Revoked { at, reason } => (3, at.as_millisecond(), reason.clone()),
            AgentState::Left { at } => (4, at.as_millisecond(), String::new()),
        };
        store::Agent {
            id: id_bytes(self.id.uuid()),
            host: Some(field::asset(self.host)),
            state,
            state_at,
            state_reason,
            current: Some(certificate(&self.current)),
            next: self.next.as_ref().map(certificate),
            enrolled_at: self.enrolled_at.as_millisecond(),
            last_seen: self.last_seen.map(|at| at.as_millisecond()),
            version: self.version.clone(),
            boot_id: self.boot_id.map(id_bytes),
            clock_skew: self.clock_skew,
            assignment_revision: self.assignment_revision,
            gap_batches: self.gap_batches,
            earlier_boot_ids: self.earlier_boot_ids.iter().map(|id| id_bytes(*id)).collect(),
            packs: self.packs.iter().map(|digest| digest.as_bytes().to_vec()).collect(),
        }
    }

    fn from_message(message: store::Agent) -> Result<Self, CodecError> {
        let state_at = AGENT.time("state_at", message.state_at)?;
        Ok(Self {
            id: AgentId::new(AGENT.id("id", &message.id)?),
            host: AGENT.asset(message.host)?,
            state: match message.state {
                1 => AgentState::Active,
                2 => AgentState::Quarantined { since: state_at, reason: message.state_reason },
                3 => AgentState::Revoked { at: state_at, reason: message.state_reason },
                4 => AgentState::Left { at: state_at },
                other => return Err(AGENT.wrong("state", format!("unknown number {other}"))),
            },
            current: certificate_from(AGENT.required("current", message.current)?)?,
            next: message.next.map(certificate_from).transpose()?,
            enrolled_at: AGENT.time("enrolled_at", message.enrolled_at)?,
            last_seen: AGENT.time_option("last_seen", message.last_seen)?,
            version: message.version,
            boot_id: message.boot_id.map(|bytes| AGENT.id("boot_id", &bytes)).transpose()?,
            clock_skew: message.clock_skew,
            assignment_revision: message.assignment_revision,
            gap_batches: message.gap_batches,
            earlier_boot_ids: message
                .earlier_boot_ids
                .iter()
                .map(|bytes| AGENT.id("earlier_boot_ids", bytes))
                .collect::<Result<_, _>>()?,
            packs: message.packs.iter().map(|bytes| AGENT.digest("packs", bytes)).collect::<Result<_, _>>()?,
        })
    }
}

fn certificate(certificate: &AgentCertificate) -> store::AgentCertificate {
    store::AgentCertificate {
        generation: certificate.generation,
        key: certificate.key.0.to_vec(),
        not_after: certificate.not_after.as_millisecond(),
    }
}

fn certificate_from(message: store::AgentCertificate) -> Result<AgentCertificate, CodecError> {
    Ok(AgentCertificate {
        generation: message.generation,
        key: AGENT.fingerprint("certificate.key", &message.key)?,
        not_after: AGENT.time("certificate.not_after", message.not_after)?,
    })
}

impl Codec for AgentCursor {
    type Message = store::AgentCursor;

    fn key_bytes(key: &AgentId) -> Vec<u8> {
        KeyBytes::new().id(key.uuid()).finish()
    }

    fn to_message(&self) -> store::AgentCursor {
        store::AgentCursor { agent: id_bytes(self.agent.uuid()), epoch: id_bytes(self.epoch), sequence: self.sequence }
    }

    fn from_message(message: store::AgentCursor) -> Result<Self, CodecError> {
        Ok(Self {
            agent: AgentId::new(CURSOR.id("agent", &message.agent)?),
            epoch: CURSOR.id("epoch", &message.epoch)?,
            sequence: message.sequence,
        })
    }
}

impl Codec for EnrolmentCodeRecord {
    type Message = store::EnrolmentCode;

    fn key_bytes(key: &Fingerprint) -> Vec<u8> {
        KeyBytes::new().bytes(&key.0).finish()
    }

    fn to_message(&self) -> store::EnrolmentCode {
        let (used_at, used_by) = match &self.state {
            CodeState::Open => (None, Vec::new()),
            CodeState::Used { at, agent } => (Some(at.as_millisecond()), id_bytes(agent.uuid())),
        };
        store::EnrolmentCode {
            secret: self.secret.0.to_vec(),
            organisation: id_bytes(self.organisation.uuid()),
            expires_at: self.expires_at.as_millisecond(),
            used_at,
            used_by,
        }
    }

    fn from_message(message: store::EnrolmentCode) -> Result<Self, CodecError> {
        Ok(Self {
            secret: CODE.fingerprint("secret", &message.secret)?,
            organisation: OrganisationId::new(CODE.id("organisation", &message.organisation)?),
            expires_at: CODE.time("expires_at", message.expires_at)?,
            state: match CODE.time_option("used_at", message.used_at)? {
                None => CodeState::Open,
                Some(at) => CodeState::Used { at, agent: AgentId::new(CODE.id("used_by", &message.used_by)?) },
            },
        })
    }
}
