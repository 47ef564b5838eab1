//! The same root, bent: where dnf itself says "nothing" or breaks off, the reason is said.

use std::fs;

use jiff::SignedDuration;

use crate::rpm::out_of_date;
use crate::rpm_root::{Advisory, Build, Repository, RpmRoot};
use crate::seen::probe;

const OLD: Build = Build("prova", 0, "1.0", "1.el9", "noarch");
const NEW: Build = Build("prova", 0, "1.1", "1.el9", "noarch");

#[test]
fn without_cached_metadata_nothing_is_known() {
    let root = out_of_date();
    let now = root.now("aggiornamenti");
    fs::remove_dir_all(root.path().join("var/cache/dnf")).unwrap();
    probe(&root.path(), now).doubts("no_lists", "aggiornamenti");
}

#[test]
fn a_repository_that_was_never_fetched_is_named_and_the_others_are_still_read() {
    let root = out_of_date();
    let now = root.now("aggiornamenti");
    root.write("root/etc/yum.repos.d/nuovo.repo", "[nuovo]\nname=nuovo\nbaseurl=https://nuovo.example.org/\n");
    let seen = probe(&root.path(), now);
    seen.doubts("no_lists", "nuovo");
    assert_eq!(seen.pending().len(), 9);
}

#[test]
fn a_cache_older_than_dnf_would_use_is_a_doubt() {
    let root = out_of_date();
    let now = root.now("aggiornamenti");
    let later = |hours| now.checked_add(SignedDuration::from_hours(hours)).unwrap();
    assert_eq!(probe(&root.path(), later(46)).state(), "pending", "48 hours are dnf's own limit");
    let seen = probe(&root.path(), later(48));
    seen.doubts("stale_lists", "aggiornamenti");
    assert_eq!(seen.pending().len(), 9, "what is known is still listed");
}

#[test]
fn a_repository_with_a_shorter_limit_is_stale_earlier() {
    let root = out_of_date();
    let now = root.now("aggiornamenti");
    root.change_repository("aggiornamenti", |text| format!("{text}metadata_expire=30m\n"));
    probe(&root.path(), now).doubts("stale_lists", "aggiornamenti");
}

#[test]
fn without_errata_the_security_updates_are_unknown_and_not_none() {
    let root = RpmRoot::new(&[OLD], &[Repository("senza-avvisi", &[NEW], None)]);
    assert_eq!(root.advisories("").len(), 0, "dnf says nothing");
    let seen = probe(&root.path(), root.now("senza-avvisi"));
    seen.doubts("no_errata", "senza-avvisi");
    assert_eq!(seen.pending(), root_pending(), "what is known is still listed");
    assert_eq!(seen.0["security_source"], false);

    let root = RpmRoot::new(&[NEW], &[Repository("senza-avvisi", &[NEW], None)]);
    probe(&root.path(), root.now("senza-avvisi")).doubts("no_errata", "senza-avvisi");
}

#[test]
fn a_repository_that_dnf_would_skip_in_silence_is_a_doubt() {
    let root = out_of_date();
    let now = root.now("aggiornamenti");
    // Its address has changed since its metadata was fetched: dnf does not find that any more, and may go on without.
    root.change_repository("aggiornamenti", |text| {
        format!("{}skip_if_unavailable=1\n", text.replace("baseurl=file://", "baseurl=file:///altrove"))
    });
    assert!(root.updates().is_empty(), "dnf says nothing");
    probe(&root.path(), now).doubts("no_lists", "aggiornamenti");
}

#[test]
fn a_disabled_repository_does_not_count() {
    let advisory = [Advisory("TEST-2026:1", "security", NEW)];
    let root = RpmRoot::new(&[OLD], &[Repository("spenta", &[NEW], Some(&advisory))]);
    let now = root.now("spenta");
    root.write("root/etc/yum.repos.d/spenta.repo", "[spenta]\nname=spenta\nbaseurl=file:///nowhere\nenabled=0\n");
    probe(&root.path(), now).doubts("no_security_source", "no repository");
}

#[test]
fn a_damaged_cache_is_a_doubt_that_names_the_file() {
    let root = out_of_date();
    let now = root.now("aggiornamenti");
    let files = fs::read_dir(root.cached("aggiornamenti")).unwrap().map(|entry| entry.unwrap().path());
    let errata = files.into_iter().find(|path| path.to_string_lossy().contains("updateinfo")).unwrap();
    let whole = fs::read(&errata).unwrap();
    fs::write(&errata, &whole[..whole.len() / 2]).unwrap();
    probe(&root.path(), now).doubts("corrupt", "updateinfo.xml");
}

#[test]
fn a_database_that_cannot_be_read_is_a_doubt() {
    for content in ["", "this is no database"] {
        let root = out_of_date();
        let now = root.now("aggiornamenti");
        let folder = root.path().join("usr/lib/sysimage/rpm");
        fs::remove_dir_all(&folder).unwrap();
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("rpmdb.sqlite"), content).unwrap();
        let seen = probe(&root.path(), now);
        seen.doubts("broken_packages", "rpm");
        assert_eq!(seen.0["installed_count"], serde_json::Value::Null);
    }
}

#[test]
fn systems_that_dnf_does_not_update_say_so_and_still_tell_what_is_installed() {
    for (folder, word) in [("etc/zypp", "zypper"), ("ostree", "rpm-ostree")] {
        let root = out_of_date();
        let now = root.now("aggiornamenti");
        fs::create_dir_all(root.path().join(folder)).unwrap();
        let seen = probe(&root.path(), now);
        seen.doubts("unsupported_system", word);
        assert_eq!(seen.0["installed_count"], 12);
    }
}

fn root_pending() -> std::collections::BTreeSet<String> {
    ["prova noarch 1.0-1.el9 1.1-1.el9".to_owned()].into()
}
