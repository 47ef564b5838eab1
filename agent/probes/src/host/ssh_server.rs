//! What the SSH server allows everybody, from its configuration, sshd_config(5).
//!
//! The first value of a keyword counts; `Include` is read in its place; what stands in `Match` blocks holds for some
//! users or addresses only and is told apart.

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::facts::SshServerFacts;
use crate::files::{FileError, Root};

/// Main configuration file.
const MAIN: &str = "/etc/ssh/sshd_config";
/// Largest configuration file, in bytes.
const FILE_BYTES_MAX: u64 = 256 * 1024;
/// Deepest nesting of `Include`, as sshd's own limit.
const INCLUDES_DEPTH_MAX: usize = 16;
/// Most files read in all.
const FILES_MAX: usize = 256;
/// Where the program lies.
const PROGRAMS: &[&str] = &["/usr/sbin/sshd", "/usr/lib/openssh/sshd", "/usr/local/sbin/sshd"];

#[derive(Debug, Default)]
struct Settings {
    permit_root_login: Option<String>,
    password_authentication: Option<String>,
    has_exceptions: bool,
    files: usize,
}

pub(super) fn facts(root: &Root) -> SshServerFacts {
    let installed = PROGRAMS.iter().any(|program| root.exists(program));
    if !installed {
        let absent = Unknown::new(Reason::NOT_FOUND, "no SSH server is installed");
        return unknown_settings(false, absent);
    }
    let mut settings = Settings::default();
    if let Err(error) = settings.read(root, MAIN, 0, &mut false) {
        return unknown_settings(true, error.to_unknown());
    }
    // Defaults of sshd_config(5) where nothing is set.
    let root_login = settings.permit_root_login.unwrap_or_else(|| "prohibit-password".to_owned());
    let root_login = if root_login == "without-password" { "prohibit-password".to_owned() } else { root_login };
    SshServerFacts {
        source: super::unseen(),
        permit_empty_passwords: super::unseen(),
        x11_forwarding: super::unseen(),
        max_auth_tries: super::unseen(),
        weak_algorithms: super::unseen(),
        installed: Fact::Known(true),
        permit_root_login: Fact::Known(root_login),
        password_authentication: Fact::Known(settings.password_authentication.is_none_or(|value| value != "no")),
        has_exceptions: Fact::Known(settings.has_exceptions),
    }
}

fn unknown_settings(installed: bool, unknown: Unknown) -> SshServerFacts {
    SshServerFacts {
        source: super::unseen(),
        permit_empty_passwords: super::unseen(),
        x11_forwarding: super::unseen(),
        max_auth_tries: super::unseen(),
        weak_algorithms: super::unseen(),
        installed: Fact::Known(installed),
        permit_root_login: Fact::Unknown(unknown.clone()),
        password_authentication: Fact::Unknown(unknown.clone()),
        has_exceptions: Fact::Unknown(unknown),
    }
}

impl Settings {
    fn read(&mut self, root: &Root, path: &str, depth: usize, in_match: &mut bool) -> Result<(), FileError> {
        self.files += 1;
        if depth > INCLUDES_DEPTH_MAX || self.files > FILES_MAX {
            return Err(FileError::TooMany { path: path.to_owned(), count_max: FILES_MAX });
        }
        let text = root.read_text(path, FILE_BYTES_MAX)?;
        for line in text.lines() {
            let mut words = words(line).into_iter();
            let (Some(keyword), Some(value)) = (words.next(), words.next()) else { continue };
            match keyword.to_ascii_lowercase().as_str() {
                "match" => *in_match = true,
                "include" => {
                    for pattern in std::iter::once(value).chain(words) {
                        self.include(root, &pattern, depth, *in_match)?;
                    }
                }
                "permitrootlogin" => set(&mut self.permit_root_login, &value, *in_match, &mut self.has_exceptions),
                "passwordauthentication" => {
                    set(&mut self.password_authentication, &value, *in_match, &mut self.has_exceptions);
                }
                _other => {}
            }
        }
        Ok(())
    }

    /// Reads the files that a pattern names; only `*` and `?` in the last part are patterns here.
    fn include(&mut self, root: &Root, pattern: &str, depth: usize, in_match: bool) -> Result<(), FileError> {
        let pattern = if pattern.starts_with('/') { pattern.to_owned() } else { format!("/etc/ssh/{pattern}") };
        let Some((folder, name_pattern)) = pattern.rsplit_once('/') else { return Ok(()) };
        let names = match root.names(folder) {
            Err(error) if error.is_not_found() => Vec::new(),
            names => names?,
        };
        for name in names.iter().filter(|name| fits(name_pattern.as_bytes(), name.as_bytes())) {
            // A `Match` in an included file ends with that file.
            self.read(root, &format!("{folder}/{name}"), depth + 1, &mut in_match.clone())?;
        }
        Ok(())
    }
}

