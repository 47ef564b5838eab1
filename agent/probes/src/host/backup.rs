//! Copies of the data, as the organisation declares them: how old the newest one is, and whether it lies apart.
//!
//! The time of a copy is the time at which its file was last written. Empty files, files that are still being written, logs
//! and locks are no copies.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::Metadata;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::LookedAt;
use super::facts::{BackupFacts, BackupJobFacts};
use crate::host_declared::DeclaredBackup;
use crate::platform::{device, written_seconds};

/// Most files and folders that are looked at for one job, and how deep.
const ENTRIES_MAX: usize = 20_000;
const DEPTH_MAX: usize = 8;
/// Most jobs.
const JOBS_MAX: usize = 64;
/// Ends of names that are no copies.
const NO_COPIES: &[&str] = &[
    ".tmp",
    ".temp",
    ".part",
    ".partial",
    ".incomplete",
    ".inprogress",
    ".filepart",
    ".crdownload",
    ".swp",
    "~",
    ".log",
    ".err",
    ".lock",
    ".pid",
];
/// Folders of data; the copies lie apart when their file system is none of theirs.
const DATA: &[&str] = &["/", "/home", "/srv", "/var", "/opt"];
/// Seconds in an hour, and the longest time by which a copy may lie ahead of this host's clock.
const HOUR_SECONDS: i64 = 3_600;
const AHEAD_SECONDS_MAX: i64 = 86_400;

pub(super) fn facts(host: &LookedAt, declared: &[DeclaredBackup]) -> BackupFacts {
    let job = |(position, job): (usize, &DeclaredBackup)| match position < JOBS_MAX {
        true => of_job(host, job),
        false => {
            let detail = format!("only the first {JOBS_MAX} declared jobs are looked at");
            unseen(job, &Unknown::new(Reason::TOO_LARGE, detail))
        }
    };
    BackupFacts { is_declared: !declared.is_empty(), jobs: declared.iter().enumerate().map(job).collect() }
}

/// The same where the place of the copies did not answer in time, as a share of another host that is gone.
pub(super) fn without_answer(declared: &[DeclaredBackup]) -> BackupFacts {
    let unknown = Unknown::new(Reason::TIMEOUT, "the declared path did not answer in time");
    let jobs = declared.iter().map(|job| unseen(job, &unknown)).collect();
    BackupFacts { is_declared: !declared.is_empty(), jobs }
}

/// A job of whose copies nothing was seen, for one reason.
fn unseen(job: &DeclaredBackup, unknown: &Unknown) -> BackupJobFacts {
    BackupJobFacts {
        name: job.name.clone(),
        newest: Fact::Unknown(unknown.clone()),
        age_hours: Fact::Unknown(unknown.clone()),
        age_hours_max: i64::from(job.age_hours_max),
        newest_bytes: Fact::Unknown(unknown.clone()),
        copy_count: Fact::Unknown(unknown.clone()),
        has_detached_copy: job.has_detached_copy,
        is_on_another_disk: Fact::Unknown(unknown.clone()),
    }
}

fn of_job(host: &LookedAt, job: &DeclaredBackup) -> BackupJobFacts {
    let place = place(host, &job.path);
    let seen = place.as_ref().map_err(Clone::clone).and_then(|(path, metadata)| look(path, metadata));
    let newest = match &seen {
        Ok(seen) => seen.newest(host.now, job),
        Err(unknown) => Err(unknown.clone()),
    };
    let is_on_another_disk = match &place {
        Ok((_, metadata)) => host.if_live(|| is_apart(host, metadata)),
        Err(unknown) => Fact::Unknown(unknown.clone()),
    };
    BackupJobFacts {
        name: job.name.clone(),
        newest: fact(newest.clone().map(|copy| copy.written)),
        age_hours: fact(newest.clone().and_then(|copy| age_hours(host.now, copy.written))),
        age_hours_max: i64::from(job.age_hours_max),
        newest_bytes: fact(newest.map(|copy| i64::try_from(copy.bytes).unwrap_or(i64::MAX))),
        copy_count: fact(seen.and_then(Seen::count)),
        has_detached_copy: job.has_detached_copy,
        is_on_another_disk,
    }
}

fn fact<T>(outcome: Result<T, Unknown>) -> Fact<T> {
    outcome.map_or_else(Fact::Unknown, Fact::Known)
}

/// The declared path beneath the root, with every link followed.
fn place(host: &LookedAt, path: &Path) -> Result<(PathBuf, Metadata), Unknown> {
    let Some(text) = path.to_str() else {
        return Err(Unknown::new(Reason::UNREADABLE, "the declared path is no text"));
    };
    let real = host.root.resolve(text).map_err(|error| error.to_unknown())?;
    // The path itself may name a person: the declared name of the job tells enough.
    let metadata = std::fs::metadata(&real).map_err(|error| of_error(&error, "the declared path"))?;
    Ok((real, metadata))
}

fn of_error(error: &io::Error, what: &str) -> Unknown {
    let reason = if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) {
        Reason::NOT_FOUND
    } else if error.kind() == ErrorKind::PermissionDenied {
        Reason::NEEDS_PRIVILEGE
    } else {
        Reason::UNREADABLE
    };
    Unknown::new(reason, format!("{what}: {error}"))
}

