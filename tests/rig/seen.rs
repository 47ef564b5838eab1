//! What the probe says of a server.

use std::collections::BTreeSet;

use serde_json::Value;
use vedetta_tests::agent::Agent;
use vedetta_tests::program::Answer;
use vedetta_tests::rig::keys::NAME;

use crate::eyes::{self, Blind};
use crate::truth::{Suites, VERSIONS, only};

/// Longest look at one server, in seconds.
const DEADLINE: &str = "30";

/// Runs the probe on a port of 127.0.0.1, with further options.
pub(crate) fn probe(port: u16, options: &[&str]) -> Answer {
    let target = format!("tls://127.0.0.1:{port}?sni={NAME}");
    let mut arguments = vec!["probe", "tls", &target, "--format", "json"];
    if !options.contains(&"--deadline") {
        arguments.extend(["--deadline", DEADLINE]);
    }
    arguments.extend(options);
    Agent::new("").ask(&arguments)
}

/// Holds that nmap, sslscan and the probe see exactly these suites, but for what the first two are known to be blind to.
#[track_caller]
pub(crate) fn exactly(port: u16, truth: &Suites, blind: &[Blind], options: &[&str]) -> Seen {
    eyes::agree(port, truth, blind);
    let seen = Seen::with(port, options);
    assert_eq!(seen.suites(), *truth, "as the probe sees it (left) and as the server was told");
    seen
}

/// An observation.
pub(crate) struct Seen(Value);

impl Seen {
    /// Looks at a port of 127.0.0.1.
    #[track_caller]
    pub(crate) fn at(port: u16) -> Self {
        Self::with(port, &[])
    }

    /// The same with further options.
    #[track_caller]
    pub(crate) fn with(port: u16, options: &[&str]) -> Self {
        let document = probe(port, options).with_code(0).json();
        Self(document["observation"].clone())
    }

    /// Accepted suites by version; every version must be known.
    #[track_caller]
    pub(crate) fn suites(&self) -> Suites {
        let mut suites = only([]);
        for version in VERSIONS {
            suites.insert(version, self.list(&["protocols", version]).into_iter().collect());
        }
        suites
    }

    /// A field by its path.
    pub(crate) fn field(&self, path: &[&str]) -> &Value {
        path.iter().fold(&self.0, |value, name| &value[*name])
    }

    /// A field that is a list of texts.
    #[track_caller]
    pub(crate) fn list(&self, path: &[&str]) -> Vec<String> {
        let value = self.field(path);
        let list = value.as_array().unwrap_or_else(|| panic!("{path:?} is {value}, no list: {}", self.0));
        list.iter().map(|item| item.as_str().unwrap().to_owned()).collect()
    }

    /// The same without its order.
    #[track_caller]
    pub(crate) fn set(&self, path: &[&str]) -> BTreeSet<String> {
        self.list(path).into_iter().collect()
    }

    /// Holds that a field has this value.
    #[track_caller]
    pub(crate) fn says(&self, path: &[&str], expected: impl Into<Value>) {
        assert_eq!(*self.field(path), expected.into(), "{path:?} in {}", self.0);
    }

    /// Problems of each certificate that the server has, together.
    #[track_caller]
    pub(crate) fn problems(&self) -> Vec<Vec<String>> {
        let sets = self.field(&["certificates"]).as_array().unwrap_or_else(|| panic!("no certificates in {}", self.0));
        let words = |set: &Value| {
            let problems = set["problems"].as_array().unwrap_or_else(|| panic!("no problems in {set}"));
            problems.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
        };
        sets.iter().map(words).collect()
    }

    /// The whole, for messages.
    pub(crate) fn whole(&self) -> &Value {
        &self.0
    }
}
