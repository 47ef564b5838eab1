//! Known vulnerabilities of what is installed, by the bundle that a publisher has signed.

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::facts::VulnerabilityFacts;
use super::seen::{Answer, InstalledPackage, Looking};

/// Joins what is installed and what is pending with the bundle; `Err` says why either could not be read.
pub(super) fn facts(
    _looking: &Looking<'_>,
    _installed: Result<&[InstalledPackage], &Unknown>,
    _answer: Result<&Answer, &Unknown>,
) -> VulnerabilityFacts {
    let unknown = Unknown::new(Reason::NO_FEED, "this host has no bundle of known vulnerabilities");
    VulnerabilityFacts {
        feed_date: Fact::Unknown(unknown.clone()),
        feed_age_days: Fact::Unknown(unknown.clone()),
        fixable_count: Fact::Unknown(unknown.clone()),
        unfixed_count: Fact::Unknown(unknown.clone()),
        exploited: Fact::Unknown(unknown.clone()),
        gravest: Fact::Unknown(unknown.clone()),
        backported_count: Fact::Unknown(unknown),
    }
}
