//! The TOML file as texts by key, each with its line.

use std::collections::BTreeMap;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{ConfigError, SETTINGS};

/// Texts of one key and the line of its value.
pub(super) type FileValues = BTreeMap<&'static str, (Vec<String>, usize)>;

pub(super) fn parse(file: &Path, text: &str) -> Result<FileValues, ConfigError> {
    let line_of = |offset: usize| text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1;
    let error = |offset: usize, why: String| ConfigError::File { file: file.to_path_buf(), line: line_of(offset), why };
    let table = DeTable::parse(text).map_err(|wrong| {
        error(wrong.span().map_or(0, |span| span.start), format!("this is not TOML: {}", wrong.message()))
    })?;
    let mut values = FileValues::new();
    for (key, value) in table.get_ref() {
        match value.get_ref() {
            DeValue::Table(inner) => {
                for (inner_key, inner_value) in inner {
                    let full = format!("{}.{}", key.get_ref(), inner_key.get_ref());
                    insert(&mut values, &full, inner_key.span().start, inner_value, &error, &line_of)?;
                }
            }
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_) => insert(&mut values, key.get_ref(), key.span().start, value, &error, &line_of)?,
        }
    }
    Ok(values)
}

fn insert(
    values: &mut FileValues,
    key: &str,
    key_offset: usize,
    value: &Spanned<DeValue<'_>>,
    error: &dyn Fn(usize, String) -> ConfigError,
    line_of: &dyn Fn(usize) -> usize,
) -> Result<(), ConfigError> {
    let Some(setting) = SETTINGS.iter().find(|setting| setting.key == key) else {
        let known: Vec<&str> = SETTINGS.iter().map(|setting| setting.key).collect();
        return Err(error(key_offset, format!("the key `{key}` is not known; known keys: {}", known.join(", "))));
    };
    let texts = match value.get_ref() {
        DeValue::Array(items) => items.iter().map(|item| scalar(item.get_ref())).collect::<Option<Vec<String>>>(),
        other @ (DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Table(_)) => scalar(other).map(|text| vec![text]),
    };
    let texts = texts.ok_or_else(|| error(value.span().start, format!("`{key}` takes a text, or a list of texts")))?;
    values.insert(setting.key, (texts, line_of(value.span().start)));
    Ok(())
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.as_str().to_owned()),
        DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}
