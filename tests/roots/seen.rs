//! What the real agent says of a root.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use jiff::Timestamp;
use serde_json::Value;
use vedetta_tests::program::{ask, ours};

/// The observation of the packages probe.
#[derive(Debug)]
pub(crate) struct Seen(pub(crate) Value);

/// Runs `vedetta-agent probe packages --root ROOT --now NOW`, as a person would.
pub(crate) fn probe(root: &Path, now: Timestamp) -> Seen {
    let state = tempfile::tempdir().unwrap();
    let mut command = Command::new(ours("vedetta-agent"));
    command.arg("--state").arg(state.path()).args(["probe", "packages", "--format", "json"]);
    command.arg("--root").arg(root).arg("--now").arg(now.to_string());
    let answer = ask(&mut command).with_code(0).json();
    Seen(answer["observation"].clone())
}

impl Seen {
    /// `pending`, `none`, or the reason why it is unknown.
    #[track_caller]
    pub(crate) fn state(&self) -> &str {
        match self.0["state"].as_str().unwrap() {
            "unknown" => self.0["reason"].as_str().unwrap(),
            state => state,
        }
    }

    /// The sentence that says why it is unknown.
    pub(crate) fn sentence(&self) -> &str {
        self.0["sentence"].as_str().unwrap()
    }

    /// The pending packages as `name architecture installed candidate`; an unknown list is no list.
    pub(crate) fn pending(&self) -> BTreeSet<String> {
        self.rows(|_| true)
    }

    /// Names of the pending packages for which a flag is set.
    pub(crate) fn flagged(&self, flag: &str) -> BTreeSet<String> {
        let names = self.rows(|row| row[flag].as_bool().unwrap());
        names.iter().map(|row| row.split(' ').next().unwrap().to_owned()).collect()
    }

    /// One pending package.
    #[track_caller]
    pub(crate) fn package(&self, name: &str) -> &Value {
        let found = self.0["pending"].as_array().into_iter().flatten().find(|row| row["name"] == name);
        found.unwrap_or_else(|| panic!("{name} is not pending in {}", self.0["pending"]))
    }

    fn rows(&self, belongs: impl Fn(&Value) -> bool) -> BTreeSet<String> {
        let row = |row: &Value| {
            ["name", "architecture", "installed", "candidate"].map(|field| row[field].as_str().unwrap()).join(" ")
        };
        self.0["pending"].as_array().into_iter().flatten().filter(|row| belongs(row)).map(row).collect()
    }

    /// Holds that the answer is a doubt for this reason, that its sentence names the culprit, and that nothing else of it
    /// says "nothing".
    #[track_caller]
    pub(crate) fn doubts(&self, reason: &str, culprit: &str) {
        assert_eq!(self.state(), reason, "{}", self.sentence());
        assert!(self.sentence().contains(culprit), "`{culprit}` is not in: {}", self.sentence());
        self.never_says_nothing();
    }

    /// Holds that no fact says "nothing" where the state is a doubt.
    #[track_caller]
    pub(crate) fn never_says_nothing(&self) {
        for count in ["pending_count", "pending_security_count", "held_security_count"] {
            assert_ne!(self.0[count], 0, "{count} while {}", self.sentence());
        }
        assert_ne!(self.0["pending"], serde_json::json!([]), "{}", self.sentence());
    }
}
