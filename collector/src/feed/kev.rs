//! CISA's catalogue of known exploited vulnerabilities: JSON, CC0.

use std::collections::BTreeMap;
use std::io::Read;

use jiff::civil::Date;
use serde::Deserialize;
use vedetta_checks::feed::read::is_id;

use super::BuildError;

/// Most entries that are read; the catalogue of 2025 has 1,404.
const ENTRIES_MAX: usize = 100_000;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Catalogue {
    #[serde(default)]
    date_released: String,
    vulnerabilities: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(rename = "cveID")]
    id: String,
    due_date: Date,
}

/// What the catalogue says.
#[derive(Debug, Default)]
pub struct Exploited {
    /// Its day, where it names one.
    pub day: Option<Date>,
    /// The day by which CISA wants each vulnerability mended.
    pub due: BTreeMap<String, Date>,
}

/// Reads the catalogue.
///
/// # Errors
/// [`BuildError`] names the line or the entry.
pub fn read(file: &str, reader: impl Read) -> Result<Exploited, BuildError> {
    let catalogue: Catalogue = serde_json::from_reader(reader).map_err(|error| BuildError::Line {
        file: file.to_owned(),
        line: error.line(),
        problem: error.to_string(),
    })?;
    let wrong = |problem: String| BuildError::File { file: file.to_owned(), problem };
    if catalogue.vulnerabilities.is_empty() || catalogue.vulnerabilities.len() > ENTRIES_MAX {
        return Err(wrong(format!("{} voci: ne servono da 1 a {ENTRIES_MAX}", catalogue.vulnerabilities.len())));
    }
    // `2025-08-25T17:04:19.9796Z`, or the day alone.
    let day = catalogue.date_released.get(..10).and_then(|day| day.parse().ok());
    let mut due = BTreeMap::new();
    for entry in catalogue.vulnerabilities {
        if !is_id(&entry.id) {
            return Err(wrong(format!("`{}` non è il numero di una vulnerabilità", entry.id)));
        }
        due.insert(entry.id, entry.due_date);
    }
    Ok(Exploited { day, due })
}
