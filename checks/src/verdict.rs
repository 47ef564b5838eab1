//! The verdict of one check on one target, and the scales that checks use.

use serde::{Deserialize, Serialize};

use crate::fact::Unknown;

/// What a check concluded. A waiver lies over a verdict and never replaces it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Seen, and as it should be.
    Pass,
    /// Seen, and soon or partly a problem.
    Warn,
    /// Seen, and bad.
    Fail,
    /// The check means nothing here.
    NotApplicable(Unknown),
    /// Looking failed.
    Error(Unknown),
    /// It was not looked at, or what decides was not visible.
    NotTested(Unknown),
}

impl Verdict {
    /// The verdict as the word of the contracts: `pass`, `warn`, `fail`, `not_applicable`, `error`, `not_tested`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::NotApplicable(_) => "not_applicable",
            Self::Error(_) => "error",
            Self::NotTested(_) => "not_tested",
        }
    }

    /// Whether the check was able to decide: `pass`, `warn` or `fail`.
    #[must_use]
    pub const fn is_judged(&self) -> bool {
        match self {
            Self::Pass | Self::Warn | Self::Fail => true,
            Self::NotApplicable(_) | Self::Error(_) | Self::NotTested(_) => false,
        }
    }

    /// The reason that came with a verdict that is not judged.
    #[must_use]
    pub const fn reason(&self) -> Option<&Unknown> {
        match self {
            Self::Pass | Self::Warn | Self::Fail => None,
            Self::NotApplicable(why) | Self::Error(why) | Self::NotTested(why) => Some(why),
        }
    }
}

/// How bad a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good practice.
    Low,
    /// Mend within the quarter.
    Medium,
    /// Mend within the week.
    High,
    /// Mend today.
    Critical,
}

/// Part of the posture that a check belongs to; each counts the same in the total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Encryption in transit.
    Tls,
    /// Web sites.
    Web,
    /// Names.
    Dns,
    /// Electronic mail.
    Mail,
    /// Updates.
    Patch,
    /// Exposed services.
    Services,
    /// The host itself.
    Host,
    /// Installed software.
    Software,
    /// Declarations and duties.
    Governance,
}

impl Category {
    /// Every category, in the order of screens.
    pub const ALL: [Self; 9] = [
        Self::Patch,
        Self::Services,
        Self::Host,
        Self::Tls,
        Self::Web,
        Self::Dns,
        Self::Mail,
        Self::Software,
        Self::Governance,
    ];

    /// The category as the word of packs and contracts.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tls => "tls",
            Self::Web => "web",
            Self::Dns => "dns",
            Self::Mail => "mail",
            Self::Patch => "patch",
            Self::Services => "services",
            Self::Host => "host",
            Self::Software => "software",
            Self::Governance => "governance",
        }
    }
}

/// Who can usually mend a failure, unless the asset names its own supplier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The Comune's own staff.
    Comune,
    /// The supplier that runs the asset.
    Supplier,
}

/// How much work a mend usually is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effort {
    /// Some minutes.
    Minutes,
    /// Some hours.
    Hours,
    /// Some days, or a purchase.
    Days,
}
