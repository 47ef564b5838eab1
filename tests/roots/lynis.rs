//! What lynis says of missing updates beside what we say, on the same roots. Printed by `make test-roots`.

use std::collections::BTreeSet;
use std::fs;

use jiff::{SignedDuration, Timestamp};
use vedetta_tests::program::run;

use crate::archive::{LISTED, Pocket, build, offered};
use crate::debian::Debian;
use crate::seen::{Seen, probe};

/// lynis of the machine, taken into the root: its programs and its data.
const LYNIS: &[&str] = &["/usr/sbin/lynis", "/usr/share/lynis", "/etc/lynis"];
/// The tests of packages alone; the whole of lynis takes minutes.
const TESTS: &str = "ports_packages";
const DEBIAN: &str = "Origin: Debian\nLabel: Debian\nSuite: stable\n";
const SECURITY: &str = "Origin: Debian\nLabel: Debian-Security\nSuite: stable-security\n";

/// A root, the moment of the look, and the security updates that really are missing by apt's own lists (`?` when nothing on
/// the root can tell).
struct Row {
    name: &'static str,
    root: Debian,
    now: Timestamp,
    missing: Option<usize>,
}

fn row(name: &'static str, release: &str, bend: impl FnOnce(&Debian), is_knowable: bool) -> Row {
    let root = Debian::copy(release);
    let (now, truth) = (root.now(), root.upgradable_for_security().len());
    bend(&root);
    Row { name, root, now, missing: is_knowable.then_some(truth) }
}

fn superseded() -> Row {
    let names = ["prova", "altra", "terza", "ferma"];
    let of = |version: &'static str| names.map(|name| offered(name, version));
    let root = Debian::with_pockets(
        "bookworm",
        &of("1.0"),
        &[
            Pocket {
                codename: "bookworm",
                release: DEBIAN,
                packages: &[offered("prova", "1.2"), offered("altra", "1.2"), offered("terza", "1.2")],
            },
            Pocket { codename: "bookworm-security", release: SECURITY, packages: &of("1.1") },
        ],
    );
    let missing = root.upgradable_for_security().len();
    let listed: Timestamp = LISTED.parse().unwrap();
    Row { name: "fix superseded by a point release", root, now: listed, missing: Some(missing) }
}

#[test]
#[ignore = "takes minutes and every root: `make test-roots`"]
fn lynis_beside_us() {
    let rows = vec![
        row("Debian 13, out of date", "trixie", |_| {}, true),
        row("Debian 12, out of date", "bookworm", |_| {}, true),
        row("Debian 11, past its end", "bullseye", |_| {}, true),
        row("openssl on hold", "bookworm", |root| drop(root.run(&["apt-mark", "hold", "openssl"])), true),
        superseded(),
        row("broken dependency", "bookworm", break_dependency, true),
        row("no lists", "bookworm", remove_lists, false),
        row("security pocket pinned out", "bookworm", pin_out, true),
        row("no security source", "bookworm", remove_source, false),
        Row {
            now: Debian::copy("bookworm").listed().checked_add(SignedDuration::from_hours(24 * 30)).unwrap(),
            ..row("lists a month old", "bookworm", |_| {}, false)
        },
    ];
    println!("| root | missing by apt's lists | lynis | we |\n|---|---|---|---|");
    for Row { name, root, now, missing } in rows {
        let (lynis, seen) = (lynis(&root), probe(root.path(), now));
        let missing_text = missing.map_or("cannot be told".to_owned(), |missing| missing.to_string());
        println!("| {name} | {missing_text} | {} | {} |", lynis, said(&seen));
        match missing {
            // Pinned out and broken are doubts; what is known is named even so.
            Some(missing) if seen.state() == "pending" => assert_eq!(seen.flagged("security").len(), missing, "{name}"),
            Some(_) | None => seen.never_says_nothing(),
        }
    }
}

fn break_dependency(root: &Debian) {
    build(&root.join("tmp"), "spezzato", "1.0", "amd64", "Depends: pacchetto-che-manca\n");
    let _fails = root.ask(&["dpkg", "--force-depends", "-i", "/tmp/spezzato_1.0_amd64.deb"]);
}

fn remove_lists(root: &Debian) {
    fs::remove_dir_all(root.join("var/lib/apt/lists")).unwrap();
    fs::create_dir_all(root.join("var/lib/apt/lists/partial")).unwrap();
}

fn pin_out(root: &Debian) {
    root.write("etc/apt/preferences.d/99-out", "Package: *\nPin: release n=bookworm-security\nPin-Priority: -1\n");
}

fn remove_source(root: &Debian) {
    let sources = fs::read_to_string(root.join("etc/apt/sources.list")).unwrap();
    let kept: Vec<&str> = sources.lines().filter(|line| !line.contains("-security")).collect();
    root.write("etc/apt/sources.list", &format!("{}\n", kept.join("\n")));
}

/// What lynis reports of packages that need an update, in its own words.
fn lynis(root: &Debian) -> String {
    for path in LYNIS {
        let to = root.join(path.trim_start_matches('/'));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        run(std::process::Command::new("cp").args(["-a", path]).arg(to));
    }
    let answer = root.ask(&["lynis", "audit", "system", "--quick", "--no-colors", "--tests-from-group", TESTS]);
    let report = fs::read_to_string(root.join("var/log/lynis-report.dat")).unwrap_or_default();
    assert!(!report.is_empty(), "lynis made no report: {}{}", answer.out, answer.err);
    let vulnerable: BTreeSet<&str> =
        report.lines().filter_map(|line| line.strip_prefix("vulnerable_package[]=")).collect();
    let warnings =
        report.lines().filter_map(|line| line.strip_prefix("warning[]=")).filter_map(|line| line.split('|').nth(1));
    let warnings: Vec<&str> = warnings.collect();
    let counted = match vulnerable.len() {
        0 => "0 vulnerable packages".to_owned(),
        count => format!("{count} vulnerable packages"),
    };
    if warnings.is_empty() { format!("{counted}, no warning") } else { format!("{counted}; {}", warnings.join("; ")) }
}

fn said(seen: &Seen) -> String {
    let (security, held) = (seen.flagged("security").len(), seen.flagged("held").len());
    let known = match (security, held) {
        (0, _) => String::new(),
        (_, 0) => format!("{security} missing for security"),
        (_, _) => format!("{security} missing for security, {held} of them on hold"),
    };
    let end = &seen.0["lifecycle"];
    let ended = if end["tier"] == "ended" { format!("; mended until {}", end["covered_until"]) } else { String::new() };
    match seen.state() {
        "pending" => format!("{known}{ended}"),
        "none" => "nothing missing".to_owned(),
        reason if known.is_empty() => format!("unknown ({reason}): {}", seen.sentence()),
        reason => format!("unknown ({reason}): {}; {known}", seen.sentence()),
    }
}
