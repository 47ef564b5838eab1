//! The packages probe on small made roots, each beside apt itself on the same root.
//!
//! A root holds a dpkg status, sources, preferences and lists; apt reads it with `-o Dir=ROOT`. What is pending must be
//! what apt lists; whether that answer can be trusted is ours alone to say.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up must fail loudly")]

mod cases;
mod root;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use jiff::Timestamp;
use vedetta_checks::target::Target;
use vedetta_checks::value::{Record, Value};
use vedetta_checks::word::ProbeName;
use vedetta_probes::ProbeContext;

use crate::cases::CASES;
use crate::root::{build, write};

/// Longest time for one look, in seconds.
const LOOK_SECONDS_MAX: u64 = 60;
/// The moment that counts as now; the lists below are of the day before.
const NOW: &str = "2026-11-21T12:00:00Z";

fn look(root: &Path, now: &str) -> Record {
    let now: Timestamp = now.parse().expect("a moment");
    let context =
        ProbeContext { root: PathBuf::from(root), ..ProbeContext::new(now, Duration::from_secs(LOOK_SECONDS_MAX)) };
    let name = ProbeName::parse("packages").expect("a word");
    let runtime = tokio::runtime::Runtime::new().expect("a run-time");
    runtime.block_on(vedetta_probes::observe(name, Target::Host, context)).expect("an observation").facts
}

/// The word of `state`, or the reason why it is unknown.
fn state(facts: &Record) -> String {
    let state = facts.get("state").expect("declared");
    if let Value::Text(word) = state {
        return word.clone();
    }
    let Value::Unknown(unknown) = state else { panic!("{state:?}") };
    unknown.reason.to_string()
}

/// The pending packages as `name candidate architecture installed`; an unknown list counts as empty.
fn pending(facts: &Record) -> Vec<(String, bool)> {
    let Some(Value::List(list)) = facts.get("pending") else { return Vec::new() };
    let row = |item: &Value| {
        let Value::Record(package) = item else { panic!("{item:?}") };
        let text = |field: &str| {
            let Some(Value::Text(text)) = package.get(field) else { panic!("{package:?}") };
            text.clone()
        };
        let row = [text("name"), text("candidate"), text("architecture"), text("installed")].join(" ");
        (row, package.get("security") == Some(&Value::Bool(true)))
    };
    list.items().iter().map(row).collect()
}

