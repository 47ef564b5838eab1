//! What crosses between the agent and the reader: one word there, one JSON document back.
//!
//! `{"form": 1, "version": "0.1.0", "observed_at": "...", "facts": {...}}`, or `{"form": 1, "version": "0.1.0", "error": "..."}`.
//! A flag, a number and a text stand for themselves; the rest is told by its kind, so that nothing is lost:
//! `{"time": "..."}`, `{"list": [...], "total": 1200}`, `{"record": {...}}`, `{"unknown": ["needs_privilege", "..."]}`.
//! Of another form or program version nothing is taken: the two are installed together, and for the seconds of an upgrade
//! the agent looks itself.

use serde_json::{Map, Value as Json, json};
use vedetta_checks::catalogue::{Observation, ProbeError};
use vedetta_checks::fact::Unknown;
use vedetta_checks::target::Target;
use vedetta_checks::value::{FieldType, List, Record, RecordType, TEXT_BYTES_MAX, Value};
use vedetta_checks::word::Reason;
use vedetta_probes::privileged::Part;

/// Version of the form.
const FORM: u64 = 1;
/// Version of the program; the other side must have the same.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Longest request, in bytes: one word and its line end.
pub const REQUEST_BYTES_MAX: u64 = 32;
/// Longest answer, in bytes; that of a host with a thousand sockets is about one mebibyte.
pub const ANSWER_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Why an answer is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// It is no JSON document.
    #[error("the reader's answer is no JSON: {0}")]
    Json(String),
    /// It comes from another version.
    #[error("the reader is of another version ({version}, form {form}); this program is {VERSION}")]
    Version {
        /// That of the other program.
        version: String,
        /// That of its form.
        form: u64,
    },
    /// The reader could not look.
    #[error("the reader could not look: {0}")]
    Failed(String),
    /// A field does not have the type that the probe declares.
    #[error("the reader's answer is wrong at `{path}`: {why}")]
    Field {
        /// Where, from the observation on.
        path: String,
        /// What is wrong.
        why: &'static str,
    },
}

/// The answer as bytes.
#[must_use]
pub fn write(outcome: &Result<Observation, ProbeError>) -> Vec<u8> {
    let document = match outcome {
        Ok(seen) => json!({
            "form": FORM, "version": VERSION, "observed_at": seen.observed_at.to_string(), "facts": record_to_json(&seen.facts),
        }),
        Err(error) => json!({ "form": FORM, "version": VERSION, "error": error.to_string() }),
    };
    document.to_string().into_bytes()
}

/// The observation in an answer, held to the types that the probe declares.
///
/// # Errors
/// [`FormError`]: nothing of the answer is taken.
pub fn read(bytes: &[u8], part: Part, declared: &RecordType) -> Result<Observation, FormError> {
    let document: Json = serde_json::from_slice(bytes).map_err(|error| FormError::Json(error.to_string()))?;
    let (form, version) = (document["form"].as_u64().unwrap_or_default(), document["version"].as_str());
    if form != FORM || version != Some(VERSION) {
        return Err(FormError::Version { version: version.unwrap_or("?").to_owned(), form });
    }
    if let Some(error) = document["error"].as_str() {
        return Err(FormError::Failed(vedetta_checks::fact::clean_text(error, TEXT_BYTES_MAX)));
    }
    let wrong = |path: &str, why| FormError::Field { path: path.to_owned(), why };
    let observed_at = document["observed_at"].as_str().and_then(|text| text.parse().ok());
    let observed_at = observed_at.ok_or_else(|| wrong("observed_at", "no moment"))?;
    let facts = document["facts"].as_object().ok_or_else(|| wrong("facts", "no record"))?;
    let facts = match part.only_field() {
        None => record_from_json(facts, declared, "facts")?,
        Some(name) => {
            let fields = declared.fields.iter().filter(|field| field.name == name).cloned().collect();
            record_from_json(facts, &RecordType { fields }, "facts")?
        }
    };
    Ok(Observation { probe: part.probe(), target: Target::Host, observed_at, facts })
}

fn record_to_json(record: &Record) -> Json {
    Json::Object(record.iter().map(|(name, value)| (name.to_string(), value_to_json(value))).collect())
}

