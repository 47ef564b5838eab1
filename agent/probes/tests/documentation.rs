//! The page for outsiders names exactly what the probes can say.

#![expect(clippy::expect_used, reason = "a page without its headings must fail loudly")]

use std::collections::BTreeSet;

use vedetta_checks::word::ProbeName;
use vedetta_probes::tls::certificate::Problem;

const PAGE: &str = include_str!("../README.md");

/// The rows of the table under a heading, without its head, as cells.
fn rows(heading: &str) -> Vec<Vec<&'static str>> {
    let (_, section) = PAGE.split_once(&format!("\n## {heading}\n")).expect("the heading");
    let section = section.split("\n## ").next().expect("a section");
    let lines = section.lines().filter(|line| line.starts_with('|')).skip(2);
    lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// The words between backticks.
fn words(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// The first cells of a table, each once.
fn named(heading: &str) -> BTreeSet<&'static str> {
    let rows = rows(heading);
    let names: BTreeSet<&str> = rows.iter().flat_map(|row| words(row[0])).collect();
    assert_eq!(names.len(), rows.len(), "{heading}: a row names nothing, several things or something twice");
    names
}

#[test]
fn every_field_of_the_probes_is_explained_and_no_other() {
    let catalogue = vedetta_probes::catalogue();
    for (heading, probe) in [
        ("Fields of `tls`", "tls"),
        ("Fields of `http`", "http"),
        ("Fields of `dns`", "dns"),
        ("Fields of `mail`", "mail"),
        ("Fields of `packages`", "packages"),
        ("Fields of `services`", "services"),
        ("Fields of `host`", "host"),
        ("Fields of `software`", "software"),
        ("Fields of `ports`", "ports"),
        ("Fields of `windows`", "windows"),
    ] {
        let spec = catalogue.get(&ProbeName::from_static(probe)).expect("the probe");
        let fields: BTreeSet<&str> = spec.observation.fields.iter().map(|field| field.name).collect();
        assert_eq!(named(heading), fields, "{heading}");
    }
}

#[test]
fn every_problem_of_certificates_is_explained_and_no_other() {
    let problems: BTreeSet<&str> = Problem::ALL.iter().map(|problem| problem.word()).collect();
    assert_eq!(named("Problems of certificates"), problems);
}

#[test]
fn every_problem_of_names_and_mail_is_explained_and_no_other() {
    for (part, words) in vedetta_probes::problems::by_part() {
        let words: BTreeSet<&str> = words.into_iter().collect();
        assert_eq!(named(&format!("Problems: {part}")), words, "{part}");
    }
}

#[test]
fn every_row_has_a_meaning() {
    let parts = vedetta_probes::problems::by_part();
    let problems = parts.iter().map(|(part, _)| format!("Problems: {part}"));
    let fields =
        ["tls", "http", "dns", "dnssec", "mail", "packages", "services", "host", "software", "ports", "windows"]
            .map(|own| format!("Fields of `{own}`"));
    let headings: Vec<String> =
        fields.into_iter().chain(problems).chain(["Problems of certificates".to_owned()]).collect();
    for heading in headings.iter().map(String::as_str) {
        for row in rows(heading) {
            assert!(row.len() == 2 && !row[1].is_empty(), "{heading}: {row:?}");
        }
    }
}

#[test]
fn every_reason_of_an_error_exists() {
    let known: BTreeSet<&str> = vedetta_checks::reason::REASONS.iter().map(|(word, _, _)| *word).collect();
    for row in rows("Errors") {
        for reason in words(row[2]) {
            assert!(known.contains(reason), "{reason}");
        }
    }
}

#[test]
fn every_kind_of_probe_is_named() {
    let kinds = PAGE.lines().find(|line| line.starts_with("Kinds: ")).expect("the kinds");
    let kinds: Vec<&str> = words(kinds.split(". ").next().expect("the list")).collect();
    let catalogue = vedetta_probes::catalogue();
    assert_eq!(kinds, catalogue.iter().map(|spec| spec.name.as_str()).collect::<Vec<_>>());
}
