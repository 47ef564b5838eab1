use super::read::release as read_release;
use super::*;

const FILE: &str = "debian-bookworm-1.gz";

/// A release in text, as it stands in a file.
const TEXT: &str = "vedetta-feed 1\nrelease debian bookworm\nwith kev:20240712\n\
    source exim4 4.96-15+deb12u7\nfrom 4.96-15+deb12u2 2023-42115:7345:20231101 2023-42116\n\
    source openssh\nfrom 1:9.2p1-2+deb12u3 2024-6387:4312\nno-dsa 2020-15778\n\
    listed 1:9.7p1-7 available 1:9.2p1-2+deb12u3,1:8.4p1-5+deb11u3 2023-51385\nopen TEMP-0841856-B18BAF\n";

fn read(text: &str) -> Result<Release, FeedError> {
    let mut release = Release::default();
    let packed = packed::pack(FILE, text.as_bytes())?;
    read_release(FILE, &packed, ("debian", "bookworm"), &|_| true, &mut release).map(|()| release)
}

#[test]
fn what_is_written_reads_the_same() {
    let release = read(TEXT).unwrap();
    let files = write::release("debian", "bookworm", &release).unwrap();
    let mut again = Release::default();
    for (file, packed) in &files {
        read_release(file, packed, ("debian", "bookworm"), &|_| true, &mut again).unwrap();
    }
    let sorted = |mut release: Release| {
        release.sources.values_mut().for_each(|source| source.groups.sort_by(|left, right| left.mend.cmp(&right.mend)));
        release
    };
    assert_eq!(sorted(again), sorted(release.clone()));
    assert_eq!(files, write::release("debian", "bookworm", &release).unwrap(), "the same text gives the same bytes");
    assert_eq!((release.exploited, release.chances), (Part::Of(jiff::civil::date(2024, 7, 12)), Part::Missing));
    let openssh = &release.sources["openssh"];
    assert_eq!(openssh.groups[0].vulnerabilities[0].chance, Some(4312));
    let due = release.sources["exim4"].groups[0].vulnerabilities[0].exploited_due;
    assert_eq!(due, Some(jiff::civil::date(2023, 11, 1)));
}

#[test]
fn only_the_source_packages_that_are_wanted_are_kept() {
    let packed = packed::pack(FILE, TEXT.as_bytes()).unwrap();
    let mut release = Release::default();
    read_release(FILE, &packed, ("debian", "bookworm"), &|name| name == "openssh", &mut release).unwrap();
    assert_eq!(release.sources.keys().collect::<Vec<_>>(), ["openssh"]);
}

#[test]
fn a_release_of_many_packages_is_split_into_files_that_fit_a_pack() {
    let mut release = Release::default();
    for number in 0..20_000 {
        let vulnerability = |of: u32| Vulnerability {
            id: format!("CVE-{}-{}", 2010 + of % 16, (of * 7919 + number * 104_729) % 60_000),
            chance: Some(u16::try_from((of * 31 + number * 17) % 900).unwrap()),
            exploited_due: None,
        };
        let group = Group {
            mend: Mend::From(format!("{}.{}-{}+deb12u{}", number % 9, number % 71, number % 5, number % 4)),
            vulnerabilities: (0..2).map(vulnerability).collect(),
        };
        let source = SourcePackage { newest: None, groups: vec![group] };
        release.sources.insert(format!("source-{number}"), source);
    }
    let files = write::release("debian", "bookworm", &release).unwrap();
    assert!(files.len() > 1);
    let mut again = Release::default();
    for (file, packed) in &files {
        read_release(file, packed, ("debian", "bookworm"), &|_| true, &mut again).unwrap();
    }
    assert_eq!(again.sources.len(), 20_000);
    let bytes: usize = files.iter().map(|(_, packed)| packed.len()).sum();
    assert!(bytes < 512 * 1024, "{bytes} bytes of 40,000 vulnerabilities");
}

