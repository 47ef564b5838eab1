use std::fs;

use super::*;

fn writer(folder: &Path) -> Writer {
    let index = Index::open(&folder.join("index"), 1 << 20).unwrap();
    let (journal, _) = Journal::open(&folder.join("journal"), vedetta_journal::Options::default()).unwrap();
    let position = Arc::new(AtomicU64::new(0));
    Writer::new(Arc::new(index), journal, None, position, folder.join("checkpoints"), u64::MAX)
}

#[test]
fn a_broken_store_makes_no_checkpoint_no_backup_and_drops_no_history() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = writer(folder.path());
    writer.broken = Some("the disk failed".to_owned());
    let backup = folder.path().join("backup");
    let refusals =
        [writer.checkpoint().map(drop), writer.backup(&backup).map(drop), writer.drop_history("2026-11".to_owned())];
    for refused in refusals {
        assert!(matches!(&refused, Err(StoreError::Broken(why)) if why == "the disk failed"), "{refused:?}");
    }
    assert!(!backup.exists() && !folder.path().join("checkpoints").exists());
    assert_eq!(writer.journal.next_sequence(), Sequence::FIRST);
    writer.broken = None;
    assert!(writer.backup(&backup).is_ok() && fs::read_dir(&backup).unwrap().count() == 1);
}
