//! One question and its answer: records, a name without such records, no such name, or the reason of the silence.

use hickory_proto::rr::RData;
use vedetta_checks::fact::{Fact, Unknown};

/// What the resolver said to one question.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// These records; never empty.
    Records(Vec<RData>),
    /// The name exists and has no record of that type.
    NoRecords,
    /// The name does not exist.
    NoName,
    /// No usable answer came.
    Failed(Unknown),
}

impl Answer {
    /// The records as facts, sorted; whatever `read` cannot use is left out.
    pub(crate) fn facts<T, K: Ord>(&self, read: impl Fn(&RData) -> Option<T>, key: impl Fn(&T) -> K) -> Fact<Vec<T>> {
        match self {
            Self::Records(records) => {
                let mut facts: Vec<T> = records.iter().filter_map(read).collect();
                facts.sort_by_key(key);
                Fact::Known(facts)
            }
            Self::NoRecords | Self::NoName => Fact::Known(Vec::new()),
            Self::Failed(unknown) => Fact::Unknown(unknown.clone()),
        }
    }
}
