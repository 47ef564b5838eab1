//! Keeping persons out of facts: home folders become `~`, and so do the names of the accounts of persons.
//!
//! [`without_persons`] knows the usual places and needs nothing but the path. [`Persons`] knows the accounts of the host
//! as well, for a home in an unusual place (`/srv/people/anna`) and for a name within a path (`/tmp/ssh-anna`).
//! [`Persons::clean`] is the last net under every probe of the host: whatever a probe forgot, no account's name leaves it.

mod below_homes;
mod strict;

use vedetta_checks::catalogue::{Observation, ProbeError};
use vedetta_checks::fact::Unknown;
use vedetta_checks::judge::{without_homes, without_homes_in_path};
use vedetta_checks::value::{Record, Value};

use self::below_homes::below_homes;
use self::strict::{is_of_programs, strictly};
use crate::files::Root;

/// Largest file of accounts, in bytes.
const PASSWD_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Least number of an account of a person (login.defs(5), `UID_MIN`).
const PERSON_UID_MIN: u32 = 1_000;
/// The account that owns nothing.
const NOBODY_UID: u32 = 65_534;
/// Most accounts of persons that are kept; a directory service holds the others.
const PERSONS_MAX: usize = 2_000;
/// Shortest name that is looked for within a path.
const NAME_BYTES_MIN: usize = 3;
/// Last parts of shells that let nobody in: such an account is a program's.
const CLOSED_SHELLS: &[&str] = &["nologin", "false", "sync", "true"];
/// Names that installers give to a first or common account: they tell nobody, and stand in many a path.
const IMPERSONAL: &[&str] =
    &["admin", "administrator", "debian", "deploy", "docker", "git", "html", "svn", "ubuntu", "user", "web", "www"];
/// Folders that stay as they are, though an account may have one as its home.
const SHARED: &[&str] =
    &["/", "/nonexistent", "/opt", "/srv", "/srv/www", "/tmp", "/var", "/var/lib", "/var/www", "/var/www/html"];

/// A path without the names of persons: every home folder in it is `~`.
#[must_use]
pub fn without_persons(path: &str) -> String {
    without_homes_in_path(path).into_owned()
}

/// The accounts of persons on one host, kept only to leave them out of facts.
#[derive(Clone, Default)]
pub struct Persons {
    /// Home folders in unusual places, the longest first.
    homes: Vec<String>,
    /// Names of accounts, the longest first.
    names: Vec<String>,
    /// Whether not every account is known: then only usual names stay.
    is_strict: bool,
}

impl Persons {
    /// Reads `/etc/passwd`; a host without one has no known person. Where it cannot be read, or holds too many, who the
    /// persons are is not known, and only usual names stay in paths.
    #[must_use]
    pub fn read(root: &Root) -> Self {
        match root.read_text("/etc/passwd", PASSWD_BYTES_MAX) {
            Ok(text) => Self::parse(&text),
            Err(error) => Self { is_strict: !error.is_not_found(), ..Self::default() },
        }
    }

