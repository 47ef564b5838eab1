//! The facts of a worked case, typed by the schema of the probe.

use crate::fact::Unknown;
use crate::pack::Place;
use crate::pack::node::{Entry, Node, NodeKind};
use crate::value::{FieldType, List, Record, RecordType, Value};
use crate::word::Reason;

use super::Problem;

/// Reads what a case writes for one record. A field that is left out becomes an unknown with the reason `not_given`:
/// whoever reads it makes the case fail, so a case gives what its check reads and need not give the rest.
pub(super) fn record(node: &Node, kind: &RecordType, path: &str, file: &str) -> Result<Record, Problem> {
    let NodeKind::Map(entries) = &node.kind else {
        return Err(wrong(node, path, file, "a map of fields is needed here"));
    };
    for Entry { key, value, .. } in entries {
        if kind.field(key).is_none() {
            let known: Vec<_> = kind.fields.iter().map(|field| field.name).collect();
            let message = format!("there is no field `{key}`; there are: {}", known.join(", "));
            return Err(wrong(value, &format!("{path}.{key}"), file, &message));
        }
    }
    let mut record = Record::new();
    for field in &kind.fields {
        let below = format!("{path}.{}", field.name);
        let value = match node.get(field.name) {
            None => Value::Unknown(Unknown::new(Reason::NOT_GIVEN, &below)),
            Some(node) => value(node, &field.kind, field.may_be_unknown, &below, file)?,
        };
        record.insert(field.name.into(), value);
    }
    Ok(record)
}

fn value(node: &Node, kind: &FieldType, may_be_unknown: bool, path: &str, file: &str) -> Result<Value, Problem> {
    if let Some(reason) = node.get("unknown") {
        return unknown(node, reason, may_be_unknown, path, file);
    }
    match (kind, &node.kind) {
        (FieldType::Bool, NodeKind::Bool(value)) => Ok(Value::Bool(*value)),
        (FieldType::Int, NodeKind::Int(value)) => Ok(Value::Int(*value)),
        (FieldType::Text, NodeKind::Text(value)) => Ok(Value::Text(value.clone())),
        (FieldType::Time, NodeKind::Text(text)) => match text.parse() {
            Ok(moment) => Ok(Value::Time(moment)),
            Err(_) => Err(wrong(node, path, file, "a moment is needed here, as 2026-01-01T00:00:00Z")),
        },
        (FieldType::List(item), NodeKind::List(nodes)) => {
            let items: Result<Vec<_>, _> = nodes
                .iter()
                .enumerate()
                .map(|(index, node)| value(node, item, true, &format!("{path}[{index}]"), file))
                .collect();
            Ok(Value::List(List::new(items?)))
        }
        (FieldType::Record(fields), NodeKind::Map(_)) => Ok(Value::Record(record(node, fields, path, file)?)),
        (FieldType::Bool, _) => Err(wrong(node, path, file, "true or false is needed here")),
        (FieldType::Int, _) => Err(wrong(node, path, file, "a whole number is needed here")),
        (FieldType::Text, _) => {
            Err(wrong(node, path, file, "a text is needed here; quote it if it looks like a number"))
        }
        (FieldType::Time, _) => Err(wrong(node, path, file, "a moment is needed here, as 2026-01-01T00:00:00Z")),
        (FieldType::List(_), _) => Err(wrong(node, path, file, "a list is needed here")),
        (FieldType::Record(_), _) => Err(wrong(node, path, file, "a map of fields is needed here")),
    }
}

fn unknown(node: &Node, reason: &Node, may_be_unknown: bool, path: &str, file: &str) -> Result<Value, Problem> {
    if !may_be_unknown {
        return Err(wrong(node, path, file, "the probe always sees this field, so it cannot be unknown"));
    }
    let NodeKind::Text(word) = &reason.kind else {
        return Err(wrong(reason, path, file, "write the reason as a word: {unknown: needs_privilege}"));
    };
    let reason = Reason::parse(word).map_err(|error| wrong(reason, path, file, &error.to_string()))?;
    Ok(Value::Unknown(Unknown::new(reason, path)))
}

pub(super) fn wrong(node: &Node, path: &str, file: &str, message: &str) -> Problem {
    Problem::at(&Place { file: file.to_owned(), line: node.line, column: node.column }, path, message)
}

/// Whether any fact of a case is out of sight, other than by being left out.
pub(super) fn has_unknown(value: &Value) -> bool {
    match value {
        Value::Unknown(why) => why.reason != Reason::NOT_GIVEN,
        Value::List(list) => list.items().iter().any(has_unknown),
        Value::Record(record) => record.values().any(has_unknown),
        Value::Bool(_) | Value::Int(_) | Value::Text(_) | Value::Time(_) => false,
    }
}
