//! Transitions, roll-ups and the audit on disk.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use vedetta_core::audit::AuditRecord;
use vedetta_core::ids::OrganisationId;
use vedetta_core::posture::{RollUp, RollUpKey};
use vedetta_core::result::{Transition, TransitionKey};
use vedetta_proto::store;

use super::field::{self, Fields, id_bytes};
use super::{Codec, CodecError};
use crate::key::KeyBytes;

const TRANSITION: Fields = Fields("transition");
const ROLL_UP: Fields = Fields("roll-up");
const AUDIT: Fields = Fields("audit record");

impl Codec for Transition {
    type Message = store::Transition;

    fn key_bytes(key: &TransitionKey) -> Vec<u8> {
        KeyBytes::new().transition(key).finish()
    }

    fn bucket(key: &TransitionKey) -> Option<String> {
        Some(key.received_at.to_zoned(TimeZone::UTC).strftime("%Y-%m").to_string())
    }

    fn to_message(&self) -> store::Transition {
        store::Transition {
            key: Some(field::result_key(&self.key)),
            observed_at: self.observed_at.as_millisecond(),
            received_at: self.received_at.as_millisecond(),
            from: self.from.as_ref().map(field::verdict),
            to: Some(field::verdict(&self.to)),
        }
    }

    fn from_message(message: store::Transition) -> Result<Self, CodecError> {
        Ok(Self {
            key: TRANSITION.result_key(message.key)?,
            observed_at: TRANSITION.time("observed_at", message.observed_at)?,
            received_at: TRANSITION.time("received_at", message.received_at)?,
            from: message.from.map(|verdict| TRANSITION.verdict(verdict)).transpose()?,
            to: TRANSITION.verdict(TRANSITION.required("to", message.to)?)?,
        })
    }
}

impl Codec for RollUp {
    type Message = store::RollUp;

    fn key_bytes(key: &RollUpKey) -> Vec<u8> {
        KeyBytes::new().id(key.organisation.uuid()).text(&key.day.to_string()).finish()
    }

    fn to_message(&self) -> store::RollUp {
        store::RollUp {
            organisation: id_bytes(self.key.organisation.uuid()),
            day: self.key.day.to_string(),
            score: self.score,
            coverage: self.coverage,
            open_findings: self.open_findings,
            rules: self.rules.to_vec(),
        }
    }

    fn from_message(message: store::RollUp) -> Result<Self, CodecError> {
        Ok(Self {
            key: RollUpKey {
                organisation: OrganisationId::new(ROLL_UP.id("organisation", &message.organisation)?),
                day: message.day.parse::<Date>().map_err(|error| ROLL_UP.wrong("day", error))?,
            },
            score: message.score,
            coverage: message.coverage,
            open_findings: message.open_findings,
            rules: ROLL_UP.fingerprint("rules", &message.rules)?.0,
        })
    }
}

impl Codec for AuditRecord {
    type Message = store::AuditRecord;

    fn key_bytes(key: &u64) -> Vec<u8> {
        KeyBytes::new().number(*key).finish()
    }

    fn to_message(&self) -> store::AuditRecord {
        store::AuditRecord {
            number: self.number,
            at: self.at.as_millisecond(),
            actor: self.actor.clone(),
            action: self.action.clone(),
            subject: self.subject.clone(),
            previous: self.previous.0.to_vec(),
            hash: self.hash.0.to_vec(),
        }
    }

    fn from_message(message: store::AuditRecord) -> Result<Self, CodecError> {
        Ok(Self {
            number: message.number,
            at: AUDIT.time("at", message.at)?,
            actor: message.actor,
            action: message.action,
            subject: message.subject,
            previous: AUDIT.fingerprint("previous", &message.previous)?,
            hash: AUDIT.fingerprint("hash", &message.hash)?,
        })
    }
}
