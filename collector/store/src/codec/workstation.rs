//! Answers of workstations on disk.

use jiff::civil::Date;
use vedetta_checks::word::CheckId;
use vedetta_core::ids::OrganisationId;
use vedetta_core::workstation::{Answer, WorkstationAnswers, WorkstationKey, WorkstationToken};
use vedetta_proto::store;

use super::field::{Fields, id_bytes};
use super::{Codec, CodecError};
use crate::key::KeyBytes;

const ANSWERS: Fields = Fields("answers of a workstation");

impl Codec for WorkstationAnswers {
    type Message = store::WorkstationAnswers;

    fn key_bytes(key: &WorkstationKey) -> Vec<u8> {
        KeyBytes::new().id(key.organisation.uuid()).id(uuid::Uuid::from_bytes(key.token.0)).finish()
    }

    fn to_message(&self) -> store::WorkstationAnswers {
        let answer = |(check, (answer, day)): (&CheckId, &(Answer, Date))| store::WorkstationAnswer {
            check: check.to_string(),
            answer: number(*answer),
            day: day.to_string(),
        };
        store::WorkstationAnswers {
            organisation: id_bytes(self.key.organisation.uuid()),
            token: self.key.token.0.to_vec(),
            answers: self.answers.iter().map(answer).collect(),
        }
    }

    fn from_message(message: store::WorkstationAnswers) -> Result<Self, CodecError> {
        let key = WorkstationKey {
            organisation: OrganisationId::new(ANSWERS.id("organisation", &message.organisation)?),
            token: WorkstationToken(ANSWERS.id("token", &message.token)?.into_bytes()),
        };
        let answer = |own: store::WorkstationAnswer| {
            let check = CheckId::parse(&own.check).map_err(|error| ANSWERS.wrong("answers.check", error))?;
            let day = own.day.parse().map_err(|error: jiff::Error| ANSWERS.wrong("answers.day", error))?;
            Ok((check, (from_number(own.answer)?, day)))
        };
        Ok(Self { key, answers: message.answers.into_iter().map(answer).collect::<Result<_, CodecError>>()? })
    }
}

const fn number(answer: Answer) -> u32 {
    match answer {
        Answer::Pass => 1,
        Answer::Warn => 2,
        Answer::Fail => 3,
        Answer::NotApplicable => 4,
        Answer::NotSeen => 5,
    }
}

fn from_number(number: u32) -> Result<Answer, CodecError> {
    match number {
        1 => Ok(Answer::Pass),
        2 => Ok(Answer::Warn),
        3 => Ok(Answer::Fail),
        4 => Ok(Answer::NotApplicable),
        5 => Ok(Answer::NotSeen),
        other => Err(ANSWERS.wrong("answers.answer", format!("unknown number {other}"))),
    }
}
