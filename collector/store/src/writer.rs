//! The one thread that writes: takes the commits that wait, writes them as one group, syncs once, answers all.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use prost::Message as _;
use tokio::sync::{mpsc, oneshot};
use vedetta_core::audit::AuditRecord;
use vedetta_core::changes::{Changes, Position};
use vedetta_core::store::CommitError;
use vedetta_journal::{AppendError, Journal, Kind, Sequence};
use vedetta_proto::store;

use crate::checkpoint;
use crate::embedded::StoreError;
use crate::index::{Index, IndexChange};
use crate::prepare::{Pending, Prepared, prepare};
use crate::rebuild::kind;

/// Most commits under one sync.
const GROUP_COMMITS_MAX: usize = 256;
/// Positions after which every tree is marked, so that a replay after a crash stays short.
const MARK_EVERY: u64 = 1_024;

/// What the writer is asked.
pub(crate) enum Request {
    Commit {
        actor: String,
        at: Timestamp,
        changes: Box<Changes>,
        reply: oneshot::Sender<Result<Position, CommitError>>,
    },
    Checkpoint {
        reply: oneshot::Sender<Result<Position, StoreError>>,
    },
    DropHistory {
        bucket: String,
        reply: oneshot::Sender<Result<(), StoreError>>,
    },
    Backup {
        folder: PathBuf,
        reply: oneshot::Sender<Result<Position, StoreError>>,
    },
    Close,
}

/// Asks the writer to end after what waits before this.
pub(crate) fn ask_to_close(requests: &mpsc::Sender<Request>) {
    let mut request = Request::Close;
    while let Err(mpsc::error::TrySendError::Full(back)) = requests.try_send(request) {
        request = back;
        std::thread::yield_now();
    }
}

/// A commit that is in the journal and not yet durable.
struct Written {
    position: Position,
    changes: Vec<IndexChange>,
    reply: oneshot::Sender<Result<Position, CommitError>>,
}

pub(crate) struct Writer {
    index: Arc<Index>,
    journal: Journal,
    last_audit: Option<AuditRecord>,
    position: Arc<AtomicU64>,
    marked: u64,
    checkpoints: PathBuf,
    checkpoint_every_bytes: u64,
    bytes_at_checkpoint: u64,
    /// Why nothing is written any more: a failed sync, or an index that missed a commit.
    broken: Option<String>,
}

impl Writer {
    pub(crate) fn new(
        index: Arc<Index>,
        journal: Journal,
        last_audit: Option<AuditRecord>,
        position: Arc<AtomicU64>,
        checkpoints: PathBuf,
        checkpoint_every_bytes: u64,
    ) -> Self {
        let marked = position.load(Ordering::Acquire);
        Self {
            index,
            bytes_at_checkpoint: 0,
            journal,
            last_audit,
            position,
            marked,
            checkpoints,
            checkpoint_every_bytes,
            broken: None,
        }
    }

