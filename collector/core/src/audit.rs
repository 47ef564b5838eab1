//! The audit: one record for every change, each holding the hash of the one before.

use aws_lc_rs::digest;
use jiff::Timestamp;

use crate::agent::Fingerprint;

/// One record of the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Counts from 1, without gaps.
    pub number: u64,
    /// When, by the collector's clock.
    pub at: Timestamp,
    /// Who: a login name, an agent's id, a job's name.
    pub actor: String,
    /// What was done, as a word: `incident.open`.
    pub action: String,
    /// On what: the id of the organisation, asset or incident.
    pub subject: String,
    /// Hash of the record before; all zero for the first.
    pub previous: Fingerprint,
    /// SHA-256 over all of the above.
    pub hash: Fingerprint,
}

/// What a change says of itself, before it has a place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// What was done, as a word: `incident.open`.
    pub action: &'static str,
    /// On what.
    pub subject: String,
}

/// The audit is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the audit is broken at record {number}: it was changed, or a record is missing")]
pub struct BrokenChain {
    /// The first record that does not follow.
    pub number: u64,
}

impl AuditRecord {
    /// The next record of a chain.
    #[must_use]
    pub fn next(previous: Option<&Self>, at: Timestamp, actor: &str, entry: &AuditEntry) -> Self {
        let mut record = Self {
            number: previous.map_or(1, |record| record.number + 1),
            at,
            actor: actor.to_owned(),
            action: entry.action.to_owned(),
            subject: entry.subject.clone(),
            previous: previous.map_or(Fingerprint([0; 32]), |record| record.hash),
            hash: Fingerprint([0; 32]),
        };
        record.hash = record.computed_hash();
        record
    }

    /// Whether the record is whole and follows the one before.
    #[must_use]
    pub fn follows(&self, previous: Option<&Self>) -> bool {
        let expected = previous.map_or((1, Fingerprint([0; 32])), |record| (record.number + 1, record.hash));
        (self.number, self.previous) == expected && self.hash == self.computed_hash()
    }

    /// Checks a whole chain from its first record, and answers how many records it has.
    ///
    /// # Errors
    /// [`BrokenChain`] names the first record that was changed, removed or put in between.
    pub fn verify_chain<'a>(records: impl IntoIterator<Item = &'a Self>) -> Result<u64, BrokenChain> {
        let mut previous: Option<&Self> = None;
        for record in records {
            if !record.follows(previous) {
                return Err(BrokenChain { number: previous.map_or(1, |previous| previous.number + 1) });
            }
            previous = Some(record);
        }
        Ok(previous.map_or(0, |last| last.number))
    }

    fn computed_hash(&self) -> Fingerprint {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(&self.number.to_be_bytes());
        context.update(&self.at.as_millisecond().to_be_bytes());
        for text in [&self.actor, &self.action, &self.subject] {
            context.update(&(text.len() as u64).to_be_bytes());
            context.update(text.as_bytes());
        }
        context.update(&self.previous.0);
        let mut hash = [0; 32];
        hash.copy_from_slice(context.finish().as_ref());
        Fingerprint(hash)
    }
}

#[cfg(test)]
mod tests;
