//! Sources with recorded answers, for tests. Names and types of values, classes and properties are those of Microsoft's
//! public documentation, as each test names it; what is not recorded answers as on a system that does not have it.

use std::collections::BTreeMap;

use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use super::sources::{Answer, Cell, Question, RegistryValue, Row, Sources, UpdateAgent};

/// Recorded answers.
#[derive(Debug)]
pub(super) struct Recorded {
    values: BTreeMap<(String, String), Answer<RegistryValue>>,
    keys: Vec<String>,
    rows: Vec<(&'static Question, Answer<Vec<Row>>)>,
    agent: UpdateAgent,
}

/// That a system does not have a source.
pub(super) fn missing() -> Unknown {
    Unknown::new(Reason::NO_PROGRAM, "not recorded")
}

/// That the rights are missing.
pub(super) fn denied() -> Unknown {
    Unknown::new(Reason::NEEDS_PRIVILEGE, "access denied")
}

/// A row from its properties.
pub(super) fn row(cells: &[(&'static str, Cell)]) -> Row {
    cells.iter().cloned().collect()
}

impl Recorded {
    /// A system that has nothing.
    pub(super) fn new() -> Self {
        let agent = UpdateAgent::silent(&missing());
        Self { values: BTreeMap::new(), keys: Vec::new(), rows: Vec::new(), agent }
    }

    /// The same with a number in the registry.
    pub(super) fn number(self, key: &str, name: &str, value: i64) -> Self {
        self.with(key, name, Ok(RegistryValue::Number(value)))
    }

    /// The same with a text in the registry.
    pub(super) fn text(self, key: &str, name: &str, value: &str) -> Self {
        self.with(key, name, Ok(RegistryValue::Text(value.to_owned())))
    }

    /// The same with a value of a type that nobody reads.
    pub(super) fn other(self, key: &str, name: &str) -> Self {
        self.with(key, name, Ok(RegistryValue::Other))
    }

    /// The same with a value that may not be read.
    pub(super) fn denied(self, key: &str, name: &str) -> Self {
        self.with(key, name, Err(denied()))
    }

    /// The same with an empty key.
    pub(super) fn key(mut self, key: &str) -> Self {
        self.keys.push(key.to_ascii_lowercase());
        self
    }

    /// The same with the answer to a question.
    pub(super) fn rows(mut self, question: &'static Question, answer: Answer<Vec<Row>>) -> Self {
        self.rows.push((question, answer));
        self
    }

    /// The same with what the update agent says.
    pub(super) fn agent(mut self, change: impl FnOnce(&mut UpdateAgent)) -> Self {
        change(&mut self.agent);
        self
    }

    fn with(mut self, key: &str, name: &str, value: Answer<RegistryValue>) -> Self {
        self.values.insert((key.to_ascii_lowercase(), name.to_ascii_lowercase()), value);
        self
    }
}

impl Sources for Recorded {
    fn value(&self, key: &str, name: &str) -> Answer<Option<RegistryValue>> {
        let value = self.values.get(&(key.to_ascii_lowercase(), name.to_ascii_lowercase()));
        value.map_or(Ok(None), |value| value.clone().map(Some))
    }

    fn has_key(&self, key: &str) -> Answer<bool> {
        let key = key.to_ascii_lowercase();
        Ok(self.keys.contains(&key) || self.values.keys().any(|(own, _)| *own == key))
    }

    fn rows(&self, question: &'static Question) -> Answer<Vec<Row>> {
        let recorded = self.rows.iter().find(|(own, _)| *own == question);
        recorded.map_or_else(|| Err(missing()), |(_, answer)| answer.clone())
    }

    fn update_agent(&self) -> UpdateAgent {
        self.agent.clone()
    }

    fn has_rights(&self) -> bool {
        false
    }
}
