use std::io::Write as _;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use jiff::civil::date;
use vedetta_checks::feed::end_of_life::{Cycle, End};
use vedetta_checks::feed::{Part, Standing};

use super::*;

const TRACKER: &str = include_str!("../../../checks/data/tracker-example.json");
const KEV: &str = include_str!("../../../checks/data/kev-extract.json");
const EPSS: &str = include_str!("../../../checks/data/epss-example.csv");
const ENDS: &str = include_str!("../../../checks/data/end-of-life-extract.json");

/// A file of debsecan; what it says is made up, its form is debsecan's.
const DEBSECAN: &str = "VERSION 1\n\
    CVE-2023-4911,,A buffer overflow, in the loader\n\
    CVE-2024-0001,,Not mended yet\n\
    TEMP-0000002-A1B2C3,,No number\n\
    \n\
    glibc,0,SHRF,2.37-12,2.36-9+deb12u3 2.36-9+deb12u13 2.31-13+deb11u7\n\
    glibc,1,S ? ,,\n\
    libc6,1,B ? ,2.38,\n\
    exim4,2,SM  ,4.98-1,\n\
    \n\
    glibc,libc6 libc-bin\n\
    exim4,exim4-base\n\
    \n";

fn zlib(text: &str) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn bookworm() -> Release {
    tracker::read("tracker.json", TRACKER.as_bytes()).unwrap().releases.remove("bookworm").unwrap()
}

/// How one vulnerability stands in a release.
fn mend<'a>(release: &'a Release, source: &str, id: &str) -> Option<&'a Mend> {
    let groups = &release.sources.get(source)?.groups;
    groups.iter().find(|group| group.vulnerabilities.iter().any(|one| one.id == id)).map(|group| &group.mend)
}

#[test]
fn the_tracker_tells_how_each_vulnerability_stands_in_a_release() {
    let release = bookworm();
    for (source, id, expected) in [
        ("glibc", "CVE-2023-4911", Some(Mend::From("2.36-9+deb12u3".to_owned()))),
        ("glibc", "CVE-2010-4756", Some(Mend::Unimportant)),
        ("linux", "CVE-2013-7445", Some(Mend::Open)),
        ("git", "CVE-2024-52005", Some(Mend::NoAdvisory)),
        ("nghttp2", "CVE-2024-28182", Some(Mend::Postponed)),
        ("nghttp2", "CVE-2020-11080", None),
        ("exim4", "CVE-2023-42118", Some(Mend::Ignored)),
        ("exim4", "TEMP-0000001-ABCDEF", Some(Mend::Open)),
        ("webkit2gtk", "CVE-2023-99999", Some(Mend::EndOfLife)),
        ("openjdk-17", "CVE-2023-99998", None),
    ] {
        assert_eq!(mend(&release, source, id), expected.as_ref(), "{source} {id}");
    }
    assert_eq!(release.sources["glibc"].newest.as_deref(), Some("2.36-9+deb12u13"));
}

#[test]
fn releases_with_security_updates_of_their_own_are_those_looked_after() {
    let tracked = tracker::read("tracker.json", TRACKER.as_bytes()).unwrap();
    assert_eq!(tracked.looked_after.into_iter().collect::<Vec<_>>(), ["bookworm"]);
    assert!(tracked.releases.contains_key("sid"));
}

#[test]
fn debsecan_tells_exact_versions_and_whether_the_release_has_one() {
    let (release, passed_over) = debsecan::read("bookworm", zlib(DEBSECAN).as_slice()).unwrap();
    assert_eq!(passed_over, 1, "the line of a binary package");
    let glibc = mend(&release, "glibc", "CVE-2023-4911").unwrap();
    assert_eq!(glibc.standing("2.36-9"), Standing::MendedIn("2.36-9+deb12u3"));
    assert_eq!(glibc.standing("2.36-9+deb12u7"), Standing::Mended);
    assert_eq!(mend(&release, "glibc", "CVE-2024-0001").unwrap().standing("9"), Standing::Unmended);
    assert_eq!(mend(&release, "exim4", "TEMP-0000002-A1B2C3").unwrap().standing("4.96-15"), Standing::Unmended);
}

#[test]
fn cisa_gives_a_day_and_epss_a_chance() {
    let exploited = kev::read("kev.json", KEV.as_bytes()).unwrap();
    assert_eq!((exploited.due.len(), exploited.due["CVE-2023-4911"]), (9, date(2023, 12, 12)));
    assert_eq!(exploited.day, Some(date(2025, 8, 25)));
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(EPSS.as_bytes()).unwrap();
    for bytes in [EPSS.as_bytes().to_vec(), packed.finish().unwrap()] {
        let chances = epss::read("epss.csv", bytes.as_slice()).unwrap();
        assert_eq!((chances.parts["CVE-2023-4911"], chances.parts["CVE-2025-48384"]), (6543, 4));
        assert_eq!(chances.day, Some(date(2025, 8, 25)));
    }
    let (_, bare) = EPSS.split_once('\n').unwrap();
    let bare = epss::read("epss.csv", bare.as_bytes()).unwrap();
    assert_eq!((bare.parts["CVE-2023-4911"], bare.day), (6543, None));
}

