//! The packs that results refer to, kept so that an old result can still be explained.

use jiff::Timestamp;
use vedetta_checks::result::PackDigest;

/// One content of one pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPack {
    /// Its digest.
    pub digest: PackDigest,
    /// The manifest, as signed; empty for a pack that came with the program.
    pub manifest: String,
    /// The minisign signature; empty for a pack that came with the program.
    pub signature: String,
    /// Its files: path and content.
    pub files: Vec<(String, Vec<u8>)>,
    /// When it was added.
    pub added_at: Timestamp,
}
