#![doc = include_str!("README.md")]

//!
//! The same page in Italian, for readers of the dashboard: [`PAGE_IT`].

mod figure;
mod fix;
mod rules;
mod standing;

pub use rules::{
    CATEGORIES_MIN, COVERAGE_FLOOR, Grade, PUBLIC_EXPOSURE, STALE_INTERVALS, rules_digest, severity_weight,
};
pub use standing::{LastSeen, Standing, Value};

use std::time::Duration;

use jiff::Timestamp;

use crate::result::Vantage;
use crate::target::Target;
use crate::verdict::{Category, Severity, Verdict};
use crate::word::{CapName, CheckId};

/// The page in Italian, Markdown.
pub const PAGE_IT: &str = include_str!("PUNTEGGIO.md");
/// The page in English, Markdown.
pub const PAGE_EN: &str = include_str!("README.md");

/// Hundredths of a point (0 to 10 000) or of a per cent: exact, comparable, and stored as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hundredths(pub u32);

impl Hundredths {
    /// One hundred points, or the whole.
    pub const FULL: Self = Self(10_000);

    /// `part` of `whole` as a share of one hundred, rounded half up; `None` when there is no whole.
    #[must_use]
    pub fn share(part: u64, whole: u64) -> Option<Self> {
        let scaled = part.checked_mul(20_000)?.checked_add(whole)?;
        let rounded = scaled.checked_div(whole.checked_mul(2)?)?;
        u32::try_from(rounded).ok().map(Self)
    }

    /// The mean, rounded half up; `None` of nothing.
    #[must_use]
    pub fn mean(values: impl IntoIterator<Item = Self>) -> Option<Self> {
        let (sum, count) =
            values.into_iter().fold((0, 0), |(sum, count): (u64, u64), value| (sum + u64::from(value.0), count + 1));
        Self::mean_of(sum, count)
    }

    fn mean_of(sum: u64, count: u64) -> Option<Self> {
        let rounded = (2 * sum + count).checked_div(2 * count)?;
        u32::try_from(rounded).ok().map(Self)
    }
}

impl std::fmt::Display for Hundredths {
    /// `78.99`. A page in Italian writes a comma.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// A cap that a failure sets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CapRule {
    /// Greatest total while it holds, in whole points.
    pub ceiling: u8,
    /// Its name.
    pub name: CapName,
}

/// One current result with what its check says of it. `A` is what the caller calls an asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input<A> {
    /// The asset. Leave out the results of retired assets.
    pub asset: A,
    /// The check.
    pub check: CheckId,
    /// What exactly was looked at.
    pub target: Target,
    /// From where.
    pub vantage: Vantage,
    /// Category of the check.
    pub category: Category,
    /// Severity of the check.
    pub severity: Severity,
    /// The cap that its failure sets.
    pub cap: Option<CapRule>,
    /// Interval of the check.
    pub every: Duration,
    /// Whether a supplier was named who runs the asset. The default owner of a check does not decide it.
    pub is_supplier_owned: bool,
    /// The newest verdict.
    pub verdict: Verdict,
    /// When it was seen or last confirmed.
    pub observed_at: Timestamp,
    /// The last `pass`, `warn` or `fail`, when the newest verdict is `error` or `not_tested`.
    pub last_judged: Option<LastSeen>,
}

/// How much there is to look at, as the organisation declared it; `None`: not declared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Declared {
    /// Servers and workstations.
    pub hosts: Option<u32>,
    /// Domains.
    pub domains: Option<u32>,
    /// Sites.
    pub sites: Option<u32>,
}

/// Both figures of one organisation, or of one host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posture<A> {
    /// Seen from inside.
    pub inside: Figure<A>,
    /// Seen from outside.
    pub outside: Figure<A>,
}

/// The figure seen from one vantage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure<A> {
    /// The total, or why there is none.
    pub total: Total,
    /// Every category, in the order of [`Category::ALL`].
    pub categories: Vec<CategoryFigure>,
    /// How much of what should have been judged was.
    pub coverage: Coverage,
    /// Caps that hold, lowest ceiling first; also when no total is printed.
    pub caps: Vec<CapHit<A>>,
    /// What to mend, first things first; the organisation's own and the suppliers'.
    pub fixes: Vec<Fix<A>>,
    /// The mean of what suppliers run; `None`: they run nothing that was measured.
    pub suppliers: Option<Hundredths>,
    /// The asset with the lowest mean of its categories.
    pub worst_asset: Option<AssetFigure<A>>,
}

