//! `Strict-Transport-Security` (RFC 6797): for how long browsers come back over HTTPS only.

use super::facts::HstsFacts;
use super::head::Head;

const FIELD: &str = "strict-transport-security";

/// Reads the field of an answer over HTTPS, and notes when it came only in clear text, where browsers ignore it.
pub(crate) fn read(secure: &Head, clear: Option<&Head>) -> HstsFacts {
    let mut values = secure.all(FIELD);
    let first = values.next();
    let mut problems = Vec::new();
    if values.next().is_some() {
        // Browsers obey the first (section 8.1).
        problems.push("duplicated".to_owned());
    }
    if first.is_none() && clear.is_some_and(|head| head.first(FIELD).is_some()) {
        problems.push("only_on_http".to_owned());
    }
    let policy = first.map(parse);
    if let Some(Err(problem)) = &policy {
        problems.push((*problem).to_owned());
    }
    let policy = policy.and_then(Result::ok).unwrap_or_default();
    if policy.preload && !policy.is_fit_for_preload() {
        problems.push("preload_not_possible".to_owned());
    }
    problems.sort();
    HstsFacts {
        present: first.is_some(),
        max_age: policy.max_age,
        include_subdomains: policy.include_subdomains,
        preload: policy.preload,
        problems,
    }
}

/// What a valid field says; nothing in effect by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Policy {
    max_age: i64,
    include_subdomains: bool,
    preload: bool,
}

impl Policy {
    /// Least period that the browsers' common list asks for, in seconds: one year.
    const PRELOAD_SECONDS_MIN: i64 = 31_536_000;

    const fn is_fit_for_preload(self) -> bool {
        self.max_age >= Self::PRELOAD_SECONDS_MIN && self.include_subdomains
    }
}

/// Reads one value by section 6.1; a value that breaks its rules is ignored by browsers as a whole.
fn parse(value: &str) -> Result<Policy, &'static str> {
    let mut policy = Policy::default();
    let mut seen: Vec<String> = Vec::new();
    for directive in value.split(';').map(str::trim).filter(|directive| !directive.is_empty()) {
        let (name, argument) = match directive.split_once('=') {
            Some((name, argument)) => (name.trim(), Some(unquoted(argument.trim()))),
            None => (directive, None),
        };
        let name = name.to_ascii_lowercase();
        if seen.contains(&name) || name.contains(|character: char| character.is_whitespace() || character == ',') {
            return Err("malformed");
        }
        match (name.as_str(), argument) {
            ("max-age", Some(seconds)) if !seconds.is_empty() && seconds.bytes().all(|byte| byte.is_ascii_digit()) => {
                policy.max_age = seconds.parse().unwrap_or(i64::MAX);
            }
            ("max-age", _) => return Err("malformed"),
            ("includesubdomains", _) => policy.include_subdomains = true,
            ("preload", _) => policy.preload = true,
            _ => {}
        }
        seen.push(name);
    }
    if seen.iter().any(|name| name == "max-age") { Ok(policy) } else { Err("no_max_age") }
}

fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::head;

    fn answer(fields: &str) -> Head {
        head::parse(format!("HTTP/1.1 200 OK\r\n{fields}\r\n").as_bytes()).expect("a head")
    }

    #[test]
    fn values_are_read_by_the_rules_of_browsers() {
        for (value, max_age, problems) in [
            ("max-age=63072000; includeSubDomains; preload", 63_072_000, &[][..]),
            ("MAX-AGE=\"600\"", 600, &[]),
            ("max-age=600;;unknown=x", 600, &[]),
            ("max-age=0", 0, &[]),
            ("includeSubDomains", 0, &["no_max_age"]),
            ("max-age=abc", 0, &["malformed"]),
            ("max-age=-1", 0, &["malformed"]),
            ("max-age=1; max-age=2", 0, &["malformed"]),
            ("max-age=600, max-age=600", 0, &["malformed"]),
            ("max-age=600; preload", 600, &["preload_not_possible"]),
        ] {
            let facts = read(&answer(&format!("Strict-Transport-Security: {value}\r\n")), None);
            assert!(facts.present);
            assert_eq!(
                (facts.max_age, facts.problems.as_slice()),
                (max_age, problems.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>().as_slice()),
                "{value}"
            );
        }
    }

    #[test]
    fn the_first_of_two_fields_counts() {
        let facts =
            read(&answer("Strict-Transport-Security: max-age=1\r\nStrict-Transport-Security: max-age=2\r\n"), None);
        assert_eq!((facts.max_age, facts.problems), (1, vec!["duplicated".to_owned()]));
    }

    #[test]
    fn a_field_in_clear_text_alone_is_no_protection() {
        let facts = read(&answer(""), Some(&answer("Strict-Transport-Security: max-age=1\r\n")));
        assert_eq!((facts.present, facts.max_age, facts.problems), (false, 0, vec!["only_on_http".to_owned()]));
    }
}
