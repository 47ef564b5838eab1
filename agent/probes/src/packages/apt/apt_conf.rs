//! The few settings of apt that matter here, apt.conf(5).

use std::collections::BTreeMap;

use crate::files::{FileError, Root};

/// Largest configuration file, in bytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// Deepest nesting of blocks.
const DEPTH_MAX: usize = 32;

/// Settings by name in lower case: `apt::periodic::unattended-upgrade`. A later file overrides an earlier one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct AptConf(BTreeMap<String, String>);

impl AptConf {
    /// Reads the configuration in apt's order: the parts by name, then the main file.
    ///
    /// # Errors
    /// [`FileError`] of a file that is there and cannot be read.
    pub(super) fn read(root: &Root) -> Result<Self, FileError> {
        let mut conf = Self::default();
        let folder = "/etc/apt/apt.conf.d";
        let names = match root.names(folder) {
            Err(error) if !error.is_not_found() => return Err(error),
            names => names.unwrap_or_default(),
        };
        let parts = names.iter().filter(|name| is_read_by_apt(name)).map(|name| format!("{folder}/{name}"));
        for path in parts.chain(["/etc/apt/apt.conf".to_owned()]) {
            match root.read_text(&path, FILE_BYTES_MAX) {
                Err(error) if error.is_not_found() => {}
                text => conf.parse(&text?),
            }
        }
        Ok(conf)
    }

    /// One setting; empty when it is not set.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// Whether a setting names a time that is not zero: `1`, `7d`, `always`.
    pub(super) fn is_on(&self, name: &str) -> bool {
        let value = self.get(name);
        value == "always" || value.trim_start_matches('0').starts_with(|first: char| first.is_ascii_digit())
    }

    fn parse(&mut self, text: &str) {
        let mut outer: Vec<String> = Vec::new();
        let mut words: Vec<String> = Vec::new();
        for token in tokens(text) {
            match token {
                Token::Word(word) => words.push(word),
                Token::Open => {
                    let name = words.first().cloned().unwrap_or_default();
                    words.clear();
                    if outer.len() == DEPTH_MAX {
                        return;
                    }
                    outer.push(name);
                }
                Token::Close => {
                    words.clear();
                    outer.pop();
                }
                Token::End => {
                    if let [name, value] = words.as_slice() {
                        let parts = outer.iter().chain([name]).map(String::as_str).collect::<Vec<_>>();
                        self.0.insert(parts.join("::").to_ascii_lowercase(), value.clone());
                    }
                    words.clear();
                }
            }
        }
    }
}

/// Whether apt reads a file of the folder: no ending or `.conf`.
fn is_read_by_apt(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let stem = name.strip_suffix(".conf").unwrap_or(name);
    !name.starts_with('.') && name.bytes().all(allowed) && !stem.contains('.')
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Open,
    Close,
    End,
}

/// Parts a text into words, braces and semicolons; comments are left out.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let after = rest.get(first.len_utf8()..).unwrap_or_default();
        rest = match first {
            '{' => {
                tokens.push(Token::Open);
                after
            }
            '}' => {
                tokens.push(Token::Close);
                after
            }
            ';' => {
                tokens.push(Token::End);
                after
            }
            '"' => {
                let (word, behind) = after.split_once('"').unwrap_or((after, ""));
                tokens.push(Token::Word(word.to_owned()));
                behind
            }
            '#' => after.split_once('\n').map_or("", |(_, behind)| behind),
            _ if rest.starts_with("//") => rest.split_once('\n').map_or("", |(_, behind)| behind),
            _ if rest.starts_with("/*") => rest.split_once("*/").map_or("", |(_, behind)| behind),
            _ => {
                let end =
                    rest.find(|c: char| c.is_whitespace() || matches!(c, '{' | '}' | ';' | '"')).unwrap_or(rest.len());
                let (word, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
                tokens.push(Token::Word(word.to_owned()));
                behind
            }
        }
        .trim_start();
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_flat_and_in_blocks_and_the_last_one_wins() {
        let mut conf = AptConf::default();
        conf.parse(
            "// APT::Periodic::X \"1\";\nAPT::Periodic::Update-Package-Lists \"1\";\n# comment\n\
             APT { Periodic { Unattended-Upgrade \"0\"; /* \"2\" */ }; Default-Release \"bookworm\"; };\n\
             DPkg::Post-Invoke { \"rm -f /x || true\"; };\nAPT::Periodic::Unattended-Upgrade \"7d\";",
        );
        assert!(conf.is_on("apt::periodic::update-package-lists"));
        assert!(conf.is_on("apt::periodic::unattended-upgrade"));
        assert_eq!(conf.get("apt::default-release"), "bookworm");
        assert_eq!(conf.get("apt::periodic::x"), "");
    }

    #[test]
    fn zero_and_nothing_are_off() {
        let mut conf = AptConf::default();
        conf.parse("A \"0\"; B \"\"; C \"00\"; D \"always\"; E \"10\"; F");
        let on: Vec<_> = ["a", "b", "c", "d", "e", "f"].map(|name| conf.is_on(name)).into();
        assert_eq!(on, [false, false, false, true, true, false]);
    }

    #[test]
    fn a_broken_file_ends_without_harm() {
        for text in ["{{{{", "}}}}", "A \"unended", "/* unended", "A { B", ";;;", &"{".repeat(10_000)] {
            AptConf::default().parse(text);
        }
    }
}
