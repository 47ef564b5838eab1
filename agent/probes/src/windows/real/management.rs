//! The management database (WMI), one connection for each question.

use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;
use wmi::{AuthLevel, IWbemClassWrapper, Variant, WMIConnection, WMIError};

use super::super::sources::{Answer, Cell, Question, Row, refusal};

/// Most rows that are read of one class.
const ROWS_MAX: usize = 64;

/// The rows of a class, with the wanted properties and no others.
pub(super) fn rows(what: &str, question: &Question) -> Answer<Vec<Row>> {
    read(question).map_err(|error| failed(&error, what))
}

fn read(question: &Question) -> Result<Vec<Row>, WMIError> {
    let mut connection = WMIConnection::with_namespace_path(question.namespace)?;
    if question.is_private {
        connection.set_proxy_blanket(AuthLevel::PktPrivacy)?;
    }
    for (name, value) in question.context {
        connection.ctx().set_value(name, *value)?;
    }
    let condition = if question.filter.is_empty() { String::new() } else { format!(" WHERE {}", question.filter) };
    let found = connection.exec_query(format!("SELECT * FROM {}{condition}", question.class))?;
    found.take(ROWS_MAX).map(|row| row.map(|row| described(&row, question))).collect()
}

/// The wanted properties that the class has and that are set.
fn described(row: &IWbemClassWrapper, question: &Question) -> Row {
    let cell = |property: &&'static str| Some((*property, cell(row.get_property(property).ok()?)?));
    question.properties.iter().filter_map(cell).collect()
}

fn cell(value: Variant) -> Option<Cell> {
    match value {
        Variant::Bool(value) => Some(Cell::Bool(value)),
        Variant::String(value) => Some(Cell::Text(value)),
        Variant::Array(values) => values.iter().map(whole).collect::<Option<Vec<i64>>>().map(Cell::Numbers),
        Variant::I1(_)
        | Variant::I2(_)
        | Variant::I4(_)
        | Variant::I8(_)
        | Variant::UI1(_)
        | Variant::UI2(_)
        | Variant::UI4(_)
        | Variant::UI8(_) => whole(&value).map(Cell::Number),
        Variant::Empty | Variant::Null | Variant::R4(_) | Variant::R8(_) | Variant::Unknown(_) | Variant::Object(_) => {
            None
        }
    }
}

fn whole(value: &Variant) -> Option<i64> {
    match value {
        Variant::I1(value) => Some(i64::from(*value)),
        Variant::I2(value) => Some(i64::from(*value)),
        Variant::I4(value) => Some(i64::from(*value)),
        Variant::I8(value) => Some(*value),
        Variant::UI1(value) => Some(i64::from(*value)),
        Variant::UI2(value) => Some(i64::from(*value)),
        Variant::UI4(value) => Some(i64::from(*value)),
        Variant::UI8(value) => i64::try_from(*value).ok(),
        Variant::Empty
        | Variant::Null
        | Variant::String(_)
        | Variant::R4(_)
        | Variant::R8(_)
        | Variant::Bool(_)
        | Variant::Array(_)
        | Variant::Unknown(_)
        | Variant::Object(_) => None,
    }
}

fn failed(error: &WMIError, what: &str) -> Unknown {
    if let WMIError::HResultError { hres } = error {
        return refusal(hres.cast_unsigned(), what);
    }
    Unknown::new(Reason::UNREADABLE, format!("{what}: {error}"))
}
