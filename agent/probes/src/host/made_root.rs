//! Folders that stand for a host, made for the tests of this probe.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use tempfile::TempDir;

use super::LookedAt;
use crate::files::Root;

/// The moment that counts as now in these tests: 22 November 2026.
pub(super) const NOW: &str = "2026-11-22T08:00:00Z";

/// A folder with these files, looked at as a folder. A text that begins with `-> ` is a link to what follows.
pub(super) fn folder(files: &[(&str, &str)]) -> (TempDir, LookedAt) {
    made(files, false)
}

/// The same, looked at as if it were the running host.
pub(super) fn running(files: &[(&str, &str)]) -> (TempDir, LookedAt) {
    made(files, true)
}

fn made(files: &[(&str, &str)], is_live: bool) -> (TempDir, LookedAt) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in files {
        write(folder.path(), path, text);
    }
    let now = NOW.parse().expect("a time");
    let host = LookedAt { root: Root::new(folder.path()), is_live, is_container: false, now };
    (folder, host)
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path.trim_start_matches('/'));
    fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    match text.strip_prefix("-> ") {
        Some(target) => symlink(target, path).expect("a link"),
        None => fs::write(path, text).expect("a file"),
    }
}
