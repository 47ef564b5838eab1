//! The settings of an SSH server by keyword, sshd_config(5): read from its files, or from what `sshd -T` prints.

use std::collections::BTreeMap;

use super::super::patterns;
use crate::files::{FileError, Root};

/// Main configuration file, that of a distribution which keeps its own apart, and the folder of a relative `Include`.
const MAIN: &str = "/etc/ssh/sshd_config";
const MAIN_OF_DISTRIBUTION: &str = "/usr/etc/ssh/sshd_config";
const FOLDER: &str = "/etc/ssh";
/// Largest configuration file, in bytes.
const FILE_BYTES_MAX: u64 = 256 * 1024;
/// Deepest nesting of `Include`, as sshd's own limit.
const INCLUDES_DEPTH_MAX: usize = 16;
/// Most files read in all.
const FILES_MAX: usize = 256;
/// The keywords that are looked at, in lower case.
const KEYWORDS: &[&str] = &[
    "authenticationmethods",
    "ciphers",
    "hostkeyalgorithms",
    "kbdinteractiveauthentication",
    "kexalgorithms",
    "macs",
    "maxauthtries",
    "passwordauthentication",
    "permitemptypasswords",
    "permitrootlogin",
    "usepam",
    "x11forwarding",
];
/// Older names of keywords.
const ALIASES: &[(&str, &str)] = &[
    ("challengeresponseauthentication", "kbdinteractiveauthentication"),
    ("skeyauthentication", "kbdinteractiveauthentication"),
];

/// Which part of the files is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// What holds for everybody.
    Everybody,
    /// `Match all`: for everybody too, and stronger.
    MatchAll,
    /// Any other `Match`: for some users or addresses.
    Some,
}

/// The settings: the first value of a keyword counts.
#[derive(Debug, Default)]
pub(super) struct Settings {
    values: BTreeMap<&'static str, String>,
    of_match_all: BTreeMap<&'static str, String>,
    exceptions: Vec<(&'static str, String)>,
    /// The files of the server's keys, in their order; empty for the server's own choice.
    pub host_keys: Vec<String>,
    files: usize,
}

impl Settings {
    /// Reads the files.
    ///
    /// # Errors
    /// [`FileError`] of the first file that is there and cannot be read.
    pub(super) fn of_files(root: &Root) -> Result<Self, FileError> {
        let is_own = !root.is_absent(MAIN) || root.is_absent(MAIN_OF_DISTRIBUTION);
        let mut settings = Self::default();
        settings.read(root, if is_own { MAIN } else { MAIN_OF_DISTRIBUTION }, 0, &mut Part::Everybody.clone())?;
        Ok(settings)
    }

    /// Reads any text as the main file: nothing may panic.
    pub(super) fn fuzz(root: &Root, text: &str) -> Self {
        let mut settings = Self::default();
        let _unreadable = settings.take_text(root, text, 0, &mut Part::Everybody.clone());
        settings
    }

    /// Takes what `sshd -T` prints: one keyword a line, with every default filled in.
    pub(super) fn of_server(out: &str) -> Self {
        let mut settings = Self::default();
        for line in out.lines() {
            settings.take(&words(line), Part::Everybody);
        }
        settings
    }

    /// The value that holds for everybody; none where the server's own default does.
    pub(super) fn get(&self, keyword: &str) -> Option<&str> {
        self.of_match_all.get(keyword).or_else(|| self.values.get(keyword)).map(String::as_str)
    }

    /// A switch, with the server's own default.
    pub(super) fn is_on(&self, keyword: &str, default: bool) -> bool {
        self.get(keyword).map_or(default, |value| value.eq_ignore_ascii_case("yes"))
    }

    /// Whether `Match` blocks set a keyword otherwise than for everybody.
    pub(super) fn has_exceptions(&self, default_of: impl Fn(&str) -> &'static str) -> bool {
        let is_other = |(keyword, value): &(&'static str, String)| {
            let for_everybody = self.get(keyword).unwrap_or_else(|| default_of(keyword));
            !value.eq_ignore_ascii_case(for_everybody)
        };
        self.exceptions.iter().any(is_other)
    }

