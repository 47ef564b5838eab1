//! Real releases, out of date: equal to apt, package by package.

use crate::debian::Debian;
use crate::seen::probe;

#[test]
fn bookworm_is_seen_as_its_own_apt_sees_it() {
    equals_apt("bookworm");
}

#[test]
#[ignore = "a root more to make: `make test-roots`"]
fn trixie_is_seen_as_its_own_apt_sees_it() {
    equals_apt("trixie");
}

#[test]
#[ignore = "a root more to make: `make test-roots`"]
fn bullseye_is_seen_as_its_own_apt_sees_it() {
    equals_apt("bullseye");
}

fn equals_apt(release: &str) {
    let root = Debian::copy(release);
    let seen = probe(root.path(), root.now());
    let truth = root.upgradable();
    assert!(truth.len() > 3, "{release} should lack updates: {truth:?}");
    assert_eq!(seen.state(), "pending", "{}", seen.sentence());
    assert_eq!(seen.pending(), truth);
    assert_eq!(seen.flagged("security"), root.upgradable_for_security());
    // What a full upgrade would replace is the same here, where nothing is held and nothing breaks.
    let rows = truth.iter().map(|row| row.split(' ').collect::<Vec<_>>());
    assert_eq!(
        rows.map(|row| format!("{} {}", row[0], row[2])).collect::<std::collections::BTreeSet<_>>(),
        root.would_upgrade()
    );
    assert_eq!(seen.0["lists"]["date"], root.listed().to_string());
    assert_eq!(seen.0["lifecycle"]["codename"], root.release());
    let installed = root.run(&["dpkg-query", "-f", "${db:Status-Status}\\n", "-W"]);
    assert_eq!(seen.0["installed_count"], installed.lines().filter(|line| *line == "installed").count());
}