    /// A path without the names of persons.
    #[must_use]
    pub fn without(&self, path: &str) -> String {
        let home = self.homes.iter().find_map(|home| {
            let rest = path.strip_prefix(home.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then(|| format!("~{rest}"))
        });
        // A program of the distribution keeps its name, though an account may be named like it.
        if home.is_none() && is_of_programs(path) {
            return path.to_owned();
        }
        let path = home.unwrap_or_else(|| without_persons(path));
        let path = if self.is_strict { strictly(&path) } else { path };
        let parts: Vec<String> = path.split('/').map(|part| self.without_names(part)).collect();
        below_homes(&parts.join("/"))
    }

    /// What a look at the host came to, without the names of persons: in every text that is a path, an address or a sentence
    /// with one. A text without such a sign is a word of a program or of the network, and stays.
    ///
    /// # Errors
    /// That of the look itself.
    pub fn clean(&self, outcome: Result<Observation, ProbeError>) -> Result<Observation, ProbeError> {
        match outcome {
            Ok(mut observation) => {
                self.clean_record(&mut observation.facts);
                Ok(observation)
            }
            Err(mut error) => {
                error.detail = self.clean_text(&error.detail);
                Err(error)
            }
        }
    }

    fn clean_record(&self, record: &mut Record) {
        for value in record.values_mut() {
            self.clean_value(value);
        }
    }

    fn clean_value(&self, value: &mut Value) {
        match value {
            Value::Bool(_) | Value::Int(_) | Value::Time(_) => {}
            Value::Text(text) => *text = self.clean_text(text),
            Value::List(list) => list.items_mut().iter_mut().for_each(|item| self.clean_value(item)),
            Value::Record(record) => self.clean_record(record),
            Value::Unknown(why) => *why = Unknown::new(why.reason.clone(), self.clean_text(&why.detail)),
        }
    }

    fn clean_text(&self, text: &str) -> String {
        if !text.contains(['/', '\\', '~', '@']) {
            return text.to_owned();
        }
        let mut cleaned = text.to_owned();
        for home in self.homes.iter().filter(|home| text.contains(home.as_str())) {
            cleaned = cleaned.replace(&format!("{home}/"), "~/");
        }
        let cleaned = without_homes(&cleaned);
        let cleaned = if self.is_strict { strictly(&cleaned) } else { cleaned.into_owned() };
        let words = cleaned.split_inclusive(char::is_whitespace);
        let nameless = words.map(|word| if is_of_programs(word) { word.to_owned() } else { self.without_names(word) });
        below_homes(&nameless.collect::<String>())
    }

    /// One part of a path, in which the name of an account stands alone or between signs that no account's name holds.
    fn without_names(&self, part: &str) -> String {
        let mut part = part.to_owned();
        for name in &self.names {
            let mut from = 0;
            while let Some(found) = part.get(from..).and_then(|rest| rest.find(name.as_str())) {
                let (start, end) = (from + found, from + found + name.len());
                let is_letter = |one: Option<char>| one.is_some_and(char::is_alphanumeric);
                let before = part.get(..start).and_then(|text| text.chars().next_back());
                let after = part.get(end..).and_then(|text| text.chars().next());
                if is_letter(before) || is_letter(after) {
                    from = end;
                    continue;
                }
                part.replace_range(start..end, "~");
                from = start + 1;
            }
        }
        part
    }

    fn parse(text: &str) -> Self {
        let mut persons = Self::default();
        for line in text.lines() {
            let fields: Vec<&str> = line.split(':').collect();
            let [name, _password, uid, _group, _comment, home, shell] = fields.as_slice() else { continue };
            let is_person = uid.parse().is_ok_and(|uid: u32| uid >= PERSON_UID_MIN && uid != NOBODY_UID)
                && !CLOSED_SHELLS.contains(&shell.rsplit('/').next().unwrap_or_default());
            if !is_person {
                continue;
            }
            if persons.names.len() == PERSONS_MAX {
                persons.is_strict = true;
                break;
            }
            if name.len() >= NAME_BYTES_MIN && !IMPERSONAL.contains(name) {
                persons.names.push((*name).to_owned());
            }
            let home = home.trim_end_matches('/');
            if home.starts_with('/') && !SHARED.contains(&home) && without_persons(home) == home {
                persons.homes.push(home.to_owned());
            }
        }
        persons.names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        persons.homes.sort_by_key(|home| std::cmp::Reverse(home.len()));
        persons
    }
}

/// Only how many there are: the names are not for any output.
impl std::fmt::Debug for Persons {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Persons({})", self.names.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\n\
        www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n\
        anna:x:1000:1000:Anna:/srv/people/anna:/bin/bash\n\
        bianchi:x:1001:1001::/data/b:/bin/zsh\n\
        nextcloud:x:1002:1002::/srv/nextcloud:/usr/sbin/nologin\n\
        site:x:1003:1003::/var/www:/bin/bash\n\
        rubbish\n";

