//! The raw limits of the disk: the same bytes into the journal alone, and into a plain file with `fdatasync`.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use vedetta_journal::{Journal, Kind, Options};
use vedetta_proto::agent::Batch;

/// The batches as they are on the wire.
pub(crate) fn encode(batches: &[Batch]) -> Vec<Vec<u8>> {
    batches.iter().map(prost::Message::encode_to_vec).collect()
}

/// Seconds that the journal takes for the batches of so many agents, with `together` batches under one sync.
pub(crate) fn journal(folder: &Path, batches: &[Vec<u8>], agents: usize, together: usize) -> anyhow::Result<f64> {
    let (mut journal, _) = Journal::open(folder, Options::default())?;
    let started = Instant::now();
    let mut waiting = 0;
    for bytes in batches.iter().cycle().take(batches.len() * agents) {
        journal.append_unsynced(&[(Kind::new(1), bytes)])?;
        waiting += 1;
        if waiting == together {
            journal.sync()?;
            waiting = 0;
        }
    }
    journal.sync()?;
    Ok(started.elapsed().as_secs_f64())
}

/// Seconds that a plain file takes for the same.
pub(crate) fn file(folder: &Path, batches: &[Vec<u8>], agents: usize, together: usize) -> anyhow::Result<f64> {
    let mut file = File::create(folder.join("plain"))?;
    let started = Instant::now();
    let mut waiting = 0;
    for bytes in batches.iter().cycle().take(batches.len() * agents) {
        file.write_all(bytes)?;
        waiting += 1;
        if waiting == together {
            file.sync_data()?;
            waiting = 0;
        }
    }
    file.sync_data()?;
    Ok(started.elapsed().as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_holds_every_batch_that_was_timed() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = encode(&crate::load::batches(0));
        journal(folder.path(), &bytes[..3], 2, 4).unwrap();
        let (journal, _) = Journal::open(folder.path(), Options::default()).unwrap();
        assert_eq!(journal.next_sequence().get() - 1, 6);
    }

    #[test]
    fn the_file_holds_every_byte_that_was_timed() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = encode(&crate::load::batches(0));
        file(folder.path(), &bytes, 2, 3).unwrap();
        let whole: usize = bytes.iter().map(Vec::len).sum();
        assert_eq!(std::fs::metadata(folder.path().join("plain")).unwrap().len(), 2 * whole as u64);
    }
}
