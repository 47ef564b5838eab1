//! Facts of an observation as text, for comparison.

use vedetta_checks::catalogue::Observation;
use vedetta_checks::value::Value;

/// One fact by its path, as `chain[0].key_bits`, for comparison: a known one as text, an unknown one as `unknown: WORD`.
pub(crate) fn fact(observation: &Observation, path: &str) -> String {
    let mut value = Value::Record(observation.facts.clone());
    for step in path.split(['.', '[']).map(|step| step.trim_end_matches(']')) {
        value = match value {
            Value::Record(mut record) => record.remove(step).unwrap_or_else(|| panic!("{path}: no field `{step}`")),
            Value::List(list) => list.items()[step.parse::<usize>().expect("a position")].clone(),
            other @ (Value::Bool(_) | Value::Int(_) | Value::Text(_) | Value::Time(_) | Value::Unknown(_)) => {
                panic!("{path}: `{step}` of {other:?}")
            }
        };
    }
    shown(&value)
}

fn shown(value: &Value) -> String {
    match value {
        Value::Bool(flag) => flag.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Time(moment) => moment.to_string(),
        Value::List(list) => list.items().iter().map(shown).collect::<Vec<_>>().join(" "),
        Value::Record(_) => "a record".to_owned(),
        Value::Unknown(why) => format!("unknown: {}", why.reason),
    }
}
