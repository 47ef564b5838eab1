//! Nothing that a pack can write breaks the program: no panic, no endless run, no deep recursion.

mod support;

use proptest::prelude::*;
use support::{catalogue, check_text, fail_clause, judge_with, pack_of, sample, unknown};
use vedetta_checks::lint::lint;
use vedetta_checks::pack::PackFiles;

/// Pieces from which random expressions are put together, right and wrong.
const PIECES: &[&str] = &[
    "count",
    "name",
    "items",
    "tags",
    "hidden",
    "now",
    "not_after",
    "i.port",
    "params.limit",
    "host.is_root",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ".",
    "?",
    ":",
    "!",
    "-",
    "+",
    "*",
    "/",
    "%",
    "==",
    "!=",
    "<",
    ">=",
    "&&",
    "||",
    " in ",
    "1",
    "0",
    "9223372036854775807",
    "-9223372036854775808",
    "2.5",
    "3u",
    "null",
    "true",
    "'a'",
    "\"b\"",
    "b'x'",
    "r'\\d'",
    "'",
    "items.exists(i, ",
    "items.all(i, ",
    "tags.filter(t, ",
    "tags.map(t, ",
    "size(",
    "has(",
    ".matches('",
    "\\",
    "`",
    "\n",
    "è",
    "//",
    "days_between(now, ",
    "in_cidr(address, ",
    "version_less('dpkg', ",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, ..ProptestConfig::default() })]

    #[test]
    fn any_row_of_pieces_is_judged_or_refused(row in prop::collection::vec(prop::sample::select(PIECES), 1..24)) {
        let when = row.concat();
        if pack_of(&check_text(&fail_clause(&when))).is_ok() {
            judge_with(&fail_clause(&when), sample());
            judge_with(&fail_clause(&when), unknown(sample()));
        }
    }

    #[test]
    fn any_text_is_a_pack_or_refused(text in "[ -~\n]{0,200}") {
        let mut files = PackFiles::new();
        files.insert("pack.yaml", support::PACK_HEAD).expect("a small file");
        files.insert("sample.yaml", text).expect("a small file");
        prop_assert!(!lint(&files, &catalogue()).is_empty());
    }
}

#[test]
fn a_long_or_deep_expression_is_refused_and_does_not_exhaust_the_stack() {
    for when in [
        "(".repeat(1_000) + "count > 3" + &")".repeat(1_000),
        "!".repeat(1_500) + "certain",
        "-".repeat(1_500) + "count > 3",
        "certain ? ".repeat(150) + "certain" + &" : certain".repeat(150),
        "[".repeat(1_000) + &"]".repeat(1_000),
        "count".to_owned() + &" + 1".repeat(480) + " > 3",
        "certain".to_owned() + &" && certain".repeat(180),
        "name".to_owned() + &".x".repeat(900),
        "x".repeat(3_000),
        "size(".repeat(300) + "tags" + &")".repeat(300),
    ] {
        let outcome = pack_of(&check_text(&fail_clause(&when)));
        if outcome.is_ok() {
            judge_with(&fail_clause(&when), sample());
        }
    }
}

#[test]
fn deep_yaml_is_refused() {
    for text in ["[".repeat(5_000), "- ".repeat(5_000), "{a: ".repeat(5_000), "a: &x [*x]".to_owned()] {
        let mut files = PackFiles::new();
        files.insert("pack.yaml", support::PACK_HEAD).expect("a small file");
        files.insert("sample.yaml", text).expect("a small file");
        assert!(!lint(&files, &catalogue()).is_empty());
    }
}
