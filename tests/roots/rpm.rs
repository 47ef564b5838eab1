//! A root with rpm and advisories of every kind, beside dnf itself.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use vedetta_tests::program::run;

use crate::rpm_root::{Advisory, Build, Repository, RpmRoot};
use crate::seen::{Seen, probe};

/// What is installed: an epoch, a tilde, a caret, a z-stream, two kernels side by side, and more.
const INSTALLED: &[Build] = &[
    Build("openssl", 1, "3.0.7", "24.el9", "x86_64"),
    Build("tilde", 0, "2.0~rc1", "1.el9", "noarch"),
    Build("caret", 0, "1.0", "1.el9", "noarch"),
    Build("zstream", 0, "4.2", "7.el9_3", "x86_64"),
    Build("epoch", 0, "99", "1.el9", "noarch"),
    Build("kernel-core", 0, "5.14.0", "9.el9", "x86_64"),
    Build("kernel-core", 0, "5.14.0", "10.el9", "x86_64"),
    Build("unadvised", 0, "1.0", "1.el9", "noarch"),
    Build("mended", 0, "1.0", "1.el9", "noarch"),
    Build("superseded", 0, "1.0", "1.el9", "noarch"),
    Build("current", 0, "3.0", "1.el9", "noarch"),
    Build("newer-than-offered", 0, "2.0^git1", "1.el9", "noarch"),
];

const ZSTREAM: Build = Build("zstream", 0, "4.2", "7.el9_3.1", "x86_64");
const SUPERSEDED: Build = Build("superseded", 0, "1.1", "1.el9", "noarch");

const UPDATES: &[Build] = &[
    Build("openssl", 1, "3.0.7", "25.el9_3", "x86_64"),
    Build("tilde", 0, "2.0", "1.el9", "noarch"),
    Build("caret", 0, "1.0^git2", "1.el9", "noarch"),
    ZSTREAM,
    Build("epoch", 1, "1", "1.el9", "noarch"),
    Build("kernel-core", 0, "5.14.0", "11.el9", "x86_64"),
    Build("unadvised", 0, "1.1", "1.el9", "noarch"),
    Build("mended", 0, "1.1", "1.el9", "noarch"),
    SUPERSEDED,
    Build("superseded", 0, "1.2", "1.el9", "noarch"),
    Build("current", 0, "3.0", "1.el9", "noarch"),
    Build("newer-than-offered", 0, "2.0", "1.el9", "noarch"),
    Build("not-installed", 0, "1.0", "1.el9", "noarch"),
];

const ADVISORIES: &[Advisory] = &[
    Advisory("TEST-2026:1", "security", UPDATES[0]),
    Advisory("TEST-2026:2", "security", UPDATES[1]),
    Advisory("TEST-2026:3", "security", UPDATES[2]),
    Advisory("TEST-2026:4", "security", ZSTREAM),
    Advisory("TEST-2026:5", "security", UPDATES[5]),
    Advisory("TEST-2026:6", "security", SUPERSEDED),
    Advisory("TEST-2026:7", "bugfix", UPDATES[7]),
    Advisory("TEST-2026:8", "enhancement", UPDATES[4]),
    // These do not apply: the fault is mended, or the package is not here.
    Advisory("TEST-2026:9", "security", UPDATES[10]),
    Advisory("TEST-2026:10", "security", UPDATES[12]),
];

/// The root on which every test of this file looks.
pub(crate) fn out_of_date() -> RpmRoot {
    RpmRoot::new(INSTALLED, &[Repository("aggiornamenti", UPDATES, Some(ADVISORIES))])
}

/// The pending packages as `name architecture candidate`.
fn pending(seen: &Seen) -> BTreeSet<String> {
    let row = |row: &String| {
        let words: Vec<&str> = row.split(' ').collect();
        format!("{} {} {}", words[0], words[1], words[3])
    };
    seen.pending().iter().map(row).collect()
}

#[test]
fn what_is_pending_is_what_dnf_would_install() {
    let root = out_of_date();
    let seen = probe(&root.path(), root.now("aggiornamenti"));
    assert_eq!(seen.state(), "pending", "{}", seen.sentence());
    assert_eq!(pending(&seen), root.updates());
    assert_eq!(seen.0["manager"], "rpm");
    let installed = root.rpm(&["-qa"]).with_code(0).out.lines().count();
    assert_eq!((seen.0["installed_count"].as_u64().unwrap(), INSTALLED.len()), (installed as u64, installed));
    assert_eq!(seen.package("openssl")["installed"], "1:3.0.7-24.el9");
    assert_eq!(seen.package("kernel-core")["installed"], "5.14.0-10.el9", "the newest one counts");
    assert_eq!(seen.package("openssl")["pocket"], "aggiornamenti");
}

