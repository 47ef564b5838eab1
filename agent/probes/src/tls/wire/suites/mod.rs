//! Every cipher suite that has a number: the IANA registry, and what was in use without being in it.
//!
//! `registry.csv` holds number and name of each; what a suite does follows from its name ([`attributes`]).

pub(super) mod attributes;
mod names;

use std::fmt;
use std::sync::OnceLock;

use attributes::SuiteAttributes;

/// The IANA registry "TLS Cipher Suites" without its two signals, then drafts and makers' own numbers (`OLD_`, `SSL_`).
const REGISTRY: &str = include_str!("registry.csv");
/// Signals that the client knows secure renegotiation (RFC 5746); no suite.
pub const RENEGOTIATION_SCSV: SuiteId = SuiteId(0x00FF);
/// Signals that the client tries again with a lower version (RFC 7507); no suite.
pub const FALLBACK_SCSV: SuiteId = SuiteId(0x5600);

/// A cipher suite of SSL 3.0 or TLS by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SuiteId(pub u16);

impl SuiteId {
    /// Its name, `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`, if it is listed.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        let table = table();
        let position = table.binary_search_by_key(&self, |(id, _)| *id).ok()?;
        table.get(position).map(|(_, name)| *name)
    }

    /// What the suite does, if it is listed.
    #[must_use]
    pub fn attributes(self) -> Option<SuiteAttributes> {
        self.name().and_then(SuiteAttributes::of_name)
    }

    /// Whether it is one of TLS 1.3, which no older version can use and which can use no other.
    #[must_use]
    pub const fn is_tls_1_3(self) -> bool {
        matches!(self.0, 0x1301..=0x1307 | 0x00C6 | 0x00C7 | 0xC0B4 | 0xC0B5 | 0xC103..=0xC106)
    }

    /// Whether it is a number that servers must ignore (RFC 8701).
    #[must_use]
    pub const fn is_grease(self) -> bool {
        self.0 & 0x0F0F == 0x0A0A && self.0 >> 8 == self.0 & 0xFF
    }
}

impl fmt::Display for SuiteId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "0x{:04X}", self.0)
    }
}

/// Every listed suite with its name, by rising number.
#[must_use]
pub fn every_suite() -> &'static [(SuiteId, &'static str)] {
    table()
}

fn table() -> &'static [(SuiteId, &'static str)] {
    static TABLE: OnceLock<Vec<(SuiteId, &'static str)>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let line = |line: &'static str| {
            let (id, name) = line.split_once(',')?;
            Some((SuiteId(u16::from_str_radix(id, 16).ok()?), name))
        };
        REGISTRY.lines().filter_map(line).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_registry_is_read_and_they_rise() {
        assert_eq!(table().len(), REGISTRY.lines().count());
        assert!(table().windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn suites_are_found_by_number() {
        assert_eq!(SuiteId(0xC02F).name(), Some("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"));
        assert_eq!(SuiteId(0x1305).name(), Some("TLS_AES_128_CCM_8_SHA256"));
        assert_eq!(SuiteId(0x5A5A).name(), None);
        assert_eq!(SuiteId(0x000A).to_string(), "0x000A");
    }

    #[test]
    fn what_every_listed_suite_does_follows_from_its_name() {
        for (id, name) in every_suite() {
            assert!(id.attributes().is_some(), "{id} {name}");
        }
    }

    #[test]
    fn grease_is_told_from_suites() {
        assert!(SuiteId(0x3A3A).is_grease());
        assert!(!SuiteId(0x3A4A).is_grease());
        assert!(every_suite().iter().all(|(id, _)| !id.is_grease()));
    }
}
