//! The settings of apt that matter here, apt.conf(5).

use std::collections::BTreeMap;

use super::parts::parts;
use crate::files::{FileError, Root};

/// Largest configuration file, in bytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// Deepest nesting of blocks.
const DEPTH_MAX: usize = 32;
/// Longest chain of files of which each includes the next, after the first one; apt refuses to work with a longer one.
const INCLUDES_MAX: usize = 11;
/// Most files and folders that are read, those included in vain counted in: a file may include itself many times.
const FILES_MAX: usize = 1_000;
/// Directives, which begin as comments do.
const CLEAR: &str = "#clear";
const INCLUDE: &str = "#include";
/// Most settings that are kept.
const SETTINGS_MAX: usize = 20_000;

/// Settings by name in lower case: `apt::periodic::unattended-upgrade`. A later file overrides an earlier one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct AptConf {
    values: BTreeMap<String, String>,
    /// Settings of many values: `Name { "a"; "b"; };` or `Name:: "a";`.
    lists: BTreeMap<String, Vec<String>>,
    /// Files and folders that were read.
    files: usize,
}

impl AptConf {
    /// Reads the configuration in apt's order: the parts by name, then the main file.
    ///
    /// # Errors
    /// [`FileError`] of a file that is there and cannot be read, or with which there are too many.
    pub(super) fn read(root: &Root) -> Result<Self, FileError> {
        let mut conf = Self::default();
        let mut paths = parts(root, "/etc/apt/apt.conf.d", &["", "conf"])?;
        paths.push("/etc/apt/apt.conf".to_owned());
        for path in paths {
            conf.take(root, &path, 0)?;
        }
        Ok(conf)
    }

    /// Reads one file and those that it includes, of which some may be missing.
    fn take(&mut self, root: &Root, path: &str, depth: usize) -> Result<(), FileError> {
        self.count(path)?;
        match root.read_text(path, FILE_BYTES_MAX) {
            Err(error) if error.is_not_found() => Ok(()),
            text => self.parse_with(&text?, &mut |conf, included| match included.strip_suffix('/') {
                _ if depth == INCLUDES_MAX => {
                    Err(FileError::Nested { path: included.to_owned(), count_max: INCLUDES_MAX })
                }
                Some(folder) => {
                    conf.count(folder)?;
                    let mut paths = parts(root, folder, &["", "conf"])?.into_iter();
                    paths.try_for_each(|path| conf.take(root, &path, depth + 1))
                }
                None => conf.take(root, included, depth + 1),
            }),
        }
    }

    fn count(&mut self, path: &str) -> Result<(), FileError> {
        self.files += 1;
        if self.files > FILES_MAX {
            return Err(FileError::TooMany { path: path.to_owned(), count_max: FILES_MAX });
        }
        Ok(())
    }

    /// One setting; empty when it is not set.
    pub(super) fn get(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// A setting of many values; empty when it is not set.
    pub(super) fn list(&self, name: &str) -> &[String] {
        self.lists.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether a setting names a time that is not zero: `1`, `7d`, `always`.
    pub(super) fn is_on(&self, name: &str) -> bool {
        let value = self.get(name);
        value == "always" || value.trim_start_matches('0').starts_with(|first: char| first.is_ascii_digit())
    }

    /// Whether a setting says yes; none when it says nothing.
    pub(super) fn is_true(&self, name: &str) -> Option<bool> {
        match self.get(name).to_ascii_lowercase().as_str() {
            "yes" | "true" | "with" | "on" | "enable" => Some(true),
            "no" | "false" | "without" | "off" | "disable" => Some(false),
            number => number.parse::<i64>().ok().map(|number| number != 0),
        }
    }

    /// A file or folder: as set, beneath the folder of its kind (`Dir::Etc`, `Dir::State`) when that is no absolute path, else
    /// `default` beneath it. `folder` is that folder unless it is set as well. Folders end in `/`.
    pub(super) fn path(&self, name: &str, folder: &str, default: &str) -> String {
        let kind = name.rsplit_once("::").map_or("", |(kind, _)| kind);
        let set_or = |name: &str, otherwise: &str| match self.get(name) {
            "" => otherwise.to_owned(),
            set => set.to_owned(),
        };
        let all = set_or("dir", "/");
        let folder = beneath(&all, &set_or(kind, folder.trim_start_matches('/')));
        let path = beneath(&folder, &set_or(name, default));
        match self.get("rootdir") {
            "" => path,
            root => beneath(root, path.trim_start_matches('/')),
        }
    }

    /// Reads a text, and hands every path that it includes to `include`. What breaks the form is passed over.
    fn parse_with(
        &mut self,
        text: &str,
        include: &mut dyn FnMut(&mut Self, &str) -> Result<(), FileError>,
    ) -> Result<(), FileError> {
        let mut outer: Vec<String> = Vec::new();
        let mut words: Vec<String> = Vec::new();
        for token in Tokens(text) {
            match token {
                Token::Word(word) => words.push(word.to_owned()),
                Token::Open => {
                    if outer.len() == DEPTH_MAX {
                        return Ok(());
                    }
                    outer.push(words.first().cloned().unwrap_or_default());
                    words.clear();
                }
                Token::Close => {
                    words.clear();
                    outer.pop();
                }
                Token::End => {
                    match words.as_slice() {
                        [word, path] if word.eq_ignore_ascii_case(INCLUDE) => include(self, path)?,
                        words => self.set(&outer, words),
                    }
                    words.clear();
                }
            }
            if self.values.len() + self.lists.values().map(Vec::len).sum::<usize>() > SETTINGS_MAX {
                return Ok(());
            }
        }
        Ok(())
    }

    fn set(&mut self, outer: &[String], words: &[String]) {
        let full = |name: &str| {
            let parts: Vec<&str> =
                outer.iter().map(String::as_str).chain([name]).filter(|part| !part.is_empty()).collect();
            parts.join("::").to_ascii_lowercase()
        };
        match words {
            [clear, name] if clear.eq_ignore_ascii_case(CLEAR) => {
                let (name, below) = (name.to_ascii_lowercase(), format!("{}::", name.to_ascii_lowercase()));
                self.values.retain(|other, _| *other != name && !other.starts_with(&below));
                self.lists.retain(|other, _| *other != name && !other.starts_with(&below));
            }
            [name, value] => match name.strip_suffix("::") {
                Some(list) => self.lists.entry(full(list)).or_default().push(value.clone()),
                None => {
                    self.values.insert(full(name), value.clone());
                }
            },
            [value] if !outer.is_empty() => self.lists.entry(full("")).or_default().push(value.clone()),
            _other => {}
        }
    }
}

/// A path within a folder; an absolute one stands for itself.
fn beneath(folder: &str, path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("{}/{path}", folder.trim_end_matches('/')) }
}

#[derive(Debug, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Open,
    Close,
    End,
}