fn pending_of_apt(root: &Path) -> BTreeSet<String> {
    let mut command = Command::new("apt");
    command.env("LC_ALL", "C").args(["list", "--upgradable"]);
    command.arg("-o").arg(format!("Dir={}", root.display()));
    command.arg("-o").arg(format!("Dir::State::status={}", root.join("var/lib/dpkg/status").display()));
    for option in [
        "APT::Architecture=amd64",
        "APT::Architectures::=amd64",
        "APT::Architectures::=i386",
        "Dir::Etc::parts=/dev/null",
    ] {
        command.args(["-o", option]);
    }
    let output = command.output().unwrap_or_else(|error| panic!("this test needs `apt`: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout)
        .expect("text")
        .lines()
        .filter(|line| line.contains("[upgradable from: "))
        .map(|line| {
            let words: Vec<&str> = line.split([' ', '/']).collect();
            let [name, _suites, candidate, architecture, .., installed] = words.as_slice() else { panic!("{line}") };
            format!(
                "{} {candidate} {architecture} {}",
                name.split(':').next().unwrap_or(name),
                installed.trim_end_matches(']')
            )
        })
        .collect()
}

#[test]
fn pending_packages_of_every_root_are_those_that_apt_lists() {
    for case in CASES {
        let folder = build(case);
        let facts = look(folder.path(), NOW);
        let seen: BTreeSet<String> = pending(&facts).into_iter().map(|(row, _)| row).collect();
        assert_eq!(seen, pending_of_apt(folder.path()), "{}", case.name);
    }
}

#[test]
fn the_state_is_pending_none_or_the_reason_of_the_doubt() {
    for case in CASES {
        let folder = build(case);
        let facts = look(folder.path(), NOW);
        assert_eq!(state(&facts), case.state, "{}", case.name);
        let flagged: BTreeSet<String> = pending(&facts)
            .into_iter()
            .filter(|(_, security)| *security)
            .map(|(row, _)| row.split(' ').next().unwrap_or_default().to_owned())
            .collect();
        let expected: BTreeSet<String> = case.security.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(flagged, expected, "{}", case.name);
    }
}

#[test]
fn nothing_pending_is_never_said_on_doubt() {
    for case in CASES.iter().filter(|case| !matches!(case.state, "pending" | "none")) {
        let folder = build(case);
        let facts = look(folder.path(), NOW);
        for field in ["pending_count", "pending_security_count", "held_security_count"] {
            assert_ne!(facts.get(field), Some(&Value::Int(0)), "{}: {field}", case.name);
        }
    }
}

#[test]
fn lists_past_their_end_are_stale_and_a_list_from_the_future_doubts_the_clock() {
    let folder = build(&CASES[0]);
    for (now, expected) in [
        ("2026-11-27T09:59:59Z", "none"),
        ("2026-11-27T10:00:01Z", "stale_lists"),
        ("2026-11-19T11:00:00Z", "none"),
        ("2026-11-18T11:00:00Z", "clock_wrong"),
    ] {
        assert_eq!(state(&look(folder.path(), now)), expected, "{now}");
    }
    let facts = look(folder.path(), "2026-11-23T12:00:00Z");
    let Some(Value::Record(lists)) = facts.get("lists") else { panic!("{facts:?}") };
    assert_eq!(lists.get("age_days"), Some(&Value::Int(3)));
    assert_eq!(lists.get("valid_until"), Some(&Value::Time("2026-11-27T10:00:00Z".parse().expect("a moment"))));
}

#[test]
fn missing_lists_are_named_and_nothing_is_said_to_be_up_to_date() {
    let folder = build(&CASES[0]);
    std::fs::remove_dir_all(folder.path().join("var/lib/apt/lists")).expect("removed");
    let facts = look(folder.path(), NOW);
    assert_eq!(state(&facts), "no_lists");
    assert!(matches!(facts.get("pending"), Some(Value::Unknown(_))));
}

#[test]
fn a_source_that_was_never_fetched_makes_the_answer_doubtful() {
    let folder = build(&CASES[0]);
    write(&folder.path().join("etc/apt/sources.list.d/new.list"), "deb https://new.example.org/debian stable main\n");
    assert_eq!(state(&look(folder.path(), NOW)), "no_lists");
}

#[test]
fn an_interrupted_dpkg_makes_the_answer_doubtful() {
    let folder = build(&CASES[0]);
    write(&folder.path().join("var/lib/dpkg/updates/0001"), "");
    let facts = look(folder.path(), NOW);
    assert_eq!((state(&facts), facts.get("interrupted")), ("broken_packages".to_owned(), Some(&Value::Bool(true))));
}

#[test]
fn damaged_files_are_named_and_the_rest_goes_on() {
    for (path, content, file_and_line) in [
        (
            "var/lib/dpkg/status",
            "Package: dpkg\nStatus: install ok installed\nVersion: 1\n\nrubbish\n",
            "/var/lib/dpkg/status, line 5: ",
        ),
        ("var/lib/dpkg/status", "", "line"),
        ("etc/apt/preferences", "Package: *\nPin: moon\nPin-Priority: 1\n", "/etc/apt/preferences, line 1: "),
        (
            "var/lib/apt/lists/deb.example.org_debian_dists_bookworm_main_binary-amd64_Packages",
            "Package: a\nrubbish\n",
            "/var/lib/apt/lists/deb.example.org_debian_dists_bookworm_main_binary-amd64_Packages, line 2: ",
        ),
    ] {
        let folder = build(&CASES[0]);
        write(&folder.path().join(path), content);
        let facts = look(folder.path(), NOW);
        let Some(Value::Unknown(unknown)) = facts.get("state") else { panic!("{path}: {:?}", facts.get("state")) };
        assert_eq!(unknown.reason.as_str(), "corrupt", "{path}");
        assert!(unknown.detail.contains(file_and_line), "{}", unknown.detail);
        let Some(Value::Record(release)) = facts.get("release") else { panic!("{facts:?}") };
        assert_eq!(release.get("version"), Some(&Value::Text("12".to_owned())), "the rest goes on");
    }
}

#[test]
fn a_list_in_a_packing_that_is_not_read_is_named() {
    let folder = build(&CASES[0]);
    let base = folder.path().join("var/lib/apt/lists/deb.example.org_debian_dists_bookworm_main_binary-amd64_Packages");
    std::fs::rename(&base, format!("{}.xz", base.display())).expect("renamed");
    let facts = look(folder.path(), NOW);
    let Some(Value::Unknown(unknown)) = facts.get("state") else { panic!("{:?}", facts.get("state")) };
    assert_eq!(unknown.reason.as_str(), "unreadable");
    assert!(unknown.detail.contains("xz are not read yet"), "{}", unknown.detail);
}

#[test]
fn another_package_manager_is_unsupported_and_its_release_is_still_known() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(&folder.path().join("etc/os-release"), "ID=\"rocky\"\nVERSION_ID=\"9.4\"\n");
    std::fs::create_dir_all(folder.path().join("var/lib/rpm")).expect("a folder");
    let facts = look(folder.path(), NOW);
    assert_eq!(facts.get("manager"), Some(&Value::Text("rpm".to_owned())));
    assert_eq!(state(&facts), "unsupported_system");
    let Some(Value::Record(release)) = facts.get("release") else { panic!("{facts:?}") };
    assert_eq!(release.get("free_end"), Some(&Value::Time("2032-05-31T21:59:59Z".parse().expect("a moment"))));
}

#[test]
fn a_file_that_is_cut_at_any_place_never_breaks_the_look() {
    /// Places at which each file is cut.
    const CUTS: usize = 40;
    let case = CASES.iter().find(|case| case.name == "packed lists").expect("listed");
    let folder = build(case);
    for path in [
        "var/lib/dpkg/status",
        "etc/apt/sources.list",
        "var/lib/apt/lists/deb.example.org_debian_dists_bookworm-security_InRelease",
        "var/lib/apt/lists/deb.example.org_debian_dists_bookworm_main_binary-amd64_Packages.gz",
        "var/lib/apt/lists/deb.example.org_debian_dists_bookworm-security_main_binary-amd64_Packages.lz4",
    ] {
        let path = folder.path().join(path);
        let whole = std::fs::read(&path).expect("readable");
        for cut in 0..CUTS {
            let length = whole.len() * cut / CUTS;
            std::fs::write(&path, &whole[..length]).expect("written");
            // `look` itself fails on a panic inside the probe. A cut file must also never pass for "up to date", unless
            // it is cut between two packages: then nothing tells it from a whole one.
            let state = state(&look(folder.path(), NOW));
            if whole[..length].ends_with(b"\n\n") {
                continue;
            }
            assert_ne!(state, "none", "{} cut at {length}", path.display());
        }
        std::fs::write(&path, &whole).expect("written");
    }
    assert_eq!(state(&look(folder.path(), NOW)), "pending");
}
