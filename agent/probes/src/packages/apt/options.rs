//! Options that several entries give to one source. apt refuses every source where two of them contradict each other, as a
//! repository does that its maker has set up twice with keys in different places.

use std::collections::HashMap;

/// What is said when they do.
pub(super) const CONTRADICTION: &str =
    "an entry for the same address and suite has other options (`Signed-By`, `Trusted`): apt refuses all sources";
/// Names of the options that are compared, in lines as in stanzas: the keys, then those that must be the same or set by none.
pub(super) const NAMES: [&str; 7] = [
    "signed-by",
    "trusted",
    "check-valid-until",
    "check-date",
    "allow-insecure",
    "allow-weak",
    "allow-downgrade-to-insecure",
];

/// The options of one entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Options {
    /// The keys: a file, several, or a key itself.
    signed_by: String,
    /// The switches, with each spelling of yes and no as one.
    switches: Vec<Option<bool>>,
}

impl Options {
    /// From the values in the order of [`NAMES`]; empty where none is set.
    pub(super) fn new(values: [&str; 7]) -> Self {
        let [signed_by, switches @ ..] = values;
        Self { signed_by: signed_by.to_owned(), switches: switches.iter().map(|value| switch(value)).collect() }
    }
}

/// Whether a word says yes or no, as apt reads it; none when it says neither.
pub(super) fn switch(value: &str) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| value.eq_ignore_ascii_case(word));
    if is(&["yes", "true", "1", "on", "enable", "with"]) {
        Some(true)
    } else if is(&["no", "false", "0", "off", "disable", "without"]) {
        Some(false)
    } else {
        None
    }
}

/// The options of every source so far, by address and suite.
#[derive(Debug, Default)]
pub(super) struct Given(HashMap<(String, String), Options>);

impl Given {
    /// Takes the options of one more entry; false when they contradict an earlier one. Keys may be told later, but not
    /// left out later.
    pub(super) fn agrees(&mut self, address: &str, suite: &str, options: &Options) -> bool {
        let key = (address.trim_end_matches('/').to_owned(), suite.to_owned());
        let Some(earlier) = self.0.get_mut(&key) else {
            self.0.insert(key, options.clone());
            return true;
        };
        if earlier.signed_by.is_empty() {
            earlier.signed_by.clone_from(&options.signed_by);
        }
        earlier == options
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_contradict_each_other_as_apt_sees_it() {
        const NONE: [&str; 7] = [""; 7];
        let key = |file| [file, "", "", "", "", "", ""];
        let trusted = |word| ["", word, "", "", "", "", ""];
        for (first, second, agree) in [
            (NONE, NONE, true),
            (key("/x.gpg"), key("/x.gpg"), true),
            (key("/x.gpg"), key("/y.gpg"), false),
            (key("/x.gpg"), NONE, false),
            (NONE, key("/x.gpg"), true),
            (key("/x.gpg,/y.gpg"), key("/y.gpg,/x.gpg"), false),
            (trusted("yes"), trusted("true"), true),
            (trusted("yes"), NONE, false),
            (NONE, trusted("yes"), false),
        ] {
            let mut given = Given::default();
            assert!(given.agrees("http://a/debian", "s", &Options::new(first)));
            assert!(given.agrees("http://a/debian", "t", &Options::new(second)), "another suite");
            assert_eq!(given.agrees("http://a/debian/", "s", &Options::new(second)), agree, "{first:?} {second:?}");
        }
    }
}