/// A text as words, braces and semicolons; comments are left out.
struct Tokens<'a>(&'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            self.0 = self.0.trim_start();
            let text = self.0;
            let first = text.chars().next()?;
            let after = text.get(first.len_utf8()..).unwrap_or_default();
            let behind = |end: &str| text.split_once(end).map_or("", |(_, behind)| behind);
            let (token, rest) = match first {
                '{' => (Token::Open, after),
                '}' => (Token::Close, after),
                ';' => (Token::End, after),
                '"' => {
                    let (word, rest) = after.split_once('"').unwrap_or((after, ""));
                    (Token::Word(word), rest)
                }
                _ if text.starts_with("//") || (first == '#' && !is_directive(text)) => {
                    self.0 = behind("\n");
                    continue;
                }
                _ if text.starts_with("/*") => {
                    self.0 = behind("*/");
                    continue;
                }
                _ => {
                    let ends = |c: char| c.is_whitespace() || matches!(c, '{' | '}' | ';' | '"');
                    let (word, rest) =
                        text.split_at_checked(text.find(ends).unwrap_or(text.len())).unwrap_or((text, ""));
                    (Token::Word(word), rest)
                }
            };
            self.0 = rest;
            return Some(token);
        }
    }
}

/// Whether a `#` begins a directive, and no comment.
fn is_directive(text: &str) -> bool {
    let begins = |word: &str| text.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word));
    [CLEAR, INCLUDE]
        .into_iter()
        .any(|word| begins(word) && text.get(word.len()..).is_some_and(|rest| rest.starts_with([' ', '\t'])))
}

#[cfg(test)]
mod tests {
    use super::*;

    impl AptConf {
        /// Reads one text that includes nothing.
        fn parse(&mut self, text: &str) {
            self.parse_with(text, &mut |_, _| Ok(())).expect("nothing is included");
        }
    }

