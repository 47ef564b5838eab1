//! Every rule of lint refuses its bad pack with a message that names file, line, column and field.
//!
//! The packs stand in `bad/`, one file a rule, named after what is wrong. The first line of each is
//! `# expect: file:line:column: field: message`, and lint says exactly that first. A file whose name starts with
//! `pack_` stands in for `pack.yaml`, any other for a file of checks.

#![allow(clippy::expect_used, reason = "part of tests: a broken sample must stop them")]

mod support;

use std::path::PathBuf;

use support::{GOOD_CHECK, PACK_HEAD, catalogue};
use vedetta_checks::lint::lint;
use vedetta_checks::pack::PackFiles;

fn cases() -> Vec<(String, String)> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bad"));
    let mut cases: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder of bad packs")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).expect("a text"))
        })
        .collect();
    cases.sort();
    cases
}

fn first_problem(name: &str, text: &str) -> String {
    let (pack, checks) = if name.starts_with("pack_") { (text, GOOD_CHECK) } else { (PACK_HEAD, text) };
    let mut files = PackFiles::new();
    files.insert("pack.yaml", pack).expect("a small file");
    files.insert("sample.yaml", checks).expect("a small file");
    lint(&files, &catalogue()).first().map_or_else(|| "nothing is wrong".to_owned(), ToString::to_string)
}

#[test]
fn every_bad_pack_is_refused_with_its_place_and_reason() {
    let cases = cases();
    assert!(cases.len() >= 70, "only {} bad packs were found", cases.len());
    let mut wrong = Vec::new();
    for (name, text) in cases {
        let expected = text.lines().next().and_then(|line| line.strip_prefix("# expect: ")).unwrap_or_default();
        let found = first_problem(&name, &text);
        if found != expected {
            wrong.push(format!("{name}\n  expects {expected}\n  finds   {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_good_pack_that_they_are_made_from_is_clean() {
    assert_eq!(first_problem("good", GOOD_CHECK), "nothing is wrong");
}