    #[test]
    fn homes_in_usual_places_become_a_tilde() {
        for (path, expected) in [
            ("/home/anna/public_html/wp-config.php", "~/public_html/wp-config.php"),
            ("/home/COMUNE/anna/site", "~/site"),
            ("/root/site", "~/site"),
            ("/usr/sbin/nginx", "/usr/sbin/nginx"),
        ] {
            assert_eq!(without_persons(path), expected, "{path}");
        }
    }

    #[test]
    fn homes_in_unusual_places_and_names_within_paths_are_known_from_the_accounts() {
        let persons = Persons::parse(PASSWD);
        for (path, expected) in [
            ("/srv/people/anna/www", "~/www"),
            ("/srv/people/annabella/www", "/srv/people/annabella/www"),
            ("/data/b/x", "~/*"),
            ("/tmp/ssh-anna.sock", "/tmp/ssh-~.sock"),
            ("/var/www/bianchi/index.php", "/var/www/~/index.php"),
            ("/srv/nextcloud/version.php", "/srv/nextcloud/version.php"),
            ("/var/www/html", "/var/www/html"),
        ] {
            assert_eq!(persons.without(path), expected, "{path}");
        }
    }

    #[test]
    fn texts_with_a_path_or_an_address_name_no_account_and_words_stay() {
        let persons = Persons::parse(PASSWD);
        for (text, expected) in [
            ("~/tls/anna.crt", "~/tls/*.crt"),
            ("/srv/people/anna/x.sock: permission denied", "~/*.sock: permission denied"),
            ("CN=www.example.it, emailAddress=bianchi@example.it", "CN=www.example.it, emailAddress=~@example.it"),
            ("0.0.0.0:443/tcp", "0.0.0.0:443/tcp"),
            ("bianchi", "bianchi"),
        ] {
            assert_eq!(persons.clean_text(text), expected, "{text}");
        }
    }

    #[test]
    fn names_that_a_person_gave_below_a_home_do_not_stay() {
        let persons = Persons::parse(PASSWD);
        assert_eq!(persons.without("/srv/people/anna/zelindo-server"), "~/*");
        assert_eq!(persons.without("/var/www/bianchi/index.php"), "/var/www/~/index.php");
        assert_eq!(persons.clean_text("cannot open /home/anna/zelindo-server: denied"), "cannot open ~/*: denied");
    }

    #[test]
    fn an_account_named_like_a_program_does_not_rewrite_the_path_of_the_program() {
        let persons = Persons::parse("nginx:x:1001:1001::/srv/nginx:/bin/bash\n");
        assert_eq!(persons.without("/usr/sbin/nginx"), "/usr/sbin/nginx");
        assert_eq!(persons.clean_text("cannot run /usr/sbin/nginx: denied"), "cannot run /usr/sbin/nginx: denied");
        assert_eq!(persons.without("/usr/local/sbin/nginx"), "/usr/local/sbin/~");
        assert_eq!(persons.clean_text("/tmp/nginx/x"), "/tmp/~/x");
    }

    #[test]
    fn where_the_accounts_cannot_be_read_or_are_too_many_only_usual_names_stay() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(folder.path().join("etc/passwd")).expect("a folder in the place of the file");
        let many: String = (0..=PERSONS_MAX).map(|uid| format!("p{uid}x:x:{}:1::/q:/bin/sh\n", uid + 1_000)).collect();
        for persons in [Persons::read(&Root::new(folder.path())), Persons::parse(&many)] {
            assert_eq!(persons.without("/srv/people/anna/www"), "/srv/*/www");
            assert_eq!(persons.clean_text("open /data/anna/x.key: denied"), "open /data/*/*.key: denied");
            assert_eq!(persons.without("/usr/sbin/nginx"), "/usr/sbin/nginx");
        }
        let none = Persons::read(&Root::new(folder.path().join("etc")));
        assert_eq!(none.without("/srv/people/anna/www"), "/srv/people/anna/www", "a folder without accounts");
    }

    #[test]
    fn the_names_of_persons_are_not_printed() {
        assert_eq!(format!("{:?}", Persons::parse(PASSWD)), "Persons(3)");
    }
}