    fn read_files<T: AsRef<str>>(files: &[(T, T)]) -> Result<AptConf, FileError> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (path, text) in files {
            let path = folder.path().join(path.as_ref());
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, text.as_ref()).expect("a file");
        }
        AptConf::read(&Root::new(folder.path()))
    }

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
    fn lists_grow_file_by_file_until_they_are_cleared() {
        let mut conf = AptConf::default();
        conf.parse("Unattended-Upgrade::Origins-Pattern { \"origin=Debian\"; // \"x\";\n \"label=b\"; };");
        conf.parse("Unattended-Upgrade::Origins-Pattern:: \"site=c\";");
        assert_eq!(conf.list("unattended-upgrade::origins-pattern"), ["origin=Debian", "label=b", "site=c"]);
        conf.parse("#clear Unattended-Upgrade::Origins-Pattern;\nUnattended-Upgrade::Origins-Pattern { \"d\"; };");
        assert_eq!(conf.list("unattended-upgrade::origins-pattern"), ["d"]);
    }

    #[test]
    fn zero_and_nothing_are_off() {
        let mut conf = AptConf::default();
        conf.parse("A \"0\"; B \"\"; C \"00\"; D \"always\"; E \"10\"; F");
        let on: Vec<_> = ["a", "b", "c", "d", "e", "f"].map(|name| conf.is_on(name)).into();
        assert_eq!(on, [false, false, false, true, true, false]);
    }

    #[test]
    fn folders_may_be_moved() {
        let mut conf = AptConf::default();
        conf.parse("Dir::Etc::SourceParts \"other.d\"; Dir::State::Lists \"/srv/lists/\";");
        assert_eq!(conf.path("dir::etc::sourceparts", "/etc/apt/", "sources.list.d"), "/etc/apt/other.d");
        assert_eq!(conf.path("dir::state::lists", "/var/lib/apt/", "lists/"), "/srv/lists/");
        assert_eq!(conf.path("dir::etc::preferences", "/etc/apt/", "preferences"), "/etc/apt/preferences");
        for (text, lists, preferences) in [
            ("Dir::State \"/srv/state\";", "/srv/state/lists/", "/etc/apt/preferences"),
            ("Dir::State \"srv/state/\";", "/srv/state/lists/", "/etc/apt/preferences"),
            ("Dir::Etc \"/srv/etc\";", "/var/lib/apt/lists/", "/srv/etc/preferences"),
            ("Dir \"/srv\";", "/srv/var/lib/apt/lists/", "/srv/etc/apt/preferences"),
            ("Dir::State::lists \"/l/\"; RootDir \"/srv/\";", "/srv/l/", "/srv/etc/apt/preferences"),
        ] {
            let mut conf = AptConf::default();
            conf.parse(text);
            assert_eq!(conf.path("dir::state::lists", "/var/lib/apt/", "lists/"), lists, "{text}");
            assert_eq!(conf.path("dir::etc::preferences", "/etc/apt/", "preferences"), preferences, "{text}");
        }
    }

    #[test]
    fn files_and_folders_are_included_where_they_are_named() {
        let conf = read_files(&[
            (
                "etc/apt/apt.conf",
                "A \"1\"; B \"1\";\n#include \"/srv/a.conf\";\n#INCLUDE /srv/more/;\nB \"3\";\n#include \"/no\";",
            ),
            ("srv/a.conf", "A \"2\"; B \"2\";"),
            ("srv/more/c.conf", "C \"4\";"),
        ]);
        let conf = conf.expect("readable");
        assert_eq!(["a", "b", "c"].map(|name| conf.get(name)), ["2", "3", "4"]);
    }

    #[test]
    fn a_chain_of_files_longer_than_apt_reads_is_refused_by_name() {
        let chain = |length: usize| {
            let file = |number: usize| {
                let next = number + 1;
                let path = if number == 0 { "etc/apt/apt.conf".to_owned() } else { format!("srv/{number}") };
                (path, if number < length { format!("#include \"/srv/{next}\";") } else { "Last \"1\";".to_owned() })
            };
            let files: Vec<(String, String)> = (0..=length).map(file).collect();
            read_files(&files)
        };
        assert_eq!(chain(11).expect("as apt reads").get("last"), "1");
        let refused = |conf: Result<AptConf, FileError>| conf.expect_err("too many").to_string();
        assert_eq!(refused(chain(12)), "/srv/12: included by a chain of more than 11 files");
        let itself = read_files(&[("etc/apt/apt.conf", "#include \"/etc/apt/apt.conf\";")]);
        assert_eq!(refused(itself), "/etc/apt/apt.conf: included by a chain of more than 11 files");
    }

    #[test]
    fn files_and_folders_that_are_included_again_and_again_are_bounded() {
        for (line, path) in [
            ("#include \"/srv/a\";\n", "/srv/a"),
            ("#include \"/srv/more/\";\n", "/srv/more"),
            ("#include \"/no\";\n", "/no"),
        ] {
            let with = |count: usize| read_files(&[("etc/apt/apt.conf", line.repeat(count).as_str()), ("srv/a", "")]);
            let error = with(FILES_MAX).expect_err("one too many").to_string();
            assert_eq!(error, format!("{path}: more than 1000 entries"));
            assert!(with(FILES_MAX - 1).is_ok(), "{path}");
        }
        // Each file includes the next one thrice: 3^10 reads without a bound.
        let thrice = |number: usize| (format!("srv/{number}"), format!("#include \"/srv/{}\";", number + 1).repeat(3));
        let mut files: Vec<(String, String)> = (1..=10).map(thrice).collect();
        files.push(("etc/apt/apt.conf".to_owned(), "#include \"/srv/1\";".to_owned()));
        assert!(matches!(read_files(&files), Err(FileError::TooMany { count_max: FILES_MAX, .. })));
    }

    #[test]
    fn a_broken_file_ends_without_harm() {
        for text in ["{{{{", "}}}}", "A \"unended", "/* unended", "A { B", ";;;", "#clear", &"{".repeat(10_000)] {
            AptConf::default().parse(text);
        }
    }
}
