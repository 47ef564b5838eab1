//! Values that an organisation may change, within the range that the pack declares.

use std::collections::BTreeMap;

use crate::language::Localised;
use crate::value::{FieldType, Value};

use super::check::Check;

/// What a param may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParamRange {
    /// A whole number between two others, both allowed.
    Int {
        /// Value unless changed.
        default: i64,
        /// Least value.
        min: i64,
        /// Greatest value.
        max: i64,
    },
    /// Yes or no.
    Bool {
        /// Value unless changed.
        default: bool,
    },
    /// One of some texts.
    Text {
        /// Value unless changed.
        default: String,
        /// The texts that are allowed.
        one_of: Vec<String>,
    },
}

/// One value that an organisation may change.
#[derive(Debug, Clone)]
pub struct Param {
    /// Name in expressions: `params.NAME`.
    pub name: String,
    /// What it may be.
    pub range: ParamRange,
    /// What it is, for readers.
    pub title: Localised,
}

/// Why a param was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParamError {
    /// The check has no such param.
    #[error("the check `{check}` has no param `{name}`")]
    Unknown {
        /// The check.
        check: String,
        /// The name as given.
        name: String,
    },
    /// The value is of another type or outside the range.
    #[error("the param `{name}` of `{check}` must be {range}")]
    Range {
        /// The check.
        check: String,
        /// The param.
        name: String,
        /// What is allowed, in words.
        range: String,
    },
}

impl ParamRange {
    /// The type in expressions.
    #[must_use]
    pub const fn kind(&self) -> FieldType {
        match self {
            Self::Int { .. } => FieldType::Int,
            Self::Bool { .. } => FieldType::Bool,
            Self::Text { .. } => FieldType::Text,
        }
    }

    /// The value unless changed.
    #[must_use]
    pub fn default_value(&self) -> Value {
        match self {
            Self::Int { default, .. } => Value::Int(*default),
            Self::Bool { default } => Value::Bool(*default),
            Self::Text { default, .. } => Value::Text(default.clone()),
        }
    }

    /// Whether a value is of the right type and within the range.
    #[must_use]
    pub fn allows(&self, value: &Value) -> bool {
        match self {
            Self::Int { min, max, .. } => matches!(value, Value::Int(number) if (*min..=*max).contains(number)),
            Self::Bool { .. } => matches!(value, Value::Bool(_)),
            Self::Text { one_of, .. } => matches!(value, Value::Text(text) if one_of.contains(text)),
        }
    }

    fn in_words(&self) -> String {
        match self {
            Self::Int { min, max, .. } => format!("a whole number from {min} to {max}"),
            Self::Bool { .. } => "true or false".to_owned(),
            Self::Text { one_of, .. } => format!("one of: {}", one_of.join(", ")),
        }
    }
}

/// The params of one check with their values, each within its range.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params(BTreeMap<String, Value>);

impl Params {
    /// The values unless changed.
    #[must_use]
    pub fn defaults(check: &Check) -> Self {
        Self(check.params.iter().map(|param| (param.name.clone(), param.range.default_value())).collect())
    }

    /// The values with some changed.
    ///
    /// # Errors
    /// [`ParamError`] names the param that does not exist or leaves its range.
    pub fn with(check: &Check, changed: impl IntoIterator<Item = (String, Value)>) -> Result<Self, ParamError> {
        let mut params = Self::defaults(check);
        for (name, value) in changed {
            let Some(param) = check.params.iter().find(|param| param.name == name) else {
                let name = crate::fact::clean_text(&name, crate::word::WORD_BYTES_MAX);
                return Err(ParamError::Unknown { check: check.id.to_string(), name });
            };
            if !param.range.allows(&value) {
                let range = param.range.in_words();
                return Err(ParamError::Range { check: check.id.to_string(), name, range });
            }
            params.0.insert(name, value);
        }
        Ok(params)
    }

    /// One value by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }
}
