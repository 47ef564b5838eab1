//! The embedded store: journal, checkpoints and index in one folder.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};
use vedetta_core::actor::Actor;
use vedetta_core::aggregate::Aggregate;
use vedetta_core::audit::AuditRecord;
use vedetta_core::changes::{Changes, Position};
use vedetta_core::store::{CommitError, Page, Prefix, ReadError, Store, Stored};
use vedetta_journal::{Journal, Sequence};

use crate::checkpoint;
use crate::codec;
use crate::index::{Entry, Index, IndexError, Range};
use crate::rebuild;
use crate::writer::{self, Request, Writer};

const MIB: u64 = 1024 * 1024;
/// Most commits that wait for the writer; a further one waits for a place.
const WAITING_COMMITS_MAX: usize = 1_024;
/// Most waits for readers when the store is closed, each of [`CLOSE_WAIT`].
const CLOSE_WAITS_MAX: u32 = 500;
const CLOSE_WAIT: Duration = Duration::from_millis(10);
/// Most records that one list answers.
pub(crate) const LIST_RECORDS_MAX: usize = 100_000;

/// Sizes of the store, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Memory for the index's cache; the process uses up to twice as much. Default 64 MiB.
    pub cache_bytes: u64,
    /// The journal refuses to grow over this. Default 16 GiB.
    pub journal_bytes_max: u64,
    /// One segment of the journal. Default 16 MiB.
    pub segment_bytes_max: u64,
    /// A checkpoint is made when the journal has grown by this since the last. Default 256 MiB.
    pub checkpoint_every_bytes: u64,
    /// Free disk that is left to others. Default 512 MiB.
    pub free_bytes_reserve: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cache_bytes: 64 * MIB,
            journal_bytes_max: 16 * 1024 * MIB,
            segment_bytes_max: 16 * MIB,
            checkpoint_every_bytes: 256 * MIB,
            free_bytes_reserve: 512 * MIB,
        }
    }
}

/// Why the store could not be opened or looked after.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file or folder.
    #[error("could not {operation} {}: {source}", path.display())]
    File {
        /// What was attempted.
        operation: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The journal or a checkpoint.
    #[error("{0}")]
    Journal(String),
    /// The index.
    #[error("{0}")]
    Index(String),
    /// The store is broken: neither a checkpoint nor a backup may be made of an index that missed a commit.
    #[error("the store cannot be looked after, because it cannot write: {0}")]
    Broken(String),
    /// The store was closed meanwhile.
    #[error("the store was closed")]
    Closed,
}

impl From<IndexError> for StoreError {
    fn from(error: IndexError) -> Self {
        Self::Index(error.to_string())
    }
}

/// What opening found and mended.
#[derive(Debug, Clone, Default)]
pub struct OpenReport {
    /// Bytes of a torn write, never acknowledged, that were cut off the journal.
    pub truncated_bytes: u64,
    /// Why the index was built anew, if it was.
    pub rebuilt: Option<String>,
    /// Commits that were applied to the index.
    pub replayed_commits: u64,
    /// Parts of the journal that can no longer be read; anything here needs a person.
    pub damaged: Vec<String>,
}

/// The embedded store. Cloning shares it; [`Embedded::close`] ends it.
#[derive(Clone)]
pub struct Embedded {
    inner: Arc<Inner>,
}

struct Inner {
    /// Nothing once the store was closed.
    index: RwLock<Option<Arc<Index>>>,
    position: Arc<AtomicU64>,
    requests: mpsc::Sender<Request>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Embedded {
    /// Opens the store in a folder, making it when it is missing. Blocks: a rebuild takes seconds for each million records.
    ///
    /// # Errors
    /// [`StoreError`] when the folder is in use, was written by a newer program, or cannot be read.
    pub fn open(folder: &Path, options: Options) -> Result<(Self, OpenReport), StoreError> {
        let limits = vedetta_journal::Options {
            segment_bytes_max: options.segment_bytes_max,
            total_bytes_max: options.journal_bytes_max,
            record_bytes_max: options.segment_bytes_max / 2,
            free_bytes_reserve: options.free_bytes_reserve,
        };
        let (journal, recovery) = Journal::open(&folder.join("journal"), limits)
            .map_err(|error| StoreError::Journal(format!("could not open the store: {error}")))?;
        let mut report = OpenReport {
            truncated_bytes: recovery.truncated_bytes,
            damaged: recovery.quarantined.iter().map(ToString::to_string).collect(),
            ..OpenReport::default()
        };
        let checkpoints = folder.join("checkpoints");
        let index = open_index(folder, &checkpoints, &journal, options, &mut report)?;
        let last_audit = last_audit(&index)?;
        let position = Arc::new(AtomicU64::new(journal.next_sequence().get().saturating_sub(1)));
        let index = Arc::new(index);
        let (requests, receiver) = mpsc::channel(WAITING_COMMITS_MAX);
        let writer = Writer::new(
            Arc::clone(&index),
            journal,
            last_audit,
            Arc::clone(&position),
            checkpoints,
            options.checkpoint_every_bytes,
        );
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer.run(receiver))
            .map_err(|source| StoreError::File { operation: "start the writer of", path: folder.to_owned(), source })?;
        let inner = Inner { index: RwLock::new(Some(index)), position, requests, writer: Mutex::new(Some(thread)) };
        Ok((Self { inner: Arc::new(inner) }, report))
    }

