//! The bundle of known vulnerabilities: which of them a distribution mended in which version of which source package.
//!
//! It is a [pack](crate::pack) of the kind `feed`: signed, pinned, sent, versioned and expired in the one way that packs
//! are. Beside `pack.yaml` it holds small packed text files, split by release and by size, so that a host unpacks only its
//! own release and keeps only the source packages that it has. [`read`] and [`mod@write`] are the two sides of the format:
//!
//! ```text
//! vedetta-feed 1
//! release debian bookworm
//! with kev:20240712 epss
//! source openssh 1:9.2p1-2+deb12u7
//! from 1:9.2p1-2+deb12u3 2023-48795:6321 2024-6387:4312:20240722
//! no-dsa 2020-15778
//! ```
//!
//! `with` says which lists went into it and of which day they are, where they say it: without CISA's nobody can say that
//! nothing is exploited. `source` names a source package and the newest version that the release offers, where it is
//! known. Each line after it says how some vulnerabilities stand and lists them: `CVE-` is left out, a chance of
//! exploitation in parts of 10,000 and CISA's day may follow. The forms of standing are those of [`Mend`].
//!
//! Gzip, because a release of Debian has some 40,000 entries: as text they would fill what one assignment may carry.

pub mod end_of_life;
mod packed;
pub mod read;
#[cfg(test)]
mod tests;
pub mod write;

use std::cmp::Ordering;
use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::judge::version::VersionKind;
use crate::pack::PackError;

pub use packed::UNPACKED_BYTES_MAX;

/// First line of every file: its format and version.
const HEADER: &str = "vedetta-feed 1";
/// End of the name of every file.
const FILE_END: &str = ".gz";
/// The file with the ends of support.
const END_OF_LIFE_FILE: &str = "end-of-life.gz";

/// Why a file of the feed cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// The file as a whole.
    #[error("{file}: {problem}")]
    File {
        /// Its name inside the feed.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// One line of it.
    #[error("{file}:{line}: {problem}")]
    Line {
        /// Its name inside the feed.
        file: String,
        /// The line of the unpacked text, from 1.
        line: usize,
        /// What is wrong, and what would be right.
        problem: String,
    },
}

/// The files of a feed as they were published: still packed, which is how they are kept in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    published: Date,
    files: BTreeMap<String, Vec<u8>>,
}

/// How much a feed holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FeedCounts {
    /// Releases by name (`debian bookworm`) with their number of vulnerabilities, one for each source package.
    pub releases: BTreeMap<String, usize>,
    /// Ends of support.
    pub ends_of_life: usize,
}

impl Feed {
    /// The feed of a pack's files (all but `pack.yaml`); they are unpacked when they are asked for.
    ///
    /// # Errors
    /// [`PackError::File`] when a name is none of a feed's.
    pub(crate) fn of_pack<'a>(
        published: Date,
        files: impl Iterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<Self, PackError> {
        let files: BTreeMap<_, _> = files.map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
        let strange = files.keys().find(|path| *path != END_OF_LIFE_FILE && release_of(path).is_none());
        if let Some(path) = strange {
            let problem = "a feed holds files such as debian-bookworm-1.gz and end-of-life.gz only".to_owned();
            return Err(PackError::File { path: path.clone(), problem });
        }
        Ok(Self { published, files })
    }

    /// Day of publication.
    #[must_use]
    pub const fn published(&self) -> Date {
        self.published
    }

    /// The releases that it knows: `debian bookworm`.
    #[must_use]
    pub fn releases(&self) -> Vec<String> {
        let names = self.files.keys().filter_map(|file| release_of(file));
        let mut names: Vec<String> =
            names.map(|(distribution, codename)| format!("{distribution} {codename}")).collect();
        names.dedup();
        names
    }

