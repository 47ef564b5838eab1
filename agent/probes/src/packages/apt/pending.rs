//! What is pending, and what security updates the preferences keep out.

use super::candidate::Policy;
use super::installed::{DpkgState, Installed};
use super::known::KnownSource;
use super::offers::Offer;
use crate::packages::facts::PendingPackage;
use crate::packages::seen::InstalledPackage;
use crate::packages::version::{compare, version_less};

/// Every installed package with a newer version on offer, sorted by name and architecture, with what would be installed.
pub(super) fn pending(
    state: &DpkgState,
    offers: &[Vec<Offer>],
    policy: &Policy<'_>,
) -> (Vec<PendingPackage>, Vec<InstalledPackage>) {
    let mut found: Vec<(PendingPackage, InstalledPackage)> = state
        .packages
        .iter()
        .zip(offers)
        .filter_map(|(installed, offers)| {
            let candidate = policy.candidate(installed, offers)?;
            Some((pending_package(installed, offers, candidate, policy), candidate_package(installed, candidate)))
        })
        .collect();
    found.sort_by(|(left, _), (right, _)| (&left.name, &left.architecture).cmp(&(&right.name, &right.architecture)));
    found.into_iter().unzip()
}

fn pending_package(installed: &Installed, offers: &[Offer], candidate: &Offer, policy: &Policy<'_>) -> PendingPackage {
    let in_security = policy.sources_of(candidate).find(|source| source.security);
    let pocket = in_security.or_else(|| policy.sources_of(candidate).next());
    PendingPackage {
        name: installed.name.clone(),
        architecture: installed.architecture.clone(),
        installed: installed.version.clone(),
        candidate: candidate.version.clone(),
        security: security_offer(installed, offers, policy).is_some(),
        held: installed.held,
        phased: policy.phasing.is_waiting(candidate),
        pocket: pocket.map(KnownSource::pocket).unwrap_or_default().to_owned(),
    }
}

fn candidate_package(installed: &Installed, candidate: &Offer) -> InstalledPackage {
    InstalledPackage {
        name: installed.name.clone(),
        architecture: installed.architecture.clone(),
        version: candidate.version.clone(),
        source: candidate.source.clone(),
        source_version: candidate.source_version.clone(),
    }
}

/// Names of packages for which a security version is on offer that the preferences keep out.
pub(super) fn pinned_out(state: &DpkgState, offers: &[Vec<Offer>], policy: &Policy<'_>) -> Vec<String> {
    let kept_out = |(installed, offers): &(&Installed, &Vec<Offer>)| {
        let newest = security_offer(installed, offers, policy);
        newest.is_some_and(|newest| {
            policy.candidate(installed, offers).is_none_or(|chosen| version_less(&chosen.version, &newest.version))
        })
    };
    let mut names: Vec<String> =
        state.packages.iter().zip(offers).filter(kept_out).map(|(installed, _)| installed.name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The newest version above the installed one that a security pocket offers.
pub(super) fn security_offer<'a>(installed: &Installed, offers: &'a [Offer], policy: &Policy<'_>) -> Option<&'a Offer> {
    let above = offers.iter().filter(|offer| version_less(&installed.version, &offer.version));
    above.filter(|offer| policy.is_security(offer)).max_by(|left, right| compare(&left.version, &right.version))
}