    /// Makes a store out of a backup, in a folder that holds none yet. Blocks.
    ///
    /// # Errors
    /// [`StoreError`] when the backup is not whole, or the folder holds a store already.
    pub fn restore(backup: &Path, folder: &Path) -> Result<Position, StoreError> {
        let source = checkpoint::newest(backup)?
            .ok_or_else(|| StoreError::Journal(format!("there is no whole backup in {}", backup.display())))?;
        let next = Sequence::new(source.position.0 + 1);
        Journal::create_at(&folder.join("journal"), next)
            .map_err(|error| StoreError::Journal(format!("could not restore: {error}")))?;
        checkpoint::copy(&source, &folder.join("checkpoints"))?;
        Ok(source.position)
    }

    /// SHA-256 over every record and its version: equal digests mean equal contents.
    ///
    /// # Errors
    /// [`ReadError`] when the index cannot be read.
    pub fn digest(&self) -> Result<[u8; 32], ReadError> {
        self.index("the digest")?.digest().map_err(|error| read_error("the digest", error))
    }

    /// Makes a checkpoint now and drops the journal's segments that it replaces.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be written; the journal is then left as it was.
    pub async fn checkpoint(&self) -> Result<Position, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.inner.requests.send(Request::Checkpoint { reply }).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Gives up the history of verdicts before a month, written `2026-11`.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be written.
    pub async fn drop_history_before(&self, month: &str) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        let request = Request::DropHistory { bucket: month.to_owned(), reply };
        self.inner.requests.send(request).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Writes the whole state as a checkpoint into another folder, from which a store can be restored.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be written.
    pub async fn backup(&self, folder: &Path) -> Result<Position, StoreError> {
        let (reply, answer) = oneshot::channel();
        let request = Request::Backup { folder: folder.to_owned(), reply };
        self.inner.requests.send(request).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Ends the store after the commits that wait; the folder can be opened again when this returns. Blocks.
    pub fn close(&self) {
        let thread = self.inner.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            writer::ask_to_close(&self.inner.requests);
            // The thread ends by itself; if it broke off there is nothing left to wait for.
            let _ended = thread.join();
        }
        let index = self.inner.index.write().unwrap_or_else(PoisonError::into_inner).take();
        // Readers that are under way end soon; the files are free when the last has.
        for _ in 0..CLOSE_WAITS_MAX {
            if index.as_ref().is_none_or(|index| Arc::strong_count(index) == 1) {
                break;
            }
            std::thread::sleep(CLOSE_WAIT);
        }
    }

    fn index(&self, what: &str) -> Result<Arc<Index>, ReadError> {
        let index = self.inner.index.read().unwrap_or_else(PoisonError::into_inner);
        index.clone().ok_or_else(|| read_error(what, StoreError::Closed))
    }
}

/// Opens the index, or sets it aside and builds it anew, and brings it up to the journal's end.
fn open_index(
    folder: &Path,
    checkpoints: &Path,
    journal: &Journal,
    options: Options,
    report: &mut OpenReport,
) -> Result<Index, StoreError> {
    let path = folder.join("index");
    let first = journal.first_sequence();
    let last = Position(journal.next_sequence().get().saturating_sub(1));
    let is_new = !path.exists();
    let opened = Index::open(&path, options.cache_bytes).and_then(|index| {
        let fits = index.has_this_version()?;
        let applied = index.applied()?;
        Ok((index, fits, applied))
    });
    let reason = match opened {
        Ok((_, true, applied)) if applied.highest > last => {
            report.damaged.push(lost_end(last, applied.highest));
            Some("it holds commits after the end of the journal".to_owned())
        }
        Ok((index, true, applied)) if Sequence::new(applied.lowest.0 + 1) >= first => {
            let replayed = rebuild::replay(&index, journal, applied.lowest)?;
            report.replayed_commits = replayed.commits;
            report.damaged.extend(replayed.damaged);
            return Ok(index);
        }
        Ok((_, false, _)) if is_new => (first != Sequence::FIRST || last.0 > 0).then(|| "it was missing".to_owned()),
        Ok((_, false, _)) => Some("another version of the program wrote it".to_owned()),
        Ok((_, true, _)) => Some("it does not fit the journal".to_owned()),
        Err(error) => Some(error.to_string()),
    };
    set_aside(&path)?;
    let index = Index::open(&path, options.cache_bytes)?;
    let start = rebuild::load_checkpoint(&index, checkpoints)?;
    if Sequence::new(start.0 + 1) < first {
        return Err(StoreError::Journal(format!(
            "the journal starts at commit {first}, but the newest checkpoint ends at {start:?}: restore a backup"
        )));
    }
    // Commits after the journal's end would get positions that the checkpoint has used, and the index would skip them.
    if start > last {
        let lost = lost_end(last, start);
        return Err(StoreError::Journal(format!(
            "{lost}; restore the store from its folder of checkpoints or a backup"
        )));
    }
    let replayed = rebuild::replay(&index, journal, start)?;
    index.write_version()?;
    index.flush()?;
    report.rebuilt = reason;
    report.replayed_commits = replayed.commits;
    report.damaged.extend(replayed.damaged);
    Ok(index)
}