    pub(crate) fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let mut next = requests.blocking_recv();
        while let Some(request) = next.take() {
            let mut group = Vec::new();
            let mut other = Some(request);
            while let Some(request) = other.take() {
                if !matches!(request, Request::Commit { .. }) {
                    other = Some(request);
                    break;
                }
                group.push(request);
                if group.len() < GROUP_COMMITS_MAX {
                    other = requests.try_recv().ok();
                }
            }
            self.commit_group(group);
            match other {
                Some(Request::Close) => break,
                Some(request) => self.look_after(request),
                None => self.checkpoint_when_due(),
            }
            next = requests.blocking_recv();
        }
        self.end();
    }

    fn commit_group(&mut self, group: Vec<Request>) {
        let mut pending = Pending::new();
        let mut written = Vec::with_capacity(group.len());
        for request in group {
            let Request::Commit { actor, at, changes, reply } = request else { continue };
            match self.write(&pending, &actor, at, *changes) {
                Ok((position, prepared)) => {
                    for change in &prepared.changes {
                        let version = change.value.is_some().then_some(position);
                        pending.insert(change.place.clone(), version);
                    }
                    self.last_audit = prepared.last_audit;
                    written.push(Written { position, changes: prepared.changes, reply });
                }
                Err(error) => answer(reply, Err(error)),
            }
        }
        if written.is_empty() {
            return;
        }
        if let Err(error) = self.journal.sync() {
            self.broken = Some(error.to_string());
        }
        for commit in written {
            let outcome = self.apply(&commit);
            answer(commit.reply, outcome);
        }
        self.mark_when_due();
    }

    fn write(
        &mut self,
        pending: &Pending,
        actor: &str,
        at: Timestamp,
        changes: Changes,
    ) -> Result<(Position, Prepared), CommitError> {
        if let Some(why) = &self.broken {
            return Err(CommitError::Broken(why.clone()));
        }
        let prepared = prepare(&self.index, pending, self.last_audit.as_ref(), actor, at, changes)?;
        let sequence = self.append(kind::TRANSACTION, &prepared.bytes)?;
        Ok((Position(sequence.get()), prepared))
    }

    fn append(&mut self, kind: Kind, bytes: &[u8]) -> Result<Sequence, CommitError> {
        self.journal.append_unsynced(&[(kind, bytes)]).map_err(|error| match &error {
            AppendError::EmptyGroup | AppendError::RecordTooLarge { .. } | AppendError::GroupTooLarge { .. } => {
                CommitError::Invalid(error.to_string())
            }
            AppendError::Full { .. } | AppendError::DiskFull { .. } => CommitError::DiskFull(error.to_string()),
            AppendError::Failed { .. } | AppendError::Poisoned { .. } => {
                self.broken = Some(error.to_string());
                CommitError::Broken(error.to_string())
            }
        })
    }

    /// Puts a durable commit into the index. One that the index missed is still in the journal: it is not acknowledged,
    /// nothing more is written, and opening the store again replays it.
    fn apply(&mut self, commit: &Written) -> Result<Position, CommitError> {
        if self.broken.is_none()
            && let Err(error) = self.index.apply(commit.position, &commit.changes)
        {
            self.broken = Some(error.to_string());
        }
        match &self.broken {
            Some(why) => Err(CommitError::Broken(why.clone())),
            None => {
                self.position.store(commit.position.0, Ordering::Release);
                Ok(commit.position)
            }
        }
    }

    fn mark_when_due(&mut self) {
        let now = self.position.load(Ordering::Acquire);
        if now >= self.marked + MARK_EVERY && self.broken.is_none() {
            match self.index.mark_all(Position(now)) {
                Ok(()) => self.marked = now,
                Err(error) => tracing::warn!(%error, "the index could not be marked; a replay will take longer"),
            }
        }
    }

    fn checkpoint_when_due(&mut self) {
        if self.journal.bytes() >= self.bytes_at_checkpoint + self.checkpoint_every_bytes && self.broken.is_none() {
            if let Err(error) = self.checkpoint() {
                tracing::error!(%error, "a checkpoint could not be made; the journal keeps growing");
            }
            self.bytes_at_checkpoint = self.journal.bytes();
        }
    }

    fn look_after(&mut self, request: Request) {
        match request {
            Request::Checkpoint { reply } => answer(reply, self.checkpoint()),
            Request::DropHistory { bucket, reply } => answer(reply, self.drop_history(bucket)),
            Request::Backup { folder, reply } => answer(reply, self.backup(&folder)),
            Request::Commit { .. } | Request::Close => {}
        }
    }

    fn whole(&self) -> Result<(), StoreError> {
        self.broken.as_ref().map_or(Ok(()), |why| Err(StoreError::Broken(why.clone())))
    }

    fn checkpoint(&mut self) -> Result<Position, StoreError> {
        self.whole()?;
        let position = Position(self.position.load(Ordering::Acquire));
        let written = checkpoint::write(&self.index, position, &self.checkpoints)?;
        checkpoint::remove_before(&self.checkpoints, &written)?;
        self.journal
            .drop_before(Sequence::new(position.0 + 1))
            .map_err(|error| StoreError::Journal(error.to_string()))?;
        Ok(position)
    }

    fn drop_history(&mut self, bucket: String) -> Result<(), StoreError> {
        self.whole()?;
        let bytes = store::RetentionCut { bucket: bucket.clone() }.encode_to_vec();
        let sequence =
            self.append(kind::RETENTION_CUT, &bytes).map_err(|error| StoreError::Journal(error.to_string()))?;
        if let Err(error) = self.journal.sync() {
            return Err(self.break_down(error.to_string()));
        }
        if let Err(error) = self.index.drop_buckets_before(&bucket) {
            return Err(self.break_down(error.to_string()));
        }
        self.position.store(sequence.get(), Ordering::Release);
        Ok(())
    }

    fn break_down(&mut self, why: String) -> StoreError {
        self.broken = Some(why.clone());
        StoreError::Broken(why)
    }

    fn backup(&mut self, folder: &Path) -> Result<Position, StoreError> {
        self.whole()?;
        let position = Position(self.position.load(Ordering::Acquire));
        checkpoint::write(&self.index, position, folder)?;
        Ok(position)
    }

    fn end(&mut self) {
        let position = Position(self.position.load(Ordering::Acquire));
        if self.broken.is_none()
            && let Err(error) = self.index.mark_all(position).and_then(|()| self.index.flush())
        {
            tracing::warn!(%error, "the index was not flushed; the journal will mend it at the next start");
        }
    }
}

/// Answers whoever asked; one who went away meanwhile does not hear it, and the work stays done.
fn answer<T>(reply: oneshot::Sender<T>, outcome: T) {
    drop(reply.send(outcome));
}

#[cfg(test)]
mod tests;
