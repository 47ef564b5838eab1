//! The current result of every key: what is compared with, confirmed, and sent whole when the collector lacks it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use prost::Message as _;
use vedetta_checks::pack::trust::SpoolableResult;
use vedetta_checks::result::CheckResult;
use vedetta_proto::agent;
use vedetta_proto::wire::fingerprint;

/// What a result is current for: check, grant (empty for the own host), target, vantage.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Check id.
    pub check: String,
    /// Grant, empty for the own host.
    pub grant: Vec<u8>,
    /// Canonical target.
    pub target: String,
    /// Number of the vantage on the wire.
    pub vantage: i32,
}

impl Key {
    /// The key of a result.
    #[must_use]
    pub fn of(result: &agent::Result) -> Self {
        Self {
            check: result.check.clone(),
            grant: result.grant.clone(),
            target: result.target.clone(),
            vantage: result.vantage,
        }
    }

    /// The key of the result that a confirmation confirms.
    #[must_use]
    pub fn of_confirmation(confirmation: &agent::Confirmation) -> Self {
        Self {
            check: confirmation.check.clone(),
            grant: confirmation.grant.clone(),
            target: confirmation.target.clone(),
            vantage: confirmation.vantage,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    fingerprint: u64,
    observed_at: i64,
    encoded: Vec<u8>,
}

/// One result as it goes on the wire.
#[derive(Debug, Clone, PartialEq)]
pub enum Merged {
    /// New or changed: sent whole.
    Changed(agent::Result),
    /// As before: confirmed.
    Confirmed(agent::Confirmation),
}

/// The current results by key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CurrentState(BTreeMap<Key, Entry>);

impl CurrentState {
    /// How many results there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// When a key was last looked at.
    #[must_use]
    pub fn observed_at(&self, key: &Key) -> Option<Timestamp> {
        self.0.get(key).and_then(|entry| Timestamp::from_millisecond(entry.observed_at).ok())
    }

    /// The current results themselves.
    pub fn results(&self) -> impl Iterator<Item = agent::Result> {
        self.0.values().filter_map(|entry| {
            let mut result = agent::Result::decode(entry.encoded.as_slice()).ok()?;
            result.observed_at = entry.observed_at;
            Some(result)
        })
    }

    pub(super) fn compare(&self, results: &[SpoolableResult]) -> Vec<Merged> {
        let merge = |result: &SpoolableResult| {
            let result = result.result();
            let wire = agent::Result::from(result);
            let fingerprint = fingerprint(result);
            match self.0.get(&Key::of(&wire)) {
                Some(entry) if entry.fingerprint == fingerprint => Merged::Confirmed(agent::Confirmation {
                    check: wire.check,
                    grant: wire.grant,
                    target: wire.target,
                    vantage: wire.vantage,
                    fingerprint,
                    observed_at: wire.observed_at,
                }),
                Some(_) | None => Merged::Changed(wire),
            }
        };
        results.iter().map(merge).collect()
    }

    pub(super) fn whole(&self) -> Vec<Merged> {
        self.results().map(Merged::Changed).collect()
    }

    pub(super) fn apply(&mut self, batch: &agent::Batch) {
        for result in &batch.results {
            self.put(result);
        }
        for confirmation in &batch.confirmations {
            if let Some(entry) = self.0.get_mut(&Key::of_confirmation(confirmation)) {
                entry.observed_at = confirmation.observed_at;
            }
        }
    }

    pub(super) fn put(&mut self, result: &agent::Result) {
        // What this build cannot read back is sent whole again instead of being confirmed.
        let Ok(domain) = CheckResult::try_from(result.clone()) else { return };
        let entry = Entry {
            fingerprint: fingerprint(&domain),
            observed_at: result.observed_at,
            encoded: result.encode_to_vec(),
        };
        self.0.insert(Key::of(result), entry);
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&Key) -> bool) {
        self.0.retain(|key, _| keep(key));
    }

    /// The encoded results in parts of at most about `bytes_max`; at least one part, so an empty state is a state.
    pub(super) fn chunks(&self, bytes_max: usize) -> Vec<Vec<Vec<u8>>> {
        let mut chunks = vec![Vec::new()];
        let mut bytes = 0;
        for result in self.results() {
            let encoded = result.encode_to_vec();
            if bytes > 0 && bytes + encoded.len() > bytes_max {
                chunks.push(Vec::new());
                bytes = 0;
            }
            bytes += encoded.len();
            if let Some(last) = chunks.last_mut() {
                last.push(encoded);
            }
        }
        chunks
    }
}
