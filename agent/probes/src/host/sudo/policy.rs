//! The whole of sudoers(5): rules, aliases and defaults of every file that it includes.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::rule::{self, Rule};
use super::text::{items, lines, parts, split_around};
use crate::files::{FileError, Root};

/// Main files, the first one that exists counts.
const MAIN: &[&str] = &["/etc/sudoers", "/usr/etc/sudoers"];
/// Largest file, in bytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// Most files, rules of one host, and deepest nesting of aliases.
const FILES_MAX: usize = 512;
const RULES_MAX: usize = 10_000;
const ALIASES_DEPTH_MAX: usize = 8;
/// Most members of one list, when its aliases are replaced.
const MEMBERS_MAX: usize = 4_096;

/// What `Defaults` hold for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scope {
    Everybody,
    Hosts,
    Users(Vec<String>),
    RunAs(Vec<String>),
    Commands(Vec<String>),
}

/// Everything that the files say.
#[derive(Debug, Default)]
pub(super) struct Policy {
    pub rules: Vec<Rule>,
    /// Whether a password is asked, in the order of the files.
    pub asks: Vec<(Scope, bool)>,
    /// Groups whose members are never asked.
    pub exempt: Vec<String>,
    aliases: BTreeMap<String, Vec<String>>,
    files: usize,
    /// Whether a list had more members than are looked at.
    pub is_cut: Cell<bool>,
}

impl Policy {
    /// Reads all files.
    ///
    /// # Errors
    /// [`FileError`] of the first one that cannot be read; a file or folder that is included and is not there says nothing.
    pub(super) fn read(root: &Root) -> Result<Self, FileError> {
        let mut policy = Self::default();
        let main = MAIN.iter().find(|path| !root.is_absent(path)).or(MAIN.first()).copied().unwrap_or_default();
        policy.file(root, main)?;
        Ok(policy)
    }

    /// The members of a list, with every alias replaced by what it stands for.
    pub(super) fn members(&self, list: &[String]) -> Vec<String> {
        let mut members = Vec::new();
        self.add_members(list, false, 0, &mut members);
        members
    }

    fn add_members(&self, list: &[String], is_denied: bool, depth: usize, members: &mut Vec<String>) {
        for item in list {
            if members.len() >= MEMBERS_MAX {
                self.is_cut.set(true);
                return;
            }
            let name = item.trim_start_matches('!');
            let is_denied = is_denied ^ ((item.len() - name.len()) % 2 == 1);
            match self.aliases.get(name) {
                Some(inner) if depth < ALIASES_DEPTH_MAX => self.add_members(inner, is_denied, depth + 1, members),
                Some(_) | None => members.push(if is_denied { format!("!{name}") } else { name.to_owned() }),
            }
        }
    }

    fn file(&mut self, root: &Root, path: &str) -> Result<(), FileError> {
        self.files += 1;
        if self.files > FILES_MAX || self.rules.len() > RULES_MAX {
            return Err(FileError::TooMany { path: path.to_owned(), count_max: FILES_MAX });
        }
        let text = root.read_text(path, FILE_BYTES_MAX)?;
        self.take(root, path, &text)
    }

    /// Takes the text of one file, and the files that it includes.
    pub(super) fn take(&mut self, root: &Root, path: &str, text: &str) -> Result<(), FileError> {
        for line in lines(text) {
            let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((&line, ""));
            match word {
                "@include" | "#include" => self.include(root, &beside(path, rest))?,
                "@includedir" | "#includedir" => self.include_folder(root, &beside(path, rest))?,
                "User_Alias" | "Runas_Alias" | "Host_Alias" | "Cmnd_Alias" | "Cmd_Alias" => self.alias(rest),
                _other if word.starts_with("Defaults") => self.defaults(&line),
                _other => self.rules.extend(rule::parse(&line).unwrap_or_default()),
            }
        }
        Ok(())
    }

    fn include(&mut self, root: &Root, path: &str) -> Result<(), FileError> {
        match self.file(root, path) {
            Err(error) if error.is_not_found() => Ok(()),
            outcome => outcome,
        }
    }

    /// Every file of a folder but those whose name ends with `~` or holds a dot.
    fn include_folder(&mut self, root: &Root, folder: &str) -> Result<(), FileError> {
        let names = match root.names(folder) {
            Err(error) if error.is_not_found() => return Ok(()),
            names => names?,
        };
        for name in names.iter().filter(|name| !name.ends_with('~') && !name.contains('.')) {
            match self.file(root, &format!("{folder}/{name}")) {
                Err(FileError::NotRegular { .. }) => {}
                outcome => outcome?,
            }
        }
        Ok(())
    }

    /// `ADMINS = bob, eve : OTHERS = mallory`.
    fn alias(&mut self, text: &str) {
        for definition in parts(text, ':') {
            if let Some((name, list)) = split_around(definition, '=') {
                self.aliases.insert(name.to_owned(), items(list));
            }
        }
    }

    /// `Defaults !authenticate`, `Defaults:bob !authenticate`, `Defaults exempt_group=adm`.
    fn defaults(&mut self, line: &str) {
        let Some(rest) = line.strip_prefix("Defaults") else { return };
        let (scope, settings) = match rest.chars().next() {
            Some(mark @ ('@' | ':' | '>' | '!')) => {
                let rest = rest.get(1..).unwrap_or_default().trim_start();
                let Some((list, settings)) = super::text::two_lists(rest) else { return };
                let list = items(list);
                let scope = match mark {
                    ':' => Scope::Users(list),
                    '>' => Scope::RunAs(list),
                    '!' => Scope::Commands(list),
                    _at => Scope::Hosts,
                };
                (scope, settings)
            }
            _space => (Scope::Everybody, rest),
        };
        for setting in parts(settings, ',') {
            let name = setting.trim_start_matches('!').trim();
            if name == "authenticate" {
                self.asks.push((scope.clone(), !setting.starts_with('!')));
            } else if let Some(("exempt_group", group)) = split_around(setting, '=') {
                self.exempt.push(format!("%{}", group.trim_matches('"')));
            }
        }
    }
}

/// A path of an include: absolute, or beside the file that includes it.
fn beside(file: &str, path: &str) -> String {
    let path = path.trim().replace('"', "").replace("\\ ", " ");
    if path.starts_with('/') {
        return path.trim_end_matches('/').to_owned();
    }
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{folder}/{path}")
}
