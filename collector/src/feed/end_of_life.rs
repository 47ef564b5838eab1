//! The data of endoflife.date: products with their releases, as JSON in the words of its pages (`eoas`, `eol`, `eoes`).

use std::io::Read;

use serde::Deserialize;
use serde_json::Value;
use vedetta_checks::feed::end_of_life::{Cycle, End, Table, is_name};

use super::BuildError;

#[derive(Debug, Deserialize)]
struct Data {
    products: std::collections::BTreeMap<String, Product>,
}

#[derive(Debug, Deserialize)]
struct Product {
    releases: Vec<Row>,
}

#[derive(Debug, Deserialize)]
struct Row {
    #[serde(rename = "releaseCycle")]
    cycle: String,
    #[serde(default)]
    eoas: Value,
    #[serde(default)]
    eol: Value,
    #[serde(default)]
    eoes: Value,
}

/// The ends of support of every product.
///
/// # Errors
/// [`BuildError`] names the line, or the product and release.
pub fn read(file: &str, reader: impl Read) -> Result<Table, BuildError> {
    let data: Data = serde_json::from_reader(reader).map_err(|error| BuildError::Line {
        file: file.to_owned(),
        line: error.line(),
        problem: error.to_string(),
    })?;
    let mut table = Table::new();
    for (product, rows) in data.products {
        for row in rows.releases {
            let wrong = |problem: &str| BuildError::File {
                file: file.to_owned(),
                problem: format!("{product} {}: {problem}", row.cycle),
            };
            if !is_name(&product) || !is_name(&row.cycle) {
                return Err(wrong("il nome deve essere una parola"));
            }
            let end = |value: &Value| end(value).ok_or_else(|| wrong("una fine è un giorno, true o false"));
            let ends = Cycle { active: end(&row.eoas)?, security: end(&row.eol)?, extended: end(&row.eoes)? };
            table.entry(product.clone()).or_default().insert(row.cycle, ends);
        }
    }
    Ok(table)
}

/// A day, `true` (it ended) or `false` (it has not), each as a value or as text; the outer none: anything else.
fn end(value: &Value) -> Option<Option<End>> {
    match value {
        Value::Null => Some(None),
        Value::Bool(ended) => Some(Some(if *ended { End::Ended } else { End::Open })),
        Value::String(text) => match text.as_str() {
            "True" | "true" => Some(Some(End::Ended)),
            "False" | "false" => Some(Some(End::Open)),
            day => day.parse().ok().map(|day| Some(End::On(day))),
        },
        Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
