//! The changelogs of installed packages as proof, read within a budget and only where something stands open.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read as _};

use flate2::read::MultiGzDecoder;

use super::changelog::{self, Owner};
use super::covered::CoveredSource;
use super::join::Open;
use crate::files::Root;

/// Most bytes of one changelog, unpacked; that of the kernel has some 8 MB.
const CHANGELOG_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Most bytes of all changelogs of one look, unpacked: beyond it nothing more is proved, and counts as open.
const ALL_BYTES_MAX: u64 = 128 * 1024 * 1024;
/// How much of an unpacked changelog is held at once, in bytes.
const BUFFER_BYTES: usize = 32 * 1024;
/// Names of a changelog in the folder of its package, as Debian's policy has them (section 12.7).
const NAMES: &[&str] = &["changelog.Debian.gz", "changelog.gz", "changelog.Debian", "changelog"];

/// Reads changelogs until the budget of the look is spent.
pub(super) struct Proofs<'a> {
    root: &'a Root,
    left: u64,
}

impl<'a> Proofs<'a> {
    /// A new look with its whole budget.
    pub(super) const fn new(root: &'a Root) -> Self {
        Self { root, left: ALL_BYTES_MAX }
    }

    /// Which of the open vulnerabilities the changelog of an installed package names as mended.
    pub(super) fn of(&mut self, name: &str, source: &CoveredSource<'_>, open: &[Open<'_>]) -> BTreeSet<String> {
        let wanted: BTreeSet<&str> = open.iter().map(|open| open.vulnerability.id.as_str()).collect();
        if wanted.is_empty() || self.left == 0 || !is_plain(&source.package.name) {
            return BTreeSet::new();
        }
        let found = NAMES.iter().find_map(|file| {
            let path = format!("/usr/share/doc/{}/{file}", source.package.name);
            self.root.open(&path).ok().map(|opened| (opened, file.ends_with(".gz")))
        });
        let Some((file, is_packed)) = found else { return BTreeSet::new() };
        let owner = Owner { source: name, version: source.version };
        let bytes_max = self.left.min(CHANGELOG_BYTES_MAX);
        let plain: Box<dyn std::io::Read> =
            if is_packed { Box::new(MultiGzDecoder::new(BufReader::new(file))) } else { Box::new(file) };
        let mut reader = BufReader::with_capacity(BUFFER_BYTES, plain.take(bytes_max));
        let mended = changelog::mended(&mut reader as &mut dyn BufRead, owner, &wanted);
        self.left = self.left.saturating_sub(bytes_max - reader.into_inner().limit());
        mended
    }
}

/// Whether a name is that of a package, and no path.
fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) && !name.starts_with('.')
}
