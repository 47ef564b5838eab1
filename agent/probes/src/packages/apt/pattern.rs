//! Patterns in the preferences of apt: `lib*`, or `/^lib/` for a regular expression. Letters match in either case.

use regex::{Regex, RegexBuilder};

/// Largest compiled pattern, in bytes.
const COMPILED_BYTES_MAX: usize = 256 * 1024;

/// One pattern.
#[derive(Debug, Clone)]
pub(super) struct Pattern(Regex);

impl Pattern {
    /// Parses a pattern; none when it is no valid expression. apt lets such a one match nothing.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let expression = match text.strip_prefix('/').and_then(|inner| inner.strip_suffix('/')) {
            Some(expression) => expression.to_owned(),
            None => expression_of_glob(text),
        };
        let built = RegexBuilder::new(&expression).case_insensitive(true).size_limit(COMPILED_BYTES_MAX).build();
        built.ok().map(Self)
    }

    /// Whether the text matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
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
            '[' => match rest.as_str().split_once(']') {
                Some((set, after)) => {
                    let (sign, set) = set.strip_prefix('!').map_or(("", set), |negated| ("^", negated));
                    expression.push_str(&format!("[{sign}{}]", set.replace('\\', r"\\").replace('[', r"\[")));
                    rest = after.chars();
                }
                None => expression.push_str(r"\["),
            },
            literal => expression.push_str(&regex::escape(literal.encode_utf8(&mut [0; 4]))),
        }
    }
    expression.push('$');
    expression
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
            ("lib?", "libc", true),
            ("lib[ab]", "libc", false),
            ("lib[!ab]", "libc", true),
            ("Debian-Security", "debian-security", true),
            ("g++", "g++", true),
            ("/^linux-/", "linux-image-amd64", true),
            ("/^linux-/", "util-linux-extra", false),
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
