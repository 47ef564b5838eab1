//! An observation as JSON: the contract of `probe --format json`.
//!
//! `{schema, probe, target, observed_at, observation, unknown}` when the probe looked, and
//! `{schema, probe, target, observed_at, error: {stage, reason, detail}}` when it could not. A fact that could not be
//! seen is `null` in `observation`, and its reason stands in `unknown` under its path, as
//! `"chain[0].key_bits": {"reason": ..., "detail": ...}`. A list that was cut keeps its first items and stands there too.

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};
use vedetta_checks::catalogue::{Observation, ProbeError};
use vedetta_checks::fact::Unknown;
use vedetta_checks::target::Target;
use vedetta_checks::value::{Record, Value};
use vedetta_checks::word::{ProbeName, Reason};

/// Version of the shape; it changes only by adding.
pub const SCHEMA: u32 = 1;

/// Renders what came of one look. `observed_at` is the time of the look; an observation carries its own.
#[must_use]
pub fn observation_to_json(
    outcome: &Result<Observation, ProbeError>,
    target: &Target,
    probe: &ProbeName,
    observed_at: Timestamp,
) -> Json {
    let mut json = Map::new();
    json.insert("schema".to_owned(), json!(SCHEMA));
    json.insert("probe".to_owned(), json!(probe.as_str()));
    json.insert("target".to_owned(), json!(target.to_string()));
    match outcome {
        Ok(observation) => {
            let mut unknown = Map::new();
            let facts = record_to_json(&observation.facts, "", &mut unknown);
            json.insert("observed_at".to_owned(), json!(observation.observed_at.to_string()));
            json.insert("observation".to_owned(), facts);
            json.insert("unknown".to_owned(), Json::Object(unknown));
        }
        Err(error) => {
            let error = json!({ "stage": error.stage, "reason": error.reason.as_str(), "detail": error.detail });
            json.insert("observed_at".to_owned(), json!(observed_at.to_string()));
            json.insert("error".to_owned(), error);
        }
    }
    Json::Object(json)
}

fn record_to_json(record: &Record, path: &str, unknown: &mut Map<String, Json>) -> Json {
    let fields = record.iter().map(|(name, value)| {
        let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
        (name.to_string(), value_to_json(value, &path, unknown))
    });
    Json::Object(fields.collect())
}

fn value_to_json(value: &Value, path: &str, unknown: &mut Map<String, Json>) -> Json {
    match value {
        Value::Bool(flag) => json!(flag),
        Value::Int(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::Time(moment) => json!(moment.to_string()),
        Value::Record(record) => record_to_json(record, path, unknown),
        Value::List(list) => {
            if list.is_cut() {
                let detail = format!("{} of {} items are shown", list.items().len(), list.total());
                unknown.insert(path.to_owned(), reason_to_json(&Unknown::new(Reason::CUT_LIST, detail)));
            }
            let items = list.items().iter().enumerate();
            items.map(|(position, item)| value_to_json(item, &format!("{path}[{position}]"), unknown)).collect()
        }
        Value::Unknown(why) => {
            unknown.insert(path.to_owned(), reason_to_json(why));
            Json::Null
        }
    }
}

fn reason_to_json(why: &Unknown) -> Json {
    json!({ "reason": why.reason.as_str(), "detail": why.detail })
}

#[cfg(test)]
mod tests {
    use vedetta_checks::fact::Fact;

    use super::*;

    vedetta_checks::facts! {
        /// A list of keys.
        pub struct KeyFacts {
            /// The keys.
            pub keys: Vec<SizeFacts>,
        }

        /// One key.
        pub struct SizeFacts {
            /// Size, in bits.
            pub bits: Fact<i64>,
        }
    }

    const NAME: ProbeName = ProbeName::from_static("keys");

    fn render(outcome: &Result<Observation, ProbeError>) -> Json {
        observation_to_json(outcome, &Target::Host, &NAME, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn an_unknown_is_null_with_its_reason_under_its_path() {
        let unknown = Fact::unknown(Reason::UNREADABLE, "curve");
        let facts = KeyFacts { keys: vec![SizeFacts { bits: Fact::Known(256) }, SizeFacts { bits: unknown }] };
        let outcome = Ok(Observation::new(NAME, Target::Host, Timestamp::UNIX_EPOCH, facts));
        let expected = json!({
            "schema": 1, "probe": "keys", "target": "host", "observed_at": "1970-01-01T00:00:00Z",
            "observation": { "keys": [{ "bits": 256 }, { "bits": null }] },
            "unknown": { "keys[1].bits": { "reason": "unreadable", "detail": "curve" } },
        });
        assert_eq!(render(&outcome), expected);
    }

    #[test]
    fn a_look_that_failed_names_stage_reason_and_detail() {
        let outcome = Err(ProbeError::new("connect", Reason::CLOSED, "192.0.2.1:443"));
        let expected = json!({
            "schema": 1, "probe": "keys", "target": "host", "observed_at": "1970-01-01T00:00:00Z",
            "error": { "stage": "connect", "reason": "closed", "detail": "192.0.2.1:443" },
        });
        assert_eq!(render(&outcome), expected);
    }

    #[test]
    fn a_list_that_was_cut_says_so() {
        let keys = (0..1_001).map(|bits| SizeFacts { bits: Fact::Known(bits) }).collect();
        let outcome = Ok(Observation::new(NAME, Target::Host, Timestamp::UNIX_EPOCH, KeyFacts { keys }));
        let json = render(&outcome);
        assert_eq!(json["unknown"]["keys"]["reason"], "cut_list");
        assert_eq!(json["observation"]["keys"].as_array().map(Vec::len), Some(1_000));
    }
}
