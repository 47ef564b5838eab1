//! Everything that lies in a root: what a purge must leave as it was.

use std::collections::BTreeMap;

use crate::root::Root;

/// What dpkg, apt and the tools for users write for themselves: records of what was done, locks, and copies of the
/// former lists of users (passwd(5)). The lists themselves are compared.
const LEDGERS: &[&str] = &[
    "/var/lib/dpkg/status",
    "/var/lib/dpkg/status-old",
    "/var/lib/dpkg/available",
    "/var/lib/dpkg/lock",
    "/var/lib/dpkg/lock-frontend",
    "/var/lib/dpkg/triggers/Lock",
    "/var/lib/dpkg/triggers/Unincorp",
    "/var/lib/apt/extended_states",
    "/var/cache/apt/archives/lock",
    "/var/cache/apt/archives/partial",
    "/var/cache/apt/pkgcache.bin",
    "/var/cache/apt/srcpkgcache.bin",
    "/var/lib/apt/lists/lock",
    "/var/lib/apt/lists/auxfiles",
    "/var/cache/debconf/tmp.ci",
    "/var/lib/apt/periodic",
    "/var/log/dpkg.log",
    "/var/log/apt",
    "/var/log/alternatives.log",
    "/var/log/faillog",
    "/var/log/lastlog",
    "/etc/.pwd.lock",
    "/etc/passwd-",
    "/etc/group-",
    "/etc/shadow-",
    "/etc/gshadow-",
    "/etc/subuid-",
    "/etc/subgid-",
];

/// Path, and what it is: type, mode, owner, target of a link, digest of a file.
pub(crate) type Listing = BTreeMap<String, String>;

/// Lists the disk of a root; not `/proc`, `/dev`, `/run` and `/tmp`.
pub(crate) fn listing(root: &Root) -> Listing {
    let places = root.run("list", &["find", "/", "-xdev", "-printf", "%y %m %U:%G %l\t%p\n"]);
    let mut listing: Listing = places
        .lines()
        .map(|line| line.split_once('\t').unwrap())
        .filter(|(_, path)| !is_ledger(path))
        .map(|(what, path)| (path.to_owned(), what.to_owned()))
        .collect();
    let digests = root.run("digest", &["find", "/", "-xdev", "-type", "f", "-exec", "sha256sum", "{}", "+"]);
    for (digest, path) in digests.lines().filter_map(|line| line.split_once("  ")) {
        if let Some(what) = listing.get_mut(path) {
            what.push_str(digest);
        }
    }
    assert!(listing.len() > 1_000, "{}: only {} files listed", root.name, listing.len());
    listing
}

/// What differs, a line each.
pub(crate) fn differences(before: &Listing, after: &Listing) -> Vec<String> {
    let gone = before.iter().filter(|(path, _)| !after.contains_key(*path));
    let gone = gone.map(|(path, what)| format!("gone: {path} ({what})"));
    let others = after.iter().filter_map(|(path, what)| match before.get(path) {
        None => Some(format!("left: {path} ({what})")),
        Some(former) if former != what => Some(format!("changed: {path} ({former}; now {what})")),
        Some(_) => None,
    });
    gone.chain(others).collect()
}

fn is_ledger(path: &str) -> bool {
    LEDGERS.iter().any(|ledger| path.strip_prefix(ledger).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}
