//! Keys as bytes whose order is the order of the domain's keys.
//!
//! Ids are 16 bytes; numbers and times are big endian (times with the sign turned, so that earlier sorts first); texts
//! end with a zero byte, which no word, target or date can hold.

use jiff::Timestamp;
use uuid::Uuid;
use vedetta_checks::result::Vantage;
use vedetta_core::asset::AssetKey;
use vedetta_core::result::{ResultKey, TransitionKey};

/// Builds one key.
#[derive(Default)]
pub(crate) struct KeyBytes(Vec<u8>);

impl KeyBytes {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn id(mut self, id: Uuid) -> Self {
        self.0.extend_from_slice(id.as_bytes());
        self
    }

    pub(crate) fn bytes(mut self, bytes: &[u8; 32]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn number(mut self, number: u64) -> Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    pub(crate) fn time(self, time: Timestamp) -> Self {
        let shifted = time.as_millisecond().cast_unsigned() ^ (1 << 63);
        self.number(shifted)
    }

    pub(crate) fn text(mut self, text: &str) -> Self {
        self.0.extend(text.bytes().filter(|byte| *byte != 0));
        self.0.push(0);
        self
    }

    pub(crate) fn asset(self, key: AssetKey) -> Self {
        self.id(key.organisation.uuid()).id(key.asset.uuid())
    }

    pub(crate) fn vantage(mut self, vantage: Vantage) -> Self {
        self.0.push(match vantage {
            Vantage::Inside => 1,
            Vantage::Outside => 2,
        });
        self
    }

    pub(crate) fn result(self, key: &ResultKey) -> Self {
        self.asset(key.asset).text(key.check.as_str()).text(&key.target.to_string()).vantage(key.vantage)
    }

    pub(crate) fn transition(self, key: &TransitionKey) -> Self {
        self.asset(key.asset)
            .time(key.received_at)
            .text(key.check.as_str())
            .text(&key.target.to_string())
            .vantage(key.vantage)
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earlier_times_sort_first_even_before_1970() {
        let key = |second| KeyBytes::new().time(Timestamp::from_second(second).unwrap()).finish();
        assert!(key(-5) < key(-1) && key(-1) < key(0) && key(0) < key(7));
    }
}
