//! Reading configurations with their inclusions, within limits.

use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use crate::files::Root;

/// Largest configuration file, in bytes.
const FILE_BYTES_MAX: u64 = 512 * 1024;
/// Most configuration files of one program.
const FILES_MAX: usize = 500;
/// Deepest nesting of inclusions.
pub(crate) const DEPTH_MAX: usize = 10;
/// Most paths that one pattern names.
const PATHS_MAX: usize = 500;

/// The configuration of one program, while it is read.
pub(crate) struct Configuration<'r> {
    root: &'r Root,
    files: usize,
    /// Files that are there and could not be read, with why.
    pub(crate) unread: Vec<Unknown>,
}

impl<'r> Configuration<'r> {
    pub(crate) const fn new(root: &'r Root) -> Self {
        Self { root, files: 0, unread: Vec::new() }
    }

    /// The text of a file; nothing when it is not there or cannot be read, which is then on record.
    pub(crate) fn text(&mut self, path: &str) -> Option<String> {
        self.files += 1;
        if self.files == FILES_MAX + 1 {
            self.unread.push(Unknown::new(Reason::TOO_LARGE, format!("{path}: more than {FILES_MAX} files")));
        }
        if self.files > FILES_MAX {
            return None;
        }
        match self.root.read_text(path, FILE_BYTES_MAX) {
            Ok(text) => Some(text),
            Err(error) => {
                if !error.is_not_found() {
                    self.unread.push(error.to_unknown());
                }
                None
            }
        }
    }

    /// The paths that a pattern names, sorted: `*`, `?` and `[...]` stand for names in any folder of it. Without one of them
    /// it is the path itself.
    pub(crate) fn paths(&mut self, pattern: &str) -> Vec<String> {
        let mut found = vec![String::new()];
        for step in pattern.split('/').filter(|step| !step.is_empty()) {
            let mut next = Vec::new();
            for folder in &found {
                if !step.contains(['*', '?', '[']) {
                    next.push(format!("{folder}/{step}"));
                    continue;
                }
                let names = self.names(if folder.is_empty() { "/" } else { folder });
                let fitting = names.iter().filter(|name| {
                    (step.starts_with('.') || !name.starts_with('.')) && fits(step.as_bytes(), name.as_bytes())
                });
                next.extend(fitting.map(|name| format!("{folder}/{name}")));
            }
            next.truncate(PATHS_MAX);
            found = next;
        }
        found
    }

    /// The names in a folder; none when it is not there or cannot be read, which is then on record.
    pub(crate) fn names(&mut self, folder: &str) -> Vec<String> {
        match self.root.names(folder) {
            Ok(names) => names,
            Err(error) => {
                if !error.is_not_found() {
                    self.unread.push(error.to_unknown());
                }
                Vec::new()
            }
        }
    }

    /// Whether a path is a folder that can be listed.
    pub(crate) fn is_folder(&self, path: &str) -> bool {
        self.root.names(path).is_ok()
    }
}

/// A path as it stands in a configuration, made absolute beneath `base`; nothing when only the running program could tell.
pub(crate) fn absolute(base: &str, path: &str) -> Option<String> {
    let is_text = !path.is_empty() && !path.contains('$') && !path.contains('%');
    is_text.then(|| if path.starts_with('/') { path.to_owned() } else { format!("{base}/{path}") })
}

/// Whether a name fits a pattern of `*`, `?` and `[...]`, fnmatch(3) without escapes.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    let (mut rest, mut left, mut star) = (pattern, name, None);
    loop {
        match (rest.split_first(), left.split_first()) {
            (Some((b'*', after)), _) => {
                star = Some((after, left));
                rest = after;
            }
            (None, None) => return true,
            (Some((one, after)), Some((letter, behind))) => match one_fits(*one, after, *letter) {
                Some(after) => (rest, left) = (after, behind),
                None => match again(&mut star) {
                    Some(back) => (rest, left) = back,
                    None => return false,
                },
            },
            (None, Some(_)) | (Some(_), None) => match again(&mut star) {
                Some(back) => (rest, left) = back,
                None => return false,
            },
        }
    }
}

/// What is left of the pattern when its first part fits one letter.
fn one_fits(one: u8, after: &[u8], letter: u8) -> Option<&[u8]> {
    if one == b'?' || (one == letter && one != b'[') {
        return Some(after);
    }
    if one != b'[' {
        return None;
    }
    let end = after.iter().skip(1).position(|byte| *byte == b']')? + 1;
    let (set, behind) = after.split_at_checked(end)?;
    let (is_negated, set) = match set.split_first() {
        Some((b'!' | b'^', set)) => (true, set),
        Some(_) | None => (false, set),
    };
    let is_in_range = set.windows(3).any(|range| matches!(range, [low, b'-', high] if (low..=high).contains(&&letter)));
    ((set.contains(&letter) || is_in_range) != is_negated).then(|| behind.get(1..).unwrap_or_default())
}

/// Where to go on when the last `*` takes one letter more.
fn again<'p>(star: &mut Option<(&'p [u8], &'p [u8])>) -> Option<(&'p [u8], &'p [u8])> {
    let (after, left) = (*star)?;
    let left = left.get(1..)?;
    *star = Some((after, left));
    Some((after, left))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_names_as_a_shell_has_it() {
        for (pattern, name, fitting) in [
            ("*.conf", "a.conf", true),
            ("*.conf", "a.conf.bak", false),
            ("*", "", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("?.conf", "a.conf", true),
            ("[0-9]*.conf", "10-ssl.conf", true),
            ("[!.]*", "name", true),
            ("[!.]*", ".hidden", false),
            ("[ab", "a", false),
        ] {
            assert_eq!(fits(pattern.as_bytes(), name.as_bytes()), fitting, "{pattern} for {name}");
        }
    }
}