    /// What the feed says of a release, for the wanted source packages alone; none when it does not know the release.
    ///
    /// # Errors
    /// [`FeedError`] names the file and the line.
    pub fn release(
        &self,
        distribution: &str,
        codename: &str,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<Option<Release>, FeedError> {
        let mut release = None;
        for (file, bytes) in &self.files {
            if release_of(file) == Some((distribution, codename)) {
                let into = release.get_or_insert_with(Release::default);
                read::release(file, bytes, (distribution, codename), wanted, into)?;
            }
        }
        Ok(release)
    }

    /// Until when the maker of a product looks after one of its releases, as endoflife.date has it: `php`, `8.2`.
    ///
    /// # Errors
    /// [`FeedError`] names the file and the line.
    pub fn end_of_life(&self, product: &str, cycle: &str) -> Result<Option<end_of_life::Cycle>, FeedError> {
        let Some(bytes) = self.files.get(END_OF_LIFE_FILE) else { return Ok(None) };
        end_of_life::find(END_OF_LIFE_FILE, bytes, product, cycle)
    }

    /// Unpacks and reads everything once: what a publisher and a collector do before they hand a feed on.
    ///
    /// # Errors
    /// [`FeedError`] names the file and the line.
    pub fn read_whole(&self) -> Result<FeedCounts, FeedError> {
        let mut counts = FeedCounts::default();
        for (file, bytes) in &self.files {
            let Some((distribution, codename)) = release_of(file) else {
                counts.ends_of_life += end_of_life::count(file, bytes)?;
                continue;
            };
            let mut release = Release::default();
            read::release(file, bytes, (distribution, codename), &|_| true, &mut release)?;
            let groups = release.sources.values().flat_map(|source| &source.groups);
            let count = groups.map(|group| group.vulnerabilities.len()).sum::<usize>();
            *counts.releases.entry(format!("{distribution} {codename}")).or_default() += count;
        }
        Ok(counts)
    }
}

/// Distribution and code name of a file `debian-bookworm-1.gz`.
fn release_of(file: &str) -> Option<(&str, &str)> {
    let (release, number) = file.strip_suffix(FILE_END)?.rsplit_once('-')?;
    let (distribution, codename) = release.split_once('-')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && is_word(distribution) && is_word(codename)).then_some((distribution, codename))
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// A list that can go into a feed beside that of the distribution.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Part {
    /// It did not.
    #[default]
    Missing,
    /// It did, and does not say of which day it is.
    Undated,
    /// It did; it is of this day.
    Of(Date),
}

impl Part {
    /// A list that went into the feed, with its day where it names one.
    #[must_use]
    pub fn given(day: Option<Date>) -> Self {
        day.map_or(Self::Undated, Self::Of)
    }

    /// Of which day it is, where that is known.
    #[must_use]
    pub const fn day(self) -> Option<Date> {
        match self {
            Self::Missing | Self::Undated => None,
            Self::Of(day) => Some(day),
        }
    }
}

/// What a feed says of one release of a distribution.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Release {
    /// CISA's list of exploited vulnerabilities.
    pub exploited: Part,
    /// The chances of exploitation of EPSS.
    pub chances: Part,
    /// Source packages by name.
    pub sources: BTreeMap<String, SourcePackage>,
}

/// What a feed says of one source package in one release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourcePackage {
    /// The newest version that the release offered when the feed was made, where that is known.
    pub newest: Option<String>,
    /// Vulnerabilities that stand alike, together.
    pub groups: Vec<Group>,
}

/// Vulnerabilities that stand alike in one source package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// How they stand.
    pub mend: Mend,
    /// Which they are.
    pub vulnerabilities: Vec<Vulnerability>,
}

/// One known vulnerability.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Vulnerability {
    /// Its identifier: `CVE-2024-6387`; Debian's own `TEMP-...` where it has none yet.
    pub id: String,
    /// Chance of exploitation within 30 days by EPSS, in parts of 10,000.
    pub chance: Option<u16>,
    /// Day by which CISA wants it mended; present when CISA lists it as exploited (KEV).
    pub exploited_due: Option<Date>,
}

