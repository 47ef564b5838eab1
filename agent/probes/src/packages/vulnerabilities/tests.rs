use std::path::Path;
use std::time::Duration;

use jiff::civil::date;
use vedetta_checks::feed::{Group, Mend, SourcePackage, Vulnerability, write};
use vedetta_checks::pack::PackFiles;
use vedetta_checks::pack::trust::TrustedPack;

use super::super::facts::ListsFacts;
use super::testing::package;
use super::*;
use crate::ProbeContext;
use crate::files::Root;
use crate::host::os_release::OsRelease;

/// An identifier, its chance and whether it is exploited.
type One = (&'static str, Option<u16>, bool);

fn group(mend: Mend, ones: &[One]) -> Group {
    let one = |(id, chance, is_exploited): &One| Vulnerability {
        id: (*id).to_owned(),
        chance: *chance,
        exploited_due: is_exploited.then(|| date(2023, 12, 12)),
    };
    Group { mend, vulnerabilities: ones.iter().map(one).collect() }
}

fn from(version: &str) -> Mend {
    Mend::From(version.to_owned())
}

fn release(sources: Vec<(&str, Vec<Group>)>) -> Release {
    let source = |(name, groups): (&str, Vec<Group>)| (name.to_owned(), SourcePackage { newest: None, groups });
    Release { exploited: Part::Undated, chances: Part::Undated, sources: sources.into_iter().map(source).collect() }
}

/// A feed of 2026-11-02 with one release of Debian.
fn feed(release: &Release) -> TrustedFeed {
    let mut files = PackFiles::new();
    files.insert("pack.yaml", write::head(1, date(2026, 11, 2), "prova").unwrap()).unwrap();
    for (file, packed) in write::release("debian", "bookworm", release).unwrap() {
        files.insert(&file, packed).unwrap();
    }
    TrustedPack::local(&files).unwrap().feed().unwrap()
}

/// A host in a folder; it has a dpkg database, whose content the tests hand in.
struct Host {
    folder: tempfile::TempDir,
    context: ProbeContext,
    os: Result<OsRelease, Unknown>,
}

impl Host {
    fn new() -> Self {
        let now = "2026-11-22T00:00:00Z".parse().unwrap();
        let host = Self {
            folder: tempfile::tempdir().unwrap(),
            context: ProbeContext::new(now, Duration::from_secs(1)),
            os: Ok(OsRelease {
                id: "debian".to_owned(),
                version_codename: "bookworm".to_owned(),
                ..OsRelease::default()
            }),
        };
        host.write("var/lib/dpkg/status", "");
        host
    }

    fn with(release: &Release) -> Self {
        let mut host = Self::new();
        host.context.feed = Ok(feed(release));
        host
    }

    fn write(&self, path: &str, text: &str) {
        let file = self.folder.path().join(Path::new(path));
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    fn facts(&self, installed: &[InstalledPackage], candidates: &[InstalledPackage]) -> VulnerabilityFacts {
        self.facts_in_doubt(installed, candidates, None)
    }

    fn facts_in_doubt(
        &self,
        installed: &[InstalledPackage],
        candidates: &[InstalledPackage],
        doubt: Option<Unknown>,
    ) -> VulnerabilityFacts {
        let root = Root::new(self.folder.path());
        let looking = Looking { root: &root, context: &self.context, os: &self.os };
        let answer = Answer {
            pending: Vec::new(),
            candidates: candidates.to_vec(),
            origins: Ok(Vec::new()),
            kept_out: Vec::new(),
            lists: ListsFacts::unknown(&Unknown::new(Reason::NO_LISTS, "")),
            has_security_source: true,
            doubt,
            gap: None,
            security_gap: None,
        };
        facts(&looking, Ok(installed), Ok(&answer))
    }
}

fn ids(fact: &Fact<Vec<VulnerabilityFact>>) -> Vec<&str> {
    fact.known().unwrap().iter().map(|one| one.id.as_str()).collect()
}

fn reason<T>(fact: &Fact<T>) -> (String, String) {
    match fact {
        Fact::Unknown(unknown) => (unknown.reason.to_string(), unknown.detail.clone()),
        Fact::Known(_) => panic!("the fact is known"),
    }
}

#[test]
fn versions_of_the_source_package_are_compared_never_those_of_its_parts() {
    let release = release(vec![("gcc-defaults", vec![group(from("1.203"), &[("CVE-2024-0001", None, false)])])]);
    // The part has a higher number than its source package.
    for (source_version, count) in [("1.202", 1), ("1.203", 0)] {
        let facts = Host::with(&release).facts(&[package("cpp", "4:12.2.0-3", "gcc-defaults", source_version)], &[]);
        assert_eq!(facts.fixable_count, Fact::Known(count), "{source_version}");
    }
}

#[test]
fn the_exploited_stand_first_and_then_the_likely() {
    let release = release(vec![
        ("a", vec![group(from("2"), &[("CVE-2024-0001", Some(10), false), ("CVE-2024-0002", Some(9000), false)])]),
        ("b", vec![group(from("2"), &[("CVE-2023-0003", Some(5), true), ("CVE-2022-0004", None, false)])]),
    ]);
    let facts = Host::with(&release).facts(&[package("a", "1", "a", "1"), package("b", "1", "b", "1")], &[]);
    assert_eq!(ids(&facts.gravest), ["CVE-2023-0003", "CVE-2024-0002", "CVE-2024-0001", "CVE-2022-0004"]);
    assert_eq!(ids(&facts.exploited), ["CVE-2023-0003"]);
    let gravest = &facts.gravest.known().unwrap()[0];
    assert_eq!((&gravest.mended_in, gravest.exploited), (&Fact::Known("2".to_owned()), true));
    assert_eq!(gravest.due, Fact::Known("2023-12-12T00:00:00Z".parse().unwrap()));
}

#[test]
fn what_the_distribution_will_not_mend_is_no_missing_patch() {
    for mend in [Mend::Open, Mend::NoAdvisory, Mend::Postponed, Mend::Ignored, Mend::Unimportant, Mend::EndOfLife] {
        let release = release(vec![("a", vec![group(mend.clone(), &[("CVE-2024-0001", None, true)])])]);
        let facts = Host::with(&release).facts(&[package("a", "1", "a", "1")], &[]);
        assert_eq!((facts.fixable_count, facts.unfixed_count), (Fact::Known(0), Fact::Known(1)), "{mend:?}");
        assert_eq!((ids(&facts.exploited), facts.exploited_count), (Vec::new(), Fact::Known(1)), "{mend:?}");
    }
}

#[test]
fn a_mend_that_no_list_offers_is_still_told() {
    let release = release(vec![("a", vec![group(from("1-2"), &[("CVE-2024-0001", None, false)])])]);
    let installed = [package("liba", "1-1", "a", "1-1")];
    let host = Host::with(&release);
    for (offered, count) in [(None, 1), (Some("1-1+b1"), 1), (Some("1-2"), 0), (Some("1-3"), 0)] {
        let candidates: Vec<_> = offered.map(|version| package("liba", version, "a", version)).into_iter().collect();
        let facts = host.facts(&installed, &candidates);
        assert_eq!((facts.fixable_count, facts.not_offered_count), (Fact::Known(1), Fact::Known(count)), "{offered:?}");
    }
    let doubt = Unknown::new(Reason::NO_LISTS, "there are no lists");
    let facts = host.facts_in_doubt(&installed, &[], Some(doubt));
    assert_eq!((facts.fixable_count, reason(&facts.not_offered_count).0.as_str()), (Fact::Known(1), "no_lists"));
}

#[test]
fn a_kernel_in_a_package_of_another_name_is_offered_as_a_kernel() {
    let release = release(vec![("linux", vec![group(from("6.1.76-1"), &[("CVE-2024-1086", None, true)])])]);
    let installed = [package("linux-image-6.1.0-13-amd64", "6.1.55-1", "linux-signed-amd64", "6.1.55+1")];
    let candidate = [package("linux-image-amd64", "6.1.128-1", "linux-signed-amd64", "6.1.128+1")];
    let facts = Host::with(&release).facts(&installed, &candidate);
    assert_eq!((ids(&facts.exploited), facts.not_offered_count), (vec!["CVE-2024-1086"], Fact::Known(0)));
}

#[test]
fn what_the_installed_changelog_names_as_mended_is_not_open() {
    let ones = [("CVE-2024-0001", None, false), ("CVE-2024-0002", None, false)];
    let release = release(vec![("a", vec![group(Mend::Open, &ones)])]);
    let host = Host::with(&release);
    host.write("usr/share/doc/liba/changelog.Debian", "a (1-1) b; c=d\n\n  * Backport the fix of CVE-2024-0001.\n");
    let facts = host.facts(&[package("liba", "1-1", "a", "1-1")], &[]);
    assert_eq!((facts.unfixed_count, facts.backported_count), (Fact::Known(1), Fact::Known(1)));
}

#[test]
fn the_lists_of_single_vulnerabilities_are_bounded_and_the_counts_are_not() {
    let many: Vec<Vulnerability> = (0..300)
        .map(|number| Vulnerability {
            id: format!("CVE-2024-{:04}", 1000 + number),
            chance: None,
            exploited_due: Some(date(2024, 1, 1)),
        })
        .collect();
    let release = release(vec![("a", vec![Group { mend: from("2"), vulnerabilities: many }])]);
    let facts = Host::with(&release).facts(&[package("a", "1", "a", "1")], &[]);
    assert_eq!((facts.fixable_count, facts.exploited_count), (Fact::Known(300), Fact::Known(300)));
    assert_eq!((ids(&facts.gravest).len(), ids(&facts.exploited).len()), (GRAVEST_MAX, EXPLOITED_MAX));
}

#[test]
fn without_the_list_of_cisa_nothing_is_said_to_be_unexploited() {
    let mut release = release(vec![("a", vec![group(from("2"), &[("CVE-2024-0001", None, false)])])]);
    release.exploited = Part::Missing;
    let facts = Host::with(&release).facts(&[package("a", "1", "a", "1")], &[]);
    assert_eq!(facts.fixable_count, Fact::Known(1));
    for (reason, sentence) in [reason(&facts.exploited), reason(&facts.exploited_count)] {
        assert!(reason == "no_feed" && sentence.contains("CISA"), "{sentence}");
    }
}

#[test]
fn what_cannot_be_compared_is_unknown_with_the_reason() {
    let known = release(vec![("a", vec![group(from("2"), &[("CVE-2024-0001", None, false)])])]);
    let installed = [package("a", "1", "a", "1")];
    let no_feed = Host::new();
    let mut other_release = Host::with(&known);
    other_release.os.as_mut().unwrap().version_codename = "buster".to_owned();
    let not_dpkg = Host::with(&known);
    std::fs::remove_file(not_dpkg.folder.path().join("var/lib/dpkg/status")).unwrap();
    for (host, expected, words) in [
        (no_feed, "no_feed", "no list of known vulnerabilities"),
        (other_release, "not_listed", "debian buster; it knows: debian bookworm"),
        (not_dpkg, "unsupported_system", "dpkg only"),
    ] {
        let facts = host.facts(&installed, &[]);
        let seen = [
            reason(&facts.fixable_count),
            reason(&facts.unfixed_count),
            reason(&facts.gravest),
            reason(&facts.backported_count),
        ];
        for (reason, sentence) in seen {
            assert!(reason == expected && sentence.contains(words), "{reason}: {sentence}");
        }
    }
}

#[test]
fn the_age_of_the_feed_is_told_in_whole_days() {
    let facts = Host::with(&release(vec![("a", Vec::new())])).facts(&[], &[]);
    assert_eq!(facts.feed_age_days, Fact::Known(20));
    assert_eq!(facts.feed_date, Fact::Known("2026-11-02T00:00:00Z".parse().unwrap()));
    assert_eq!(facts.feed_is_signed, Fact::Known(false));
}

#[test]
fn the_oldest_list_inside_the_feed_is_told() {
    let day = |day| Part::Of(date(2026, 11, day));
    for (exploited, chances, oldest, why) in [
        (day(1), day(15), 21, "that of CISA is older than the feed"),
        (day(12), Part::Of(date(2026, 10, 23)), 30, "that of EPSS is the oldest"),
        (day(12), Part::Missing, 20, "the feed itself is the oldest"),
        (Part::Undated, Part::Undated, 20, "a list without a day counts as the feed's"),
    ] {
        let mut release = release(vec![("a", vec![group(from("2"), &[("CVE-2024-0001", None, false)])])]);
        (release.exploited, release.chances) = (exploited, chances);
        let facts = Host::with(&release).facts(&[package("a", "1", "a", "1")], &[]);
        assert_eq!(facts.oldest_part_age_days, Fact::Known(oldest), "{why}");
        let expected = exploited.day().map(|day| day.to_zoned(TimeZone::UTC).unwrap().timestamp());
        assert_eq!(facts.exploited_date.known().copied(), expected, "{why}");
        assert_eq!(facts.exploited_age_days.known().is_some(), expected.is_some(), "{why}");
    }
}

#[test]
fn a_host_that_names_no_release_says_so() {
    let mut host = Host::with(&release(vec![("a", Vec::new())]));
    host.os.as_mut().unwrap().version_codename.clear();
    let (reason, sentence) = reason(&host.facts(&[], &[]).fixable_count);
    assert!(reason == "not_listed" && sentence.contains("does not name its release; it knows: debian bookworm"));
}
