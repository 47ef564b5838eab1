//! The packages probe on small made roots, each beside apt itself on the same root.
//!
//! A root holds a dpkg status, sources, preferences and lists; apt reads it with `-o Dir=ROOT`. What is pending must be
//! what apt lists; whether that answer can be trusted is ours alone to say.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up must fail loudly")]

mod beside_apt;
mod cases;
mod damage;
mod doubt;
mod pinned;
mod root;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
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

/// One fact of the life cycle.
fn lifecycle(facts: &Record, field: &str) -> Value {
    let Some(Value::Record(lifecycle)) = facts.get("lifecycle") else { panic!("{facts:?}") };
    lifecycle.get(field).expect("declared").clone()
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