/// One file that counts as a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct DataCopy {
    written: Timestamp,
    bytes: u64,
}

/// What was seen below the declared path.
#[derive(Debug, Default)]
struct Seen {
    newest: Option<DataCopy>,
    count: i64,
    /// Why not all of it was seen.
    missed: Option<Unknown>,
}

impl Seen {
    /// The newest copy. Where something was missed, it is believed only when it is young enough: the truth is not older.
    fn newest(&self, now: Timestamp, job: &DeclaredBackup) -> Result<DataCopy, Unknown> {
        let is_young = |copy: &DataCopy| {
            (now.as_second() - copy.written.as_second()) / HOUR_SECONDS <= i64::from(job.age_hours_max)
        };
        match (self.newest, &self.missed) {
            (Some(copy), None) => Ok(copy),
            (Some(copy), Some(_)) if is_young(&copy) => Ok(copy),
            (_, Some(missed)) => Err(missed.clone()),
            (None, None) => Err(Unknown::new(Reason::NOT_FOUND, "the declared path holds no copy")),
        }
    }

    /// The copies that were seen. None is only said where nothing was missed.
    fn count(self) -> Result<i64, Unknown> {
        match self.missed {
            Some(missed) if self.count == 0 => Err(missed),
            Some(_) | None => Ok(self.count),
        }
    }

    fn take(&mut self, name: &str, metadata: &Metadata) {
        if metadata.len() == 0 || NO_COPIES.iter().any(|end| name.ends_with(end)) || name.starts_with('.') {
            return;
        }
        let Ok(written) = Timestamp::new(written_seconds(metadata), 0) else { return };
        self.count += 1;
        if self.newest.is_none_or(|newest| newest.written < written) {
            self.newest = Some(DataCopy { written, bytes: metadata.len() });
        }
    }
}

/// A folder that waits for its turn: the one changed last comes first, so that a limit cuts off the oldest.
type Waiting = BinaryHeap<(i64, Reverse<usize>, PathBuf)>;

fn look(path: &Path, metadata: &Metadata) -> Result<Seen, Unknown> {
    let mut seen = Seen::default();
    if metadata.is_file() {
        seen.take("", metadata);
        return Ok(seen);
    }
    let mut waiting: Waiting = BinaryHeap::from([(written_seconds(metadata), Reverse(0), path.to_owned())]);
    let mut entries = 0;
    while let Some((_, Reverse(depth), folder)) = waiting.pop() {
        let listed = std::fs::read_dir(&folder);
        let listed = match listed {
            Ok(listed) => listed,
            Err(error) if depth == 0 => return Err(of_error(&error, "the declared path")),
            Err(error) => {
                seen.missed = Some(of_error(&error, "a folder below the declared path"));
                continue;
            }
        };
        for entry in listed {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    seen.missed = Some(of_error(&error, "a folder below the declared path"));
                    break;
                }
            };
            entries += 1;
            if entries > ENTRIES_MAX {
                let detail = format!(
                    "the declared path holds more than {ENTRIES_MAX} files: declare one that each run writes anew"
                );
                seen.missed = Some(Unknown::new(Reason::TOO_LARGE, detail));
                return Ok(seen);
            }
            // Links are not followed: what they lead to may be older data, or the data itself.
            let metadata = match entry.metadata() {
                Ok(metadata) => metadata,
                // It went away since, as copies do that are rotated.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => {
                    seen.missed = Some(of_error(&error, "a file below the declared path"));
                    continue;
                }
            };
            if metadata.is_file() {
                seen.take(&entry.file_name().to_string_lossy().to_lowercase(), &metadata);
            } else if metadata.is_dir() && depth == DEPTH_MAX {
                let detail = format!("folders more than {DEPTH_MAX} deep below the declared path are not looked into");
                seen.missed.get_or_insert_with(|| Unknown::new(Reason::TOO_LARGE, detail));
            } else if metadata.is_dir() {
                waiting.push((written_seconds(&metadata), Reverse(depth + 1), entry.path()));
            }
        }
    }
    Ok(seen)
}

fn age_hours(now: Timestamp, written: Timestamp) -> Result<i64, Unknown> {
    let seconds = now.as_second() - written.as_second();
    if seconds < -AHEAD_SECONDS_MAX {
        return Err(Unknown::new(Reason::CLOCK_WRONG, "the newest copy is newer than this host's clock"));
    }
    Ok(seconds.max(0) / HOUR_SECONDS)
}

/// Whether the copies lie on a file system that holds no data.
fn is_apart(host: &LookedAt, copies: &Metadata) -> Fact<bool> {
    let of_data = DATA.iter().filter_map(|folder| host.root.resolve(folder).ok()?.metadata().ok());
    let Some(of_copies) = device(copies) else {
        return Fact::unknown(Reason::UNSUPPORTED_SYSTEM, "this system does not tell which disk a file lies on");
    };
    Fact::Known(of_data.filter_map(|metadata| device(&metadata)).all(|device| device != of_copies))
}

