//! Posture over time: one roll-up per organisation and day.

use jiff::civil::Date;

use crate::ids::OrganisationId;

/// Which roll-up: one organisation's days lie in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RollUpKey {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The day, Europe/Rome.
    pub day: Date,
}

/// The posture of one organisation at the end of one day, as it was computed then: never recomputed in silence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollUp {
    /// Its key.
    pub key: RollUpKey,
    /// Score in hundredths of a point; `None`: not enough data.
    pub score: Option<u32>,
    /// Coverage in hundredths of a per cent.
    pub coverage: u32,
    /// Open findings.
    pub open_findings: u32,
    /// Digest of the rules that computed it.
    pub rules: [u8; 32],
}
