//! Fields of stored messages to domain values, with the field named when it is wrong.

use jiff::Timestamp;
use uuid::Uuid;
use vedetta_checks::evidence::{Evidence, EvidenceValue};
use vedetta_checks::fact::Unknown;
use vedetta_checks::result::{PackDigest, Vantage};
use vedetta_checks::target::Target;
use vedetta_checks::verdict::Verdict;
use vedetta_checks::word::{CheckId, EvidenceLabel, Reason};
use vedetta_core::agent::Fingerprint;
use vedetta_core::asset::AssetKey;
use vedetta_core::ids::{AssetId, OrganisationId};
use vedetta_core::result::ResultKey;
use vedetta_proto::store;

/// A stored record is not what its kind says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the stored {kind} has a wrong field `{field}`: {why}")]
pub struct CodecError {
    /// Kind of record.
    pub kind: &'static str,
    /// The field, as in the .proto file.
    pub field: &'static str,
    /// What is wrong with it.
    pub why: String,
}

impl CodecError {
    pub(crate) fn new(kind: &'static str, field: &'static str, why: impl ToString) -> Self {
        Self { kind, field, why: why.to_string() }
    }
}

/// Reads the fields of one kind of record.
#[derive(Clone, Copy)]
pub(crate) struct Fields(pub(crate) &'static str);

impl Fields {
    pub(crate) fn wrong(self, field: &'static str, why: impl ToString) -> CodecError {
        CodecError::new(self.0, field, why)
    }

    pub(crate) fn id(self, field: &'static str, bytes: &[u8]) -> Result<Uuid, CodecError> {
        Uuid::from_slice(bytes).map_err(|error| self.wrong(field, error))
    }

    pub(crate) fn fingerprint(self, field: &'static str, bytes: &[u8]) -> Result<Fingerprint, CodecError> {
        bytes.try_into().map(Fingerprint).map_err(|_| self.wrong(field, format!("{} bytes, not 32", bytes.len())))
    }

    pub(crate) fn digest(self, field: &'static str, bytes: &[u8]) -> Result<PackDigest, CodecError> {
        self.fingerprint(field, bytes).map(|fingerprint| PackDigest::from_bytes(fingerprint.0))
    }

    pub(crate) fn time(self, field: &'static str, milliseconds: i64) -> Result<Timestamp, CodecError> {
        Timestamp::from_millisecond(milliseconds).map_err(|error| self.wrong(field, error))
    }

    pub(crate) fn time_option(
        self,
        field: &'static str,
        milliseconds: Option<i64>,
    ) -> Result<Option<Timestamp>, CodecError> {
        milliseconds.map(|value| self.time(field, value)).transpose()
    }

    pub(crate) fn required<T>(self, field: &'static str, value: Option<T>) -> Result<T, CodecError> {
        value.ok_or_else(|| self.wrong(field, "missing"))
    }

    pub(crate) fn asset(self, key: Option<store::AssetKey>) -> Result<AssetKey, CodecError> {
        let key = self.required("asset", key)?;
        Ok(AssetKey {
            organisation: OrganisationId::new(self.id("asset.organisation", &key.organisation)?),
            asset: AssetId::new(self.id("asset.asset", &key.asset)?),
        })
    }

    pub(crate) fn target(self, text: &str) -> Result<Target, CodecError> {
        text.parse().map_err(|error| self.wrong("target", error))
    }

    pub(crate) fn vantage(self, number: u32) -> Result<Vantage, CodecError> {
        match number {
            1 => Ok(Vantage::Inside),
            2 => Ok(Vantage::Outside),
            other => Err(self.wrong("vantage", format!("unknown number {other}"))),
        }
    }

    pub(crate) fn result_key(self, key: Option<store::ResultKey>) -> Result<ResultKey, CodecError> {
        let key = self.required("key", key)?;
        Ok(ResultKey {
            asset: self.asset(key.asset)?,
            check: CheckId::parse(&key.check).map_err(|error| self.wrong("check", error))?,
            target: self.target(&key.target)?,
            vantage: self.vantage(key.vantage)?,
        })
    }

    pub(crate) fn verdict(self, verdict: store::Verdict) -> Result<Verdict, CodecError> {
        let unknown = || -> Result<Unknown, CodecError> {
            let reason = Reason::parse(&verdict.reason).map_err(|error| self.wrong("verdict.reason", error))?;
            Ok(Unknown::new(reason, &verdict.detail))
        };
        match verdict.word {
            1 => Ok(Verdict::Pass),
            2 => Ok(Verdict::Warn),
            3 => Ok(Verdict::Fail),
            4 => unknown().map(Verdict::NotApplicable),
            5 => unknown().map(Verdict::Error),
            6 => unknown().map(Verdict::NotTested),
            other => Err(self.wrong("verdict.word", format!("unknown number {other}"))),
        }
    }

    pub(crate) fn evidence(self, facts: Vec<store::Fact>) -> Result<Evidence, CodecError> {
        use store::fact::Value;
        let mut evidence = Evidence::empty();
        for fact in facts {
            let label = EvidenceLabel::parse(&fact.label).map_err(|error| self.wrong("evidence.label", error))?;
            let value = match self.required("evidence.value", fact.value)? {
                Value::Boolean(value) => EvidenceValue::Bool(value),
                Value::Integer(value) => EvidenceValue::Int(value),
                Value::Text(text) => EvidenceValue::text(&text),
                Value::Time(time) => EvidenceValue::Time(self.time("evidence.time", time)?),
                Value::List(list) => EvidenceValue::List { items: list.items, total: list.total },
                Value::Unknown(unknown) => {
                    let reason =
                        Reason::parse(&unknown.reason).map_err(|error| self.wrong("evidence.reason", error))?;
                    EvidenceValue::Unknown(Unknown::new(reason, &unknown.detail))
                }
            };
            if !evidence.push(label, value) {
                return Err(self.wrong("evidence", "larger than one result may carry"));
            }
        }
        Ok(evidence)
    }
}

pub(crate) fn asset(key: AssetKey) -> store::AssetKey {
    store::AssetKey {
        organisation: key.organisation.uuid().as_bytes().to_vec(),
        asset: key.asset.uuid().as_bytes().to_vec(),
    }
}

pub(crate) const fn vantage(vantage: Vantage) -> u32 {
    match vantage {
        Vantage::Inside => 1,
        Vantage::Outside => 2,
    }
}

pub(crate) fn result_key(key: &ResultKey) -> store::ResultKey {
    store::ResultKey {
        asset: Some(asset(key.asset)),
        check: key.check.to_string(),
        target: key.target.to_string(),
        vantage: vantage(key.vantage),
    }
}

pub(crate) fn verdict(verdict: &Verdict) -> store::Verdict {
    let word = match verdict {
        Verdict::Pass => 1,
        Verdict::Warn => 2,
        Verdict::Fail => 3,
        Verdict::NotApplicable(_) => 4,
        Verdict::Error(_) => 5,
        Verdict::NotTested(_) => 6,
    };
    let (reason, detail) = match verdict.reason() {
        Some(unknown) => (unknown.reason.to_string(), unknown.detail.clone()),
        None => (String::new(), String::new()),
    };
    store::Verdict { word, reason, detail }
}

pub(crate) fn evidence(evidence: &Evidence) -> Vec<store::Fact> {
    use store::fact::Value;
    let facts = evidence.iter().map(|(label, value)| {
        let value = match value {
            EvidenceValue::Bool(value) => Value::Boolean(*value),
            EvidenceValue::Int(value) => Value::Integer(*value),
            EvidenceValue::Text(text) => Value::Text(text.clone()),
            EvidenceValue::Time(time) => Value::Time(time.as_millisecond()),
            EvidenceValue::List { items, total } => {
                Value::List(store::TextList { items: items.clone(), total: *total })
            }
            EvidenceValue::Unknown(unknown) => {
                Value::Unknown(store::Unknown { reason: unknown.reason.to_string(), detail: unknown.detail.clone() })
            }
        };
        store::Fact { label: label.to_string(), value: Some(value) }
    });
    facts.collect()
}

pub(crate) fn id_bytes(id: Uuid) -> Vec<u8> {
    id.as_bytes().to_vec()
}
