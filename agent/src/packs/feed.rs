//! The feed of known vulnerabilities that this host compares with: the newest of those that a pinned publisher has signed,
//! or one that a person gave at the keyboard.

use std::path::Path;

use jiff::Timestamp;
use vedetta_checks::fact::Unknown;
use vedetta_checks::pack::Pack;
use vedetta_checks::pack::files::{MANIFEST_FILE, SIGNATURE_FILE};
use vedetta_checks::pack::trust::{TrustedFeed, TrustedPack};
use vedetta_checks::result::PackDigest;
use vedetta_checks::word::Reason;

use super::received::{self, RunVersions};
use super::{FolderError, PackSet, PackSources, PublisherError, pinned_keys, read_folder};

/// What a host without a feed says.
const NONE: &str = "this host has no list of known vulnerabilities: the collector brings one, or give it with --feed";

/// A feed, ready to be compared with.
#[derive(Debug, Clone)]
pub struct ReadyFeed {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// The digest of its content.
    pub digest: PackDigest,
    /// Its vulnerabilities.
    pub feed: TrustedFeed,
}

impl ReadyFeed {
    /// The feed of a pack; none when it is a pack of checks.
    pub(super) fn of(pack: &TrustedPack) -> Option<Self> {
        let feed = pack.feed()?;
        let pack = pack.pack();
        Some(Self { id: pack.id.to_string(), version: pack.version, digest: pack.digest, feed })
    }
}

/// Why a feed that a person gave is not taken.
#[derive(Debug, thiserror::Error)]
pub enum FeedFolderError {
    /// It cannot be read, or is no pack.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// It holds checks.
    #[error("{folder} holds checks, and no list of known vulnerabilities", folder = .folder.display())]
    NoFeed {
        /// The folder.
        folder: std::path::PathBuf,
    },
    /// It is signed, and the signature does not hold.
    #[error("{folder}: {why}", folder = .folder.display())]
    Refused {
        /// The folder.
        folder: std::path::PathBuf,
        /// What does not hold.
        why: String,
    },
    /// The publishers' keys cannot be used.
    #[error(transparent)]
    Keys(#[from] PublisherError),
    /// A file of it is damaged.
    #[error("{folder}: {source}", folder = .folder.display())]
    Damaged {
        /// The folder.
        folder: std::path::PathBuf,
        /// What is wrong.
        source: vedetta_checks::feed::FeedError,
    },
}

impl PackSet {
    /// The feed that looks compare with, or why there is none.
    ///
    /// # Errors
    /// [`Unknown`] with [`Reason::NO_FEED`]: no feed came, or the one that came was refused.
    pub fn feed(&self) -> Result<TrustedFeed, Unknown> {
        match (&self.feed, &self.feed_refused) {
            (Some(ready), _) => Ok(ready.feed.clone()),
            (None, Some(why)) => {
                Err(Unknown::new(Reason::NO_FEED, format!("the list of known vulnerabilities was refused: {why}")))
            }
            (None, None) => Err(Unknown::new(Reason::NO_FEED, NONE)),
        }
    }

    /// Compares with the feed of another set instead of its own.
    pub fn compare_with(&mut self, other: Self) {
        (self.feed, self.feed_refused) = (other.feed, other.feed_refused);
    }

    /// Keeps a feed when it is newer than the one that is kept.
    pub(super) fn take_feed(&mut self, new: ReadyFeed) {
        self.feed_digests.push(new.digest);
        // Two feeds of one day are told apart by their version.
        let age = |ready: &ReadyFeed| (ready.feed.feed().published(), ready.version);
        if self.feed.as_ref().is_none_or(|kept| age(kept) < age(&new)) {
            self.feed = Some(new);
        }
    }

    /// Takes the feed of a folder that a person gave, in place of any other. Signed, it must hold as any signed pack;
    /// unsigned it is taken as local, and every fact that comes from it says so.
    ///
    /// # Errors
    /// [`FeedFolderError`] says what does not hold.
    pub fn use_feed_of(
        &mut self,
        folder: &Path,
        sources: &PackSources<'_>,
        now: Timestamp,
    ) -> Result<(), FeedFolderError> {
        let files = read_folder(folder)?;
        let is_signed = files.get(MANIFEST_FILE).is_some() || files.get(SIGNATURE_FILE).is_some();
        let pack = if is_signed {
            let run = sources.state.map(RunVersions::load).unwrap_or_default();
            let keys = pinned_keys(sources.publishers)?;
            received::verify(&files, &keys, &run, now)
                .map_err(|error| FeedFolderError::Refused { folder: folder.to_path_buf(), why: error.to_string() })?
        } else {
            TrustedPack::local(&files).map_err(FolderError::from)?
        };
        let no_feed = || FeedFolderError::NoFeed { folder: folder.to_path_buf() };
        let ready = ReadyFeed::of(&pack).ok_or_else(no_feed)?;
        let whole = ready.feed.feed().read_whole();
        whole.map_err(|source| FeedFolderError::Damaged { folder: folder.to_path_buf(), source })?;
        (self.feed, self.feed_refused) = (Some(ready), None);
        Ok(())
    }
}

/// Whether a folder holds a feed, by its own word: to say what was refused, never to trust it.
pub(super) fn claims_to_be_feed(folder: &Path) -> bool {
    read_folder(folder).ok().and_then(|files| Pack::parse(&files).ok()).is_some_and(|pack| pack.feed.is_some())
}
