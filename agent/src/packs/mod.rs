//! Which packs this host runs: those in the binary, those a root-owned folder holds, those an assignment brought.
//!
//! Only the binary and keys that are pinned on this host can be the reason to trust a pack. What was refused, and why,
//! is kept for the log and for `status`.

mod feed;
mod folder;
mod publishers;
mod received;
mod refused;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use vedetta_checks::catalogue::ProbeCatalogue;
use vedetta_checks::judge::CompiledPack;
use vedetta_checks::pack::trust::{PinnedKeys, Spoolable, Trust, TrustedPack};
use vedetta_checks::pack::{Check, Pack};
use vedetta_checks::result::{CheckResult, PackDigest};
use vedetta_proto::limits::PACKS_MAX;

pub use feed::{FeedFolderError, ReadyFeed};
pub use folder::{FolderError, read_folder};
pub use publishers::{PublisherError, pinned_keys};
pub use received::{RunVersions, receive};
pub use refused::RefusedPacks;

/// Name of the folder for packs that assignments brought, in the state folder.
pub const RECEIVED_FOLDER: &str = "packs";

/// A pack that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackRefusal {
    /// Which pack, as far as it is known.
    pub pack: String,
    /// Why.
    pub why: String,
    /// Its digest, when it was refused for its content: sent again, it would be refused again.
    pub digest: Option<PackDigest>,
}

/// One pack, ready to judge.
#[derive(Debug)]
pub struct ReadyPack {
    /// Where the trust in it comes from.
    pub trust: Trust,
    /// The proof that its results may be spooled, if they may.
    pub spoolable: Option<Spoolable>,
    /// Its checks.
    pub compiled: CompiledPack,
}

/// The packs to run, and those that were refused.
#[derive(Debug, Default)]
pub struct PackSet {
    /// Ready to judge.
    pub packs: Vec<ReadyPack>,
    /// Not taken, and why.
    pub refused: Vec<PackRefusal>,
    /// Packs that the assignment wants and this host does not have: to be asked for again.
    pub missing: Vec<PackDigest>,
    /// The known vulnerabilities to compare with.
    pub feed: Option<ReadyFeed>,
    /// Every feed that this host has and takes, so that none is sent to it again.
    pub feed_digests: Vec<PackDigest>,
    /// Why a feed was not taken.
    pub feed_refused: Option<String>,
}

impl PackSet {
    /// The check and pack that a result came from.
    #[must_use]
    pub fn check_of(&self, result: &CheckResult) -> Option<(&Pack, &Check)> {
        let compiled =
            self.packs.iter().map(|pack| &pack.compiled).find(|compiled| compiled.pack().digest == result.pack)?;
        Some((compiled.pack(), compiled.check(&result.check)?.check()))
    }
}

/// Where packs may come from besides the binary.
#[derive(Debug, Clone, Copy)]
pub struct PackSources<'a> {
    /// A folder with one signed pack per subfolder, configured on this host.
    pub folder: Option<&'a Path>,
    /// Folder of the publishers' keys.
    pub publishers: &'a Path,
    /// The state folder, when the agent has one.
    pub state: Option<&'a Path>,
    /// Digests that the assignment wants; empty for those in the binary.
    pub wanted: &'a [PackDigest],
}

impl PackSet {
    /// The packs that this host runs now.
    #[must_use]
    pub fn load(sources: &PackSources<'_>, catalogue: &ProbeCatalogue, now: Timestamp) -> Self {
        let mut set = Self::default();
        let mut candidates = match vedetta_checks::packs::trusted() {
            Ok(packs) => packs,
            Err(error) => {
                set.refuse("embedded", &error);
                Vec::new()
            }
        };
        let run = sources.state.map(RunVersions::load).unwrap_or_default();
        match pinned_keys(sources.publishers) {
            Ok(keys) => set.add_signed(sources, &keys, &run, now, &mut candidates),
            Err(error) => set.refuse(&sources.publishers.display().to_string(), &error),
        }
        for chosen in set.choose(candidates, sources.wanted, &run) {
            set.compile(chosen, catalogue);
        }
        set
    }

    /// The feed of this host and nothing else: no pack of checks is read.
    #[must_use]
    pub fn feed_alone(sources: &PackSources<'_>, now: Timestamp) -> Self {
        let mut set = Self::default();
        let run = sources.state.map(RunVersions::load).unwrap_or_default();
        match pinned_keys(sources.publishers) {
            Ok(keys) => set.add_signed(sources, &keys, &run, now, &mut Vec::new()),
            Err(error) => set.refuse(&sources.publishers.display().to_string(), &error),
        }
        set
    }

    /// One pack that a person gave at the keyboard; its results cannot be spooled.
    ///
    /// # Errors
    /// [`FolderError`] names the file and the line.
    pub fn local(path: &Path, catalogue: &ProbeCatalogue) -> Result<Self, FolderError> {
        let files = read_folder(path)?;
        let trusted = TrustedPack::local(&files)?;
        let compiled = CompiledPack::compile(trusted.pack().clone(), catalogue)?;
        let pack = ReadyPack { trust: trusted.trust().clone(), spoolable: trusted.spoolable(), compiled };
        Ok(Self { packs: vec![pack], ..Self::default() })
    }

    fn refuse(&mut self, pack: &str, why: &dyn std::fmt::Display) {
        tracing::warn!("pack refused: {pack}: {why}");
        self.refused.push(PackRefusal { pack: pack.to_owned(), why: why.to_string(), digest: None });
    }

