//! Appending groups and making them durable.

use std::io;
use std::path::PathBuf;

use crate::format::{SEGMENT_HEADER_BYTES, encode_group, encode_segment_header, group_bytes};
use crate::journal::{Journal, Segment};
use crate::storage::is_disk_full;
use crate::{AppendError, Kind, Sequence};

/// The buffer for groups is given back over this size, so that one large group does not cost memory for ever.
const SCRATCH_BYTES_KEPT: usize = 1024 * 1024;

impl Journal {
    /// Appends the records as one group, all or nothing, and returns when they are durable.
    ///
    /// Answers the sequence of the last record; the others are those before it.
    ///
    /// # Errors
    /// [`AppendError`], whose documentation tells which leave the journal usable.
    pub fn append(&mut self, records: &[(Kind, &[u8])]) -> Result<Sequence, AppendError> {
        let last = self.append_unsynced(records)?;
        self.sync()?;
        Ok(last)
    }

    /// Appends the records as one group that is not durable, and not read, before the next [`sync`](Self::sync).
    ///
    /// Lets an owner put several groups under one sync; it must acknowledge none before. Answers the sequence of the
    /// last record.
    ///
    /// # Errors
    /// [`AppendError`], whose documentation tells which leave the journal usable.
    pub fn append_unsynced(&mut self, records: &[(Kind, &[u8])]) -> Result<Sequence, AppendError> {
        self.check_usable()?;
        self.check_records(records)?;
        let group = group_bytes(records);
        let starts_segment = self.active.is_none()
            || (self.last_bytes() > SEGMENT_HEADER_BYTES && self.last_bytes() + group > self.options.segment_bytes_max);
        let needed = if starts_segment { group + SEGMENT_HEADER_BYTES } else { group };
        self.check_room(needed)?;
        if starts_segment {
            self.start_segment(needed)?;
        }
        self.write_group(records)?;
        self.next = self.next.plus(records.len() as u64);
        Ok(Sequence::new(self.next.get() - 1))
    }

    /// Makes every appended record durable; answers the sequence before which all are.
    ///
    /// # Errors
    /// [`AppendError::Failed`]: the records since the last sync are not to be relied on, and the journal takes no
    /// more; [`AppendError::Poisoned`] from then on.
    pub fn sync(&mut self) -> Result<Sequence, AppendError> {
        self.check_usable()?;
        if self.durable < self.next {
            if let Some(Err(source)) = self.active.as_mut().map(|file| file.sync()) {
                return Err(self.poison("syncing segment", self.last_path(), source));
            }
            self.set_durable();
        }
        Ok(self.durable)
    }

    fn check_usable(&self) -> Result<(), AppendError> {
        match &self.poisoned {
            None => Ok(()),
            Some(cause) => Err(AppendError::Poisoned { folder: self.folder.clone(), cause: cause.clone() }),
        }
    }

    fn check_records(&self, records: &[(Kind, &[u8])]) -> Result<(), AppendError> {
        if records.is_empty() {
            return Err(AppendError::EmptyGroup);
        }
        let largest = records.iter().map(|(_, bytes)| bytes.len() as u64).max().unwrap_or(0);
        if largest > self.options.record_bytes_max {
            return Err(AppendError::RecordTooLarge { bytes: largest, max: self.options.record_bytes_max });
        }
        let (bytes, max) = (group_bytes(records), self.options.group_bytes_max());
        if bytes > max { Err(AppendError::GroupTooLarge { bytes, max }) } else { Ok(()) }
    }

    fn check_room(&self, needed_bytes: u64) -> Result<(), AppendError> {
        let (held_bytes, total_bytes_max) = (self.bytes(), self.options.total_bytes_max);
        if held_bytes.saturating_add(needed_bytes) > total_bytes_max {
            return Err(AppendError::Full { needed_bytes, held_bytes, total_bytes_max });
        }
        let reserve = self.options.free_bytes_reserve;
        // Where free space cannot be asked, the disk's own refusal is the limit.
        let free = if reserve == 0 { None } else { self.storage.free_bytes(&self.folder).unwrap_or(None) };
        if free.is_some_and(|free| free < reserve.saturating_add(needed_bytes)) {
            return Err(self.disk_full(needed_bytes));
        }
        Ok(())
    }