fn value_to_json(value: &Value) -> Json {
    match value {
        Value::Bool(flag) => json!(flag),
        Value::Int(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::Time(moment) => json!({ "time": moment.to_string() }),
        Value::List(list) => {
            let items: Vec<Json> = list.items().iter().map(value_to_json).collect();
            json!({ "list": items, "total": list.total() })
        }
        Value::Record(record) => json!({ "record": record_to_json(record) }),
        Value::Unknown(why) => json!({ "unknown": [why.reason.as_str(), why.detail] }),
    }
}

/// Every declared field, and no other.
fn record_from_json(json: &Map<String, Json>, declared: &RecordType, path: &str) -> Result<Record, FormError> {
    if json.len() != declared.fields.len() {
        return Err(FormError::Field { path: path.to_owned(), why: "other fields than declared" });
    }
    let field = |field: &vedetta_checks::value::Field| {
        let path = format!("{path}.{}", field.name);
        let Some(json) = json.get(field.name) else { return Err(FormError::Field { path, why: "missing" }) };
        Ok((field.name.into(), value_from_json(json, &field.kind, &path)?))
    };
    declared.fields.iter().map(field).collect()
}

fn value_from_json(json: &Json, kind: &FieldType, path: &str) -> Result<Value, FormError> {
    let wrong = |why| FormError::Field { path: path.to_owned(), why };
    // A fact that could not be seen, or a text that is too long to be told.
    if let Some(unknown) = json.get("unknown") {
        let (reason, detail) = (unknown[0].as_str(), unknown[1].as_str());
        let reason = reason.and_then(|reason| Reason::parse(reason).ok()).ok_or_else(|| wrong("no reason"))?;
        return Ok(Value::Unknown(Unknown::new(reason, detail.ok_or_else(|| wrong("no detail"))?)));
    }
    Ok(match kind {
        FieldType::Bool => Value::Bool(json.as_bool().ok_or_else(|| wrong("no flag"))?),
        FieldType::Int => Value::Int(json.as_i64().ok_or_else(|| wrong("no whole number"))?),
        FieldType::Text => {
            let text = json.as_str().filter(|text| text.len() <= TEXT_BYTES_MAX).ok_or_else(|| wrong("no text"))?;
            Value::Text(vedetta_checks::fact::clean_text(text, TEXT_BYTES_MAX))
        }
        FieldType::Time => {
            let moment = json["time"].as_str().and_then(|text| text.parse().ok());
            Value::Time(moment.ok_or_else(|| wrong("no moment"))?)
        }
        FieldType::List(kind) => {
            let items = json["list"].as_array().ok_or_else(|| wrong("no list"))?;
            let total = json["total"].as_u64().ok_or_else(|| wrong("no length"))?;
            let item = |(index, item)| value_from_json(item, kind, &format!("{path}[{index}]"));
            Value::List(List::cut_before(items.iter().enumerate().map(item).collect::<Result<_, _>>()?, total))
        }
        FieldType::Record(declared) => {
            let record = json["record"].as_object().ok_or_else(|| wrong("no record"))?;
            Value::Record(record_from_json(record, declared, path)?)
        }
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;
    use vedetta_checks::fact::Fact;
    use vedetta_checks::value::{LIST_ITEMS_MAX, Observable as _};
    use vedetta_probes::ProbeContext;

    use super::*;

    vedetta_checks::facts! {
        /// One fact of each kind.
        pub struct EveryKind {
            /// A flag.
            pub flag: bool,
            /// A number.
            pub number: i64,
            /// A moment.
            pub moment: Fact<Timestamp>,
            /// Texts.
            pub texts: Vec<String>,
            /// A record.
            pub inner: Fact<InnerFacts>,
            /// Records.
            pub list: Vec<InnerFacts>,
        }

        /// A record within.
        pub struct InnerFacts {
            /// A text.
            pub text: Fact<String>,
        }
    }

    fn declared() -> RecordType {
        let FieldType::Record(record) = EveryKind::field_type() else { panic!("facts are a record") };
        record
    }

    fn example() -> Observation {
        let hidden = || Fact::unknown(Reason::NEEDS_PRIVILEGE, "/etc/shadow: permission denied");
        let facts = EveryKind {
            flag: true,
            number: i64::MIN,
            moment: Fact::Known("2026-11-22T10:00:00.123456789Z".parse().unwrap()),
            texts: vec!["più".to_owned(); LIST_ITEMS_MAX + 7],
            inner: Fact::Known(InnerFacts { text: hidden() }),
            list: vec![InnerFacts { text: Fact::Known(String::new()) }, InnerFacts { text: hidden() }],
        };
        Observation::new(Part::Host.probe(), Target::Host, "2026-11-22T10:00:01.5Z".parse().unwrap(), facts)
    }

    #[test]
    fn an_observation_crosses_without_loss() {
        let told = example();
        assert_eq!(read(&write(&Ok(told.clone())), Part::Host, &declared()), Ok(told));
    }

    #[test]
    fn what_does_not_fit_the_declared_facts_is_refused() {
        let told = String::from_utf8(write(&Ok(example()))).unwrap();
        for (from, to, path) in [
            ("\"flag\":true", "\"flag\":1", "facts.flag"),
            ("\"flag\":true", "\"flags\":true", "facts.flag"),
            ("\"flag\":true", "\"flag\":true,\"more\":1", "facts"),
            ("\"total\":1007", "\"total\":-1", "facts.texts"),
            ("[\"needs_privilege\"", "[\"Needs Privilege\"", "facts.inner.text"),
        ] {
            assert!(told.contains(from), "{from}");
            match read(told.replace(from, to).as_bytes(), Part::Host, &declared()) {
                Err(FormError::Field { path: at, .. }) => assert_eq!(at, path, "{to}"),
                other => panic!("{to}: {other:?}"),
            }
        }
    }

    #[test]
    fn another_version_an_error_and_rubbish_are_no_observation() {
        let told = String::from_utf8(write(&Ok(example()))).unwrap();
        let other = told.replace(&format!("\"version\":\"{VERSION}\""), "\"version\":\"0.0.9\"");
        let failed = write(&Err(ProbeError::new("look", Reason::TIMEOUT, "no answer within 15 s")));
        let outcome = |bytes: &[u8]| read(bytes, Part::Host, &declared()).unwrap_err();
        assert_eq!(outcome(other.as_bytes()), FormError::Version { version: "0.0.9".to_owned(), form: FORM });
        assert_eq!(outcome(&failed), FormError::Failed("look: timeout (no answer within 15 s)".to_owned()));
        assert!(matches!(outcome(b"{\"form\":"), FormError::Json(_)));
    }

    #[tokio::test]
    async fn what_every_part_sees_of_this_host_crosses_without_loss() {
        for part in Part::ALL {
            let context = ProbeContext::new(crate::clock::system(), Duration::from_secs(60));
            let seen = vedetta_probes::privileged::look(part, context).await.unwrap();
            let catalogue = vedetta_probes::catalogue();
            let declared = &catalogue.get(&part.probe()).unwrap().observation;
            assert_eq!(read(&write(&Ok(seen.clone())), part, declared), Ok(seen), "{}", part.word());
        }
    }
}