#[test]
fn a_damaged_file_is_named_with_its_line() {
    let line = |line: &str| format!("vedetta-feed 1\nrelease debian bookworm\nwith -\nsource a 1\n{line}\n");
    for (text, expected) in [
        (String::new(), "debian-bookworm-1.gz: is empty"),
        ("vedetta-feed 2\n".to_owned(), ":1: the first line"),
        ("vedetta-feed 1\n".to_owned(), "has no line `release debian bookworm`"),
        ("vedetta-feed 1\nrelease debian trixie\n".to_owned(), ":2: the second line"),
        ("vedetta-feed 1\nrelease debian bookworm\nwith -\nopen 2024-1\n".to_owned(), ":4: a line `source NAME`"),
        ("vedetta-feed 1\nrelease debian bookworm\nsource a\n".to_owned(), ":3: the third line"),
        ("vedetta-feed 1\nrelease debian bookworm\nwith nvd\n".to_owned(), ":3: `nvd` is no list"),
        ("vedetta-feed 1\nrelease debian bookworm\nwith kev:2024\n".to_owned(), ":3: `kev:2024` is no list"),
        (line("closed 2024-1"), ":5: `closed` is no word"),
        (line("from not_a_version 2024-1"), ":5: `not_a_version` is no version"),
        (line("from 1"), ":5: the line names no vulnerability"),
        (line("open CVE-2024-1x"), ":5: `CVE-2024-1x` is no vulnerability"),
        (line("open 2024-1:10001"), ":5: `2024-1:10001` is no vulnerability"),
        (line("open 2024-1::20241332"), ":5: `2024-1::20241332` is no vulnerability"),
        (line("listed 1 maybe - 2024-1"), ":5: the third word"),
        (line("source a 2"), ":5: the source package `a` stands twice"),
        (line("source A"), ":5: this is no name"),
    ] {
        // The source `a` is kept only when the next one begins.
        let error = read(&text).expect_err(&text).to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn what_is_not_packed_or_unpacks_to_too_much_is_refused() {
    let mut release = Release::default();
    let mut unpack = |bytes: &[u8]| {
        read_release(FILE, bytes, ("debian", "bookworm"), &|_| true, &mut release).expect_err("refused").to_string()
    };
    assert!(unpack(TEXT.as_bytes()).contains("cannot be unpacked"));
    let bomb = format!("{TEXT}{}", "\n".repeat(usize::try_from(UNPACKED_BYTES_MAX).unwrap()));
    let bomb = packed::pack(FILE, bomb.as_bytes()).unwrap();
    let words = unpack(&bomb);
    assert!(words.contains("unpacks to more") || words.contains("is no word"), "{words}");
}

#[test]
fn an_installed_version_is_mended_mended_later_or_not_at_all() {
    let from = |version: &str| Mend::From(version.to_owned());
    let listed = |from: &str, available: bool, versions: &[&str]| Mend::Listed {
        from: Some(from.to_owned()).filter(|from| !from.is_empty()),
        available,
        versions: versions.iter().map(|version| (*version).to_owned()).collect(),
    };
    let cases = [
        (from("1:9.2p1-2+deb12u3"), "1:9.2p1-2+deb12u2", Standing::MendedIn("1:9.2p1-2+deb12u3")),
        (from("1:9.2p1-2+deb12u3"), "1:9.2p1-2+deb12u3", Standing::Mended),
        (from("1:9.2p1-2"), "9.9p1-1", Standing::MendedIn("1:9.2p1-2")),
        (Mend::Open, "1", Standing::Unmended),
        (Mend::NoAdvisory, "1", Standing::Unmended),
        (listed("1:9.7p1-7", true, &["1:9.2p1-2+deb12u3"]), "1:9.7p1-7", Standing::Mended),
        (listed("1:9.7p1-7", true, &["1:9.2p1-2+deb12u3"]), "1:9.2p1-2+deb12u3", Standing::Mended),
        (listed("1:9.7p1-7", true, &["1:9.2p1-2+deb12u3"]), "1:9.2p1-2+deb12u5", Standing::Mended),
        (
            listed("1:9.7p1-7", true, &["1:8.4p1-5+deb11u3", "1:9.2p1-2+deb12u3"]),
            "1:9.2p1-2",
            Standing::MendedIn("1:9.2p1-2+deb12u3"),
        ),
        (listed("1:9.7p1-7", false, &["1:8.4p1-5+deb11u3"]), "1:9.2p1-2", Standing::Unmended),
        (listed("", true, &[]), "1", Standing::Unmended),
        (listed("6.1.90-1", true, &[]), "6.1.85-1", Standing::MendedIn("6.1.90-1")),
    ];
    for (mend, installed, expected) in cases {
        assert_eq!(mend.standing(installed), expected, "{mend:?} {installed}");
    }
}

#[test]
fn ends_of_support_are_found_by_product_and_release() {
    use end_of_life::{Cycle, End, Table};
    let ends = Cycle {
        active: Some(End::On(jiff::civil::date(2024, 12, 31))),
        security: Some(End::Open),
        extended: Some(End::Ended),
    };
    let table =
        Table::from([("php".to_owned(), [("8.2".to_owned(), ends), ("7".to_owned(), Cycle::default())].into())]);
    let (file, packed) = end_of_life::write(&table).unwrap();
    let feed = Feed { published: jiff::civil::date(2026, 11, 22), files: [(file, packed)].into() };
    assert_eq!(feed.end_of_life("php", "8.2"), Ok(Some(ends)));
    assert_eq!(feed.end_of_life("php", "7"), Ok(Some(Cycle::default())));
    assert_eq!(feed.end_of_life("php", "8"), Ok(None));
    assert_eq!(feed.read_whole().unwrap().ends_of_life, 2);
}

#[test]
fn files_that_are_none_of_a_feed_are_refused_by_name() {
    let day = jiff::civil::date(2026, 11, 22);
    let read = |name: &str| Feed::of_pack(day, [(name, &b""[..])].into_iter()).map(|_| ());
    assert!(read("debian-bookworm-1.gz").is_ok() && read("end-of-life.gz").is_ok());
    for name in ["checks.yaml", "debian-bookworm.gz", "debian-1.gz", "debian-Bookworm-1.gz", "debian-bookworm-x.gz"] {
        let error = read(name).expect_err(name).to_string();
        assert!(error.contains(name), "{error}");
    }
}

#[test]
fn the_lists_in_a_feed_keep_their_days() {
    let day = jiff::civil::date(2026, 11, 20);
    for (exploited, chances) in [
        (Part::Missing, Part::Missing),
        (Part::Undated, Part::Missing),
        (Part::Missing, Part::Of(day)),
        (Part::Of(day), Part::Undated),
    ] {
        let release = Release { exploited, chances, ..Release::default() };
        let mut again = Release::default();
        for (file, packed) in write::release("debian", "bookworm", &release).unwrap() {
            read_release(&file, &packed, ("debian", "bookworm"), &|_| true, &mut again).unwrap();
        }
        assert_eq!(again, release);
    }
}
