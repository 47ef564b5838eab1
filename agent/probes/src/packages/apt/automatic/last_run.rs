//! What the last run of the automatic updates left behind: stamps, and a log.

use jiff::Timestamp;
use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use crate::files::{FileError, Root};

/// Files whose time of change is that of a run that installed.
const STAMPS: &[&str] = &["/var/lib/apt/periodic/upgrade-stamp", "/var/lib/apt/periodic/unattended-upgrades-stamp"];
/// The log of `unattended-upgrades`.
const LOG: &str = "/var/log/unattended-upgrades/unattended-upgrades.log";
/// Largest log, in bytes; it is rotated every month.
const LOG_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Words of the line that begins a run.
const BEGIN: &str = "Starting unattended upgrades script";

/// When it last ran.
pub(super) fn moment(root: &Root) -> Fact<Timestamp> {
    let mut newest: Option<Timestamp> = None;
    for path in STAMPS {
        match changed(root, path) {
            Ok(moment) => newest = newest.max(Some(moment)),
            Err(error) if error.is_not_found() => {}
            Err(error) => return Fact::Unknown(error.to_unknown()),
        }
    }
    newest.map_or_else(|| Fact::unknown(Reason::NOT_FOUND, "no stamp tells that it ever ran"), Fact::Known)
}

fn changed(root: &Root, path: &str) -> Result<Timestamp, FileError> {
    let failed = |source| FileError::Io { path: path.to_owned(), source };
    let modified = root.open(path)?.metadata().and_then(|metadata| metadata.modified()).map_err(failed)?;
    Timestamp::try_from(modified).map_err(|error| failed(std::io::Error::other(error)))
}

/// Whether its last run ended in an error.
pub(super) fn failed(root: &Root) -> Fact<bool> {
    match root.read_text(LOG, LOG_BYTES_MAX) {
        Ok(log) => last_failed(&log)
            .map_or_else(|| Fact::unknown(Reason::NOT_FOUND, format!("{LOG} tells of no run")), Fact::Known),
        Err(error) => Fact::Unknown(error.to_unknown()),
    }
}

/// Whether the last run in a log has an error; none when it tells of no run.
fn last_failed(log: &str) -> Option<bool> {
    let (_before, run) = log.rsplit_once(BEGIN)?;
    // A line begins `2026-11-20 06:12:01,123 ERROR `.
    Some(run.lines().any(|line| line.split_ascii_whitespace().nth(2) == Some("ERROR")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_run_of_the_log_counts() {
        let begin = "2026-11-20 06:12:01,123 INFO Starting unattended upgrades script\n";
        let error = "2026-11-20 06:12:02,001 ERROR Cache has broken packages, exiting\n";
        let well = "2026-11-20 06:12:02,001 INFO No packages found that can be upgraded unattended\n";
        for (log, expected) in [
            (String::new(), None),
            (format!("{begin}{error}{begin}{well}"), Some(false)),
            (format!("{begin}{well}{begin}{error}"), Some(true)),
            (well.to_owned(), None),
        ] {
            assert_eq!(last_failed(&log), expected, "{log}");
        }
    }
}
