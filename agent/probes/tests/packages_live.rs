//! The packages probe on the machine that runs the tests, beside apt on the same machine.

#![expect(clippy::expect_used, reason = "a test that cannot be set up must fail loudly")]

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use jiff::Timestamp;
use vedetta_checks::target::Target;
use vedetta_checks::value::{Record, Value};
use vedetta_checks::word::ProbeName;
use vedetta_probes::ProbeContext;

/// Longest time for the look, in seconds.
const LOOK_SECONDS_MAX: u64 = 60;

fn look() -> Record {
    #[expect(clippy::disallowed_methods, reason = "a test of this machine is of this moment")]
    let now = Timestamp::now();
    let context = ProbeContext::new(now, Duration::from_secs(LOOK_SECONDS_MAX));
    let name = ProbeName::parse("packages").expect("a word");
    let runtime = tokio::runtime::Runtime::new().expect("a run-time");
    runtime.block_on(vedetta_probes::observe(name, Target::Host, context)).expect("an observation").facts
}

#[test]
fn pending_packages_of_this_machine_are_those_that_apt_lists() {
    let output = Command::new("apt")
        .env("LC_ALL", "C")
        .args(["list", "--upgradable"])
        .output()
        .unwrap_or_else(|error| panic!("this test needs `apt`: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    let lines = text.lines().filter(|line| line.contains("[upgradable from: "));
    let of_apt: BTreeSet<String> = lines
        .map(|line| {
            let words: Vec<&str> = line.split([' ', '/']).collect();
            let [name, _suites, candidate, ..] = words.as_slice() else { panic!("{line}") };
            format!("{} {candidate}", name.split(':').next().unwrap_or(name))
        })
        .collect();
    let facts = look();
    let pending: Vec<Value> = match facts.get("pending") {
        Some(Value::List(list)) => list.items().to_vec(),
        // Nothing known to be pending: apt must say the same.
        Some(Value::Unknown(_)) => Vec::new(),
        other => panic!("{other:?}"),
    };
    let ours: BTreeSet<String> = pending
        .iter()
        .map(|item| {
            let Value::Record(package) = item else { panic!("{item:?}") };
            let text = |field: &str| {
                let Some(Value::Text(text)) = package.get(field) else { panic!("{package:?}") };
                text.clone()
            };
            format!("{} {}", text("name"), text("candidate"))
        })
        .collect();
    assert_eq!(ours, of_apt);
}
