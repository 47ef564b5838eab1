//! Posture: what pages show of an organisation, of a group of them and of one asset, without language; and the roll-up
//! of each day. The formula stands in one page: [`vedetta_checks::score`].

mod asset_view;
mod group_view;
mod material;
mod organisation_view;

pub use asset_view::{AssetView, ResultLine, asset_view};
pub use group_view::{CommonFailure, GroupFigure, GroupView, Member, group_view};
pub use material::{Material, PacksByDigest};
pub use organisation_view::{AssetLine, FigureView, FixLine, OrganisationView, organisation_view};

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

#[cfg(test)]
mod tests;
