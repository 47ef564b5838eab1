//! Redaction: what may identify a person is taken out of the evidence before it leaves the check.

use std::borrow::Cow;

use regex::{Regex, RegexBuilder};

use crate::fact::Unknown;
use crate::pack::{Check, RedactRule};

/// Largest compiled rule, in bytes.
const RULE_BYTES_MAX: usize = 256 * 1024;
/// Folders that hold a person's things under the person's name, the longer before the one it contains.
const PLACES: &[Place] = &[
    Place { folder: "/export/home/", kind: PlaceKind::Home },
    Place { folder: "/var/home/", kind: PlaceKind::Home },
    Place { folder: "/home/", kind: PlaceKind::Home },
    Place { folder: "/Users/", kind: PlaceKind::Home },
    Place { folder: "C:\\Users\\", kind: PlaceKind::Home },
    Place { folder: "C:/Users/", kind: PlaceKind::Home },
    Place { folder: "/run/media/", kind: PlaceKind::Media },
    Place { folder: "/media/", kind: PlaceKind::Media },
    Place { folder: "/run/user/", kind: PlaceKind::Folder },
    Place { folder: "/var/mail/", kind: PlaceKind::Folder },
    Place { folder: "/var/spool/mail/", kind: PlaceKind::Folder },
    Place { folder: "/var/spool/cron/crontabs/", kind: PlaceKind::Folder },
    Place { folder: "/var/lib/AccountsService/users/", kind: PlaceKind::Folder },
];
/// Where a name ends within a sentence; a path on its own ends a name at its separators only.
const SENTENCE_ENDS: &[char] = &['/', '\\', ' ', '\t', '\n', ':', ',', ';', '"', '\'', '`', ')', ']', '}', '>'];
/// Where a part of a path ends.
const PATH_ENDS: &[char] = &['/', '\\'];
/// Mount points in `/media` that name a drive, no person.
const DRIVES: &[&str] = &["cdrom", "cdrom0", "dvd", "floppy", "usb"];
/// Last labels of the domains that Italian offices give to their directories; `/home/DOMAIN/NAME` has the person second.
const DIRECTORY_LABELS: &[&str] =
    &["local", "lan", "intra", "intranet", "internal", "corp", "ad", "dom", "it", "eu", "org", "com", "net", "gov"];
/// The home folder of the administrator.
const ROOT_HOME: &str = "/root";

/// A folder whose next part is named after a person.
struct Place {
    folder: &'static str,
    kind: PlaceKind,
}

/// What becomes of the part behind the folder.
enum PlaceKind {
    /// Folder and name become `~`.
    Home,
    /// The name, and the label of the medium below it, become `~`; the folder stays.
    Media,
    /// The name becomes `~`; the folder stays.
    Folder,
}

/// The rules of one check, compiled.
#[derive(Debug, Clone)]
pub(crate) struct Redaction(Vec<(Regex, String)>);

impl Redaction {
    /// Compiles the rules of a check; the patterns were tried when the pack was read.
    pub(crate) fn of(check: &Check) -> Self {
        let compile = |rule: &RedactRule| {
            let built = RegexBuilder::new(&rule.pattern).size_limit(RULE_BYTES_MAX).build();
            built.ok().map(|regex| (regex, rule.with.clone()))
        };
        Self(check.redact.iter().filter_map(compile).collect())
    }

    /// A text without home folders and without what the rules take out.
    pub(crate) fn apply<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut redacted = without_homes(text);
        for (regex, with) in &self.0 {
            if regex.is_match(&redacted) {
                redacted = Cow::Owned(regex.replace_all(&redacted, with.as_str()).into_owned());
            }
        }
        redacted
    }

    /// A reason whose detail went through [`Redaction::apply`].
    pub(crate) fn unknown(&self, why: Unknown) -> Unknown {
        let detail = self.apply(&why.detail).into_owned();
        Unknown::new(why.reason, detail)
    }
}

/// A text in which every home folder is `~`, so that it names no person: for facts and evidence alike.
#[must_use]
pub fn without_homes(text: &str) -> Cow<'_, str> {
    redacted(text, SENTENCE_ENDS)
}

/// The same for one path on its own, whose names may hold spaces and any other sign but the separators.
#[must_use]
pub fn without_homes_in_path(path: &str) -> Cow<'_, str> {
    redacted(path, PATH_ENDS)
}

fn redacted<'t>(text: &'t str, ends: &[char]) -> Cow<'t, str> {
    let mut redacted = Cow::Borrowed(text);
    for place in PLACES {
        let mut from = 0;
        while let Some((at, end, with)) = next_in(&redacted, from, place, ends) {
            from = at + with.len();
            redacted.to_mut().replace_range(at..end, &with);
        }
    }
    without_root_home(redacted)
}

