//! Whether a pack can be trusted, as a type: only an embedded or a signed pack gives results that may be spooled.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use minisign_verify::{PublicKey, Signature};

use crate::feed::Feed;
use crate::result::{CheckResult, PackDigest};

use super::files::PackFiles;
use super::{Pack, PackError, manifest};

/// Most keys that a host pins.
pub const KEYS_MAX: usize = 8;
/// Largest manifest and signature, in bytes.
pub const MANIFEST_BYTES_MAX: usize = 64 * 1024;

/// Why a pack was refused.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The files are no pack.
    #[error("read the pack: {0}")]
    Pack(#[from] PackError),
    /// A pinned key is no minisign public key.
    #[error("read pinned key {number}: it is no minisign public key (the line that starts with RW)")]
    Key {
        /// Which key, from 1.
        number: usize,
    },
    /// More keys than a host pins.
    #[error("read the pinned keys: {count} keys, the limit is {KEYS_MAX}")]
    TooManyKeys {
        /// How many there were.
        count: usize,
    },
    /// The signature is no minisign signature.
    #[error("read the signature of the pack: it is not in minisign's format")]
    SignatureFormat,
    /// No pinned key made the signature.
    #[error("verify the signature of the pack: it was made with a key that this host does not know")]
    Stranger,
    /// The signature does not fit the manifest.
    #[error("verify the signature of the pack: pack.manifest was changed after it was signed")]
    ManifestTampered,
    /// The manifest is damaged, signed though it is.
    #[error("read pack.manifest: line {line} is not understood")]
    ManifestFormat {
        /// The line, from 1.
        line: usize,
    },
    /// A file is there that the manifest does not list.
    #[error("compare the pack with its manifest: the file {path} is not listed")]
    Unlisted {
        /// The file.
        path: String,
    },
    /// A listed file is missing.
    #[error("compare the pack with its manifest: the file {path} is missing")]
    Missing {
        /// The file.
        path: String,
    },
    /// A file differs from what was signed.
    #[error("compare the pack with its manifest: the file {path} was changed after it was signed")]
    Tampered {
        /// The file.
        path: String,
    },
    /// The manifest and pack.yaml say different things.
    #[error("compare the pack with its manifest: they differ in id, version, language or days")]
    HeadDiffers,
    /// A newer version already ran on this host.
    #[error("take the pack: version {version} is older than version {already_run}, which already ran here")]
    Older {
        /// Its version.
        version: u32,
        /// The newest that ran.
        already_run: u32,
    },
    /// Its last day has passed.
    #[error("take the pack: it expired on {expires}; ask its publisher for a newer one")]
    Expired {
        /// Its last day.
        expires: Date,
    },
}

/// Where the trust in a pack comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Shipped in the binary.
    Embedded,
    /// Signed by a key that the host pins.
    Signed {
        /// Id of the key, as minisign shows it: 16 hexadecimal digits.
        key_id: String,
    },
    /// Given by the person at the keyboard: shown as unsigned, cannot be spooled.
    Local,
}

/// A pack together with where the trust in it comes from. Only this module builds one.
#[derive(Debug, Clone)]
pub struct TrustedPack {
    pack: Arc<Pack>,
    trust: Trust,
}

impl TrustedPack {
    /// A pack that is part of the binary: built from [`crate::packs`] alone.
    pub(crate) fn embedded(files: &PackFiles) -> Result<Self, PackError> {
        Ok(Self { pack: Arc::new(Pack::parse(files)?.without_cases()), trust: Trust::Embedded })
    }

    /// A pack that a person gave: its results cannot be spooled.
    ///
    /// # Errors
    /// [`PackError`] when the files are no pack.
    pub fn local(files: &PackFiles) -> Result<Self, PackError> {
        Ok(Self { pack: Arc::new(Pack::parse(files)?.without_cases()), trust: Trust::Local })
    }

    /// The pack.
    #[must_use]
    pub fn pack(&self) -> &Pack {
        &self.pack
    }

    /// The pack, for whoever keeps it.
    #[must_use]
    pub fn shared(&self) -> Arc<Pack> {
        Arc::clone(&self.pack)
    }

    /// Where the trust comes from.
    #[must_use]
    pub const fn trust(&self) -> &Trust {
        &self.trust
    }

    /// The known vulnerabilities that it brings, with their trust; none when it is a pack of checks.
    #[must_use]
    pub fn feed(&self) -> Option<TrustedFeed> {
        let is_signed = match self.trust {
            Trust::Embedded | Trust::Signed { .. } => true,
            Trust::Local => false,
        };
        self.pack.feed.clone().map(|feed| TrustedFeed { feed, is_signed })
    }

    /// The proof that results of this pack may be spooled; none for a local pack.
    #[must_use]
    pub fn spoolable(&self) -> Option<Spoolable> {
        match self.trust {
            Trust::Embedded | Trust::Signed { .. } => Some(Spoolable { digest: self.pack.digest }),
            Trust::Local => None,
        }
    }
}

/// Known vulnerabilities together with whether a publisher that the host pins has signed them. Only [`TrustedPack`]
/// builds one.
#[derive(Debug, Clone)]
pub struct TrustedFeed {
    feed: Arc<Feed>,
    is_signed: bool,
}

impl TrustedFeed {
    /// The vulnerabilities.
    #[must_use]
    pub fn feed(&self) -> &Feed {
        &self.feed
    }

