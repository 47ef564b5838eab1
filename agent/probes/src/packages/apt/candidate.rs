//! Which of the offered versions apt would install, as the manual apt_preferences(5) has it.

use std::cmp::Ordering;

use super::installed::Installed;
use super::known::KnownSource;
use super::offers::{ListFile, Offer};
use super::phasing::Phasing;
use super::pin::SourceIdentity;
use super::preferences::{Preferences, VersionIdentity, status_file};
use crate::packages::version::{compare, version_less};

/// From this priority on a version is installed even when it is older than the installed one.
const PRIORITY_DOWNGRADES: i64 = 1000;

/// Everything that decides which version is chosen.
#[derive(Debug)]
pub(super) struct Policy<'a> {
    /// The preferences.
    pub(super) preferences: &'a Preferences,
    /// The configured sources.
    pub(super) sources: &'a [KnownSource],
    /// The lists of packages, each of one source.
    pub(super) lists: &'a [ListFile],
    /// Architecture of the system.
    pub(super) native: &'a str,
    /// What is said of versions that are handed out to a part of the hosts first.
    pub(super) phasing: &'a Phasing,
}

impl Policy<'_> {
    fn identity(&self, list: usize) -> Option<SourceIdentity<'_>> {
        let list = self.lists.get(list)?;
        let source = self.sources.get(list.source)?;
        Some(SourceIdentity {
            release: &source.release,
            site: Some(&source.site),
            component: &list.component,
            architecture: &list.architecture,
        })
    }

    /// The sources that offer a version.
    pub(super) fn sources_of<'a>(&'a self, offer: &'a Offer) -> impl Iterator<Item = &'a KnownSource> {
        offer.lists.iter().filter_map(|list| self.sources.get(self.lists.get(*list)?.source))
    }

    /// Priority of what a source offers, before pins for single packages.
    pub(super) fn source_priority(&self, source: &KnownSource) -> i64 {
        let lists = self
            .lists
            .iter()
            .filter(|list| self.sources.get(list.source).is_some_and(|other| std::ptr::eq(other, source)));
        let identity = |component, architecture| SourceIdentity {
            release: &source.release,
            site: Some(source.site.as_str()),
            component,
            architecture,
        };
        let by_list =
            lists.map(|list| self.preferences.source_priority(&identity(&list.component, &list.architecture)));
        by_list.max().unwrap_or_else(|| self.preferences.source_priority(&identity("", "")))
    }

    /// Priority of what is installed, before pins for single packages: a pin may also name the status file.
    pub(super) fn priority_of_status(&self) -> i64 {
        self.preferences.source_priority(&status_file())
    }

    /// Whether a version is offered by a security pocket.
    pub(super) fn is_security(&self, offer: &Offer) -> bool {
        self.sources_of(offer).any(|source| source.security)
    }

    fn version<'v>(&'v self, installed: &'v Installed, source: &'v str, version: &'v str) -> VersionIdentity<'v> {
        let architecture = if installed.architecture == "all" { self.native } else { installed.architecture.as_str() };
        let is_native = architecture == self.native;
        VersionIdentity { name: &installed.name, architecture, is_native, source, version }
    }

    /// Priority of one version that is on offer and not installed.
    fn priority(&self, installed: &Installed, offer: &Offer) -> i64 {
        let sources = offer.lists.iter().filter_map(|list| self.identity(*list));
        let version = self.version(installed, &offer.source, &offer.version);
        let priority = self.preferences.version_priority(&version, sources);
        self.phasing.ceiling(offer).map_or(priority, |ceiling| priority.min(ceiling))
    }

    /// Priority of the installed version, whether or not it is still on offer.
    fn priority_of_installed(&self, installed: &Installed, offers: &[Offer]) -> i64 {
        let same = offers.iter().find(|offer| offer.version == installed.version);
        let lists = same.into_iter().flat_map(|offer| &offer.lists);
        let sources = lists.filter_map(|list| self.identity(*list)).chain([status_file()]);
        let (source, _version) = installed.source();
        self.preferences.version_priority(&self.version(installed, source, &installed.version), sources)
    }

    /// The version that apt would put in place of the installed one; none when it would leave it.
    ///
    /// Versions are tried from the newest to the oldest, and a later one must have a higher priority. A priority of 0 or
    /// below is never chosen, and an older version than the installed one only with a priority of at least 1000.
    pub(super) fn candidate<'a>(&self, installed: &Installed, offers: &'a [Offer]) -> Option<&'a Offer> {
        let mut versions: Vec<(&str, Option<&Offer>)> = offers
            .iter()
            .filter(|offer| offer.version != installed.version)
            .map(|offer| (offer.version.as_str(), Some(offer)))
            .chain([(installed.version.as_str(), None)])
            .collect();
        versions.sort_by(|left, right| compare(right.0, left.0));
        let mut best = (0, None);
        for (version, offer) in versions {
            let priority = match offer {
                Some(offer) => self.priority(installed, offer),
                None => self.priority_of_installed(installed, offers),
            };
            let is_older = compare(version, &installed.version) == Ordering::Less;
            if priority > best.0 && (priority >= PRIORITY_DOWNGRADES || !is_older) {
                best = (priority, offer);
            }
        }
        best.1.filter(|offer| version_less(&installed.version, &offer.version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Priority of its source by pin, version on offer.
    type Row = (i64, &'static str);

    /// What is on offer above or below the installed version `2`, and what apt chooses.
    const CASES: &[(&str, &[Row], Option<&str>)] = &[
        ("nothing on offer", &[], None),
        ("the same version", &[(500, "2")], None),
        ("a newer version", &[(500, "2"), (500, "3")], Some("3")),
        ("the newest of equal priority", &[(500, "3"), (500, "4")], Some("4")),
        ("the higher priority before the higher version", &[(990, "3"), (500, "4")], Some("3")),
        ("a source that is not automatic", &[(1, "3")], None),
        ("a source that only keeps up to date", &[(100, "3")], Some("3")),
        ("the installed version's source is above", &[(500, "2"), (100, "3")], None),
        ("an excluded source", &[(-10, "3")], None),
        ("an excluded source beside an allowed one", &[(-10, "4"), (500, "3")], Some("3")),
        ("a version to go back to is no update", &[(1001, "1"), (500, "3")], None),
        ("an older version", &[(990, "1"), (500, "3")], Some("3")),
        ("one of the highest priority that is no step back", &[(1001, "3"), (1002, "4")], Some("4")),
    ];

    #[test]
    fn the_version_that_apt_would_install_is_chosen() {
        for (name, rows, expected) in CASES {
            let mut text = String::new();
            let (mut sources, mut lists, mut offers) = (Vec::new(), Vec::new(), Vec::new());
            for (number, (priority, version)) in rows.iter().enumerate() {
                let site = format!("site{number}.example");
                text += &format!("Package: *\nPin: origin {site}\nPin-Priority: {priority}\n\n");
                sources.push(KnownSource { site, ..KnownSource::default() });
                lists.push(ListFile { source: number, ..ListFile::default() });
                offers.push(Offer { version: (*version).to_owned(), lists: vec![number], ..Offer::default() });
            }
            let mut preferences = Preferences::default();
            preferences.parse("/etc/apt/preferences", &text).expect("valid");
            let policy = Policy {
                preferences: &preferences,
                sources: &sources,
                lists: &lists,
                native: "amd64",
                phasing: &Phasing::default(),
            };
            let installed = Installed {
                name: "a".to_owned(),
                architecture: "amd64".to_owned(),
                version: "2".to_owned(),
                ..Installed::default()
            };
            let chosen = policy.candidate(&installed, &offers).map(|offer| offer.version.as_str());
            assert_eq!(chosen, *expected, "{name}");
        }
    }
}
