//! Where installed versions come from, as far as the lists tell: what this distribution says of its own packages does not
//! hold for those of others.

use super::super::seen::Origin;
use super::super::version::version_less;
use super::candidate::Policy;
use super::installed::{DpkgState, Installed};
use super::known::KnownSource;
use super::offers::Offer;

/// Where each installed package comes from, in the order of the installed ones.
pub(super) fn origins(
    state: &DpkgState,
    offers: &[Vec<Offer>],
    policy: &Policy<'_>,
    distribution: &str,
) -> Vec<Origin> {
    let whose = |source: &KnownSource| whose(source, distribution);
    state.packages.iter().zip(offers).map(|(package, offers)| origin(package, offers, policy, &whose)).collect()
}

/// Whose a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Own,
    Backports,
    Others,
}

fn whose(source: &KnownSource, distribution: &str) -> Whose {
    let release = &source.release;
    if !release.origin.eq_ignore_ascii_case(distribution) {
        Whose::Others
    } else if release.codename.contains("-backports") || release.suite.contains("-backports") {
        Whose::Backports
    } else {
        Whose::Own
    }
}

fn origin(
    package: &Installed,
    offers: &[Offer],
    policy: &Policy<'_>,
    whose: &impl Fn(&KnownSource) -> Whose,
) -> Origin {
    let offered_by = |offer: &Offer, wanted: Whose| policy.sources_of(offer).any(|source| whose(source) == wanted);
    if let Some(same) = offers.iter().find(|offer| offer.version == package.version) {
        return if offered_by(same, Whose::Own) { Origin::Distribution } else { Origin::Elsewhere };
    }
    let own = || offers.iter().filter(|offer| offered_by(offer, Whose::Own));
    let has_others = offers.iter().any(|offer| offered_by(offer, Whose::Others));
    match (own().next().is_some(), has_others) {
        // A version that is no longer offered lies below what is; one above it was never the distribution's.
        (true, false) if own().any(|offer| version_less(&package.version, &offer.version)) => Origin::Distribution,
        (true, _) | (false, true) => Origin::Elsewhere,
        (false, false) => Origin::Untold,
    }
}

#[cfg(test)]
mod tests {
    use super::super::offers::ListFile;
    use super::super::phasing::Phasing;
    use super::super::preferences::Preferences;
    use super::super::release::Release;
    use super::*;

    /// Version and `Origin codename` of its source.
    type Row = (&'static str, &'static str);

    const OWN: &str = "Debian bookworm";
    const CASES: &[(&str, &str, &[Row], Origin)] = &[
        ("offered as it is", "1.0-1", &[("1.0-1", OWN)], Origin::Distribution),
        ("its successor is offered", "1.0-1", &[("1.0-1+deb12u1", "Debian bookworm-security")], Origin::Distribution),
        ("no list names it", "1.0-1", &[], Origin::Untold),
        ("offered by backports alone", "2.0-1", &[("2.0-1", "Debian bookworm-backports")], Origin::Elsewhere),
        ("offered by somebody else", "2.0-1", &[("1.0-1", OWN), ("2.0-1", "nginx b")], Origin::Elsewhere),
        ("offered by both", "1.0-1", &[("1.0-1", OWN), ("1.0-1", "mirror b")], Origin::Distribution),
        ("above what is offered", "2.0-1", &[("1.0-1", OWN)], Origin::Elsewhere),
        ("its name is offered by somebody else", "1.0-1", &[("2.0-1", "docker b")], Origin::Elsewhere),
        ("either could have made it", "1.0-1", &[("1.1-1", OWN), ("2-1", "x b")], Origin::Elsewhere),
        ("beside backports", "1-1", &[("1.1-1", OWN), ("2-1", "Debian bookworm-backports")], Origin::Distribution),
    ];

    #[test]
    fn what_the_distribution_made_is_told_from_what_others_made() {
        for (name, version, rows, expected) in CASES {
            let (mut sources, mut lists, mut offers) = (Vec::new(), Vec::new(), Vec::<Offer>::new());
            for (number, (version, source)) in rows.iter().enumerate() {
                let (origin, codename) = source.split_once(' ').expect("two words");
                let (origin, codename) = (origin.to_owned(), codename.to_owned());
                let release = Release { origin, codename, ..Release::default() };
                sources.push(KnownSource { release, ..KnownSource::default() });
                lists.push(ListFile { source: number, ..ListFile::default() });
                match offers.iter_mut().find(|offer| offer.version == *version) {
                    Some(same) => same.lists.push(number),
                    None => {
                        offers.push(Offer { version: (*version).to_owned(), lists: vec![number], ..Offer::default() })
                    }
                }
            }
            let preferences = Preferences::default();
            let policy = Policy {
                preferences: &preferences,
                sources: &sources,
                lists: &lists,
                native: "amd64",
                phasing: &Phasing::default(),
            };
            let package = Installed { version: (*version).to_owned(), ..Installed::default() };
            let state = DpkgState { packages: vec![package], ..DpkgState::default() };
            assert_eq!(origins(&state, &[offers], &policy, "debian"), [*expected], "{name}");
        }
    }
}