    /// Whether a pinned publisher has signed them; else a person gave them at the keyboard.
    #[must_use]
    pub const fn is_signed(&self) -> bool {
        self.is_signed
    }
}

/// The proof that results of one pack may be spooled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spoolable {
    digest: PackDigest,
}

impl Spoolable {
    /// A result with its proof; none when another pack judged it.
    #[must_use]
    pub fn seal(&self, result: CheckResult) -> Option<SpoolableResult> {
        (result.pack == self.digest).then_some(SpoolableResult(result))
    }
}

/// A result that may be spooled: an embedded or a signed pack judged it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpoolableResult(CheckResult);

impl SpoolableResult {
    /// The result.
    #[must_use]
    pub const fn result(&self) -> &CheckResult {
        &self.0
    }

    /// The result by itself.
    #[must_use]
    pub fn into_result(self) -> CheckResult {
        self.0
    }
}

/// The public keys that a host trusts for packs: from the binary or from a root-owned file, never from the wire.
#[derive(Debug, Clone, Default)]
pub struct PinnedKeys(Vec<(String, PublicKey)>);

impl PinnedKeys {
    /// Parses minisign public keys, each as the line that starts with `RW` or as its two-line file.
    ///
    /// # Errors
    /// [`TrustError::Key`] with the number of the key, [`TrustError::TooManyKeys`] over [`KEYS_MAX`].
    pub fn parse<'a>(keys: impl IntoIterator<Item = &'a str>) -> Result<Self, TrustError> {
        let mut pinned = Vec::new();
        for (index, text) in keys.into_iter().enumerate() {
            let refuse = TrustError::Key { number: index + 1 };
            let Some(line) = text.lines().rev().map(str::trim).find(|line| !line.is_empty()) else {
                return Err(refuse);
            };
            let (Ok(key), Some(id)) = (PublicKey::from_base64(line), key_id(line)) else { return Err(refuse) };
            pinned.push((id, key));
        }
        if pinned.len() > KEYS_MAX {
            return Err(TrustError::TooManyKeys { count: pinned.len() });
        }
        Ok(Self(pinned))
    }

    /// The ids of the keys, as minisign shows them.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(id, _)| id.as_str())
    }

    /// Whether no key is pinned, so that no signed pack can be taken.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The id that minisign shows for a key: bytes 2 to 10 of the decoded line, read as a little-endian number.
fn key_id(line: &str) -> Option<String> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(line).ok()?;
    let id: [u8; 8] = bytes.get(2..10)?.try_into().ok()?;
    Some(format!("{:016X}", u64::from_le_bytes(id)))
}

/// Takes a signed pack: signature, list of files, version and days must all hold.
///
/// `already_run` is the newest version of this pack that ran on the host; `now` is the host's clock.
///
/// # Errors
/// [`TrustError`] names the first thing that does not hold.
pub fn verify(
    files: &PackFiles,
    manifest: &[u8],
    signature: &str,
    keys: &PinnedKeys,
    already_run: Option<u32>,
    now: Timestamp,
) -> Result<TrustedPack, TrustError> {
    let key_id = verify_signature(manifest, signature, keys)?;
    let text = std::str::from_utf8(manifest).map_err(|_| TrustError::ManifestFormat { line: 1 })?;
    let listed = manifest::read(text).map_err(|line| TrustError::ManifestFormat { line })?;
    for (path, bytes) in files.listed() {
        match listed.files.get(path) {
            None => return Err(TrustError::Unlisted { path: path.to_owned() }),
            Some(entry) if *entry != manifest::entry(bytes) => {
                return Err(TrustError::Tampered { path: path.to_owned() });
            }
            Some(_) => {}
        }
    }
    if let Some(path) = listed.files.keys().find(|path| files.get(path).is_none()) {
        return Err(TrustError::Missing { path: path.clone() });
    }
    let pack = Pack::parse(files)?;
    if manifest::of(&pack, files) != text {
        return Err(TrustError::HeadDiffers);
    }
    if let Some(already_run) = already_run.filter(|newest| pack.version < *newest) {
        return Err(TrustError::Older { version: pack.version, already_run });
    }
    if now.to_zoned(jiff::tz::TimeZone::UTC).date() > pack.expires {
        return Err(TrustError::Expired { expires: pack.expires });
    }
    Ok(TrustedPack { pack: Arc::new(pack.without_cases()), trust: Trust::Signed { key_id } })
}

fn verify_signature(manifest: &[u8], signature: &str, keys: &PinnedKeys) -> Result<String, TrustError> {
    if manifest.len() > MANIFEST_BYTES_MAX || signature.len() > MANIFEST_BYTES_MAX {
        return Err(TrustError::SignatureFormat);
    }
    let signature = Signature::decode(signature).map_err(|_| TrustError::SignatureFormat)?;
    for (id, key) in &keys.0 {
        match key.verify(manifest, &signature, false) {
            Ok(()) => return Ok(id.clone()),
            Err(minisign_verify::Error::UnexpectedKeyId) => {}
            Err(minisign_verify::Error::UnexpectedAlgorithm | minisign_verify::Error::UnsupportedAlgorithm) => {
                return Err(TrustError::SignatureFormat);
            }
            Err(
                minisign_verify::Error::InvalidSignature
                | minisign_verify::Error::InvalidEncoding
                | minisign_verify::Error::IoError(_)
                | minisign_verify::Error::UnsupportedLegacyMode,
            ) => return Err(TrustError::ManifestTampered),
        }
    }
    Err(TrustError::Stranger)
}