#[test]
fn ends_of_support_are_days_or_words() {
    let table = end_of_life::read("eol.json", ENDS.as_bytes()).unwrap();
    let php = Cycle {
        active: Some(End::On(date(2027, 12, 31))),
        security: Some(End::On(date(2029, 12, 31))),
        extended: None,
    };
    assert_eq!(table["php"]["8.5"], php);
    let words = r#"{"products": {"a": {"releases": [{"releaseCycle": "1", "eol": "True", "eoas": false}]}}}"#;
    let table = end_of_life::read("eol.json", words.as_bytes()).unwrap();
    assert_eq!(table["a"]["1"], Cycle { active: Some(End::Open), security: Some(End::Ended), extended: None });
}

#[test]
fn what_was_built_is_a_pack_that_holds_everything() {
    let mut sources = Sources::default();
    sources.add_release("bookworm", bookworm()).unwrap();
    sources.set_exploited(kev::read("kev.json", KEV.as_bytes()).unwrap());
    sources.set_chances(epss::read("epss.csv", EPSS.as_bytes()).unwrap());
    sources.set_ends(end_of_life::read("eol.json", ENDS.as_bytes()).unwrap());
    let built = sources.build(&[], 2026112200, date(2026, 11, 22)).unwrap();
    assert_eq!(built.exploited, 6);
    let pack = Pack::parse(&built.files).unwrap();
    assert_eq!((pack.id.as_str(), pack.version, pack.expires), ("vulnerabilities", 2026112200, date(2027, 2, 20)));
    let feed = pack.feed.unwrap();
    let release = feed.release("debian", "bookworm", &|name| name == "glibc").unwrap().unwrap();
    let day = Part::Of(date(2025, 8, 25));
    assert_eq!((release.exploited, release.chances), (day, day));
    let glibc = &release.sources["glibc"].groups[0].vulnerabilities[0];
    assert_eq!(
        (glibc.id.as_str(), glibc.chance, glibc.exploited_due),
        ("CVE-2023-4911", Some(6543), Some(date(2023, 12, 12)))
    );
    assert_eq!(feed.releases(), ["debian bookworm"]);
    assert!(feed.end_of_life("php", "8.5").unwrap().is_some());
}

#[test]
fn a_release_that_no_file_knows_or_two_files_tell_is_refused() {
    let mut sources = Sources::default();
    sources.add_release("bookworm", bookworm()).unwrap();
    assert!(matches!(sources.add_release("bookworm", bookworm()), Err(BuildError::Twice { .. })));
    let day = date(2026, 11, 22);
    let error = sources.build(&["trixie".to_owned()], 1, day).unwrap_err();
    assert!(matches!(error, BuildError::Missing { .. }), "{error}");
    assert!(matches!(Sources::default().build(&[], 1, day), Err(BuildError::Nothing)));
}

#[test]
fn a_damaged_download_is_named_with_its_line() {
    let debsecan_of = |text: &str| debsecan::read("f", zlib(text).as_slice()).map(|_| ());
    for (outcome, expected) in [
        (tracker::read("f", "{\"a\": {\"CVE-2024-1000\": 3}}".as_bytes()).map(|_| ()), "f, riga 1"),
        (tracker::read("f", "[]".as_bytes()).map(|_| ()), "an object of source packages"),
        (tracker::read("f", "{\"a\": {}\n".as_bytes()).map(|_| ()), "f, riga 2"),
        (debsecan::read("f", "VERSION 1\n".as_bytes()).map(|_| ()), "zlib"),
        (debsecan_of("VERSION 2\n"), "f, riga 1"),
        (debsecan_of("VERSION 1\nCVE-2024-1\n"), "f, riga 2"),
        (debsecan_of("VERSION 1\nCVE-2024-1,,x\n\n"), "finisce qui"),
        (debsecan_of("VERSION 1\nCVE-2024-1,,x\n\na,1,S ? ,1,\n"), "f, riga 4: il numero"),
        (debsecan_of("VERSION 1\nCVE-2024-1,,x\n\na,0,S,1,\n"), "f, riga 4: i segni"),
        (debsecan_of("VERSION 1\nCVE-2024-1,,x\n\na,0\n"), "f, riga 4: servono cinque"),
        (kev::read("f", "{\"vulnerabilities\": []}".as_bytes()).map(|_| ()), "f: 0 voci"),
        (kev::read("f", "{\n\"vulnerabilities\": [{\"cveID\": 1}]}".as_bytes()).map(|_| ()), "f, riga 2"),
        (epss::read("f", "#c\ncve,epss\n".as_bytes()).map(|_| ()), "f, riga 2"),
        (epss::read("f", "cve,epss,percentile\nCVE-2024-1,1.5,0\n".as_bytes()).map(|_| ()), "f, riga 2"),
        (epss::read("f", "cve,epss,percentile\n".as_bytes()).map(|_| ()), "f, riga 2: il file finisce"),
        (
            end_of_life::read("f", r#"{"products":{"a":{"releases":[{"releaseCycle":"1","eol":7}]}}}"#.as_bytes())
                .map(|_| ()),
            "f: a 1: una fine",
        ),
    ] {
        let error = outcome.expect_err(expected).to_string();
        assert!(error.contains(expected), "{error} / {expected}");
    }
}
