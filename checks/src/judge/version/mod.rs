//! The orders of version numbers: which of two comes first.

mod dpkg;
mod rpm;
mod semver;

use std::cmp::Ordering;

/// Longest version that is compared, in bytes; a longer one is refused.
pub const VERSION_BYTES_MAX: usize = 256;

/// Whose rules order two versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionKind {
    /// Debian's, deb-version(7).
    Dpkg,
    /// RPM's, rpm-version(7).
    Rpm,
    /// Semantic Versioning 2.0.0, section 11.
    Semver,
}

impl VersionKind {
    /// The kind of a word of the check language: `dpkg`, `rpm`, `semver`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "dpkg" => Some(Self::Dpkg),
            "rpm" => Some(Self::Rpm),
            "semver" => Some(Self::Semver),
            _ => None,
        }
    }

    /// The order of two versions; none when one of them is no version of this kind.
    #[must_use]
    pub fn compare(self, left: &str, right: &str) -> Option<Ordering> {
        if left.len() > VERSION_BYTES_MAX || right.len() > VERSION_BYTES_MAX {
            return None;
        }
        match self {
            Self::Dpkg => dpkg::compare(left, right),
            Self::Rpm => rpm::compare(left, right),
            Self::Semver => semver::compare(left, right),
        }
    }
}

/// Compares two runs of ASCII digits as numbers of any length.
fn digits(left: &[u8], right: &[u8]) -> Ordering {
    let stripped = |run: &[u8]| -> usize { run.iter().take_while(|digit| **digit == b'0').count() };
    let left = left.get(stripped(left)..).unwrap_or_default();
    let right = right.get(stripped(right)..).unwrap_or_default();
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

/// Splits off the longest start that fulfils a condition.
fn take(text: &[u8], condition: impl Fn(&u8) -> bool) -> (&[u8], &[u8]) {
    let length = text.iter().take_while(|byte| condition(byte)).count();
    text.split_at_checked(length).unwrap_or((text, &[]))
}
