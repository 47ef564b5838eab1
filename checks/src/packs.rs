//! The packs that are part of the program, so that `check` works before enrolment: every folder of `packs/`, which `build.rs`
//! deflates. Their texts are inflated when they are read and stay in no memory.

use std::io::{BufRead as _, BufReader, Read as _};

use flate2::read::DeflateDecoder;

use crate::pack::files::PACK_BYTES_MAX;
use crate::pack::trust::TrustedPack;
use crate::pack::{PackError, PackFiles};

/// One shipped pack: its folder, and its files deflated.
type Shipped = (&'static str, &'static [u8]);

include!(concat!(env!("OUT_DIR"), "/packs.rs"));

/// The files of every shipped pack, by folder name.
#[must_use]
pub fn embedded() -> Vec<(&'static str, PackFiles)> {
    SHIPPED.iter().map(|(folder, packed)| (*folder, unpacked(packed))).collect()
}

/// Every shipped pack, parsed and trusted because it is part of the program.
///
/// # Errors
/// [`PackError`] when a shipped pack breaks a rule: the tests never let that be built.
pub fn trusted() -> Result<Vec<TrustedPack>, PackError> {
    SHIPPED.iter().map(|(_, packed)| TrustedPack::embedded(&unpacked(packed))).collect()
}

/// The files of one pack as `build.rs` wrote them: a line with path and length, then the bytes.
fn unpacked(packed: &[u8]) -> PackFiles {
    let mut pack = PackFiles::new();
    let mut stream = BufReader::new(DeflateDecoder::new(packed).take(2 * PACK_BYTES_MAX as u64));
    let mut line = String::new();
    while stream.read_line(&mut line).is_ok_and(|bytes| bytes > 0) {
        let Some((path, length)) = line.trim_end().split_once(' ') else { break };
        let Ok(length) = length.parse() else { break };
        let mut bytes = Vec::new();
        if !stream.by_ref().take(length).read_to_end(&mut bytes).is_ok_and(|read| read as u64 == length) {
            break;
        }
        // A shipped file that breaks a limit is left out; the test over the folder fails.
        let _ = pack.insert(path, bytes);
        line.clear();
    }
    pack
}
