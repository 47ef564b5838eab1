//! Versions that a distribution hands out to a part of the hosts first (Ubuntu), and whether it is this host's turn.
//!
//! apt draws a number from the machine's identifier and the source package, so that a host always draws the same one.
//! The draw is that of the C++ standard library that apt is built with, [rand.util.seedseq] and [rand.eng.lcong] of
//! ISO C++, with the even division of GNU libstdc++.

use super::apt_conf::AptConf;
use super::offers::Offer;
use crate::files::Root;

/// Largest file of the machine's identifier, in bytes.
const MACHINE_ID_BYTES_MAX: u64 = 4 * 1024;
/// Priority of a version that waits, where the settings let apt lower it.
const PRIORITY_WAITING: i64 = 1;

/// What decides on versions that are handed out by and by.
#[derive(Debug, Clone, Default)]
pub(super) struct Phasing {
    /// Whether they are always or never taken; none when the draw decides.
    include: Option<bool>,
    /// Whether a version that waits has a low priority.
    lowers_priority: bool,
    /// Identifier of the machine; empty when it has none, and then apt does not draw.
    machine_id: String,
}

impl Phasing {
    /// Reads the settings and the machine's identifier.
    pub(super) fn read(root: &Root, conf: &AptConf) -> Self {
        let is_true = |name: &str| {
            ["apt::get", "update-manager"].iter().any(|side| conf.is_true(&format!("{side}::{name}")) == Some(true))
        };
        let include = match (is_true("never-include-phased-updates"), is_true("always-include-phased-updates")) {
            (true, _) => Some(false),
            (false, true) => Some(true),
            (false, false) => None,
        };
        let machine_id = match conf.get("apt::machine-id") {
            "" => root.read_text("/etc/machine-id", MACHINE_ID_BYTES_MAX).unwrap_or_default().trim().to_owned(),
            set => set.to_owned(),
        };
        Self { include, lowers_priority: conf.is_true("apt::get::phase-policy") == Some(true), machine_id }
    }

    /// Whether a version is being handed out by and by and it is not, or not surely, this host's turn.
    pub(super) fn is_waiting(&self, offer: &Offer) -> bool {
        let is_drawn = self.include.is_none() && !self.machine_id.is_empty();
        offer.phase.is_some() && self.include != Some(true) && (!is_drawn || self.is_kept_back(offer))
    }

    /// The highest priority that a version may have; none without a limit.
    pub(super) fn ceiling(&self, offer: &Offer) -> Option<i64> {
        (self.lowers_priority && self.is_kept_back(offer)).then_some(PRIORITY_WAITING)
    }

    /// Whether apt itself keeps the version back.
    fn is_kept_back(&self, offer: &Offer) -> bool {
        let Some(phase) = offer.phase else { return false };
        match self.include {
            Some(include) => !include,
            None if self.machine_id.is_empty() => false,
            None => draw(&format!("{}-{}-{}", offer.source, offer.source_version, self.machine_id)) > u32::from(phase),
        }
    }
}

/// The number from 0 to 100 that apt draws for a text.
fn draw(text: &str) -> u32 {
    /// Modulus and multiplier of `minstd_rand`.
    const MODULUS: u64 = 2_147_483_647;
    const MULTIPLIER: u64 = 48_271;
    /// How many numbers the draw has, 0 and 100 included, and how many draws of the engine fall on each.
    const NUMBERS: u64 = 101;
    const SCALE: u64 = (MODULUS - 2) / NUMBERS;
    let mut state = match u64::from(seed(text.as_bytes())) % MODULUS {
        0 => 1,
        seed => seed,
    };
    // Each round ends it with a chance far above nine in ten; the bound is for the reader.
    for _round in 0..1_000 {
        state = state * MULTIPLIER % MODULUS;
        let number = (state - 1) / SCALE;
        if number < NUMBERS {
            return u32::try_from(number).unwrap_or(100);
        }
    }
    0
}

/// The last of the four words that a seed sequence of these bytes gives to `minstd_rand`.
fn seed(bytes: &[u8]) -> u32 {
    const WORDS: usize = 4;
    const SHIFT: usize = 1;
    const SECOND_SHIFT: usize = 2;
    let mix = |word: u32| word ^ (word >> 27);
    let mut words = [0x8b8b_8b8b_u32; WORDS];
    let mut change = |at: usize, change: &dyn Fn(u32) -> u32| {
        if let Some(word) = words.get_mut(at % WORDS) {
            *word = change(*word);
            *word
        } else {
            0
        }
    };
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let rounds = (bytes.len() + 1).max(WORDS);
    for round in 0..rounds {
        let place = u32::try_from(round % WORDS).unwrap_or_default();
        let seen = change(round, &|w| w) ^ change(round + SHIFT, &|w| w) ^ change(round + WORDS - 1, &|w| w);
        let first = mix(seen).wrapping_mul(1_664_525);
        let added = match round.checked_sub(1).map(|before| bytes.get(before)) {
            None => length,
            Some(Some(byte)) => place.wrapping_add(u32::from(*byte)),
            Some(None) => place,
        };
        let second = first.wrapping_add(added);
        change(round + SHIFT, &|word| word.wrapping_add(first));
        change(round + SECOND_SHIFT, &|word| word.wrapping_add(second));
        change(round, &|_| second);
    }
    for round in rounds..rounds + WORDS {
        let place = u32::try_from(round % WORDS).unwrap_or_default();
        let seen = change(round, &|w| w)
            .wrapping_add(change(round + SHIFT, &|w| w))
            .wrapping_add(change(round + WORDS - 1, &|w| w));
        let third = mix(seen).wrapping_mul(1_566_083_941);
        let fourth = third.wrapping_sub(place);
        change(round + SHIFT, &|word| word ^ third);
        change(round + SECOND_SHIFT, &|word| word ^ fourth);
        change(round, &|_| fourth);
    }
    change(WORDS - 1, &|w| w)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_draw_is_that_of_the_standard_library_of_gnu() {
        // Answers of `std::uniform_int_distribution<unsigned>(0, 100)` with `std::minstd_rand` of GNU libstdc++ 12.
        for (text, expected) in [
            ("", 63),
            ("a", 94),
            ("abc", 18),
            ("openssl-3.0.2-0ubuntu1.18-0123456789abcdef0123456789abcdef", 85),
            ("linux-6.8.0-45.45-ffffffffffffffffffffffffffffffff", 47),
            ("systemd-249.11-0ubuntu3.12-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 48),
            ("glibc-2.39-0ubuntu8.3-5f1e9c1d2b3a4958a7b6c5d4e3f20100", 24),
        ] {
            assert_eq!(draw(text), expected, "{text}");
        }
    }

    #[test]
    fn a_version_waits_unless_it_is_surely_this_hosts_turn() {
        let machine = "0123456789abcdef0123456789abcdef";
        let offer = |phase| Offer {
            source: "openssl".to_owned(),
            source_version: "3.0.2-0ubuntu1.18".to_owned(),
            phase,
            ..Offer::default()
        };
        for (phase, include, machine, expected) in [
            (None, None, machine, false),
            (Some(84), None, machine, true),
            (Some(85), None, machine, false),
            (Some(85), None, "", true),
            (Some(10), Some(true), machine, false),
            (Some(90), Some(false), machine, true),
        ] {
            let phasing = Phasing { include, lowers_priority: false, machine_id: machine.to_owned() };
            assert_eq!(phasing.is_waiting(&offer(phase)), expected, "{phase:?} {include:?} {machine}");
        }
    }
}
