//! The canonical manifest of a pack: one text that names id, version, days and every file with size and SHA-256.
//!
//! It is a pure function of the files, so a signed, an embedded and a local copy of one pack have the same digest.
//!
//! ```text
//! vedetta-pack-manifest 1
//! id patch
//! version 1
//! language 1
//! published 2026-11-21
//! expires 2028-11-21
//! file 1234 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 pack.yaml
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest as hash};

use crate::result::PackDigest;

use super::files::PackFiles;
use super::{Pack, PackError};

/// First line of every manifest: its format and version.
const HEADER: &str = "vedetta-pack-manifest 1";

/// The canonical text of a pack's manifest: what is signed.
///
/// # Errors
/// [`PackError`] when the files are no pack.
pub fn text(files: &PackFiles) -> Result<String, PackError> {
    Ok(of(&Pack::parse(files)?, files))
}

/// The digest of a pack that was just read from these files.
pub(super) fn digest(pack: &Pack, files: &PackFiles) -> PackDigest {
    PackDigest::from_bytes(sha256(of(pack, files).as_bytes()))
}

/// The digest that a manifest gives its pack, as it was sent: nothing is known yet of its signature or its files.
#[must_use]
pub fn digest_of(manifest: &str) -> PackDigest {
    PackDigest::from_bytes(sha256(manifest.as_bytes()))
}

pub(super) fn of(pack: &Pack, files: &PackFiles) -> String {
    let mut text = format!(
        "{HEADER}\nid {}\nversion {}\nlanguage {}\npublished {}\nexpires {}\n",
        pack.id, pack.version, pack.language, pack.published, pack.expires
    );
    for (path, bytes) in files.listed() {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "file {} {} {path}", bytes.len(), PackDigest::from_bytes(sha256(bytes)));
    }
    text
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut sum = [0; 32];
    for (to, from) in sum.iter_mut().zip(hash(&SHA256, bytes).as_ref()) {
        *to = *from;
    }
    sum
}

/// What a manifest says, once its signature was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    /// The lines before the files.
    pub(super) head: BTreeMap<String, String>,
    /// Size in bytes and SHA-256 by path.
    pub(super) files: BTreeMap<String, (u64, PackDigest)>,
}

/// Reads a manifest; the error is the number of the line that is none of a manifest's, from 1.
pub(super) fn read(text: &str) -> Result<Listed, usize> {
    let mut listed = Listed { head: BTreeMap::new(), files: BTreeMap::new() };
    let mut lines = text.lines().enumerate();
    if lines.next().map(|(_, first)| first) != Some(HEADER) {
        return Err(1);
    }
    for (index, line) in lines {
        let wrong = index + 1;
        let (key, rest) = line.split_once(' ').ok_or(wrong)?;
        if key != "file" {
            if listed.head.insert(key.to_owned(), rest.to_owned()).is_some() {
                return Err(wrong);
            }
            continue;
        }
        let mut parts = rest.splitn(3, ' ');
        let size = parts.next().and_then(|size| size.parse().ok()).ok_or(wrong)?;
        let sum = parts.next().and_then(|sum| PackDigest::parse(sum).ok()).ok_or(wrong)?;
        let path = parts.next().ok_or(wrong)?;
        if listed.files.insert(path.to_owned(), (size, sum)).is_some() {
            return Err(wrong);
        }
    }
    Ok(listed)
}

/// The size and digest of one file, as a manifest lists them.
pub(super) fn entry(bytes: &[u8]) -> (u64, PackDigest) {
    (bytes.len() as u64, PackDigest::from_bytes(sha256(bytes)))
}