/// The next person's part from a byte on: where it begins, where it ends, and what stands there instead.
fn next_in(text: &str, from: usize, place: &Place, ends: &[char]) -> Option<(usize, usize, String)> {
    let mut from = from;
    loop {
        let at = from + text.get(from..)?.find(place.folder)?;
        let start = at + place.folder.len();
        from = start;
        let tail = text.get(start..)?;
        let name = part(tail, ends);
        // `/mnt/disk/home/anna` is a home as well; `/var/www/media/system` is no medium.
        let is_beneath = place.folder.starts_with('/')
            && text.get(..at).and_then(|before| before.chars().next_back()).is_some_and(is_of_a_name);
        let is_drive = DRIVES.contains(&name);
        let (with, has_second) = match place.kind {
            PlaceKind::Home if is_beneath => (format!("{}~", place.folder), is_directory_domain(name)),
            PlaceKind::Home => ("~".to_owned(), is_directory_domain(name)),
            PlaceKind::Media if is_beneath || is_drive => continue,
            PlaceKind::Media => (format!("{}~", place.folder), true),
            PlaceKind::Folder if is_beneath => continue,
            PlaceKind::Folder => (format!("{}~", place.folder), false),
        };
        if name.is_empty() {
            continue;
        }
        let second = tail.get(name.len() + 1..).filter(|_| has_second).map(|rest| part(rest, ends));
        let length = name.len() + second.filter(|second| !second.is_empty()).map_or(0, |second| second.len() + 1);
        return Some((at, start + length, with));
    }
}

fn part<'t>(text: &'t str, ends: &[char]) -> &'t str {
    text.split(ends).next().unwrap_or_default()
}

/// Whether the part behind `/home/` is the domain of a directory (`COMUNE`, `comune.local`), as winbind and sssd write it.
fn is_directory_domain(name: &str) -> bool {
    let is_netbios = name.len() > 1
        && name.chars().all(|one| one.is_ascii_uppercase() || one.is_ascii_digit() || one == '-')
        && name.starts_with(|one: char| one.is_ascii_uppercase());
    let last = name.rsplit_once('.').map(|(_, last)| last.to_ascii_lowercase());
    is_netbios || last.is_some_and(|last| DIRECTORY_LABELS.contains(&last.as_str()))
}

const fn is_of_a_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || !character.is_ascii() || matches!(character, '.' | '_' | '-' | '~')
}

fn without_root_home(text: Cow<'_, str>) -> Cow<'_, str> {
    let mut redacted = text;
    let mut from = 0;
    while let Some(found) = redacted.get(from..).and_then(|rest| rest.find(ROOT_HOME)) {
        let (start, end) = (from + found, from + found + ROOT_HOME.len());
        let before = redacted.get(..start).and_then(|text| text.chars().next_back());
        let after = redacted.get(end..).and_then(|text| text.chars().next());
        if before.is_some_and(|one| one == '/' || is_of_a_name(one)) || after.is_some_and(is_of_a_name) {
            from = end;
            continue;
        }
        redacted.to_mut().replace_range(start..end, "~");
        from = start + 1;
    }
    redacted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn home_folders_become_a_tilde() {
        for (text, expected) in [
            ("/home/anna.bianchi/.ssh/id", "~/.ssh/id"),
            ("in /home/x and /home/y/z", "in ~ and ~/z"),
            ("/home/COMUNE/anna/x", "~/x"),
            ("/home/comune.local/anna: denied", "~: denied"),
            ("/var/home/anna/x", "~/x"),
            ("/mnt/disk/home/anna/x", "/mnt/disk/home/~/x"),
            ("/srv/home/~/x", "/srv/home/~/x"),
            ("/home/", "/home/"),
            ("/run/user/1000/bus", "/run/user/~/bus"),
            ("/run/media/anna/USB/x and /media/anna/USB", "/run/media/~/x and /media/~"),
            ("/media/cdrom/x /var/www/media/system/js", "/media/cdrom/x /var/www/media/system/js"),
            ("/var/spool/cron/crontabs/anna", "/var/spool/cron/crontabs/~"),
            ("C:\\Users\\Anna\\Desktop", "~\\Desktop"),
            ("/root/.bashrc", "~/.bashrc"),
            ("run by /root", "run by ~"),
            ("/srv/rootfs /etc/root", "/srv/rootfs /etc/root"),
            ("/rooted", "/rooted"),
            ("/usr/bin/sshd", "/usr/bin/sshd"),
        ] {
            assert_eq!(without_homes(text), expected, "{text}");
        }
    }

    #[test]
    fn a_path_on_its_own_may_hold_spaces() {
        for (path, expected) in [
            ("C:\\Users\\Anna Bianchi\\Desktop", "~\\Desktop"),
            ("/home/anna bianchi, figlia/x", "~/x"),
            ("/media/anna/Foto di Anna/x", "/media/~/x"),
        ] {
            assert_eq!(without_homes_in_path(path), expected, "{path}");
        }
    }
}
