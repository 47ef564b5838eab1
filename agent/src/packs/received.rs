//! Packs that an assignment brought: verified, kept in the state folder, verified again at every start.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use jiff::Timestamp;
use vedetta_checks::pack::PackFiles;
use vedetta_checks::pack::files::{MANIFEST_FILE, SIGNATURE_FILE};
use vedetta_checks::pack::manifest;
use vedetta_checks::pack::trust::{self, PinnedKeys, TrustError, TrustedPack};
use vedetta_proto::agent;

use super::{FolderError, PackRefusal, RECEIVED_FOLDER, read_folder};

/// Name of the file with the newest versions that ran, in the state folder.
const RUN_VERSIONS_FILE: &str = "packs.json";

/// Beginning of the name of a folder in the state folder that a pack is written into before it gets its place.
const NEW_FOLDER_PREFIX: &str = ".new";

/// Why a signed pack was not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReceiveError {
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error(transparent)]
    Trust(#[from] TrustError),
    #[error("the pack is not signed: {0} is missing")]
    Unsigned(&'static str),
    #[error("the signature of the pack is no text")]
    SignatureText,
    #[error("the pack cannot be kept: {0}")]
    Keep(#[from] io::Error),
}

/// The newest version of each signed pack that ran on this host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunVersions(BTreeMap<String, u32>);

impl RunVersions {
    /// Reads them from the state folder; a missing or damaged file holds none.
    #[must_use]
    pub fn load(state: &Path) -> Self {
        let file = state.join(RUN_VERSIONS_FILE);
        match crate::files::read(&file) {
            Ok(None) => Self::default(),
            Ok(Some(bytes)) => Self(serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                tracing::error!("{} is damaged and counts as empty: {error}", file.display());
                BTreeMap::new()
            })),
            Err(error) => {
                tracing::error!("cannot read {}: {error}", file.display());
                Self::default()
            }
        }
    }

    /// The newest version of one pack that ran.
    #[must_use]
    pub fn of(&self, pack: &str) -> Option<u32> {
        self.0.get(pack).copied()
    }

    /// Notes versions that run now, when they are newer.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn note<'a>(&mut self, state: &Path, packs: impl Iterator<Item = (&'a str, u32)>) -> io::Result<()> {
        let before = self.clone();
        for (pack, version) in packs {
            let newest = self.0.entry(pack.to_owned()).or_default();
            *newest = version.max(*newest);
        }
        if *self == before {
            return Ok(());
        }
        let bytes = serde_json::to_vec(&self.0).map_err(io::Error::other)?;
        crate::files::replace(&state.join(RUN_VERSIONS_FILE), &bytes)
    }
}

pub(super) fn verify_folder(
    folder: &Path,
    keys: &PinnedKeys,
    run: &RunVersions,
    now: Timestamp,
) -> Result<TrustedPack, ReceiveError> {
    verify(&read_folder(folder)?, keys, run, now)
}

/// Takes a signed pack with its manifest and signature among the files.
pub(super) fn verify(
    files: &PackFiles,
    keys: &PinnedKeys,
    run: &RunVersions,
    now: Timestamp,
) -> Result<TrustedPack, ReceiveError> {
    let manifest = files.get(MANIFEST_FILE).ok_or(ReceiveError::Unsigned(MANIFEST_FILE))?;
    let signature = files.get(SIGNATURE_FILE).ok_or(ReceiveError::Unsigned(SIGNATURE_FILE))?;
    let signature = std::str::from_utf8(signature).map_err(|_| ReceiveError::SignatureText)?;
    // The newest version that ran is compared by id, which only the verified pack tells.
    let pack = trust::verify(files, manifest, signature, keys, None, now)?;
    match run.of(pack.pack().id.as_str()) {
        Some(already_run) if pack.pack().version < already_run => {
            Err(TrustError::Older { version: pack.pack().version, already_run }.into())
        }
        Some(_) | None => Ok(pack),
    }
}