/// How a vulnerability stands in one release, by the word of its line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mend {
    /// `from VERSION`: mended in this version and all above.
    From(String),
    /// `listed FROM|- available|awaited VERSION,...|-`: mended from a version of the unstable release on and in exactly
    /// these others, as debsecan's files tell it.
    Listed {
        /// Mended in this version and all above.
        from: Option<String>,
        /// Whether the release itself offers a mended version.
        available: bool,
        /// Mended in each of these.
        versions: Vec<String>,
    },
    /// `open`: not mended yet.
    Open,
    /// `no-dsa`: minor; no advisory of its own is planned.
    NoAdvisory,
    /// `postponed`: to be mended together with a later advisory.
    Postponed,
    /// `ignored`: will not be mended in this release.
    Ignored,
    /// `unimportant`: no weakness in practice, by the distribution's judgement.
    Unimportant,
    /// `end-of-life`: the package is no longer looked after in this release.
    EndOfLife,
}

/// How an installed version stands towards one vulnerability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'a> {
    /// It is mended already.
    Mended,
    /// This later version mends it.
    MendedIn(&'a str),
    /// No version of the release mends it.
    Unmended,
}

impl Mend {
    /// How an installed version of the source package stands.
    #[must_use]
    pub fn standing(&self, installed: &str) -> Standing<'_> {
        match self {
            Self::From(version) if is_before(installed, version) => Standing::MendedIn(version),
            Self::From(_) => Standing::Mended,
            Self::Listed { from, available, versions } => listed(from.as_deref(), *available, versions, installed),
            Self::Open | Self::NoAdvisory | Self::Postponed | Self::Ignored | Self::Unimportant | Self::EndOfLife => {
                Standing::Unmended
            }
        }
    }
}

fn listed<'a>(from: Option<&'a str>, available: bool, versions: &'a [String], installed: &str) -> Standing<'a> {
    let is_mended = |version: &String| {
        compare(version, installed) == Ordering::Equal
            || (is_before(version, installed)
                && release_mark(version).is_some()
                && release_mark(version) == release_mark(installed))
    };
    if from.is_some_and(|from| !is_before(installed, from)) || versions.iter().any(is_mended) {
        return Standing::Mended;
    }
    // The release's own mended version is the nearest one above: those of older releases lie below what is installed.
    let above = versions.iter().map(String::as_str).chain(from).filter(|version| is_before(installed, version));
    match above.min_by(|left, right| compare(left, right)) {
        Some(version) if available => Standing::MendedIn(version),
        Some(_) | None => Standing::Unmended,
    }
}

/// The mark of a release in a version of Debian: `deb12` in `1:9.2p1-2+deb12u3`.
fn release_mark(version: &str) -> Option<&str> {
    let at = version.rfind("+deb").or_else(|| version.rfind("~deb"))?;
    let mark = version.get(at + 1..)?;
    mark.find('u').and_then(|end| mark.get(..end))
}

fn is_before(left: &str, right: &str) -> bool {
    compare(left, right) == Ordering::Less
}

/// Debian's order. What is no version stands before every version, so it never counts as mended.
fn compare(left: &str, right: &str) -> Ordering {
    let is_version = |text| VersionKind::Dpkg.compare(text, text).is_some();
    VersionKind::Dpkg.compare(left, right).unwrap_or_else(|| (is_version(left), left).cmp(&(is_version(right), right)))
}

/// The seam of the fuzz targets: any bytes as the unpacked text of a release and as a packed file of each kind.
pub fn fuzz(bytes: &[u8]) {
    let mut release = Release::default();
    let _ = read::release("debian-bookworm-1.gz", bytes, ("debian", "bookworm"), &|_| true, &mut release);
    let _ = end_of_life::count(END_OF_LIFE_FILE, bytes);
    if let Ok(packed) = packed::pack("debian-bookworm-1.gz", bytes) {
        let _ = read::release("debian-bookworm-1.gz", &packed, ("debian", "bookworm"), &|_| true, &mut release);
        let _ = end_of_life::count(END_OF_LIFE_FILE, &packed);
    }
    for group in release.sources.values().flat_map(|source| &source.groups) {
        let _ = group.mend.standing("1.0-1+deb12u1");
    }
}
