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

use crate::cases::{CASES, PINNED, PREFERENCES, REFUSED_PREFERENCES, SOURCES};
use crate::root::{build, stanza, write};

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
    let text = |field: &str| {
        let Some(Value::Text(text)) = facts.get(field) else { panic!("{field}: {facts:?}") };
        text.clone()
    };
    match text("state").as_str() {
        "unknown" => text("reason"),
        word => word.to_owned(),
    }
}

/// The sentence of an unknown state.
fn sentence(facts: &Record) -> &str {
    let Some(Value::Text(text)) = facts.get("sentence") else { panic!("{facts:?}") };
    text
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

#[test]
fn a_version_handed_out_by_and_by_is_told_apart() {
    let case = CASES.iter().find(|case| case.name == "a version that is handed out by and by").expect("listed");
    for (conf, expected) in [
        ("", true),
        ("APT::Get::Always-Include-Phased-Updates \"true\";", false),
        ("APT::Get::Never-Include-Phased-Updates \"true\";", true),
    ] {
        let folder = build(case);
        write(&folder.path().join("etc/apt/apt.conf.d/95"), conf);
        let facts = look(folder.path(), NOW);
        let Some(Value::List(list)) = facts.get("pending") else { panic!("{facts:?}") };
        let Some(Value::Record(package)) = list.items().first() else { panic!("{list:?}") };
        assert_eq!(package.get("phased"), Some(&Value::Bool(expected)), "{conf}");
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
    let facts = look(folder.path(), NOW);
    assert_eq!(state(&facts), "no_lists");
    assert!(sentence(&facts).contains("stable at new.example.org"), "{}", sentence(&facts));
}

#[test]
fn a_list_that_the_release_file_names_and_that_is_not_there_makes_the_answer_doubtful() {
    let folder = build(&CASES[0]);
    let lists = folder.path().join("var/lib/apt/lists");
    let sources = "deb http://deb.example.org/debian bookworm main\ndeb http://deb.example.org/debian bookworm-security main contrib\n";
    write(&folder.path().join("etc/apt/sources.list"), sources);
    let release = lists.join("deb.example.org_debian_dists_bookworm-security_InRelease");
    let fields = std::fs::read_to_string(&release).expect("readable");
    for (size, expected) in [(0, "none"), (900, "no_lists")] {
        let lists = format!("SHA256:\n aa 900 main/binary-amd64/Packages\n aa {size} contrib/binary-amd64/Packages\n");
        write(&release, &format!("{fields}{lists}"));
        assert_eq!(state(&look(folder.path(), NOW)), expected, "{size}");
    }
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
    const LIST: &str = "var/lib/apt/lists/deb.example.org_debian_dists_bookworm_main_binary-amd64_Packages";
    let endless = format!("Package: a\nDescription: {}\n", "x".repeat(2 * 1024 * 1024));
    let dpkg = "Package: dpkg\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n";
    for (path, content, place) in [
        ("var/lib/dpkg/status", format!("{dpkg}\nrubbish\n").as_str(), "/var/lib/dpkg/status, line 6: "),
        ("var/lib/dpkg/status", "", "/var/lib/dpkg/status, line 0: "),
        ("var/lib/dpkg/status", &format!("{dpkg}Version: 2\n\n"), "/var/lib/dpkg/status, line 5: "),
        ("etc/apt/sources.list", "deb http://a.example\n", "/etc/apt/sources.list, line 1: "),
        (LIST, "Package: a\nrubbish\n", &format!("/{LIST}, line 2: ")),
        (LIST, "\u{0}\u{1}\u{2}binary", &format!("/{LIST}, line 1: ")),
        (LIST, "Version: 1\n\n", &format!("/{LIST}, line 1: ")),
        (LIST, &endless, &format!("/{LIST}, line 2: ")),
        (
            LIST,
            "Package: a\r\nVersion: 1.0-1\r\nArchitecture: amd64\r\n\r\nnonsense\r\n",
            &format!("/{LIST}, line 5: "),
        ),
    ] {
        let folder = build(&CASES[0]);
        write(&folder.path().join(path), content);
        let facts = look(folder.path(), NOW);
        assert_eq!(state(&facts), "corrupt", "{path}: {}", sentence(&facts));
        assert!(sentence(&facts).starts_with(&place[..place.len().min(90)]), "{} {place}", sentence(&facts));
        assert_eq!(lifecycle(&facts, "version"), Value::Text("12".to_owned()), "the rest goes on");
    }
}

/// One fact of the life cycle.
fn lifecycle(facts: &Record, field: &str) -> Value {
    let Some(Value::Record(lifecycle)) = facts.get("lifecycle") else { panic!("{facts:?}") };
    lifecycle.get(field).expect("declared").clone()
}

#[test]
fn an_unknown_package_manager_is_named_and_its_release_is_still_known() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(&folder.path().join("etc/os-release"), "ID=\"rocky\"\nVERSION_ID=\"9.4\"\n");
    write(&folder.path().join("lib/apk/db/installed"), "");
    let facts = look(folder.path(), NOW);
    assert_eq!(facts.get("manager"), Some(&Value::Text("apk".to_owned())));
    assert_eq!(state(&facts), "unsupported_system");
    assert_eq!(lifecycle(&facts, "free_end"), Value::Time("2032-05-31T21:59:59Z".parse().expect("a moment")));
}

#[test]
fn the_tier_of_the_release_follows_the_day() {
    let folder = build(&CASES[0]);
    for (now, tier) in
        [("2026-07-11T12:00:00Z", "standard"), ("2026-07-12T12:00:00Z", "lts"), ("2028-07-01T12:00:00Z", "ended")]
    {
        let facts = look(folder.path(), now);
        assert_eq!(lifecycle(&facts, "tier"), Value::Text(tier.to_owned()), "{now}");
        assert_eq!(lifecycle(&facts, "covered_until"), Value::Time("2028-06-30T21:59:59Z".parse().expect("a moment")));
        assert_eq!(lifecycle(&facts, "uncovered_count"), Value::Int(0));
    }
}

#[test]
fn a_mark_of_a_restart_names_the_packages_that_asked_for_it() {
    let folder = build(&CASES[0]);
    write(&folder.path().join("run/reboot-required"), "*** System restart required ***\n");
    write(&folder.path().join("run/reboot-required.pkgs"), "linux-base\nlibc6\nlinux-base\n");
    let facts = look(folder.path(), NOW);
    let Some(Value::Record(reboot)) = facts.get("reboot") else { panic!("{facts:?}") };
    assert_eq!(reboot.get("required"), Some(&Value::Bool(true)));
    let Some(Value::List(packages)) = reboot.get("packages") else { panic!("{reboot:?}") };
    assert_eq!(packages.items(), [Value::Text("libc6".to_owned()), Value::Text("linux-base".to_owned())]);
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
