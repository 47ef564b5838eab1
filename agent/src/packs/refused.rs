//! Packs that an assignment brought and this host refused. The next greetings name them beside those that it holds, so
//! that the collector does not send them with every look-in.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use vedetta_checks::pack::trust::PinnedKeys;

use super::PackRefusal;

/// For how long a refused pack is not asked for again.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// What was refused lately, under the keys that were pinned then: with other keys it may be taken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RefusedPacks {
    keys: Vec<String>,
    refused_at: BTreeMap<String, Timestamp>,
}

impl RefusedPacks {
    /// Notes what was refused for its content.
    pub fn note(&mut self, refused: &[PackRefusal], keys: &PinnedKeys, now: Timestamp) {
        self.forget(keys, now);
        self.refused_at.extend(refused.iter().filter_map(|refusal| Some((refusal.digest?.to_string(), now))));
    }

    /// The digests, 32 bytes each, that need not be sent now.
    pub fn digests(&mut self, keys: &PinnedKeys, now: Timestamp) -> Vec<Vec<u8>> {
        self.forget(keys, now);
        self.refused_at.keys().filter_map(|digest| bytes(digest)).collect()
    }

    /// Whether nothing was refused lately.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.refused_at.is_empty()
    }

    fn forget(&mut self, keys: &PinnedKeys, now: Timestamp) {
        let ids: Vec<String> = keys.ids().map(str::to_owned).collect();
        if self.keys != ids {
            *self = Self { keys: ids, refused_at: BTreeMap::new() };
        }
        // A moment in the future came from a clock that was set back.
        self.refused_at.retain(|_, at| *at <= now && now.duration_since(*at) < KEPT);
    }
}

fn bytes(digest: &str) -> Option<Vec<u8>> {
    let pair = |at: usize| u8::from_str_radix(digest.get(at..at + 2)?, 16).ok();
    (digest.len() == 64).then(|| (0..32).map(|number| pair(number * 2)).collect()).flatten()
}

#[cfg(test)]
mod tests {
    use vedetta_checks::result::PackDigest;

    use super::*;

    fn keys(count: usize) -> PinnedKeys {
        let key = || minisign::KeyPair::generate_unencrypted_keypair().unwrap().pk.to_box().unwrap().into_string();
        let texts: Vec<String> = (0..count).map(|_| key()).collect();
        PinnedKeys::parse(texts.iter().map(String::as_str)).unwrap()
    }

    #[test]
    fn what_was_refused_is_named_for_a_day_and_as_long_as_the_keys_stay() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let own = keys(1);
        let refusal = |digest| PackRefusal { pack: "prova".to_owned(), why: "x".to_owned(), digest };
        let digest = PackDigest::from_bytes([0xab; 32]);
        let mut refused = RefusedPacks::default();
        refused.note(&[refusal(Some(digest)), refusal(None)], &own, at("2026-11-22T08:00:00Z"));
        for (keys, now, count, why) in [
            (&own, "2026-11-22T08:15:00Z", 1, "the next look-in"),
            (&own, "2026-11-23T07:59:59Z", 1, "within a day"),
            (&own, "2026-11-23T08:00:00Z", 0, "after a day"),
            (&own, "2026-11-22T07:00:00Z", 0, "the clock was set back"),
            (&keys(1), "2026-11-22T08:15:00Z", 0, "another key is pinned"),
            (&keys(0), "2026-11-22T08:15:00Z", 0, "no key is pinned any more"),
        ] {
            let seen = refused.clone().digests(keys, at(now));
            assert_eq!(seen, vec![digest.as_bytes().to_vec(); count], "{why}");
        }
    }
}
