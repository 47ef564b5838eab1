//! The registry of agents: who may report, with which key, and how far their results have arrived.

use jiff::Timestamp;
use uuid::Uuid;
use vedetta_checks::result::PackDigest;

use crate::asset::AssetKey;
use crate::ids::{AgentId, OrganisationId};

/// SHA-256 of a key, certificate or secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 32]);

/// Whether an agent may report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentState {
    /// It may.
    Active,
    /// Two hosts seem to use its identity: results are refused until a person decides.
    Quarantined {
        /// Since when.
        since: Timestamp,
        /// What was seen.
        reason: String,
    },
    /// A person took its certificate away: it can neither connect nor renew.
    Revoked {
        /// When.
        at: Timestamp,
        /// Why.
        reason: String,
    },
    /// It left by itself; its asset is retired.
    Left {
        /// When.
        at: Timestamp,
    },
}

/// A certificate that was issued to an agent. The newest becomes current when it is first used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentCertificate {
    /// Rises by one with each renewal.
    pub generation: u64,
    /// SHA-256 of the public key (SubjectPublicKeyInfo).
    pub key: Fingerprint,
    /// When it stops being valid.
    pub not_after: Timestamp,
}

/// Most boot ids of an agent that are remembered; a copy that shows none of them for so many starts goes unseen.
pub const EARLIER_BOOT_IDS_MAX: usize = 16;

/// An enrolled agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Its id, which stands in its certificate.
    pub id: AgentId,
    /// The host that it reports for.
    pub host: AssetKey,
    /// Whether it may report.
    pub state: AgentState,
    /// The certificate in use.
    pub current: AgentCertificate,
    /// A renewed one that was not used yet.
    pub next: Option<AgentCertificate>,
    /// When it was enrolled.
    pub enrolled_at: Timestamp,
    /// Its last session, by the collector's clock.
    pub last_seen: Option<Timestamp>,
    /// Version of its program.
    pub version: String,
    /// Changes when the host starts again.
    pub boot_id: Option<Uuid>,
    /// The boot ids before it, newest last, at most [`EARLIER_BOOT_IDS_MAX`]. A host never returns to one: whoever shows
    /// one again is a second host with the same key.
    pub earlier_boot_ids: Vec<Uuid>,
    /// Host clock minus collector clock at the last session, in milliseconds.
    pub clock_skew: i64,
    /// Rises when its targets or packs change.
    pub assignment_revision: u64,
    /// Batches that its full spool had to drop, in all.
    pub gap_batches: u64,
    /// The packs that it can run.
    pub packs: Vec<PackDigest>,
}

/// How far an agent's results are durable. A batch at or before the cursor has no second effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentCursor {
    /// Whose.
    pub agent: AgentId,
    /// The spool that the sequence counts in.
    pub epoch: Uuid,
    /// Greatest durable sequence.
    pub sequence: u64,
}

/// What became of an enrolment code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeState {
    /// It can be used once.
    Open,
    /// It was used.
    Used {
        /// When.
        at: Timestamp,
        /// By which agent.
        agent: AgentId,
    },
}

/// A single-use, expiring enrolment code of one organisation; only the hash of its secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentCodeRecord {
    /// SHA-256 of its secret.
    pub secret: Fingerprint,
    /// The organisation that the new host will belong to.
    pub organisation: OrganisationId,
    /// When it stops being valid.
    pub expires_at: Timestamp,
    /// What became of it.
    pub state: CodeState,
}
