//! Domain to wire and back. What comes from the wire is checked here once, and named in the error when it is wrong.

use jiff::Timestamp;
use uuid::Uuid;
use vedetta_checks::evidence::{Evidence, EvidenceValue};
use vedetta_checks::fact::Unknown;
use vedetta_checks::result::{AssetReference, CheckResult, PackDigest, Vantage};
use vedetta_checks::target::Target;
use vedetta_checks::verdict::Verdict;
use vedetta_checks::word::{CheckId, ClauseId, EvidenceLabel, Reason};

use crate::agent;

/// A field of a message is not what the protocol says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the field `{field}` of the message is wrong: {why}")]
pub struct WireError {
    /// The field, as in the .proto file.
    pub field: &'static str,
    /// What is wrong with it.
    pub why: String,
}

impl WireError {
    /// An error about one field.
    #[must_use]
    pub fn new(field: &'static str, why: impl ToString) -> Self {
        Self { field, why: why.to_string() }
    }
}

/// Milliseconds since 1970 UTC, the wire's time.
#[must_use]
pub fn time_to_wire(time: Timestamp) -> i64 {
    time.as_millisecond()
}

/// A moment from the wire's time.
///
/// # Errors
/// When the number lies outside the years -9999 to 9999.
pub fn time_from_wire(field: &'static str, milliseconds: i64) -> Result<Timestamp, WireError> {
    Timestamp::from_millisecond(milliseconds).map_err(|error| WireError::new(field, error))
}

/// An id of 16 bytes.
///
/// # Errors
/// When the bytes are fewer or more.
pub fn id_from_wire(field: &'static str, bytes: &[u8]) -> Result<Uuid, WireError> {
    Uuid::from_slice(bytes).map_err(|error| WireError::new(field, error))
}

/// A pack digest of 32 bytes.
///
/// # Errors
/// When the bytes are fewer or more.
pub fn digest_from_wire(field: &'static str, bytes: &[u8]) -> Result<PackDigest, WireError> {
    let bytes = bytes.try_into().map_err(|_| WireError::new(field, format!("{} bytes, not 32", bytes.len())))?;
    Ok(PackDigest::from_bytes(bytes))
}

impl From<Vantage> for agent::Vantage {
    fn from(vantage: Vantage) -> Self {
        match vantage {
            Vantage::Inside => Self::Inside,
            Vantage::Outside => Self::Outside,
        }
    }
}

/// A vantage from its number.
///
/// # Errors
/// When the number is unknown to this build.
pub fn vantage_from_wire(number: i32) -> Result<Vantage, WireError> {
    match agent::Vantage::try_from(number) {
        Ok(agent::Vantage::Inside) => Ok(Vantage::Inside),
        Ok(agent::Vantage::Outside) => Ok(Vantage::Outside),
        Ok(agent::Vantage::Unspecified) | Err(_) => Err(WireError::new("vantage", format!("unknown number {number}"))),
    }
}

/// The grant of an asset: empty for the agent's own host.
#[must_use]
pub fn asset_to_wire(asset: AssetReference) -> Vec<u8> {
    match asset {
        AssetReference::OwnHost => Vec::new(),
        AssetReference::Granted(grant) => grant.as_bytes().to_vec(),
    }
}

/// The asset that a grant names.
///
/// # Errors
/// When the grant is neither empty nor 16 bytes.
pub fn asset_from_wire(grant: &[u8]) -> Result<AssetReference, WireError> {
    if grant.is_empty() {
        Ok(AssetReference::OwnHost)
    } else {
        id_from_wire("grant", grant).map(AssetReference::Granted)
    }
}

/// A target from its canonical text.
///
/// # Errors
/// When the text is no target or not canonical (a second spelling would be a second key).
pub fn target_from_wire(text: &str) -> Result<Target, WireError> {
    let target: Target = text.parse().map_err(|error| WireError::new("target", error))?;
    if target.to_string() == text { Ok(target) } else { Err(WireError::new("target", "not in canonical form")) }
}

impl From<&Verdict> for agent::Verdict {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Pass,
            Verdict::Warn => Self::Warn,
            Verdict::Fail => Self::Fail,
            Verdict::NotApplicable(_) => Self::NotApplicable,
            Verdict::Error(_) => Self::Error,
            Verdict::NotTested(_) => Self::NotTested,
        }
    }
}

