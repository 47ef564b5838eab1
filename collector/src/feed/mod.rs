//! Making a feed of known vulnerabilities from files that somebody downloaded. Nothing is fetched, and nothing is signed:
//! the collector holds no key, so `vedetta-agent pack sign` follows, elsewhere.
//!
//! Read one source a file ([`tracker`], [`debsecan`], [`kev`], [`epss`], [`end_of_life`]); [`Sources::build`] joins them.

pub mod debsecan;
pub mod end_of_life;
pub mod epss;
pub mod kev;
#[cfg(test)]
mod tests;
pub mod tracker;

use std::collections::BTreeMap;

use jiff::civil::Date;
use vedetta_checks::feed::end_of_life::Table;
use vedetta_checks::feed::{FeedCounts, FeedError, Mend, Part, Release, write};
use vedetta_checks::pack::files::PACK_FILE;
use vedetta_checks::pack::{Pack, PackError, PackFiles, manifest};

use self::epss::Chances;
use self::kev::Exploited;
use crate::intake::assignment::BUNDLE_BYTES_MAX;

/// The distribution that the tracker and debsecan speak of.
const DISTRIBUTION: &str = "debian";

/// Why no feed can be made.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A downloaded file is not what it should be.
    #[error("{file}, riga {line}: {problem}")]
    Line {
        /// The file.
        file: String,
        /// The line, from 1; that of the unpacked text.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// A downloaded file as a whole.
    #[error("{file}: {problem}")]
    File {
        /// The file.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// One release is told by two files.
    #[error("{codename}: due file parlano della stessa versione; datene uno solo")]
    Twice {
        /// The release.
        codename: String,
    },
    /// A wanted release is in no file.
    #[error("{codename}: nessun file ne parla")]
    Missing {
        /// The release.
        codename: String,
    },
    /// No vulnerability at all was given.
    #[error("manca un elenco di vulnerabilità: date --tracker o --debsecan")]
    Nothing,
    /// The day is beyond the calendar.
    #[error("il giorno di pubblicazione è fuori dal calendario: {0}")]
    Day(#[from] jiff::Error),
    /// What was made does not fit the format.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// What was made does not fit into a pack.
    #[error("l'archivio non entra in un pacchetto: {0}; con --release se ne tengono meno versioni")]
    Pack(#[from] PackError),
    /// What was made does not fit into one assignment.
    #[error("l'archivio ha {bytes} byte e agli agenti ne arrivano {limit}; con --release se ne tengono meno versioni")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// What fits.
        limit: usize,
    },
}

/// Everything that the downloaded files say.
#[derive(Debug, Default)]
pub struct Sources {
    releases: BTreeMap<String, Release>,
    exploited: Exploited,
    chances: Chances,
    ends: Table,
    /// Records of the lists of vulnerabilities that were passed over, because they are none that a feed can carry.
    pub passed_over: usize,
}

/// A feed, ready to be written into a folder and signed.
#[derive(Debug)]
pub struct Built {
    /// Its files.
    pub files: PackFiles,
    /// How much it holds.
    pub counts: FeedCounts,
    /// How many vulnerabilities of its releases CISA lists as exploited.
    pub exploited: usize,
    /// Its size, in bytes.
    pub bytes: usize,
}

impl Sources {
    /// Adds what one file says of one release of Debian.
    ///
    /// # Errors
    /// [`BuildError::Twice`] when another file spoke of it already.
    pub fn add_release(&mut self, codename: &str, release: Release) -> Result<(), BuildError> {
        if self.releases.insert(codename.to_owned(), release).is_some() {
            return Err(BuildError::Twice { codename: codename.to_owned() });
        }
        Ok(())
    }

    /// Takes over CISA's list of exploited vulnerabilities, with the days by which it wants them mended.
    pub fn set_exploited(&mut self, exploited: Exploited) {
        self.exploited = exploited;
    }

    /// Takes over the chances of exploitation, in parts of 10,000.
    pub fn set_chances(&mut self, chances: Chances) {
        self.chances = chances;
    }

    /// Takes over the ends of support.
    pub fn set_ends(&mut self, ends: Table) {
        self.ends = ends;
    }

    /// Makes the feed of the wanted releases (all that are known when none is named).
    ///
    /// # Errors
    /// [`BuildError`] when a release is missing or the feed would not fit the wire.
    pub fn build(mut self, wanted: &[String], version: u32, published: Date) -> Result<Built, BuildError> {
        if let Some(codename) = wanted.iter().find(|codename| !self.releases.contains_key(*codename)) {
            return Err(BuildError::Missing { codename: codename.clone() });
        }
        self.releases.retain(|codename, _| wanted.is_empty() || wanted.contains(codename));
        if self.releases.is_empty() {
            return Err(BuildError::Nothing);
        }
        let mut files = PackFiles::new();
        files.insert(PACK_FILE, write::head(version, published, &self.publishers())?)?;
        let mut exploited = 0;
        for (codename, mut release) in std::mem::take(&mut self.releases) {
            exploited += self.enrich(&mut release);
            for (file, packed) in write::release(DISTRIBUTION, &codename, &release)? {
                files.insert(&file, packed)?;
            }
        }
        if !self.ends.is_empty() {
            let (file, packed) = vedetta_checks::feed::end_of_life::write(&self.ends)?;
            files.insert(&file, packed)?;
        }
        let pack = Pack::parse(&files)?;
        let counts = pack.feed.as_ref().map(|feed| feed.read_whole()).transpose()?.unwrap_or_default();
        let bytes =
            files.iter().map(|(path, bytes)| path.len() + bytes.len()).sum::<usize>() + manifest::text(&files)?.len();
        if bytes > BUNDLE_BYTES_MAX {
            return Err(BuildError::TooLarge { bytes, limit: BUNDLE_BYTES_MAX });
        }
        Ok(Built { files, counts, exploited, bytes })
    }

    /// Whose data it is, as far as files were given.
    fn publishers(&self) -> String {
        let given = [
            (true, "Debian security tracker"),
            (!self.exploited.due.is_empty(), "CISA KEV"),
            (!self.chances.parts.is_empty(), "FIRST EPSS"),
            (!self.ends.is_empty(), "endoflife.date"),
        ];
        given.into_iter().filter(|(is_given, _)| *is_given).map(|(_, name)| name).collect::<Vec<_>>().join(", ")
    }

    /// Adds what CISA and EPSS say; answers how many are exploited. The chance is kept only where there is something to
    /// install, because it orders nothing else.
    fn enrich(&self, release: &mut Release) -> usize {
        let part = |is_empty: bool, day| if is_empty { Part::Missing } else { Part::given(day) };
        release.exploited = part(self.exploited.due.is_empty(), self.exploited.day);
        release.chances = part(self.chances.parts.is_empty(), self.chances.day);
        let mut exploited = 0;
        for group in release.sources.values_mut().flat_map(|source| &mut source.groups) {
            let has_mend = match &group.mend {
                Mend::From(_) | Mend::Listed { available: true, .. } => true,
                Mend::Listed { available: false, .. }
                | Mend::Open
                | Mend::NoAdvisory
                | Mend::Postponed
                | Mend::Ignored
                | Mend::Unimportant
                | Mend::EndOfLife => false,
            };
            for vulnerability in &mut group.vulnerabilities {
                vulnerability.exploited_due = self.exploited.due.get(&vulnerability.id).copied();
                vulnerability.chance = self.chances.parts.get(&vulnerability.id).copied().filter(|_| has_mend);
                exploited += usize::from(vulnerability.exploited_due.is_some());
            }
        }
        exploited
    }
}
