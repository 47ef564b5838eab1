//! The packs that results refer to, read once: the shipped ones at the start, any other when a result first names it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use vedetta_checks::pack::{Pack, PackError, PackFiles};
use vedetta_checks::packs;
use vedetta_checks::result::PackDigest;
use vedetta_core::pack::StoredPack;
use vedetta_core::store::Store;

use crate::failure::Failure;

/// Most packs kept in memory beside the shipped ones.
const KEPT_MAX: usize = 64;

/// The packs in memory.
pub(crate) struct Shelf {
    shipped: BTreeMap<PackDigest, Arc<Pack>>,
    kept: Mutex<BTreeMap<PackDigest, Arc<Pack>>>,
}

impl Shelf {
    /// The shipped packs.
    pub(crate) fn shipped() -> Result<Self, PackError> {
        let packs = packs::trusted()?;
        let shipped = packs.iter().map(|pack| (pack.pack().digest, pack.shared())).collect();
        Ok(Self { shipped, kept: Mutex::default() })
    }

    /// Every shipped pack.
    pub(crate) fn all_shipped(&self) -> impl Iterator<Item = &Arc<Pack>> {
        self.shipped.values()
    }

    /// One pack; `None`: the store does not have it, or it can no longer be read, which the log tells.
    pub(crate) async fn pack<S: Store>(&self, digest: PackDigest, store: &S) -> Result<Option<Arc<Pack>>, Failure> {
        if let Some(pack) = self.shipped.get(&digest).cloned().or_else(|| self.kept(digest)) {
            return Ok(Some(pack));
        }
        let Some(stored) = store.get::<StoredPack>(&digest).await.map_err(Failure::broken)? else {
            return Ok(None);
        };
        match read(&stored.value) {
            Ok(pack) => Ok(Some(self.keep(digest, pack))),
            Err(error) => {
                tracing::warn!(%digest, %error, "a stored pack cannot be read");
                Ok(None)
            }
        }
    }

    fn kept(&self, digest: PackDigest) -> Option<Arc<Pack>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned()
    }

    fn keep(&self, digest: PackDigest, pack: Pack) -> Arc<Pack> {
        let pack = Arc::new(pack);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.pop_first();
        }
        kept.insert(digest, Arc::clone(&pack));
        pack
    }
}

fn read(stored: &StoredPack) -> Result<Pack, PackError> {
    let mut files = PackFiles::new();
    for (path, bytes) in &stored.files {
        files.insert(path, bytes.clone())?;
    }
    Pack::parse(&files).map(Pack::without_cases)
}
