//! The metadata of repositories that dnf has cached: what there is, whole or damaged, and how old.

use std::io::Read as _;
use std::time::{Duration, SystemTime};

use aws_lc_rs::digest::{Algorithm, Context, SHA256, SHA512};
use jiff::{SignedDuration, Timestamp};
use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use super::repositories::Repository;
use crate::files::{FileError, Root};

/// Where dnf 5 and dnf 4 keep the cache.
pub(super) const FOLDERS: &[&str] = &["/var/cache/libdnf5", "/var/cache/dnf"];
/// Digits that dnf appends to the identifier of a repository, of the digest of its address.
const ADDRESS_DIGITS: usize = 16;
/// Largest index of a repository, in bytes.
const INDEX_BYTES_MAX: u64 = 1024 * 1024;
/// Bytes read at once for a digest.
const PIECE_BYTES: usize = 64 * 1024;
/// How far the clock of the host may lie before that of its cache.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_hours(24);

/// Cached metadata of one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cached {
    /// Folder beneath which `repodata/` lies.
    pub(super) folder: String,
    /// When the publisher made it.
    pub(super) date: Option<Timestamp>,
    /// When the host last made sure that it is current: dnf sets the file's time then, and counts its age from it.
    pub(super) checked: Timestamp,
    /// Whether it says which updates are for security (`updateinfo`).
    pub(super) has_errata: bool,
}

/// The folder of the cache: where the configuration says, else where one is.
pub(super) fn folder(root: &Root, configured: Option<&str>) -> String {
    let places = configured.into_iter().chain(FOLDERS.iter().copied());
    let found = places.clone().find(|path| !root.is_absent(path));
    found.or_else(|| places.last()).unwrap_or_default().to_owned()
}

/// Finds the cached metadata of a repository, the newest when its address has changed.
pub(super) fn find(root: &Root, cache: &str, names: &[String], repository: &Repository) -> Result<Cached, Unknown> {
    let is_digits =
        |digits: &str| digits.len() == ADDRESS_DIGITS && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let of_repository = |name: &&String| {
        name.strip_prefix(&repository.id).and_then(|rest| rest.strip_prefix('-')).is_some_and(is_digits)
    };
    let mut found: Option<Cached> = None;
    for name in names.iter().filter(of_repository) {
        let cached = match read(root, format!("{cache}/{name}")) {
            Err(CacheError::File(error)) if error.is_not_found() => continue,
            cached => cached.map_err(|error| error.to_unknown())?,
        };
        if found.as_ref().is_none_or(|known| cached.checked > known.checked) {
            found = Some(cached);
        }
    }
    found.ok_or_else(|| {
        let detail = format!("{cache} holds no list of packages of the repository `{}`", repository.id);
        Unknown::new(Reason::NO_LISTS, detail)
    })
}

impl Cached {
    /// Until when dnf uses it without asking again.
    pub(super) fn valid_until(&self, repository: &Repository) -> Option<Timestamp> {
        repository.expires_after.and_then(|life| self.checked.checked_add(life).ok())
    }

    /// Why an answer out of it cannot be trusted now.
    pub(super) fn doubt(&self, repository: &Repository, now: Timestamp) -> Option<Unknown> {
        let id = &repository.id;
        let day = |at: Timestamp| at.strftime("%F %H:%M UTC").to_string();
        if now.checked_add(CLOCK_SLACK).is_ok_and(|latest| latest < self.checked) {
            let detail = format!("the lists of `{id}` were fetched on {}, later than it is now", day(self.checked));
            return Some(Unknown::new(Reason::CLOCK_WRONG, detail));
        }
        let end = self.valid_until(repository).filter(|end| *end < now)?;
        let detail =
            format!("the lists of `{id}` were last fetched on {} and expired on {}", day(self.checked), day(end));
        Some(Unknown::new(Reason::STALE_LISTS, detail))
    }
}

/// Why cached metadata cannot be used.
#[derive(Debug, thiserror::Error)]
enum CacheError {
    /// A file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file is not what the index says of it.
    #[error("{path}: its digest is not the one that the index of the repository names")]
    Digest {
        /// The path as on the host.
        path: String,
    },
    /// The index names no list of packages.
    #[error("{path}: no list of packages is named")]
    NoPackages {
        /// The path as on the host.
        path: String,
    },
}

impl CacheError {
    fn to_unknown(&self) -> Unknown {
        match self {
            Self::File(error) => error.to_unknown(),
            Self::Digest { .. } | Self::NoPackages { .. } => Unknown::new(Reason::CORRUPT, self.to_string()),
        }
    }
}

fn read(root: &Root, folder: String) -> Result<Cached, CacheError> {
    let path = format!("{folder}/repodata/repomd.xml");
    let checked = root.open(&path)?.metadata().and_then(|metadata| metadata.modified());
    let checked = checked.unwrap_or(SystemTime::UNIX_EPOCH).duration_since(SystemTime::UNIX_EPOCH);
    let index = root.read_text(&path, INDEX_BYTES_MAX)?;
    let entries = entries(&index);
    if !entries.iter().any(|entry| entry.kind == "primary") {
        return Err(CacheError::NoPackages { path });
    }
    let mut has_errata = false;
    for entry in entries.iter().filter(|entry| matches!(entry.kind, "primary" | "updateinfo")) {
        match verify(root, &folder, entry) {
            // dnf fetches a list of errata only when it is told to use it.
            Err(CacheError::File(error)) if error.is_not_found() && entry.kind == "updateinfo" => {}
            verified => {
                verified?;
                has_errata |= entry.kind == "updateinfo";
            }
        }
    }
    let date = entries.iter().filter_map(|entry| entry.timestamp).max();
    let revision = || between(&index, "<revision>", "</revision>").and_then(|text| text.trim().parse().ok());
    Ok(Cached {
        folder,
        date: date.or_else(revision).and_then(|second| Timestamp::from_second(second).ok()),
        checked: Timestamp::UNIX_EPOCH.checked_add(checked.unwrap_or(Duration::ZERO)).unwrap_or(Timestamp::UNIX_EPOCH),
        has_errata,
    })
}

