//! The strict rule, for a host whose accounts cannot be read: no name is known then, so that outside the folders of the
//! system itself only usual names stay.

use super::below_homes::usual_names;

/// Folders of the distribution's own programs: nothing in them is named after a person.
const PROGRAMS: &[&str] = &[
    "/bin/",
    "/lib/",
    "/lib32/",
    "/lib64/",
    "/sbin/",
    "/usr/bin/",
    "/usr/games/",
    "/usr/lib/",
    "/usr/lib32/",
    "/usr/lib64/",
    "/usr/libexec/",
    "/usr/sbin/",
    "/usr/share/",
];
/// Folders of the system's own state and settings, which stay as they are.
const SYSTEM: &[&str] = &[
    "/boot/",
    "/dev/",
    "/etc/",
    "/proc/",
    "/run/",
    "/sys/",
    "/usr/",
    "/var/cache/",
    "/var/lib/apt/",
    "/var/lib/dpkg/",
    "/var/lib/rpm/",
    "/var/log/",
];
/// Folders at the root by the Filesystem Hierarchy Standard, and others that tell nobody.
const AT_ROOT: &[&str] = &[
    "boot", "data", "dev", "etc", "export", "home", "media", "mnt", "opt", "proc", "root", "run", "snap", "srv", "sys",
    "tmp", "usr", "var",
];
/// Signs that may stand before a path or an address in a sentence.
const BEFORE: &[char] = &['"', '\'', '`', '(', '[', '<', '='];

/// Whether a path, or a word that begins with one, lies in a folder of the distribution's own programs.
pub(super) fn is_of_programs(word: &str) -> bool {
    is_below(word.trim_start_matches(BEFORE), PROGRAMS)
}

fn is_below(path: &str, folders: &[&str]) -> bool {
    folders.iter().any(|folder| path.starts_with(folder))
}

/// A text without any name that somebody may have given: in each word of it that is a path or an address.
pub(super) fn strictly(text: &str) -> String {
    text.split_inclusive(char::is_whitespace).map(word).collect()
}

fn word(word: &str) -> String {
    let bare = word.trim_start_matches(BEFORE);
    let (before, _) = word.split_at(word.len() - bare.len());
    if let Some(path) = bare.strip_prefix('/') {
        if is_below(bare, PROGRAMS) || is_below(bare, SYSTEM) {
            return word.to_owned();
        }
        let end = path.find(['"', '\'', '`', ')', ',', ';', ':', ' ', '\n']).unwrap_or(path.len());
        let (path, after) = path.split_at(end);
        let (first, rest) = path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let first = if AT_ROOT.contains(&first) || first.is_empty() { first } else { "*" };
        let rest = rest.map(|rest| format!("/{}", usual_names(rest))).unwrap_or_default();
        return format!("{before}/{first}{rest}{after}");
    }
    match bare.split_once('@') {
        Some((name, domain)) if !name.is_empty() && !name.ends_with('~') && domain.contains('.') => {
            let kept = name.rfind(|one: char| !one.is_alphanumeric() && !"._-+".contains(one)).map_or(0, |at| at + 1);
            format!("{before}{}~@{domain}", name.get(..kept).unwrap_or_default())
        }
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outside_the_folders_of_the_system_only_usual_names_stay() {
        for (text, expected) in [
            ("/srv/people/anna/www", "/srv/*/www"),
            ("/anna/bin/server", "/*/bin/*"),
            ("/tmp/ssh-anna.sock", "/tmp/*.sock"),
            ("/usr/sbin/nginx", "/usr/sbin/nginx"),
            ("/var/lib/dpkg/status: permission denied", "/var/lib/dpkg/status: permission denied"),
            ("open \"/data/anna/x.key\", then stop", "open \"/data/*/*.key\", then stop"),
            ("CN=x, emailAddress=bianchi@example.it", "CN=x, emailAddress=~@example.it"),
            ("0.0.0.0:443/tcp", "0.0.0.0:443/tcp"),
            ("~/bin", "~/bin"),
        ] {
            assert_eq!(strictly(text), expected, "{text}");
            assert_eq!(strictly(expected), expected, "cleaned twice");
        }
    }
}
