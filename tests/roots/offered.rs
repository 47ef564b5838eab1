//! Archives of our own on a real release, for what no real archive has today: beside apt inside the same root.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::archive::{LISTED, Offered, Pocket, offered};
use crate::debian::Debian;
use crate::seen::{Seen, probe};

const RELEASE: &str = "bookworm";
const DEBIAN: &str = "Origin: Debian\nLabel: Debian\nSuite: stable\n";
const SECURITY: &str = "Origin: Debian\nLabel: Debian-Security\nSuite: stable-security\n";

fn look(root: &Debian) -> Seen {
    let listed: Timestamp = LISTED.parse().unwrap();
    probe(root.path(), listed.checked_add(SignedDuration::from_hours(24)).unwrap())
}

/// Holds that what is pending is what apt lists, and what of it is for security.
#[track_caller]
fn equals_apt(root: &Debian, state: &str, security: &[&str]) -> Seen {
    let seen = look(root);
    assert_eq!(seen.state(), state, "{}", seen.sentence());
    assert_eq!(seen.pending(), root.upgradable());
    assert_eq!(seen.flagged("security"), security.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>());
    seen
}

#[test]
fn a_fix_that_a_newer_version_has_superseded_is_still_a_missing_fix() {
    let root = Debian::with_pockets(
        RELEASE,
        &[offered("prova", "1.0"), offered("altra", "1.0"), offered("ferma", "1.1")],
        &[
            Pocket {
                codename: "bookworm",
                release: DEBIAN,
                packages: &[offered("prova", "1.2"), offered("altra", "1.2"), offered("ferma", "1.2")],
            },
            Pocket {
                codename: "bookworm-security",
                release: SECURITY,
                packages: &[offered("prova", "1.1"), offered("ferma", "1.1")],
            },
        ],
    );
    let seen = equals_apt(&root, "pending", &["prova"]);
    assert_eq!(seen.package("prova")["candidate"], "1.2");
    assert_eq!(seen.package("altra")["pocket"], "bookworm");
    assert_eq!(root.upgradable_for_security(), seen.flagged("security"));
}

#[test]
fn nothing_is_said_only_when_the_security_pocket_was_read_and_has_nothing() {
    let pocket = |packages| Pocket { codename: "bookworm-security", release: SECURITY, packages };
    let root = Debian::with_pockets(RELEASE, &[offered("prova", "1.1")], &[pocket(&[offered("prova", "1.1")])]);
    equals_apt(&root, "none", &[]);
}

#[test]
fn backports_are_not_pending_until_one_is_installed() {
    let backports = "Origin: Debian Backports\nLabel: Debian Backports\nSuite: stable-backports\n\
                     NotAutomatic: yes\nButAutomaticUpgrades: yes\n";
    let experimental = "Origin: Debian\nLabel: Debian\nSuite: experimental\nNotAutomatic: yes\n";
    let root = Debian::with_pockets(
        RELEASE,
        &[offered("prova", "1.0"), offered("portata", "2.0~bpo12+1"), offered("prova-nuova", "1.0")],
        &[
            Pocket {
                codename: "bookworm-security",
                release: SECURITY,
                packages: &[offered("prova", "1.0"), offered("portata", "1.0"), offered("prova-nuova", "1.0")],
            },
            Pocket {
                codename: "bookworm-backports",
                release: backports,
                packages: &[offered("prova", "2.0~bpo12+1"), offered("portata", "2.0~bpo12+2")],
            },
            Pocket { codename: "rc-buggy", release: experimental, packages: &[offered("prova-nuova", "9.0")] },
        ],
    );
    let seen = equals_apt(&root, "pending", &[]);
    assert_eq!(seen.pending().len(), 1);
    assert_eq!(seen.package("portata")["pocket"], "bookworm-backports");
}

#[test]
fn an_update_that_reaches_hosts_by_and_by_is_pending_and_marked() {
    let phased = Offered { fields: "Phased-Update-Percentage: 10\n", ..offered("prova", "1.1") };
    let root = Debian::with_pockets(
        RELEASE,
        &[offered("prova", "1.0"), offered("altra", "1.0")],
        &[
            Pocket { codename: "bookworm-security", release: SECURITY, packages: &[offered("altra", "1.1")] },
            Pocket { codename: "bookworm-updates", release: DEBIAN, packages: &[phased] },
        ],
    );
    // In a chroot apt ignores the phasing, and lists it.
    let seen = equals_apt(&root, "pending", &["altra"]);
    assert_eq!(seen.flagged("phased"), ["prova".to_owned()].into());
}

#[test]
fn updates_under_a_further_contract_of_ubuntu_are_for_security() {
    let extended = |label| match label {
        "apps" => "Origin: UbuntuESMApps\nLabel: UbuntuESMApps\nSuite: jammy-apps-security\n",
        _ => "Origin: UbuntuESM\nLabel: UbuntuESM\nSuite: jammy-infra-security\n",
    };
    let root = Debian::with_pockets(
        RELEASE,
        &[offered("prova", "1.0"), offered("altra", "1.0")],
        &[
            Pocket { codename: "bookworm-security", release: SECURITY, packages: &[] },
            Pocket { codename: "jammy-apps", release: extended("apps"), packages: &[offered("prova", "1.0+esm1")] },
            Pocket { codename: "jammy-infra", release: extended("infra"), packages: &[offered("altra", "1.0+esm1")] },
        ],
    );
    equals_apt(&root, "pending", &["altra", "prova"]);
}

#[test]
fn a_host_of_two_architectures_has_each_package_once_for_each() {
    let foreign = |version| Offered { architecture: "i386", ..offered("prova", version) };
    let root = Debian::with_pockets(
        RELEASE,
        &[offered("prova", "1.0")],
        &[Pocket {
            codename: "bookworm-security",
            release: SECURITY,
            packages: &[offered("prova", "1.1"), foreign("1.1"), foreign("1.0")],
        }],
    );
    root.run(&["dpkg", "--add-architecture", "i386"]);
    root.run(&["dpkg", "-i", "/srv/bookworm-security/prova_1.0_i386.deb"]);
    root.refresh();
    let seen = equals_apt(&root, "pending", &["prova"]);
    assert_eq!(seen.pending().len(), 2);
}

#[test]
fn a_source_that_was_never_fetched_is_named() {
    let pocket = Pocket { codename: "bookworm-security", release: SECURITY, packages: &[offered("prova", "1.0")] };
    let root = Debian::with_pockets(RELEASE, &[offered("prova", "1.0")], &[pocket]);
    root.write("etc/apt/sources.list.d/nuova.list", "deb http://nuova.example.org/debian bookworm main\n");
    look(&root).doubts("no_lists", "nuova.example.org");
}

#[test]
fn versions_are_ordered_as_dpkg_does() {
    let root = Debian::with_pockets(
        RELEASE,
        &[
            offered("onda", "1.0~rc1"),
            offered("epoca", "9.9"),
            offered("ricompilata", "1.0-1"),
            offered("indietro", "2.0"),
        ],
        &[Pocket {
            codename: "bookworm-security",
            release: SECURITY,
            packages: &[
                offered("onda", "1.0"),
                offered("epoca", "1:0.1"),
                offered("ricompilata", "1.0-1+b1"),
                offered("indietro", "2.0~beta"),
            ],
        }],
    );
    equals_apt(&root, "pending", &["epoca", "onda", "ricompilata"]);
}
