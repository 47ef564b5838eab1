//! Assets: what results are filed under; and grants: which agent may report on which.

mod keeping;

pub use keeping::{
    AssetError, REASON_BYTES_MAX, SUPPLIER_BYTES_MAX, add_public, grant, grant_ports, retire, set_supplier, withdraw,
};

use jiff::Timestamp;
use vedetta_checks::result::Vantage;
use vedetta_checks::target::Target;

use crate::ids::{AgentId, AssetId, GrantId, OrganisationId};

/// Which asset: its organisation stands in the key, so what belongs to one Comune lies together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetKey {
    /// The organisation it belongs to.
    pub organisation: OrganisationId,
    /// Its id.
    pub asset: AssetId,
}

/// What an asset is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssetKind {
    /// A host with an agent.
    Host,
    /// A TLS endpoint or a domain that an agent looks at.
    Public(Target),
}

/// Whether an asset still counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssetState {
    /// It counts.
    Active,
    /// A person, or the agent's own leave, retired it: its history stays, its results no longer count.
    Retired {
        /// When.
        at: Timestamp,
        /// Why.
        reason: String,
    },
}

/// A host, endpoint or domain of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Its key.
    pub key: AssetKey,
    /// What people call it: host name, `www.example.it:443`, domain.
    pub name: String,
    /// What it is.
    pub kind: AssetKind,
    /// Who runs it, when it is not the organisation itself.
    pub supplier: Option<String>,
    /// Whether it still counts.
    pub state: AssetState,
    /// Since when it is known.
    pub added_at: Timestamp,
}

/// Which grant: the agent's id first, so an agent's grants lie together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GrantKey {
    /// The agent that may report.
    pub agent: AgentId,
    /// The id of the grant, which the agent puts on its results.
    pub grant: GrantId,
}

/// The permission of one agent to report on one target, filed under one asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its key.
    pub key: GrantKey,
    /// The asset that its results are filed under.
    pub asset: AssetKey,
    /// What exactly the agent looks at.
    pub target: Target,
    /// From where the agent sees it.
    pub vantage: Vantage,
    /// Whether the agent said that its host does not allow the target.
    pub refused_by_host: Option<Timestamp>,
}

#[cfg(test)]
mod tests;