impl From<&CheckResult> for agent::Result {
    fn from(result: &CheckResult) -> Self {
        let verdict = agent::Verdict::from(&result.verdict);
        let (reason, detail) = match result.verdict.reason() {
            Some(unknown) => (unknown.reason.to_string(), unknown.detail.clone()),
            None => (String::new(), String::new()),
        };
        Self {
            check: result.check.to_string(),
            pack_digest: result.pack.as_bytes().to_vec(),
            grant: asset_to_wire(result.asset),
            target: result.target.to_string(),
            vantage: agent::Vantage::from(result.vantage).into(),
            verdict: verdict.into(),
            reason,
            detail,
            clause: result.clause.as_ref().map(ToString::to_string).unwrap_or_default(),
            evidence: result.evidence.iter().map(|(label, value)| fact_to_wire(label, value)).collect(),
            observed_at: time_to_wire(result.observed_at),
        }
    }
}

impl TryFrom<agent::Result> for CheckResult {
    type Error = WireError;

    fn try_from(wire: agent::Result) -> Result<Self, WireError> {
        let clause = if wire.clause.is_empty() {
            None
        } else {
            Some(ClauseId::parse(&wire.clause).map_err(|error| WireError::new("clause", error))?)
        };
        let verdict = verdict_from_wire(wire.verdict, &wire.reason, &wire.detail)?;
        let mut evidence = Evidence::empty();
        for fact in wire.evidence {
            let (label, value) = fact_from_wire(fact)?;
            if !evidence.push(label, value) {
                return Err(WireError::new("evidence", "larger than one result may carry"));
            }
        }
        Ok(Self {
            check: CheckId::parse(&wire.check).map_err(|error| WireError::new("check", error))?,
            pack: digest_from_wire("pack_digest", &wire.pack_digest)?,
            asset: asset_from_wire(&wire.grant)?,
            target: target_from_wire(&wire.target)?,
            vantage: vantage_from_wire(wire.vantage)?,
            verdict,
            clause,
            evidence,
            observed_at: time_from_wire("observed_at", wire.observed_at)?,
        })
    }
}

fn verdict_from_wire(number: i32, reason: &str, detail: &str) -> Result<Verdict, WireError> {
    let unknown = || -> Result<Unknown, WireError> {
        let reason = Reason::parse(reason).map_err(|error| WireError::new("reason", error))?;
        Ok(Unknown::new(reason, detail))
    };
    match agent::Verdict::try_from(number) {
        Ok(agent::Verdict::Pass) => Ok(Verdict::Pass),
        Ok(agent::Verdict::Warn) => Ok(Verdict::Warn),
        Ok(agent::Verdict::Fail) => Ok(Verdict::Fail),
        Ok(agent::Verdict::NotApplicable) => unknown().map(Verdict::NotApplicable),
        Ok(agent::Verdict::Error) => unknown().map(Verdict::Error),
        Ok(agent::Verdict::NotTested) => unknown().map(Verdict::NotTested),
        Ok(agent::Verdict::Unspecified) | Err(_) => Err(WireError::new("verdict", format!("unknown number {number}"))),
    }
}

fn fact_to_wire(label: &EvidenceLabel, value: &EvidenceValue) -> agent::Fact {
    use agent::fact::Value;
    let value = match value {
        EvidenceValue::Bool(value) => Value::Boolean(*value),
        EvidenceValue::Int(value) => Value::Integer(*value),
        EvidenceValue::Text(text) => Value::Text(text.clone()),
        EvidenceValue::Time(time) => Value::Time(time_to_wire(*time)),
        EvidenceValue::List { items, total } => Value::List(agent::TextList { items: items.clone(), total: *total }),
        EvidenceValue::Unknown(unknown) => {
            Value::Unknown(agent::UnknownFact { reason: unknown.reason.to_string(), detail: unknown.detail.clone() })
        }
    };
    agent::Fact { label: label.to_string(), value: Some(value) }
}

