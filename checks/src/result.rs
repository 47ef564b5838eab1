//! The result of one check on one target: the unit that is spooled and streamed.

use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

use crate::evidence::Evidence;
use crate::target::Target;
use crate::verdict::Verdict;
use crate::word::{CheckId, ClauseId, WordError};

/// SHA-256 of a pack's canonical manifest: it names exactly one content of one pack.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackDigest([u8; 32]);

impl PackDigest {
    /// A digest from its 32 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Parses 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`WordError::Character`] when the text is anything else.
    pub fn parse(text: &str) -> Result<Self, WordError> {
        let wrong = || WordError::Character { kind: "pack digest", text: crate::fact::clean_text(text, 64) };
        let mut bytes = [0_u8; 32];
        if text.len() != 64 || !text.is_ascii() {
            return Err(wrong());
        }
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let digits = std::str::from_utf8(pair).map_err(|_| wrong())?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| wrong())?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for PackDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for PackDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PackDigest({self})")
    }
}

/// What a result is filed under. The collector derives the asset from it and its own registry, never from a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AssetReference {
    /// The host of the agent that reports.
    OwnHost,
    /// An asset that the collector assigned to this agent, by the id of the assignment.
    Granted(Uuid),
}

/// From where something was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Vantage {
    /// From the host itself, or from inside the organisation's network.
    Inside,
    /// From another network, as the Internet sees it.
    Outside,
}

impl Vantage {
    /// The vantage as the word of the contracts.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Inside => "inside",
            Self::Outside => "outside",
        }
    }
}

/// What one check said of one target at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckResult {
    /// Which check.
    pub check: CheckId,
    /// Which content of which pack judged.
    pub pack: PackDigest,
    /// What it is filed under.
    pub asset: AssetReference,
    /// What exactly the probe was pointed at.
    pub target: Target,
    /// From where.
    pub vantage: Vantage,
    /// The conclusion.
    pub verdict: Verdict,
    /// The clause that decided, unless every clause was false.
    pub clause: Option<ClauseId>,
    /// The facts that the check chose to return.
    pub evidence: Evidence,
    /// When the probe looked, by the host's clock.
    pub observed_at: Timestamp,
}
