//! Redaction: what may identify a person is taken out of the evidence before it leaves the check.

use std::borrow::Cow;

use regex::{Regex, RegexBuilder};

use crate::fact::Unknown;
use crate::pack::{Check, RedactRule};

/// Largest compiled rule, in bytes.
const RULE_BYTES_MAX: usize = 256 * 1024;
/// Folders whose next part is a person's name; each becomes `~` together with that part.
const HOMES: &[&str] = &["/home/", "/Users/", "/var/home/", "C:\\Users\\", "C:/Users/"];
/// The home folder of the administrator.
const ROOT_HOME: &str = "/root";

/// The rules of one check, compiled.
#[derive(Debug, Clone)]
pub(crate) struct Redaction(Vec<(Regex, String)>);

impl Redaction {
    /// Compiles the rules of a check; the patterns were tried when the pack was read.
    pub(crate) fn of(check: &Check) -> Self {
        let compile = |rule: &RedactRule| {
            let built = RegexBuilder::new(&rule.pattern).size_limit(RULE_BYTES_MAX).build();
            built.ok().map(|regex| (regex, rule.with.clone()))
        };
        Self(check.redact.iter().filter_map(compile).collect())
    }

    /// A text without home folders and without what the rules take out.
    pub(crate) fn apply<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut redacted = without_homes(text);
        for (regex, with) in &self.0 {
            if regex.is_match(&redacted) {
                redacted = Cow::Owned(regex.replace_all(&redacted, with.as_str()).into_owned());
            }
        }
        redacted
    }

    /// A reason whose detail went through [`Redaction::apply`].
    pub(crate) fn unknown(&self, why: Unknown) -> Unknown {
        let detail = self.apply(&why.detail).into_owned();
        Unknown::new(why.reason, detail)
    }
}

/// A text in which every home folder is `~`, so that it names no person: for facts and evidence alike.
#[must_use]
pub fn without_homes(text: &str) -> Cow<'_, str> {
    let mut redacted = Cow::Borrowed(text);
    for home in HOMES {
        while let Some(at) = redacted.find(home) {
            let (before, tail) = redacted.split_at(at);
            let name = tail.get(home.len()..).unwrap_or_default();
            let end = name.find(['/', '\\', ' ', ':', ',', ';', '"', '\'', ')']).unwrap_or(name.len());
            redacted = Cow::Owned(format!("{before}~{}", name.get(end..).unwrap_or_default()));
        }
    }
    let mut from = 0;
    while let Some(found) = redacted.get(from..).and_then(|rest| rest.find(ROOT_HOME)) {
        let (start, end) = (from + found, from + found + ROOT_HOME.len());
        let is_name =
            |character: Option<char>| character.is_some_and(|one| one.is_alphanumeric() || "._-/".contains(one));
        let before = redacted.get(..start).and_then(|text| text.chars().next_back());
        let after = redacted.get(end..).and_then(|text| text.chars().next());
        if is_name(before) || (after != Some('/') && is_name(after)) {
            from = end;
            continue;
        }
        redacted.to_mut().replace_range(start..end, "~");
        from = start + 1;
    }
    redacted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn home_folders_become_a_tilde() {
        for (text, expected) in [
            ("/home/anna.bianchi/.ssh/id", "~/.ssh/id"),
            ("in /home/x and /home/y/z", "in ~ and ~/z"),
            ("C:\\Users\\Anna\\Desktop", "~\\Desktop"),
            ("/root/.bashrc", "~/.bashrc"),
            ("run by /root", "run by ~"),
            ("/srv/rootfs /etc/root", "/srv/rootfs /etc/root"),
            ("/rooted", "/rooted"),
            ("/usr/bin/sshd", "/usr/bin/sshd"),
        ] {
            assert_eq!(without_homes(text), expected, "{text}");
        }
    }
}
