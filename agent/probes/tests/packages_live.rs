//! The packages probe beside the package manager of this very host.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up must fail loudly")]

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use vedetta_checks::catalogue::Observation;
use vedetta_checks::target::Target;
use vedetta_checks::value::{Record, Value};
use vedetta_checks::word::ProbeName;
use vedetta_probes::ProbeContext;

/// Longest time for one look, in seconds; tests run unoptimised and beside others.
const LOOK_SECONDS_MAX: u64 = 300;

fn look() -> Observation {
    #[expect(clippy::disallowed_methods, reason = "a look at the running host needs the running clock")]
    let now = jiff::Timestamp::now();
    let context = ProbeContext::new(now, Duration::from_secs(LOOK_SECONDS_MAX));
    let name = ProbeName::parse("packages").expect("a word");
    let runtime = tokio::runtime::Runtime::new().expect("a run-time");
    runtime.block_on(vedetta_probes::observe(name, Target::Host, context)).expect("an observation")
}

fn text<'a>(record: &'a Record, field: &str) -> &'a str {
    match record.get(field) {
        Some(Value::Text(text)) => text,
        other => panic!("{field}: {other:?}"),
    }
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).env("LC_ALL", "C").output();
    let output = output.unwrap_or_else(|error| panic!("this test needs `{program}`: {error}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn pending_packages_are_exactly_those_of_apt_list_upgradable() {
    // `name/suites candidate architecture [upgradable from: installed]`
    let listed: BTreeSet<String> = output("apt", &["list", "--upgradable"])
        .lines()
        .filter(|line| line.contains("[upgradable from: "))
        .map(|line| {
            let words: Vec<&str> = line.split([' ', '/']).collect();
            let [name, _suites, candidate, architecture, .., installed] = words.as_slice() else { panic!("{line}") };
            format!("{name} {candidate} {architecture} {}", installed.trim_end_matches(']'))
        })
        .collect();
    let facts = look().facts;
    let pending = match facts.get("pending") {
        Some(Value::List(list)) => list.items().to_vec(),
        Some(Value::Unknown(_)) if listed.is_empty() => Vec::new(),
        other => panic!("{other:?}"),
    };
    let seen: BTreeSet<String> = pending
        .iter()
        .map(|package| {
            let Value::Record(package) = package else { panic!("{package:?}") };
            let [name, candidate, architecture, installed] =
                ["name", "candidate", "architecture", "installed"].map(|field| text(package, field));
            format!("{name} {candidate} {architecture} {installed}")
        })
        .collect();
    assert_eq!(seen, listed);
    eprintln!("{} pending packages, as apt says", seen.len());
}

#[test]
fn as_many_packages_are_installed_as_dpkg_query_counts() {
    let answer = output("dpkg-query", &["--show", "--showformat", "${db:Status-Status}\n"]);
    let installed = answer.lines().filter(|state| !matches!(*state, "not-installed" | "config-files")).count();
    let facts = look().facts;
    assert_eq!(facts.get("installed_count"), Some(&Value::Int(i64::try_from(installed).expect("small"))));
}

#[test]
fn security_flags_are_those_of_the_pockets_that_apt_names() {
    let answer = output("apt", &["list", "--upgradable"]);
    let listed: BTreeSet<&str> = answer
        .lines()
        .filter(|line| line.contains("[upgradable from: "))
        .filter(|line| line.split(' ').next().is_some_and(|first| first.contains("-security")))
        .filter_map(|line| line.split('/').next())
        .collect();
    let facts = look().facts;
    let Some(Value::List(list)) = facts.get("pending") else { panic!("{:?}", facts.get("pending")) };
    let records = list.items().iter().map(|item| {
        let Value::Record(record) = item else { panic!("{item:?}") };
        record
    });
    let flagged: BTreeSet<&str> = records
        .filter(|record| record.get("security") == Some(&Value::Bool(true)))
        .map(|record| text(record, "name"))
        .collect();
    // Ours also flags a candidate of another pocket whose security version it supersedes.
    assert!(flagged.is_superset(&listed), "{:?}", listed.difference(&flagged).collect::<Vec<_>>());
}