/// Verifies the packs of an assignment and keeps those that hold; answers the others with their reasons.
///
/// A pack that was kept takes the place of older versions of it, unless one is `running` (by digest).
#[must_use]
pub fn receive(
    bundles: &[agent::PackBundle],
    state: &Path,
    keys: &PinnedKeys,
    running: &[Vec<u8>],
    now: Timestamp,
) -> Vec<PackRefusal> {
    let run = RunVersions::load(state);
    let mut refused = Vec::new();
    if !bundles.is_empty() {
        remove_leftovers(state);
    }
    for (number, bundle) in bundles.iter().enumerate().take(vedetta_proto::limits::PACKS_MAX) {
        let received = receive_one(bundle, state, keys, &run, now);
        if let Ok(pack) = &received {
            remove_older(pack, state, keys, running, now);
        }
        if let Err(error) = received {
            let first_line = |prefix| bundle.manifest.lines().find_map(|line| line.strip_prefix(prefix));
            let name = first_line("id ").map_or_else(|| format!("number {}", number + 1), str::to_owned);
            let pack = vedetta_checks::fact::clean_text(&name, 64);
            tracing::warn!("pack refused: {pack}: {error}");
            let digest = match &error {
                ReceiveError::Keep(_) => None,
                ReceiveError::Folder(_)
                | ReceiveError::Trust(_)
                | ReceiveError::Unsigned(_)
                | ReceiveError::SignatureText => Some(manifest::digest_of(&bundle.manifest)),
            };
            refused.push(PackRefusal { pack, why: error.to_string(), digest });
        }
    }
    refused
}

fn receive_one(
    bundle: &agent::PackBundle,
    state: &Path,
    keys: &PinnedKeys,
    run: &RunVersions,
    now: Timestamp,
) -> Result<TrustedPack, ReceiveError> {
    let mut files = PackFiles::new();
    for file in &bundle.files {
        files.insert(&file.path, file.content.clone()).map_err(FolderError::from)?;
    }
    files.insert(MANIFEST_FILE, bundle.manifest.clone()).map_err(FolderError::from)?;
    files.insert(SIGNATURE_FILE, bundle.signature.clone()).map_err(FolderError::from)?;
    let pack = verify(&files, keys, run, now)?;
    let folder = state.join(RECEIVED_FOLDER);
    let place = folder.join(pack.pack().digest.to_string());
    if place.is_dir() {
        return Ok(pack);
    }
    std::fs::create_dir_all(&folder)?;
    let temporary = tempfile::Builder::new().prefix(NEW_FOLDER_PREFIX).tempdir_in(state)?;
    for (path, bytes) in files.iter() {
        let file = temporary.path().join(path);
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(&file, bytes)?;
        std::fs::File::open(&file)?.sync_all()?;
    }
    std::fs::rename(temporary.keep(), &place)?;
    Ok(pack)
}

/// Removes what an earlier process left half written.
fn remove_leftovers(state: &Path) {
    let Ok(entries) = std::fs::read_dir(state) else { return };
    for entry in entries.flatten() {
        let is_leftover = entry.file_name().to_string_lossy().starts_with(NEW_FOLDER_PREFIX);
        if is_leftover && entry.path().is_dir() {
            remove(&entry.path());
        }
    }
}

/// Removes kept packs that a newer version of the same pack replaces, and those that no longer hold.
fn remove_older(kept: &TrustedPack, state: &Path, keys: &PinnedKeys, running: &[Vec<u8>], now: Timestamp) {
    let kept = kept.pack();
    for folder in super::folder::pack_folders(&state.join(RECEIVED_FOLDER)) {
        let is_replaced = match verify_folder(&folder, keys, &RunVersions::default(), now) {
            Ok(other) => {
                let other = other.pack();
                let is_running = running.iter().any(|digest| digest.as_slice() == other.digest.as_bytes());
                other.id == kept.id && other.version < kept.version && !is_running
            }
            Err(error) => {
                tracing::info!("the kept pack {} no longer holds: {error}", folder.display());
                true
            }
        };
        if is_replaced {
            remove(&folder);
        }
    }
}

fn remove(folder: &Path) {
    if let Err(error) = std::fs::remove_dir_all(folder) {
        tracing::warn!("cannot remove {}: {error}", folder.display());
    }
}