/// The total of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Total {
    /// There is one.
    Score {
        /// After caps.
        points: Hundredths,
        /// Before caps.
        uncapped: Hundredths,
        /// Grade of `points`.
        grade: Grade,
    },
    /// "Dati insufficienti": fewer than [`CATEGORIES_MIN`] categories were measured.
    TooFewCategories {
        /// How many were.
        measured: usize,
    },
    /// "Dati insufficienti": the coverage is under [`COVERAGE_FLOOR`].
    CoverageTooLow,
    /// "Mai misurato": nothing was ever judged.
    NeverMeasured,
}

impl Total {
    /// The points after caps, if there is a total.
    #[must_use]
    pub const fn points(self) -> Option<Hundredths> {
        match self {
            Self::Score { points, .. } => Some(points),
            Self::TooFewCategories { .. } | Self::CoverageTooLow | Self::NeverMeasured => None,
        }
    }
}

/// One category of a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryFigure {
    /// Which.
    pub category: Category,
    /// Its figure, or why it has none.
    pub state: CategoryState,
    /// Share of its results that are judged and fresh; `None`: none was asked for.
    pub coverage: Option<Hundredths>,
}

/// Whether a category has a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CategoryState {
    /// It has: the mean over its assets.
    Measured(Hundredths),
    /// No target is assigned: "non misurata".
    NoTarget,
    /// Nothing in it applies here.
    NothingApplies,
    /// Nothing in it could be seen.
    NotSeen,
    /// All of it is run by suppliers, who have their own line.
    SuppliersOnly,
}

/// How much of what should have been judged was, and how old that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    /// Results judged and fresh.
    pub judged: u32,
    /// Results asked for.
    pub asked: u32,
    /// How much of the declared perimeter was measured; `None`: "perimetro non dichiarato".
    pub perimeter: Option<PerimeterCoverage>,
    /// All of it as one share.
    pub share: Hundredths,
    /// The oldest result that counts; `None`: none.
    pub oldest: Option<Timestamp>,
    /// The newest.
    pub newest: Option<Timestamp>,
}

/// How much of a declared perimeter was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PerimeterCoverage {
    /// Hosts, or domains and sites, with a fresh result; at most as many as declared.
    pub measured: u32,
    /// How many were declared.
    pub declared: u32,
}

/// A cap that holds, with the failures that set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapHit<A> {
    /// The cap.
    pub cap: CapRule,
    /// Who sets it.
    pub by: Vec<(A, CheckId)>,
}

/// One failure with what its mending gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix<A> {
    /// On which asset.
    pub asset: A,
    /// Which check.
    pub check: CheckId,
    /// Its category.
    pub category: Category,
    /// Its severity.
    pub severity: Severity,
    /// `Fail` or `Warn`.
    pub value: Value,
    /// The targets that fail or warn.
    pub targets: Vec<Target>,
    /// The cap that it sets.
    pub cap: Option<CapRule>,
    /// Whether a supplier mends it.
    pub is_supplier_owned: bool,
    /// Not verified any more since; `None`: it was seen lately.
    pub unseen_since: Option<Timestamp>,
    /// What its mending gives.
    pub gain: Gain,
}

/// What a mending gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gain {
    /// So much more in the total.
    Points(Hundredths),
    /// "+0 finché resta: ...": other caps still hold the total.
    NothingWhile(Vec<CapName>),
    /// No total is printed, so no gain either.
    NoTotal,
    /// It stands on the suppliers' line.
    SuppliersLine,
}

/// One asset of a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetFigure<A> {
    /// Which.
    pub asset: A,
    /// Mean of its measured categories.
    pub mean: Hundredths,
    /// Its measured categories.
    pub categories: Vec<(Category, Hundredths)>,
}

/// Computes both figures.
#[must_use]
pub fn posture<A: Ord + Clone>(inputs: &[Input<A>], declared: Declared, now: Timestamp) -> Posture<A> {
    Posture {
        inside: figure::compute(inputs, Vantage::Inside, declared, now),
        outside: figure::compute(inputs, Vantage::Outside, declared, now),
    }
}

#[cfg(test)]
mod tests;
