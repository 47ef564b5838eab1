//! The numbers of the page, in one place, and their digest.

use aws_lc_rs::digest;

use super::Hundredths;
use crate::result::PackDigest;
use crate::verdict::Severity;

/// Rises when the page changes in a way that the numbers below do not show.
const RULES_VERSION: u32 = 1;
/// Fewest measured categories for a total.
pub const CATEGORIES_MIN: usize = 4;
/// Least coverage for a total, in hundredths of a per cent.
pub const COVERAGE_FLOOR: Hundredths = Hundredths(6_000);
/// A result older than so many intervals of its check counts as not tested.
pub const STALE_INTERVALS: u32 = 3;
/// How often a public target counts in the order of fixes.
pub const PUBLIC_EXPOSURE: u32 = 2;

/// Weight of a check inside its category.
#[must_use]
pub const fn severity_weight(severity: Severity) -> u32 {
    match severity {
        Severity::Low => 1,
        Severity::Medium => 3,
        Severity::High => 6,
        Severity::Critical => 10,
    }
}

/// Grade of a total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// From 90.
    A,
    /// From 75.
    B,
    /// From 60.
    C,
    /// From 40.
    D,
    /// Below 40.
    E,
}

/// Least total of each grade, best first.
const GRADES: [(Grade, Hundredths); 4] = [
    (Grade::A, Hundredths(9_000)),
    (Grade::B, Hundredths(7_500)),
    (Grade::C, Hundredths(6_000)),
    (Grade::D, Hundredths(4_000)),
];

impl Grade {
    /// The grade of a total after caps.
    #[must_use]
    pub fn of(points: Hundredths) -> Self {
        GRADES.iter().find(|(_, least)| points >= *least).map_or(Self::E, |(grade, _)| *grade)
    }

    /// Its letter.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::A => 'A',
            Self::B => 'B',
            Self::C => 'C',
            Self::D => 'D',
            Self::E => 'E',
        }
    }
}

/// SHA-256 over the rules of the score and the packs that judged: stored with each score, so that two scores are only
/// compared when the same rules made them.
#[must_use]
pub fn rules_digest(packs: impl IntoIterator<Item = PackDigest>) -> [u8; 32] {
    let mut packs: Vec<_> = packs.into_iter().collect();
    packs.sort_unstable();
    packs.dedup();
    let mut text = format!(
        "vedetta score {RULES_VERSION}\ncategories_min {CATEGORIES_MIN}\ncoverage_floor {COVERAGE_FLOOR}\n\
         stale_intervals {STALE_INTERVALS}\npublic_exposure {PUBLIC_EXPOSURE}\n"
    );
    for severity in [Severity::Low, Severity::Medium, Severity::High, Severity::Critical] {
        text.push_str(&format!("weight {severity:?} {}\n", severity_weight(severity)));
    }
    for (grade, least) in GRADES {
        text.push_str(&format!("grade {} {least}\n", grade.letter()));
    }
    for pack in packs {
        text.push_str(&format!("pack {pack}\n"));
    }
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
    bytes
}
