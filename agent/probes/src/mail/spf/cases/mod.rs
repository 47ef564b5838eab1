//! Policies and what is said of them, as data. The root is always `example.it`.

mod limits;
mod records;
mod trees;

use vedetta_checks::fact::Fact;

use super::gather::Seen;
use super::told;
use crate::mail::facts::SpfFacts;

fn audit(world: &str) -> SpfFacts {
    told::facts(&Seen::of_world(world, "example.it"), "example.it")
}

/// `verdict all lookups void_lookups addresses`, then each problem with its term.
fn summary(facts: &SpfFacts) -> String {
    let text = |fact: &Fact<String>| fact.known().cloned().unwrap_or_else(|| "unknown".to_owned());
    let number = |fact: &Fact<i64>| fact.known().map_or_else(|| "unknown".to_owned(), i64::to_string);
    let problems = facts.problems.known().into_iter().flatten();
    let problems: Vec<String> = problems.map(|problem| format!("; {} {}", problem.problem, problem.subject)).collect();
    format!(
        "{} {} {} {} {}{}",
        text(&facts.verdict),
        text(&facts.all),
        number(&facts.lookups),
        number(&facts.void_lookups),
        number(&facts.addresses),
        problems.concat()
    )
}

fn assert_summaries(cases: &[(&str, &str)]) {
    for (world, expected) in cases {
        assert_eq!(summary(&audit(world)), *expected, "{world}");
    }
}

/// The policy alone, with nothing else in the world.
fn assert_records(cases: &[(&str, &str)]) {
    for (record, expected) in cases {
        assert_eq!(summary(&audit(&format!("example.it TXT {record}"))), *expected, "{record}");
    }
}
