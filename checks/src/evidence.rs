//! Evidence: the few labelled, stable facts that a check chose to return.

use jiff::Timestamp;

use crate::fact::{Unknown, clean_text};
use crate::word::EvidenceLabel;

/// Most facts in one result.
pub const FACTS_MAX: usize = 16;
/// Longest text of one fact, in bytes.
pub const TEXT_BYTES_MAX: usize = 256;
/// Most items of one list; the count of all is kept beside them.
pub const LIST_ITEMS_MAX: usize = 20;
/// Largest evidence of one result, in bytes of text and 8 for any other value.
pub const EVIDENCE_BYTES_MAX: usize = 4 * 1024;

/// One value in the evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvidenceValue {
    /// Yes or no.
    Bool(bool),
    /// A count or a measure; the label names the unit.
    Int(i64),
    /// A short text.
    Text(String),
    /// A moment, UTC.
    Time(Timestamp),
    /// Short texts, with the count of all that were seen.
    List {
        /// The first [`LIST_ITEMS_MAX`] items.
        items: Vec<String>,
        /// How many there were in all.
        total: u64,
    },
    /// The check wanted to show it, but it was not visible.
    Unknown(Unknown),
}

impl EvidenceValue {
    /// A text within the limits.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(clean_text(text, TEXT_BYTES_MAX))
    }

    /// A list within the limits.
    #[must_use]
    pub fn list<'a>(items: impl ExactSizeIterator<Item = &'a str>) -> Self {
        let total = items.len() as u64;
        Self::List { items: items.take(LIST_ITEMS_MAX).map(|item| clean_text(item, TEXT_BYTES_MAX)).collect(), total }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Bool(_) | Self::Int(_) | Self::Time(_) => 8,
            Self::Text(text) => text.len(),
            Self::List { items, .. } => 8 + items.iter().map(String::len).sum::<usize>(),
            Self::Unknown(unknown) => unknown.reason.as_str().len() + unknown.detail.len(),
        }
    }
}

/// The evidence of one result: labelled values in the order of the check, within the limits of this module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence(Vec<(EvidenceLabel, EvidenceValue)>);

impl Evidence {
    /// No evidence.
    #[must_use]
    pub const fn empty() -> Self {
        Self(Vec::new())
    }

    /// Adds one fact; what goes over the limits of this module is left out, and the answer is `false`.
    pub fn push(&mut self, label: EvidenceLabel, value: EvidenceValue) -> bool {
        let fits = self.0.len() < FACTS_MAX && self.bytes() + value.bytes() <= EVIDENCE_BYTES_MAX;
        if fits {
            self.0.push((label, value));
        }
        fits
    }

    /// The facts, in the order of the check.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&EvidenceLabel, &EvidenceValue)> {
        self.0.iter().map(|(label, value)| (label, value))
    }

    /// One fact by its label.
    #[must_use]
    pub fn get(&self, label: &str) -> Option<&EvidenceValue> {
        self.0.iter().find(|(own, _)| own.as_str() == label).map(|(_, value)| value)
    }

    fn bytes(&self) -> usize {
        self.0.iter().map(|(_, value)| value.bytes()).sum()
    }
}