#[test]
fn what_is_for_security_is_what_an_advisory_for_security_names() {
    let root = out_of_date();
    let seen = probe(&root.path(), root.now("aggiornamenti"));
    let advised = root.advisories("/Sec.");
    assert_eq!((root.advisories("").len(), advised.len()), (8, 6), "{advised:?}");
    let names = advised.iter().map(|row| row.split(' ').nth(1).unwrap());
    let names = names.map(|package| package.rsplitn(3, '-').nth(2).unwrap().to_owned());
    assert_eq!(seen.flagged("security"), names.collect());
    assert_eq!(seen.0["pending_security_count"], 6);
    assert_eq!(seen.package("unadvised")["security"], false, "a package without an advisory");
    assert_eq!(seen.package("superseded")["security"], true, "the fix is in a version below the candidate");
}

#[test]
fn a_look_changes_nothing_in_the_root() {
    let root = out_of_date();
    let digest = || {
        let script = "find . -printf '%p %s %m %T@ %C@\\n' | sort; find . -type f -exec sha256sum {} + | sort";
        run(Command::new("sh").args(["-c", script]).current_dir(root.path())).stdout
    };
    let before = digest();
    assert_eq!(probe(&root.path(), root.now("aggiornamenti")).state(), "pending");
    assert!(before == digest(), "a file of the root was changed");
}

#[test]
fn nothing_is_said_when_dnf_has_errata_and_nothing_to_install() {
    let current = &INSTALLED[10..11];
    let root = RpmRoot::new(current, &[Repository("aggiornamenti", current, Some(ADVISORIES))]);
    let seen = probe(&root.path(), root.now("aggiornamenti"));
    assert_eq!(root.updates(), BTreeSet::new());
    assert_eq!((seen.state(), &seen.0["pending_count"]), ("none", &serde_json::json!(0)), "{}", seen.sentence());
}

#[test]
fn the_newest_installed_kernel_is_told_and_the_old_one_is_no_finding() {
    let root = out_of_date();
    let seen = probe(&root.path(), root.now("aggiornamenti"));
    assert_eq!(seen.0["kernel"]["newest_installed"], "5.14.0-10.el9.x86_64");
    assert_eq!(seen.0["broken"], serde_json::json!([]), "kernels stay side by side");
    assert_eq!(seen.0["reboot"]["required"], serde_json::Value::Null, "a folder does not run");
}

#[test]
fn locked_and_excluded_packages_stay_pending_and_are_marked() {
    let root = out_of_date();
    root.write("root/etc/dnf/dnf.conf", "[main]\nexclude=tilde caret*\n");
    root.write("root/etc/dnf/plugins/versionlock.list", "openssl-1:3.0.7-24.el9.*\n");
    assert!(!root.updates().iter().any(|row| row.starts_with("tilde ")), "dnf itself would leave it");
    let seen = probe(&root.path(), root.now("aggiornamenti"));
    assert_eq!(seen.state(), "pending", "{}", seen.sentence());
    assert_eq!(seen.flagged("held"), ["caret", "openssl", "tilde"].map(str::to_owned).into());
    assert_eq!(seen.package("tilde")["security"], true);
    assert_eq!(seen.0["held_security_count"], 3);
}

#[test]
fn an_address_with_the_release_in_it_is_found_in_a_root_that_does_not_name_its_release() {
    let root = out_of_date();
    root.change_repository("aggiornamenti", |text| text.replace("repositories/", "repositories/$releasever/../"));
    fs::create_dir(root.path().join("../repositories/9")).unwrap();
    fs::remove_dir_all(root.path().join("var/cache/dnf")).unwrap();
    root.refresh();
    let seen = probe(&root.path(), root.now("aggiornamenti"));
    assert_eq!((seen.state(), pending(&seen)), ("pending", root.updates()), "{}", seen.sentence());
}

#[test]
fn a_package_that_another_one_replaces_is_pending() {
    let root = RpmRoot::new(
        &[Build("vecchia", 0, "1.0", "1.el9", "noarch")],
        &[Repository("aggiornamenti", &[Build("nuova-obsoletes-vecchia", 0, "2.0", "1.el9", "noarch")], Some(&[]))],
    );
    let seen = probe(&root.path(), root.now("aggiornamenti"));
    assert_eq!(seen.state(), "pending", "{}", seen.sentence());
    assert_eq!(seen.package("vecchia")["candidate"], "nuova-obsoletes-vecchia-2.0-1.el9");
}

#[test]
fn a_database_in_an_older_place_is_found() {
    let root = out_of_date();
    fs::create_dir_all(root.path().join("var/lib")).unwrap();
    fs::rename(root.path().join("usr/lib/sysimage/rpm"), root.path().join("var/lib/rpm")).unwrap();
    let seen = probe(&root.path(), root.now("aggiornamenti"));
    assert_eq!((seen.state(), seen.pending().len()), ("pending", 9), "{}", seen.sentence());
}
