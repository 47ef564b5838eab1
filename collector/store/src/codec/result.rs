//! Current results and findings on disk.

use vedetta_checks::result::{AssetReference, CheckResult};
use vedetta_checks::word::ClauseId;
use vedetta_core::finding::{Finding, FindingState};
use vedetta_core::ids::FindingId;
use vedetta_core::result::{CurrentResult, LastJudged, ResultKey};
use vedetta_proto::store;

use super::field::{self, Fields, id_bytes};
use super::{Codec, CodecError};
use crate::key::KeyBytes;

const RESULT: Fields = Fields("current result");
const FINDING: Fields = Fields("finding");

impl Codec for CurrentResult {
    type Message = store::CurrentResult;

    fn key_bytes(key: &ResultKey) -> Vec<u8> {
        KeyBytes::new().result(key).finish()
    }

    fn to_message(&self) -> store::CurrentResult {
        let result = &self.result;
        store::CurrentResult {
            key: Some(field::result_key(&self.key)),
            pack: result.pack.as_bytes().to_vec(),
            grant: match result.asset {
                AssetReference::OwnHost => Vec::new(),
                AssetReference::Granted(grant) => id_bytes(grant),
            },
            verdict: Some(field::verdict(&result.verdict)),
            clause: result.clause.as_ref().map(ToString::to_string).unwrap_or_default(),
            evidence: field::evidence(&result.evidence),
            observed_at: result.observed_at.as_millisecond(),
            fingerprint: self.fingerprint,
            received_at: self.received_at.as_millisecond(),
            confirmed_at: self.confirmed_at.as_millisecond(),
            since: self.since.as_millisecond(),
            last_judged: self.last_judged.as_ref().map(|last| field::verdict(&last.verdict)),
            last_judged_at: self.last_judged.as_ref().map_or(0, |last| last.observed_at.as_millisecond()),
        }
    }

    fn from_message(message: store::CurrentResult) -> Result<Self, CodecError> {
        let key = RESULT.result_key(message.key)?;
        let clause = if message.clause.is_empty() {
            None
        } else {
            Some(ClauseId::parse(&message.clause).map_err(|error| RESULT.wrong("clause", error))?)
        };
        let result = CheckResult {
            check: key.check.clone(),
            pack: RESULT.digest("pack", &message.pack)?,
            asset: if message.grant.is_empty() {
                AssetReference::OwnHost
            } else {
                AssetReference::Granted(RESULT.id("grant", &message.grant)?)
            },
            target: key.target.clone(),
            vantage: key.vantage,
            verdict: RESULT.verdict(RESULT.required("verdict", message.verdict)?)?,
            clause,
            evidence: RESULT.evidence(message.evidence)?,
            observed_at: RESULT.time("observed_at", message.observed_at)?,
        };
        let last_judged = match message.last_judged {
            None => None,
            Some(verdict) => Some(LastJudged {
                verdict: RESULT.verdict(verdict)?,
                observed_at: RESULT.time("last_judged_at", message.last_judged_at)?,
            }),
        };
        Ok(Self {
            key,
            result,
            fingerprint: message.fingerprint,
            received_at: RESULT.time("received_at", message.received_at)?,
            confirmed_at: RESULT.time("confirmed_at", message.confirmed_at)?,
            since: RESULT.time("since", message.since)?,
            last_judged,
        })
    }
}

impl Codec for Finding {
    type Message = store::Finding;

    fn key_bytes(key: &ResultKey) -> Vec<u8> {
        KeyBytes::new().result(key).finish()
    }

    fn to_message(&self) -> store::Finding {
        let (since, resolved_at) = match &self.state {
            FindingState::Open { since } => (since, None),
            FindingState::Resolved { since, at } => (since, Some(at.as_millisecond())),
        };
        store::Finding {
            id: id_bytes(self.id.uuid()),
            key: Some(field::result_key(&self.key)),
            since: since.as_millisecond(),
            resolved_at,
            last_passed: self.last_passed.map(|at| at.as_millisecond()),
            times_opened: self.times_opened,
        }
    }

    fn from_message(message: store::Finding) -> Result<Self, CodecError> {
        let since = FINDING.time("since", message.since)?;
        Ok(Self {
            id: FindingId::new(FINDING.id("id", &message.id)?),
            key: FINDING.result_key(message.key)?,
            state: match FINDING.time_option("resolved_at", message.resolved_at)? {
                None => FindingState::Open { since },
                Some(at) => FindingState::Resolved { since, at },
            },
            last_passed: FINDING.time_option("last_passed", message.last_passed)?,
            times_opened: message.times_opened,
        })
    }
}