/// A commit reaches the index after the journal is durable, so an index that is ahead means that the journal was cut.
fn lost_end(last: Position, known: Position) -> String {
    format!("the journal ends at commit {}, but commits up to {} were acknowledged: its end was lost", last.0, known.0)
}

fn set_aside(path: &Path) -> Result<(), StoreError> {
    let aside = path.with_extension("set-aside");
    for (operation, result) in
        [("remove", std::fs::remove_dir_all(&aside)), ("set aside", std::fs::rename(path, &aside))]
    {
        match result {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::File { operation, path: path.to_owned(), source });
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

fn last_audit(index: &Index) -> Result<Option<AuditRecord>, StoreError> {
    let kind = codec::kind_of::<AuditRecord>()
        .ok_or_else(|| StoreError::Index("the audit is missing in the store's list".to_owned()))?;
    let newest = index.list(kind, &Range { prefix: Vec::new(), after: None, limit: 1, newest_first: true })?;
    let Some((_, value)) = newest.into_iter().next() else { return Ok(None) };
    let record = codec::decode(kind.number, &value).map_err(|error| StoreError::Index(error.to_string()))?;
    Ok(AuditRecord::from_record(record))
}

fn read_error(what: impl ToString, why: impl ToString) -> ReadError {
    ReadError { what: what.to_string(), why: why.to_string() }
}

fn stored<A: Aggregate>(kind: u32, (version, value): Entry) -> Result<Stored<A>, ReadError> {
    let record = codec::decode(kind, &value).map_err(|error| read_error(A::NAME, error))?;
    let value = A::from_record(record).ok_or_else(|| read_error(A::NAME, "another record lies there"))?;
    Ok(Stored { value, version })
}

impl Store for Embedded {
    async fn commit(&self, actor: &Actor, at: Timestamp, changes: Changes) -> Result<Position, CommitError> {
        let closed = || CommitError::Broken("the store was closed".to_owned());
        let (reply, answer) = oneshot::channel();
        let request = Request::Commit { actor: actor.audit_name(), at, changes: Box::new(changes), reply };
        self.inner.requests.send(request).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    async fn get<A: Aggregate>(&self, key: &A::Key) -> Result<Option<Stored<A>>, ReadError> {
        let index = self.index(A::NAME)?;
        let place = codec::place(&A::record_key(key.clone()));
        blocking(A::NAME, move || {
            let entry = index.get(&place).map_err(|error| read_error(A::NAME, error))?;
            entry.map(|entry| stored(place.kind, entry)).transpose()
        })
        .await
    }

    async fn get_many<A: Aggregate>(&self, keys: Vec<A::Key>) -> Result<Vec<Option<Stored<A>>>, ReadError> {
        let index = self.index(A::NAME)?;
        // One change of threads for all keys: a batch asks for hundreds.
        blocking(A::NAME, move || {
            let read = |key| {
                let place = codec::place(&A::record_key(key));
                let entry = index.get(&place).map_err(|error| read_error(A::NAME, error))?;
                entry.map(|entry| stored(place.kind, entry)).transpose()
            };
            keys.into_iter().map(read).collect()
        })
        .await
    }

    async fn list<A: Aggregate>(&self, prefix: Prefix, page: Page<A>) -> Result<Vec<Stored<A>>, ReadError> {
        let index = self.index(A::NAME)?;
        let range = Range {
            prefix: codec::prefix_bytes(prefix),
            after: page.after.map(|key| codec::place(&A::record_key(key))),
            limit: page.limit.min(LIST_RECORDS_MAX),
            newest_first: page.newest_first,
        };
        blocking(A::NAME, move || {
            let kind = codec::kind_of::<A>().ok_or_else(|| read_error(A::NAME, "no codec"))?;
            let entries = index.list(kind, &range).map_err(|error| read_error(A::NAME, error))?;
            entries.into_iter().map(|entry| stored(kind.number, entry)).collect()
        })
        .await
    }

    fn position(&self) -> Position {
        Position(self.inner.position.load(Ordering::Acquire))
    }
}

async fn blocking<T: Send + 'static>(
    what: &'static str,
    work: impl FnOnce() -> Result<T, ReadError> + Send + 'static,
) -> Result<T, ReadError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| read_error(what, error))?
}
