//! Which of the offered versions apt would install, as the manual apt_preferences(5) has it.

use std::cmp::Ordering;

use super::super::version::{compare, version_less};
use super::installed::Installed;
use super::offers::{ListFile, Offer};
use super::pin::SourceIdentity;
use super::preferences::{PRIORITY_NEVER, PackageIdentity, Preferences, status_file};
use super::release::Release;

/// From this priority on a version is installed even when it is older than the installed one.
const PRIORITY_DOWNGRADES: i64 = 1000;

/// One configured source with what it says of itself.
#[derive(Debug, Clone)]
pub(super) struct KnownSource {
    /// Host of its address; empty for a folder.
    pub(super) site: String,
    /// Suite as configured.
    pub(super) suite: String,
    /// Its release file; empty when it has none.
    pub(super) release: Release,
    /// Whether its release file was read.
    pub(super) has_release: bool,
    /// Whether it brings security updates.
    pub(super) security: bool,
    /// Whether at least one list of packages of it is on the host.
    pub(super) has_list: bool,
}

impl KnownSource {
    /// Short name of its pocket.
    pub(super) fn pocket(&self) -> &str {
        let said = self.release.pocket();
        if said.is_empty() { &self.suite } else { said }
    }
}

/// Everything that decides which version is chosen.
#[derive(Debug)]
pub(super) struct Policy<'a> {
    /// The preferences.
    pub(super) preferences: &'a Preferences,
    /// The sources.
    pub(super) sources: &'a [KnownSource],
    /// The lists of packages, each of one source.
    pub(super) lists: &'a [ListFile],
}

impl Policy<'_> {
    fn identity(&self, list: usize) -> Option<SourceIdentity<'_>> {
        let list = self.lists.get(list)?;
        let source = self.sources.get(list.source)?;
        Some(SourceIdentity { release: &source.release, site: &source.site, component: &list.component })
    }

    /// The sources that offer a version.
    pub(super) fn sources_of<'a>(&'a self, offer: &'a Offer) -> impl Iterator<Item = &'a KnownSource> {
        offer.lists.iter().filter_map(|list| self.sources.get(self.lists.get(*list)?.source))
    }

    /// Whether a version is offered by a security pocket.
    pub(super) fn is_security(&self, offer: &Offer) -> bool {
        self.sources_of(offer).any(|source| source.security)
    }

    /// Priority of one version that is on offer.
    fn priority(&self, package: &PackageIdentity<'_>, offer: &Offer) -> i64 {
        let sources = offer.lists.iter().filter_map(|list| self.identity(*list));
        let by_source = sources.clone().map(|source| self.preferences.source_priority(&source)).max();
        let by_source = by_source.unwrap_or(PRIORITY_NEVER);
        match self.preferences.package_priority(package, &offer.version, sources) {
            Some(pinned) if by_source != PRIORITY_NEVER => pinned,
            Some(_) | None => by_source,
        }
    }

    /// Priority of the installed version, whether or not it is still on offer.
    fn priority_of_installed(&self, package: &PackageIdentity<'_>, installed: &Installed, offers: &[Offer]) -> i64 {
        let same = offers.iter().find(|offer| offer.version == installed.version);
        let lists = same.into_iter().flat_map(|offer| &offer.lists);
        let sources = lists.filter_map(|list| self.identity(*list)).chain([status_file()]);
        let pinned = self.preferences.package_priority(package, &installed.version, sources);
        let offered = same.map_or(PRIORITY_NEVER, |offer| self.priority(package, offer));
        pinned.unwrap_or_else(|| offered.max(self.preferences.installed_priority()))
    }

    /// The version that apt would put in place of the installed one; none when it would leave it.
    pub(super) fn candidate<'a>(&self, installed: &Installed, offers: &'a [Offer]) -> Option<&'a Offer> {
        let identity =
            |source| PackageIdentity { name: &installed.name, architecture: &installed.architecture, source };
        let (own_source, _version) = installed.source();
        let mut best = (self.priority_of_installed(&identity(own_source), installed, offers), None);
        let mut sorted: Vec<&Offer> = offers.iter().collect();
        sorted.sort_by(|left, right| compare(&right.version, &left.version));
        for offer in sorted {
            let priority = self.priority(&identity(&offer.source_package), offer);
            let order = compare(&offer.version, &installed.version);
            // Of equal priorities the higher version wins, so a newer one need only equal the installed one's.
            let wins = match (order, best.1) {
                (Ordering::Greater, None) => priority >= best.0,
                (Ordering::Greater, Some(_)) => priority > best.0,
                (Ordering::Equal, _) => false,
                (Ordering::Less, _) => priority >= PRIORITY_DOWNGRADES && priority > best.0,
            };
            if wins && priority >= 0 {
                best = (priority, Some(offer));
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
    ];

    #[test]
    fn the_version_that_apt_would_install_is_chosen() {
        for (name, rows, expected) in CASES {
            let mut text = String::new();
            let (mut sources, mut lists, mut offers) = (Vec::new(), Vec::new(), Vec::new());
            for (number, (priority, version)) in rows.iter().enumerate() {
                let site = format!("site{number}.example");
                text += &format!("Package: *\nPin: origin {site}\nPin-Priority: {priority}\n\n");
                sources.push(KnownSource {
                    site,
                    suite: "s".to_owned(),
                    release: Release::default(),
                    has_release: true,
                    security: false,
                    has_list: true,
                });
                lists.push(ListFile { source: number, component: "main".to_owned(), path: String::new() });
                offers.push(Offer {
                    version: (*version).to_owned(),
                    source_package: "a".to_owned(),
                    phased: false,
                    lists: vec![number],
                });
            }
            let root = tempfile::tempdir().expect("a temporary folder");
            std::fs::create_dir_all(root.path().join("etc/apt")).expect("a folder");
            std::fs::write(root.path().join("etc/apt/preferences"), text).expect("a file");
            let preferences = Preferences::read(&crate::files::Root::new(root.path()), "").expect("valid");
            let policy = Policy { preferences: &preferences, sources: &sources, lists: &lists };
            let installed = Installed {
                name: "a".to_owned(),
                architecture: "amd64".to_owned(),
                version: "2".to_owned(),
                source: String::new(),
                held: false,
                broken: false,
            };
            let chosen = policy.candidate(&installed, &offers).map(|offer| offer.version.as_str());
            assert_eq!(chosen, *expected, "{name}");
        }
    }
}