fn fact_from_wire(fact: agent::Fact) -> Result<(EvidenceLabel, EvidenceValue), WireError> {
    use agent::fact::Value;
    let label = EvidenceLabel::parse(&fact.label).map_err(|error| WireError::new("evidence.label", error))?;
    let value = match fact.value.ok_or_else(|| WireError::new("evidence.value", "missing"))? {
        Value::Boolean(value) => EvidenceValue::Bool(value),
        Value::Integer(value) => EvidenceValue::Int(value),
        Value::Text(text) => EvidenceValue::text(&text),
        Value::Time(time) => EvidenceValue::Time(time_from_wire("evidence.time", time)?),
        Value::List(list) => {
            if (list.items.len() as u64) > list.total {
                return Err(WireError::new("evidence.list.total", "less than the items sent"));
            }
            match EvidenceValue::list(list.items.iter().map(String::as_str)) {
                EvidenceValue::List { items, .. } => EvidenceValue::List { items, total: list.total },
                other @ (EvidenceValue::Bool(_)
                | EvidenceValue::Int(_)
                | EvidenceValue::Text(_)
                | EvidenceValue::Time(_)
                | EvidenceValue::Unknown(_)) => other,
            }
        }
        Value::Unknown(unknown) => {
            let reason = Reason::parse(&unknown.reason).map_err(|error| WireError::new("evidence.reason", error))?;
            EvidenceValue::Unknown(Unknown::new(reason, &unknown.detail))
        }
    };
    Ok((label, value))
}

/// Fingerprint of a result without its time: equal fingerprints under one key mean an unchanged result.
///
/// FNV-1a over the encoded message with `observed_at` zero. It only saves sending the same again, so it needs no
/// strength: whoever could forge a collision could as well send the result.
#[must_use]
pub fn fingerprint(result: &CheckResult) -> u64 {
    use prost::Message as _;
    let mut message = agent::Result::from(result);
    message.observed_at = 0;
    message
        .encode_to_vec()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result() -> CheckResult {
        let mut evidence = Evidence::empty();
        evidence.push(EvidenceLabel::from_static("not_after"), EvidenceValue::Time(Timestamp::from_second(1).unwrap()));
        evidence.push(EvidenceLabel::from_static("names"), EvidenceValue::list(["a", "b"].into_iter()));
        evidence.push(EvidenceLabel::from_static("count"), EvidenceValue::Int(-3));
        evidence.push(
            EvidenceLabel::from_static("kernel"),
            EvidenceValue::Unknown(Unknown::new(Reason::NEEDS_PRIVILEGE, "/boot")),
        );
        CheckResult {
            check: CheckId::from_static("tls.certificate.expiry"),
            pack: PackDigest::from_bytes([7; 32]),
            asset: AssetReference::Granted(Uuid::from_u128(5)),
            target: "tls://127.0.0.1:8443?sni=localhost".parse().unwrap(),
            vantage: Vantage::Inside,
            verdict: Verdict::NotTested(Unknown::new(Reason::TIMEOUT, "connect")),
            clause: Some(ClauseId::from_static("expired")),
            evidence,
            observed_at: Timestamp::from_millisecond(1_700_000_000_123).unwrap(),
        }
    }

    #[test]
    fn a_result_survives_the_wire_field_by_field() {
        assert_eq!(CheckResult::try_from(agent::Result::from(&result())), Ok(result()));
    }

    #[test]
    fn a_wrong_field_is_named() {
        type Damage = fn(&mut agent::Result);
        let cases: [(&str, Damage); 8] = [
            ("check", |wire| wire.check = "Bad Id".to_owned()),
            ("pack_digest", |wire| wire.pack_digest = vec![1]),
            ("grant", |wire| wire.grant = vec![1]),
            ("target", |wire| wire.target = "TLS://x".to_owned()),
            ("vantage", |wire| wire.vantage = 9),
            ("verdict", |wire| wire.verdict = 0),
            ("reason", |wire| wire.reason = String::new()),
            ("observed_at", |wire| wire.observed_at = i64::MAX),
        ];
        for (field, damage) in cases {
            let mut wire = agent::Result::from(&result());
            damage(&mut wire);
            assert_eq!(CheckResult::try_from(wire).map_err(|error| error.field), Err(field));
        }
    }

    #[test]
    fn the_fingerprint_ignores_the_time_and_nothing_else() {
        let mut later = result();
        later.observed_at = Timestamp::from_second(9).unwrap();
        assert_eq!(fingerprint(&later), fingerprint(&result()));
        later.verdict = Verdict::Pass;
        assert_ne!(fingerprint(&later), fingerprint(&result()));
    }
}
