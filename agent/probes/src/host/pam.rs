//! The modules that log-ins and changes of passwords go through, pam.conf(5).

use crate::files::{FileError, Root};

/// Folders of services, the strongest first.
const FOLDERS: &[&str] = &["/etc/pam.d", "/usr/lib/pam.d", "/usr/etc/pam.d"];
/// Largest file of one service, in bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024;
/// Deepest nesting of services.
const DEPTH_MAX: usize = 16;
/// Most files of one stack.
const FILES_MAX: usize = 64;

/// One module of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// What its answer means: `required`, `[success=1 default=ignore]`.
    pub control: String,
    /// Its name without folder and ending: `pam_unix`.
    pub module: String,
    /// What it is given.
    pub arguments: Vec<String>,
}

impl Line {
    /// The last value given to a setting: `minlen=12`.
    pub(super) fn value(&self, setting: &str) -> Option<&str> {
        self.arguments.iter().rev().find_map(|word| word.strip_prefix(setting)?.strip_prefix('='))
    }

    /// Whether a word is among its arguments.
    pub(super) fn has(&self, word: &str) -> bool {
        self.arguments.iter().any(|own| own == word)
    }

    /// Whether its refusal can count.
    pub(super) fn counts(&self) -> bool {
        self.control != "optional"
    }
}

/// The modules of one service and kind, in their order, with those of the services that it includes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Stack {
    pub lines: Vec<Line>,
    files: usize,
}

impl Stack {
    /// Reads the stack of the first of these services that exists; `kind` is `auth`, `account`, `password` or `session`.
    ///
    /// # Errors
    /// [`FileError`] when none exists, or one that it includes cannot be read.
    pub(super) fn read(root: &Root, services: &[&str], kind: &str) -> Result<Self, FileError> {
        let mut stack = Self::default();
        let service = services.iter().find(|service| file_of(root, service).is_some());
        stack.include(root, service.or(services.first()).copied().unwrap_or_default(), kind, 0)?;
        Ok(stack)
    }

    /// Whether a service exists.
    pub(super) fn is_there(root: &Root, service: &str) -> bool {
        file_of(root, service).is_some()
    }

    fn include(&mut self, root: &Root, service: &str, kind: &str, depth: usize) -> Result<(), FileError> {
        let path = file_of(root, service).unwrap_or_else(|| format!("/etc/pam.d/{service}"));
        self.files += 1;
        if depth > DEPTH_MAX || self.files > FILES_MAX {
            return Err(FileError::TooMany { path, count_max: FILES_MAX });
        }
        for line in root.read_text(&path, FILE_BYTES_MAX)?.replace("\\\n", " ").lines() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if let Some(other) = line.strip_prefix("@include") {
                self.include(root, other.trim(), kind, depth + 1)?;
            } else if let Some(line) = of_kind(line, kind) {
                match (line.control.as_str(), line.module.as_str()) {
                    ("include" | "substack", other) => self.include(root, other, kind, depth + 1)?,
                    _module => self.lines.push(line),
                }
            }
        }
        Ok(())
    }
}

fn file_of(root: &Root, service: &str) -> Option<String> {
    let paths = FOLDERS.iter().map(|folder| format!("{folder}/{service}"));
    paths.into_iter().find(|path| !root.is_absent(path))
}

/// Reads any text as a file of services: nothing may panic.
pub(super) fn fuzz(text: &str) {
    for line in text.lines() {
        drop(of_kind(line, "auth").map(|line| (line.value("deny").map(str::to_owned), line.counts())));
    }
}

/// A line of the wanted kind; a leading `-` on the kind only says that a missing module is no error.
fn of_kind(line: &str, kind: &str) -> Option<Line> {
    let (own_kind, rest) = line.split_once(char::is_whitespace)?;
    if !own_kind.trim_start_matches('-').eq_ignore_ascii_case(kind) {
        return None;
    }
    let rest = rest.trim_start();
    let bracketed = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let (control, rest) = bracketed.or_else(|| rest.split_once(char::is_whitespace))?;
    let mut words = rest.split_ascii_whitespace();
    let module = words.next()?.rsplit('/').next()?;
    Some(Line {
        control: control.to_ascii_lowercase(),
        module: module.strip_suffix(".so").unwrap_or(module).to_owned(),
        arguments: words.map(str::to_owned).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::made_root;
    use super::*;

    fn modules(files: &[(&str, &str)], services: &[&str], kind: &str) -> Result<String, String> {
        let (_folder, host) = made_root::folder(files);
        let stack = Stack::read(&host.root, services, kind).map_err(|error| error.to_string())?;
        Ok(stack.lines.iter().map(|line| line.module.as_str()).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn stacks_are_put_together_from_the_services_that_they_include() {
        const LOGIN: (&str, &str) = (
            "/etc/pam.d/login",
            "# first\nauth optional pam_faildelay.so delay=3\n@include common-auth\nauth substack more\n-auth required /lib/security/pam_last.so\n",
        );
        const COMMON: (&str, &str) = (
            "/etc/pam.d/common-auth",
            "auth [success=1 default=ignore] \\\n  pam_unix.so nullok\npassword required pam_x.so\n",
        );
        const MORE: (&str, &str) = ("/usr/lib/pam.d/more", "AUTH required pam_more.so\n");
        let all = [LOGIN, COMMON, MORE];
        assert_eq!(modules(&all, &["login"], "auth").as_deref(), Ok("pam_faildelay pam_unix pam_more pam_last"));
        assert_eq!(modules(&all, &["login"], "password").as_deref(), Ok("pam_x"));
        assert_eq!(modules(&all, &["passwd", "common-auth"], "auth").as_deref(), Ok("pam_unix"));
        assert_eq!(modules(&all[..1], &["login"], "auth").unwrap_err(), "/etc/pam.d/common-auth: not found");
        let circle = [("/etc/pam.d/a", "auth include a\n")];
        assert!(modules(&circle, &["a"], "auth").is_err());
    }

    #[test]
    fn a_module_is_read_with_what_it_is_given() {
        let line = of_kind("password  [success=1 default=ignore]  pam_unix.so obscure minlen=8 minlen=12", "password");
        let line = line.expect("a line");
        assert_eq!(line.control, "success=1 default=ignore");
        assert_eq!((line.value("minlen"), line.has("obscure"), line.has("minlen")), (Some("12"), true, false));
    }
}
