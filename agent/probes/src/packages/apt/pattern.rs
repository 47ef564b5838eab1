//! Patterns in the preferences of apt: `lib*`, or `/^lib/` for a regular expression. Letters match in either case.

use regex::{Regex, RegexBuilder};

/// Largest compiled pattern, in bytes.
const COMPILED_BYTES_MAX: usize = 256 * 1024;
/// Characters that make a shell pattern of a text, fnmatch(3).
const SHELL_CHARACTERS: [char; 4] = ['*', '?', '[', '\\'];

/// One pattern.
#[derive(Debug, Clone)]
pub(super) enum Pattern {
    /// A text without a sign of a pattern.
    Plain(String),
    /// Anything else.
    Expression(Regex),
}

impl Pattern {
    /// Parses a pattern; none when it is no valid expression. apt lets such a one match nothing.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let slashed = text.strip_prefix('/').and_then(|inner| inner.strip_suffix('/'));
        if slashed.is_none() && !text.contains(SHELL_CHARACTERS) {
            return Some(Self::Plain(text.to_owned()));
        }
        let expression = slashed.map_or_else(|| expression_of_glob(text), str::to_owned);
        let mut builder = RegexBuilder::new(&expression);
        builder.case_insensitive(true).dot_matches_new_line(true).size_limit(COMPILED_BYTES_MAX);
        builder.build().ok().map(Self::Expression)
    }

    /// Whether the text matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Plain(plain) => plain.eq_ignore_ascii_case(text),
            Self::Expression(expression) => expression.is_match(text),
        }
    }
}

/// The regular expression of a shell pattern, fnmatch(3).
fn expression_of_glob(glob: &str) -> String {
    let mut expression = String::from("^");
    let mut rest = glob.chars();
    while let Some(character) = rest.next() {
        match character {
            '*' => expression.push_str(".*"),
            '?' => expression.push('.'),
            '\\' => expression.push_str(&regex::escape(rest.next().unwrap_or('\\').encode_utf8(&mut [0; 4]))),
            '[' => match rest.as_str().split_once(']') {
                Some((set, after)) if !set.is_empty() => {
                    let negated = set.strip_prefix('!').or_else(|| set.strip_prefix('^'));
                    let (sign, set) = negated.map_or(("", set), |negated| ("^", negated));
                    expression.push_str(&format!("[{sign}{}]", escape_set(set)));
                    rest = after.chars();
                }
                Some(_) | None => expression.push_str(r"\["),
            },
            literal => expression.push_str(&regex::escape(literal.encode_utf8(&mut [0; 4]))),
        }
    }
    expression.push('$');
    expression
}

/// The characters of a set, with those escaped that mean something more in a regular expression.
fn escape_set(set: &str) -> String {
    let mut escaped = String::with_capacity(set.len());
    for character in set.chars() {
        if matches!(character, '\\' | '[' | '^' | '&' | '~') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_a_shell_or_as_an_expression() {
        for (pattern, text, expected) in [
            ("bookworm*", "bookworm-security", true),
            ("bookworm", "bookworm-security", false),
            ("*", "anything", true),
            ("*", "", true),
            ("", "", true),
            ("", "x", false),
            ("lib?", "libc", true),
            ("lib[ab]", "libc", false),
            ("lib[!ab]", "libc", true),
            ("lib[a-c]", "libb", true),
            ("[]", "[]", true),
            ("Debian-Security", "debian-security", true),
            ("g++", "g++", true),
            ("/^linux-/", "linux-image-amd64", true),
            ("/^linux-/", "util-linux-extra", false),
            ("/linux-(image|headers)-[0-9]+/", "linux-headers-6", true),
        ] {
            assert_eq!(
                Pattern::parse(pattern).is_some_and(|parsed| parsed.matches(text)),
                expected,
                "{pattern} {text}"
            );
        }
        assert!(Pattern::parse("/(/").is_none());
    }
}