/// One file that the index of a repository names.
struct Entry<'a> {
    kind: &'a str,
    path: &'a str,
    algorithm: Option<&'static Algorithm>,
    digest: &'a str,
    timestamp: Option<i64>,
}

fn entries(index: &str) -> Vec<Entry<'_>> {
    index
        .split("<data ")
        .skip(1)
        .filter_map(|part| {
            let (part, _) = part.split_once("</data>")?;
            let checksum = part.split_once("<checksum ").map(|(_, rest)| rest)?;
            Some(Entry {
                kind: between(part, "type=\"", "\"")?,
                path: between(part, "href=\"", "\"")?,
                algorithm: match between(checksum, "type=\"", "\"")? {
                    "sha256" => Some(&SHA256),
                    "sha512" => Some(&SHA512),
                    _ => None,
                },
                digest: between(checksum, ">", "<")?.trim(),
                timestamp: between(part, "<timestamp>", "</timestamp>").and_then(|text| text.trim().parse().ok()),
            })
        })
        .collect()
}

fn between<'a>(text: &'a str, begin: &str, end: &str) -> Option<&'a str> {
    text.split_once(begin)?.1.split_once(end).map(|(inside, _)| inside)
}

/// Whether a cached file is whole: dnf itself does not look when it may not fetch anything.
fn verify(root: &Root, folder: &str, entry: &Entry<'_>) -> Result<(), CacheError> {
    let path = format!("{folder}/{}", entry.path);
    let mut file = root.open(&path)?;
    let Some(algorithm) = entry.algorithm else { return Ok(()) };
    let mut context = Context::new(algorithm);
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let count = file.read(&mut piece).map_err(|source| FileError::Io { path: path.clone(), source })?;
        if count == 0 {
            break;
        }
        context.update(piece.get(..count).unwrap_or_default());
    }
    let digest: String = context.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    if digest == entry.digest { Ok(()) } else { Err(CacheError::Digest { path }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str = r#"<repomd><revision>1795333515</revision>
<data type="primary"><checksum type="sha256">9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08</checksum>
<location href="repodata/p.xml.gz"/><timestamp>1795333516</timestamp></data>
<data type="updateinfo"><checksum type="sha256">9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08</checksum>
<location href="repodata/u.xml.gz"/></data></repomd>"#;

    fn repository() -> Repository {
        Repository {
            id: "a".to_owned(),
            site: String::new(),
            expires_after: Some(Duration::from_hours(48)),
            priority: 99,
        }
    }

    fn look(files: &[(&str, &str)]) -> Result<Cached, Unknown> {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = folder.path().join("cache/a-0123456789abcdef/repodata").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        let names = ["a-0123456789abcdef".to_owned(), "a-b-0123456789abcdef".to_owned()];
        find(&Root::new(folder.path()), "/cache", &names, &repository())
    }

    #[test]
    fn a_whole_cache_tells_its_date_and_whether_it_knows_errata() {
        let cached = look(&[("repomd.xml", INDEX), ("p.xml.gz", "test"), ("u.xml.gz", "test")]).unwrap();
        assert_eq!((cached.date, cached.has_errata), (Timestamp::from_second(1_795_333_516).ok(), true));
        let cached = look(&[("repomd.xml", INDEX), ("p.xml.gz", "test")]).unwrap();
        assert!(!cached.has_errata, "named in the index, but never fetched");
    }

    #[test]
    fn a_missing_or_damaged_cache_is_no_cache() {
        assert_eq!(look(&[]).unwrap_err().reason, Reason::NO_LISTS);
        for files in [
            [("repomd.xml", INDEX), ("p.xml.gz", "tes"), ("u.xml.gz", "test")],
            [("repomd.xml", INDEX), ("p.xml.gz", "test"), ("u.xml.gz", "")],
            [("repomd.xml", "<repomd>"), ("p.xml.gz", "test"), ("u.xml.gz", "test")],
        ] {
            assert_eq!(look(&files).unwrap_err().reason, Reason::CORRUPT);
        }
    }

    #[test]
    fn a_cache_is_stale_when_dnf_would_fetch_it_again() {
        let checked: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let cached = Cached { folder: String::new(), date: None, checked, has_errata: true };
        for (now, reason) in [
            ("2026-11-22T11:59:59Z", None),
            ("2026-11-22T12:00:01Z", Some(Reason::STALE_LISTS)),
            ("2026-11-19T13:00:00Z", None),
            ("2026-11-19T11:00:00Z", Some(Reason::CLOCK_WRONG)),
        ] {
            let doubt = cached.doubt(&repository(), now.parse().unwrap());
            assert_eq!(doubt.map(|doubt| doubt.reason), reason, "{now}");
        }
        let never = Repository { expires_after: None, ..repository() };
        assert_eq!(cached.doubt(&never, "2030-01-01T00:00:00Z".parse().unwrap()), None);
    }
}