    fn read(&mut self, root: &Root, path: &str, depth: usize, part: &mut Part) -> Result<(), FileError> {
        self.files += 1;
        if depth > INCLUDES_DEPTH_MAX || self.files > FILES_MAX {
            return Err(FileError::TooMany { path: path.to_owned(), count_max: FILES_MAX });
        }
        let text = root.read_text(path, FILE_BYTES_MAX)?;
        self.take_text(root, &text, depth, part)
    }

    fn take_text(&mut self, root: &Root, text: &str, depth: usize, part: &mut Part) -> Result<(), FileError> {
        for line in text.lines() {
            let words = words(line);
            let (Some(keyword), Some(value)) = (words.first(), words.get(1)) else { continue };
            if keyword == "match" {
                *part = if value.eq_ignore_ascii_case("all") { Part::MatchAll } else { Part::Some };
            } else if keyword == "include" {
                for pattern in words.iter().skip(1) {
                    self.include(root, pattern, depth, *part)?;
                }
            } else {
                self.take(&words, *part);
            }
        }
        Ok(())
    }

    /// Reads the files that a pattern names. A `Match` in an included file ends with that file.
    fn include(&mut self, root: &Root, pattern: &str, depth: usize, part: Part) -> Result<(), FileError> {
        let pattern = if pattern.starts_with('/') { pattern.to_owned() } else { format!("{FOLDER}/{pattern}") };
        for path in patterns::files(root, &pattern)? {
            self.read(root, &path, depth + 1, &mut part.clone())?;
        }
        Ok(())
    }

    fn take(&mut self, words: &[String], part: Part) {
        let Some((keyword, values)) = words.split_first() else { return };
        if keyword == "hostkey" && part == Part::Everybody {
            self.host_keys.extend(values.first().cloned());
            return;
        }
        let alias = ALIASES.iter().find(|(old, _)| old == keyword).map(|(_, new)| *new);
        let keyword = alias.unwrap_or(keyword);
        let Some(keyword) = KEYWORDS.iter().find(|known| **known == keyword) else { return };
        let value = values.join(" ");
        match part {
            Part::Everybody => drop(self.values.entry(keyword).or_insert(value)),
            Part::MatchAll => drop(self.of_match_all.entry(keyword).or_insert(value)),
            Part::Some => self.exceptions.push((keyword, value)),
        }
    }
}

/// The words of a line, the keyword in lower case: `Keyword value`, `Keyword=value`, `Keyword "a value"`; a word that begins
/// with `#` begins a comment.
fn words(line: &str) -> Vec<String> {
    let line = line.trim();
    let border = line.find(|character: char| character.is_whitespace() || character == '=').unwrap_or(line.len());
    let (keyword, rest) = line.split_at_checked(border).unwrap_or((line, ""));
    if keyword.is_empty() || keyword.starts_with('#') {
        return Vec::new();
    }
    let mut words = vec![keyword.to_ascii_lowercase()];
    let mut rest = rest.trim_start_matches(|character: char| character.is_whitespace() || character == '=');
    while !rest.is_empty() && !rest.starts_with('#') {
        let quoted = rest.strip_prefix('"').and_then(|rest| rest.split_once('"'));
        let (word, after) = quoted.unwrap_or_else(|| rest.split_once(char::is_whitespace).unwrap_or((rest, "")));
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_split_as_the_server_splits_them() {
        for (line, expected) in [
            ("PermitRootLogin no", &["permitrootlogin", "no"][..]),
            ("  PERMITROOTLOGIN\t=  no # why", &["permitrootlogin", "no"]),
            ("permitrootlogin=\"no\"", &["permitrootlogin", "no"]),
            ("Include \"a b/*.conf\" c", &["include", "a b/*.conf", "c"]),
            ("# PermitRootLogin no", &[]),
            ("", &[]),
        ] {
            assert_eq!(words(line), expected, "{line}");
        }
    }
}