    fn add_signed(
        &mut self,
        sources: &PackSources<'_>,
        keys: &PinnedKeys,
        run: &RunVersions,
        now: Timestamp,
        candidates: &mut Vec<TrustedPack>,
    ) {
        let received = sources.state.map(|state| state.join(RECEIVED_FOLDER));
        for folder in [sources.folder, received.as_deref()].into_iter().flatten() {
            for path in folder::pack_folders(folder) {
                match received::verify_folder(&path, keys, run, now) {
                    // The newest feed counts, whichever the assignment names: it adds nothing to what is looked at.
                    Ok(pack) => match ReadyFeed::of(&pack) {
                        Some(ready) => self.take_feed(ready),
                        None => candidates.push(pack),
                    },
                    Err(error) => {
                        if feed::claims_to_be_feed(&path) {
                            self.feed_refused = Some(error.to_string());
                        }
                        self.refuse(&path.display().to_string(), &error);
                    }
                }
            }
        }
    }

    /// Of each pack id the wanted content, else the newest; never one older than what already ran, and no signed one
    /// older than the one in the binary.
    fn choose(&mut self, candidates: Vec<TrustedPack>, wanted: &[PackDigest], run: &RunVersions) -> Vec<TrustedPack> {
        let has = |digest: &PackDigest| {
            self.feed_digests.contains(digest) || candidates.iter().any(|pack| pack.pack().digest == *digest)
        };
        let missing: Vec<&PackDigest> = wanted.iter().filter(|digest| !has(digest)).collect();
        for digest in missing {
            self.refuse(&digest.to_string(), &"the collector wants this pack, but this host does not have it");
            self.missing.push(*digest);
        }
        let embedded = embedded_versions(&candidates);
        let candidates = self.without_older_than(&embedded, candidates);
        let all = candidates.clone();
        let mut chosen: BTreeMap<String, TrustedPack> = BTreeMap::new();
        let (wanted_ones, others): (Vec<_>, Vec<_>) = candidates
            .into_iter()
            .partition(|candidate| wanted.is_empty() || wanted.contains(&candidate.pack().digest));
        take_newest(&mut chosen, wanted_ones);
        if !self.missing.is_empty() {
            // Rather the pack in the binary than silence, until the wanted one comes.
            let known: Vec<String> = chosen.keys().cloned().collect();
            let is_new = |pack: &TrustedPack| !known.iter().any(|id| id == pack.pack().id.as_str());
            let embedded = others.into_iter().filter(|pack| *pack.trust() == Trust::Embedded && is_new(pack));
            take_newest(&mut chosen, embedded.collect());
        }
        let ran = |pack: &TrustedPack| run.of(pack.pack().id.as_str()).unwrap_or_default();
        let (mut kept, older): (Vec<_>, Vec<_>) =
            chosen.into_values().partition(|pack| pack.pack().version >= ran(pack));
        for pack in older {
            let (id, newest) = (&pack.pack().id, ran(&pack));
            let why = format!("version {} is older than version {newest}, which already ran here", pack.pack().version);
            self.refuse(id.as_str(), &why);
            // Nobody silences a host by wanting an old pack; and whoever installs an older program gets its own.
            let same = all.iter().filter(|other| other.pack().id == *id);
            let newer = same.clone().filter(|other| other.pack().version >= newest);
            let fallback = newer.max_by_key(|other| other.pack().version);
            kept.extend(fallback.or_else(|| same.clone().find(|other| *other.trust() == Trust::Embedded)).cloned());
        }
        self.within_limit(kept)
    }

    fn without_older_than(
        &mut self,
        embedded: &BTreeMap<String, u32>,
        candidates: Vec<TrustedPack>,
    ) -> Vec<TrustedPack> {
        let newest = |pack: &TrustedPack| embedded.get(pack.pack().id.as_str()).copied().unwrap_or_default();
        let (kept, older): (Vec<_>, Vec<_>) =
            candidates.into_iter().partition(|pack| pack.pack().version >= newest(pack));
        for pack in older {
            let (version, own) = (pack.pack().version, newest(&pack));
            let why = format!("version {version} is older than version {own}, which is part of this program");
            self.refuse(pack.pack().id.as_str(), &why);
        }
        kept
    }

    fn within_limit(&mut self, mut kept: Vec<TrustedPack>) -> Vec<TrustedPack> {
        for pack in kept.split_off(kept.len().min(PACKS_MAX)) {
            self.refuse(pack.pack().id.as_str(), &format!("at most {PACKS_MAX} packs run"));
        }
        kept
    }

    fn compile(&mut self, trusted: TrustedPack, catalogue: &ProbeCatalogue) {
        match CompiledPack::compile(trusted.pack().clone(), catalogue) {
            Ok(compiled) => {
                let (trust, spoolable) = (trusted.trust().clone(), trusted.spoolable());
                self.packs.push(ReadyPack { trust, spoolable, compiled });
            }
            Err(error) => self.refuse(trusted.pack().id.as_str(), &error),
        }
    }
}

/// The versions of the packs in the binary, by id.
fn embedded_versions(candidates: &[TrustedPack]) -> BTreeMap<String, u32> {
    let embedded = candidates.iter().filter(|pack| *pack.trust() == Trust::Embedded);
    embedded.map(|pack| (pack.pack().id.to_string(), pack.pack().version)).collect()
}

/// Of each id the newest.
fn take_newest(chosen: &mut BTreeMap<String, TrustedPack>, candidates: Vec<TrustedPack>) {
    for candidate in candidates {
        let pack = candidate.pack();
        if chosen.get(pack.id.as_str()).is_none_or(|other| other.pack().version < pack.version) {
            chosen.insert(pack.id.to_string(), candidate);
        }
    }
}

#[cfg(test)]
mod feed_tests;
#[cfg(test)]
mod tests;
