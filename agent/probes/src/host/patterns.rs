//! Names that fit a pattern with `*` and `?`, and the files that such a pattern names, glob(7).

use crate::files::{FileError, Root};

/// The files that a pattern names, sorted by name; only the last part of its path may hold `*` and `?`.
///
/// # Errors
/// [`FileError`] when the folder cannot be read; a folder that is not there names no file.
pub(super) fn files(root: &Root, pattern: &str) -> Result<Vec<String>, FileError> {
    let Some((folder, name_pattern)) = pattern.rsplit_once('/') else { return Ok(Vec::new()) };
    if !name_pattern.contains(['*', '?']) {
        return Ok(if root.presence(pattern)? { vec![pattern.to_owned()] } else { Vec::new() });
    }
    let names = match root.names(if folder.is_empty() { "/" } else { folder }) {
        Err(error) if error.is_not_found() => Vec::new(),
        names => names?,
    };
    // A leading dot is only matched by a dot, as in the shell.
    let fitting = names
        .iter()
        .filter(|name| fits(name_pattern, name) && (name_pattern.starts_with('.') || !name.starts_with('.')));
    Ok(fitting.map(|name| format!("{folder}/{name}")).collect())
}

/// Whether a name fits a pattern with `*` and `?`.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut at_pattern, mut at_name, mut star) = (0, 0, None);
    while at_name < name.len() {
        match pattern.get(at_pattern) {
            Some(b'*') => {
                star = Some((at_pattern, at_name));
                at_pattern += 1;
            }
            Some(expected) if *expected == b'?' || name.get(at_name) == Some(expected) => {
                at_pattern += 1;
                at_name += 1;
            }
            Some(_) | None => match star {
                Some((star_pattern, star_name)) => {
                    star = Some((star_pattern, star_name + 1));
                    at_pattern = star_pattern + 1;
                    at_name = star_name + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(at_pattern..).is_some_and(|rest| rest.iter().all(|byte| *byte == b'*'))
}

#[cfg(test)]
mod tests {
    use super::super::made_root;
    use super::*;

    #[test]
    fn stars_and_question_marks_stand_for_other_characters() {
        for (pattern, name, expected) in [
            ("*", "", true),
            ("*.conf", "a.conf", true),
            ("*.conf", "a.conf.bak", false),
            ("?.conf", "ab.conf", false),
            ("a*b*c", "aXbYbc", true),
            ("a*b*c", "aXbY", false),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn hidden_files_are_named_by_a_dot_only() {
        let (_folder, host) = made_root::folder(&[("/d/b.conf", ""), ("/d/a.conf", ""), ("/d/.c.conf", "")]);
        assert_eq!(files(&host.root, "/d/*.conf").expect("readable"), ["/d/a.conf", "/d/b.conf"]);
        assert_eq!(files(&host.root, "/d/.*").expect("readable"), ["/d/.c.conf"]);
        assert_eq!(files(&host.root, "/d/b.conf").expect("readable"), ["/d/b.conf"]);
        assert_eq!(files(&host.root, "/e/*").expect("no folder"), Vec::<String>::new());
    }
}