#[cfg(test)]
mod tests {
    use std::fs::{File, FileTimes};
    use std::time::{Duration, UNIX_EPOCH};

    use super::super::made_root;
    use super::*;

    /// Files below `/copies`, each with its size and its age in hours.
    fn look_at(files: &[(&str, usize, i64)]) -> BackupJobFacts {
        let (folder, host) = made_root::running(&[("/copies/.keep", "")]);
        for (name, bytes, age) in files {
            let path = folder.path().join("copies").join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(&path, vec![b'x'; *bytes]).expect("a file");
            let seconds = u64::try_from(host.now.as_second() - age * HOUR_SECONDS).expect("after 1970");
            let time = UNIX_EPOCH + Duration::from_secs(seconds);
            File::options()
                .write(true)
                .open(&path)
                .expect("a file")
                .set_times(FileTimes::new().set_modified(time))
                .expect("a time");
        }
        of_job(&host, &job("/copies"))
    }

    fn job(path: &str) -> DeclaredBackup {
        DeclaredBackup { name: "nightly".to_owned(), path: path.into(), age_hours_max: 26, has_detached_copy: true }
    }

    #[test]
    fn the_newest_whole_file_is_the_copy() {
        for (files, age, bytes, count) in [
            (&[("a.tar", 10, 30), ("b.tar", 20, 5)][..], Some(5), Some(20), 2),
            (&[("a.tar", 10, 30), ("b.tar", 0, 5)], Some(30), Some(10), 1),
            (&[("a.tar", 10, 30), ("b.tar.part", 20, 5), ("c.TMP", 20, 5)], Some(30), Some(10), 1),
            (&[("a.tar", 10, 30), ("run.log", 20, 5), (".b", 20, 5)], Some(30), Some(10), 1),
            (&[("2026/11/22/a.sql.gz", 10, 3), ("2026/11/21/a.sql.gz", 10, 27)], Some(3), Some(10), 2),
            (&[("a.tar", 10, -1)], Some(0), Some(10), 1),
            (&[("a.tar", 10, -48)], None, Some(10), 1),
            (&[], None, None, 0),
        ] {
            let job = look_at(files);
            assert_eq!(job.age_hours.known().copied(), age, "{files:?}");
            assert_eq!(job.newest_bytes.known().copied(), bytes, "{files:?}");
            assert_eq!(job.copy_count, Fact::Known(count), "{files:?}");
        }
    }

    #[test]
    fn what_lies_too_deep_is_not_silently_left_out() {
        let deep = |folders: usize| format!("{}a.tar", "d/".repeat(folders));
        let (at_the_limit, beyond) = (deep(DEPTH_MAX), deep(DEPTH_MAX + 1));
        assert_eq!(look_at(&[(&at_the_limit, 10, 3)]).copy_count, Fact::Known(1));
        let none = look_at(&[(&beyond, 10, 3)]);
        assert!(matches!(none.copy_count, Fact::Unknown(unknown) if unknown.reason == Reason::TOO_LARGE));
        let old = look_at(&[(&beyond, 10, 3), ("old.tar", 10, 100)]);
        assert_eq!((old.age_hours.known(), old.copy_count), (None, Fact::Known(1)), "a younger one may lie deeper");
    }

    #[test]
    fn a_single_file_may_be_the_copy_and_a_missing_path_is_told() {
        let (_folder, host) = made_root::running(&[("/copies/dump.sql", "data")]);
        let own = of_job(&host, &job("/copies/dump.sql"));
        assert_eq!((own.newest_bytes, own.has_detached_copy), (Fact::Known(4), true));
        assert_eq!(own.is_on_another_disk, Fact::Known(false));
        let missing = of_job(&host, &job("/nowhere"));
        assert!(matches!(missing.newest, Fact::Unknown(unknown) if unknown.reason == Reason::NOT_FOUND));
        assert!(
            matches!(missing.copy_count, Fact::Unknown(_)) && matches!(missing.is_on_another_disk, Fact::Unknown(_))
        );
    }

    #[test]
    fn where_not_all_was_seen_only_a_young_copy_is_believed() {
        let now: Timestamp = made_root::NOW.parse().expect("a time");
        let aged = |hours: i64| {
            let written = Timestamp::from_second(now.as_second() - hours * HOUR_SECONDS).expect("a time");
            let missed = Some(Unknown::new(Reason::TOO_LARGE, "more"));
            Seen { newest: Some(DataCopy { written, bytes: 1 }), count: 1, missed }
        };
        assert!(aged(26).newest(now, &job("/copies")).is_ok());
        assert!(aged(27).newest(now, &job("/copies")).is_err());
        assert_eq!(aged(1).count(), Ok(1), "at least one");
        assert!(Seen { newest: None, count: 0, ..aged(1) }.count().is_err(), "none cannot be told");
    }

    #[test]
    fn nothing_declared_is_told_as_such() {
        let (_folder, host) = made_root::running(&[]);
        assert_eq!(facts(&host, &[]), BackupFacts { is_declared: false, jobs: Vec::new() });
        assert!(facts(&host, &[job("/copies")]).is_declared);
    }
}