fn set(slot: &mut Option<String>, value: &str, in_match: bool, has_exceptions: &mut bool) {
    if in_match {
        *has_exceptions = true;
    } else {
        slot.get_or_insert_with(|| value.to_ascii_lowercase());
    }
}

/// The words of a line: `Keyword value`, `Keyword=value`, `Keyword "value"`; `#` begins a comment.
fn words(line: &str) -> Vec<String> {
    let line = line.trim();
    if line.starts_with('#') {
        return Vec::new();
    }
    let border = line.find(|character: char| character.is_whitespace() || character == '=').unwrap_or(line.len());
    let (keyword, rest) = line.split_at_checked(border).unwrap_or((line, ""));
    let rest = rest.trim_start_matches(|character: char| character.is_whitespace() || character == '=');
    let values = rest.split_ascii_whitespace().take_while(|word| !word.starts_with('#'));
    std::iter::once(keyword).chain(values.map(|word| word.trim_matches('"'))).map(str::to_owned).collect()
}

/// Whether a name fits a pattern with `*` and `?`.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
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
    use super::*;

    fn look(main: &str, parts: &[(&str, &str)]) -> SshServerFacts {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for path in ["usr/sbin", "etc/ssh/sshd_config.d"] {
            std::fs::create_dir_all(folder.path().join(path)).expect("a folder");
        }
        std::fs::write(folder.path().join("usr/sbin/sshd"), "").expect("a file");
        std::fs::write(folder.path().join("etc/ssh/sshd_config"), main).expect("a file");
        for (name, text) in parts {
            std::fs::write(folder.path().join("etc/ssh/sshd_config.d").join(name), text).expect("a file");
        }
        facts(&Root::new(folder.path()))
    }

    #[test]
    fn the_first_value_counts_and_includes_are_read_in_place() {
        let include = "Include /etc/ssh/sshd_config.d/*.conf\n";
        for (main, parts, root_login, password, exceptions) in [
            (String::new(), &[][..], "prohibit-password", true, false),
            ("#PermitRootLogin yes\n".to_owned(), &[], "prohibit-password", true, false),
            ("permitrootlogin=YES # why\nPermitRootLogin no\n".to_owned(), &[], "yes", true, false),
            ("PermitRootLogin without-password".to_owned(), &[], "prohibit-password", true, false),
            ("PasswordAuthentication \"no\"".to_owned(), &[], "prohibit-password", false, false),
            (format!("{include}PermitRootLogin no"), &[("a.conf", "PermitRootLogin yes")], "yes", true, false),
            (format!("PermitRootLogin no\n{include}"), &[("a.conf", "PermitRootLogin yes")], "no", true, false),
            (include.to_owned(), &[("a.off", "PermitRootLogin yes")], "prohibit-password", true, false),
            (
                include.to_owned(),
                &[("b.conf", "PermitRootLogin yes"), ("a.conf", "PermitRootLogin no")],
                "no",
                true,
                false,
            ),
            ("Match User x\nPermitRootLogin yes".to_owned(), &[], "prohibit-password", true, true),
            (
                format!("{include}PermitRootLogin no"),
                &[("a.conf", "Match all\nPasswordAuthentication no")],
                "no",
                true,
                true,
            ),
            ("Include sshd_config.d/?.conf".to_owned(), &[("a.conf", "PermitRootLogin no")], "no", true, false),
        ] {
            let facts = look(&main, parts);
            assert_eq!(facts.permit_root_login.known().map(String::as_str), Some(root_login), "{main}");
            assert_eq!(facts.password_authentication, Fact::Known(password), "{main}");
            assert_eq!(facts.has_exceptions, Fact::Known(exceptions), "{main}");
        }
    }

    #[test]
    fn files_that_include_each_other_end_as_unknown() {
        let facts = look("Include sshd_config.d/*.conf", &[("a.conf", "Include sshd_config.d/*.conf")]);
        assert!(matches!(facts.permit_root_login, Fact::Unknown(_)));
    }

    #[test]
    fn without_a_server_nothing_is_said_of_its_settings() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let facts = facts(&Root::new(folder.path()));
        assert_eq!(facts.installed, Fact::Known(false));
        assert!(matches!(facts.permit_root_login, Fact::Unknown(unknown) if unknown.reason == Reason::NOT_FOUND));
    }
}