    /// Closes the active segment and makes the next one, with a durable header and name before its first group.
    fn start_segment(&mut self, needed_bytes: u64) -> Result<(), AppendError> {
        self.sync()?;
        let first = self.next;
        let file = self.segment_path(first);
        let made = self.storage.create(&file).and_then(|mut handle| {
            handle.write_at(0, &encode_segment_header(first))?;
            handle.sync()?;
            self.storage.sync_folder(&self.folder)?;
            Ok(handle)
        });
        match made {
            Ok(handle) => {
                self.segments.push_back(Segment { first, bytes: SEGMENT_HEADER_BYTES });
                self.active = Some(handle);
                self.set_durable();
                Ok(())
            }
            Err(error) => {
                // The old segment may only go on growing when it is certain that no later one stands beside it.
                let removed = self.remove_segment(&file);
                let gone = removed.and_then(|()| self.storage.sync_folder(&self.folder)).is_ok();
                if gone && is_disk_full(&error) {
                    Err(self.disk_full(needed_bytes))
                } else {
                    Err(self.poison("creating segment", file, error))
                }
            }
        }
    }

    fn write_group(&mut self, records: &[(Kind, &[u8])]) -> Result<(), AppendError> {
        let offset = self.last_bytes();
        self.scratch.clear();
        // `check_records` has already refused what does not fit in 32 bits.
        if encode_group(&mut self.scratch, offset, self.next, self.durable, records).is_none() {
            return Err(AppendError::GroupTooLarge {
                bytes: group_bytes(records),
                max: self.options.group_bytes_max(),
            });
        }
        let Some(active) = self.active.as_mut() else {
            let cause = "the active segment was closed".to_owned();
            return Err(AppendError::Poisoned { folder: self.folder.clone(), cause });
        };
        let written = active.write_at(offset, &self.scratch);
        let group = self.scratch.len() as u64;
        self.scratch.shrink_to(SCRATCH_BYTES_KEPT);
        match written {
            Err(error) if is_disk_full(&error) && self.cut_back(offset) => Err(self.disk_full(group)),
            Err(error) => Err(self.poison("writing segment", self.last_path(), error)),
            Ok(()) => {
                if let Some(last) = self.segments.back_mut() {
                    last.bytes = offset + group;
                }
                Ok(())
            }
        }
    }

    /// Cuts a torn group off durably, lest parts of it show up between later ones after a crash.
    fn cut_back(&mut self, length: u64) -> bool {
        let cut = self.active.as_mut().map(|file| file.set_length(length).and_then(|()| file.sync()));
        let done = matches!(cut, Some(Ok(())));
        if done {
            self.set_durable();
        }
        done
    }

    /// Takes no more appends. What is not durable is cut off as well as it goes: after a failed sync the system may
    /// show bytes that the disk does not have, and the next opening must not take them for durable.
    fn poison(&mut self, operation: &'static str, file: PathBuf, source: io::Error) -> AppendError {
        self.poisoned = Some(format!("{operation} {} failed: {source}", file.display()));
        if let Some(active) = self.active.as_mut() {
            // A second failure changes nothing: the journal is closed to appends either way.
            drop(active.set_length(self.durable_bytes));
        }
        if let Some(last) = self.segments.back_mut() {
            last.bytes = last.bytes.min(self.durable_bytes);
        }
        self.next = self.durable;
        AppendError::Failed { operation, file, source }
    }

    fn set_durable(&mut self) {
        self.durable = self.next;
        self.durable_bytes = self.last_bytes();
    }

    fn disk_full(&self, needed_bytes: u64) -> AppendError {
        AppendError::DiskFull {
            folder: self.folder.clone(),
            needed_bytes,
            free_bytes_reserve: self.options.free_bytes_reserve,
        }
    }

    fn last_path(&self) -> PathBuf {
        self.segment_path(self.segments.back().map_or(self.next, |segment| segment.first))
    }
}
