//! What is pending beside what apt lists on the same root.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use vedetta_checks::value::Record;

use crate::cases::CASES;
use crate::pinned::{PINNED, PREFERENCES, REFUSED_PREFERENCES, SOURCES};
use crate::root::{build, stanza, write};
use crate::{NOW, look, pending, sentence, state};

/// What apt lists for the same root; none when it refuses to work.
fn pending_of_apt(root: &Path, settings: &[(&str, &str)]) -> Option<BTreeSet<String>> {
    let mut command = Command::new("apt");
    command.env("LC_ALL", "C").args(["list", "--upgradable"]);
    command.arg("-o").arg(format!("Dir={}", root.display()));
    command.arg("-o").arg(format!("Dir::State::status={}", root.join("var/lib/dpkg/status").display()));
    for option in [
        "APT::Architecture=amd64",
        "APT::Architectures::=amd64",
        "APT::Architectures::=i386",
        "Dir::Etc::parts=/dev/null",
        "Acquire::Languages=none",
    ] {
        command.args(["-o", option]);
    }
    for (name, value) in settings {
        command.arg("-o").arg(format!("{name}={value}"));
    }
    let output = command.output().unwrap_or_else(|error| panic!("this test needs `apt`: {error}"));
    let lines = String::from_utf8(output.stdout).expect("text");
    let upgradable = lines.lines().filter(|line| line.contains("[upgradable from: ")).map(|line| {
        let words: Vec<&str> = line.split([' ', '/']).collect();
        let [name, _suites, candidate, architecture, .., installed] = words.as_slice() else { panic!("{line}") };
        let name = name.split(':').next().unwrap_or(name);
        format!("{name} {candidate} {architecture} {}", installed.trim_end_matches(']'))
    });
    output.status.success().then(|| upgradable.collect())
}

/// What we list, in the same form: apt names the architecture of the candidate, which may be another one.
fn pending_of_ours(facts: &Record) -> BTreeSet<String> {
    pending(facts).into_iter().map(|(row, _)| row).collect()
}

#[test]
fn pending_packages_of_every_root_are_those_that_apt_lists() {
    for case in CASES {
        let folder = build(case);
        let facts = look(folder.path(), NOW);
        let of_apt = pending_of_apt(folder.path(), case.settings);
        assert_eq!(Some(pending_of_ours(&facts)), of_apt, "{}", case.name);
    }
}

#[test]
fn pending_packages_under_every_pin_are_those_that_apt_lists() {
    let folder = build(&PINNED);
    for text in PREFERENCES {
        write(&folder.path().join("etc/apt/preferences"), text);
        assert_eq!(Some(pending_of_ours(&look(folder.path(), NOW))), pending_of_apt(folder.path(), &[]), "{text}");
    }
    let first = "Package: a\nPin: version 2\nPin-Priority: 600\n";
    let second = "Package: a\nPin: version 3\nPin-Priority: 600\n\nPackage: a\nPin: version 2\nPin-Priority: 5\n";
    for (main, part) in [(first, second), (second, first)] {
        write(&folder.path().join("etc/apt/preferences"), main);
        write(&folder.path().join("etc/apt/preferences.d/00first"), part);
        write(
            &folder.path().join("etc/apt/preferences.d/x.disabled"),
            "Package: *\nPin: release *\nPin-Priority: -1\n",
        );
        assert_eq!(Some(pending_of_ours(&look(folder.path(), NOW))), pending_of_apt(folder.path(), &[]), "{main}");
    }
}

#[test]
fn preferences_that_apt_refuses_make_the_answer_doubtful() {
    let folder = build(&PINNED);
    for text in REFUSED_PREFERENCES {
        write(&folder.path().join("etc/apt/preferences"), text);
        assert_eq!(pending_of_apt(folder.path(), &[]), None, "{text}");
        let facts = look(folder.path(), NOW);
        assert_eq!(state(&facts), "corrupt", "{text}");
        assert!(sentence(&facts).starts_with("/etc/apt/preferences, line 1: "), "{}", sentence(&facts));
    }
}

#[test]
fn a_preferred_release_that_no_source_has_makes_the_answer_doubtful() {
    let case = CASES.iter().find(|case| case.name == "a preferred release").expect("listed");
    let folder = build(case);
    write(&folder.path().join("etc/apt/apt.conf.d/95"), "APT::Default-Release \"trixie\";\n");
    assert_eq!(pending_of_apt(folder.path(), &[("APT::Default-Release", "trixie")]), None);
    assert_eq!(state(&look(folder.path(), NOW)), "broken_packages");
}

#[test]
fn sources_of_every_form_are_read_as_apt_reads_them() {
    for sources in SOURCES {
        let folder = build(&PINNED);
        let apt = folder.path().join("etc/apt");
        write(&apt.join("sources.list"), "");
        write(&apt.join(if sources.contains("URIs") { "sources.list.d/x.sources" } else { "sources.list" }), sources);
        let lists = folder.path().join("var/lib/apt/lists");
        write(&lists.join("_srv_my%5frepo_._Packages"), &stanza("local 9 amd64", "Filename: x\nSize: 1\nSHA256: 00\n"));
        let (ours, of_apt) = (look(folder.path(), NOW), pending_of_apt(folder.path(), &[]));
        match of_apt {
            Some(of_apt) => assert_eq!(pending_of_ours(&ours), of_apt, "{sources}"),
            None => assert_eq!(state(&ours), "corrupt", "{sources}"),
        }
    }
}
