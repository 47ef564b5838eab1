//! What an agent is told to look at, and with which packs. The host decides what of it it allows.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use tonic::Status;
use vedetta_checks::pack::{Pack, PackFiles};
use vedetta_checks::result::PackDigest;
use vedetta_checks::target::Target;
use vedetta_core::agent::Agent;
use vedetta_core::asset::{AssetKey, Grant};
use vedetta_core::assignment::assignment;
use vedetta_core::pack::StoredPack;
use vedetta_core::reach;
use vedetta_core::result::CurrentResult;
use vedetta_core::store::{Page, Prefix, Store, Stored};
use vedetta_proto::agent::from_collector::Message;
use vedetta_proto::agent::{self, FromCollector};
use vedetta_proto::limits::{MESSAGE_BYTES_MAX, PACKS_MAX};

use super::{unreadable, wire};

/// Most packs that the store is asked for.
const STORED_PACKS_MAX: usize = 1_024;
/// Most results of one host that are read for its ports.
const RESULTS_MAX: usize = 2_048;
/// Room for packs in one assignment, in bytes; what does not fit goes with a later session. No larger pack is taken.
pub const BUNDLE_BYTES_MAX: usize = MESSAGE_BYTES_MAX * 3 / 4;

/// The assignment of one agent: its grants as targets, the packs that it should run, and those of them that it lacks.
pub(crate) async fn make<S: Store>(
    store: &S,
    agent: &Agent,
    grants: &[Stored<Grant>],
    known: &[PackDigest],
    now: Timestamp,
) -> Result<FromCollector, Status> {
    let stored = stored_packs(store).await?;
    let wanted = wanted(&stored, now);
    let mut room = BUNDLE_BYTES_MAX;
    let packs = wanted
        .iter()
        .filter(|pack| !known.contains(&pack.digest) && !pack.signature.is_empty())
        .filter(|pack| {
            room.checked_sub(bundle_bytes(pack)).is_some_and(|left| {
                room = left;
                true
            })
        })
        .map(|pack| bundle(pack))
        .collect();
    let grants: Vec<Grant> = grants.iter().map(|stored| stored.value.clone()).collect();
    let bound = bound_ports(store, &grants).await?;
    let assigned = assignment(agent, &grants, |asset| bound.get(&asset).cloned().unwrap_or_default());
    if assigned.left_out > 0 {
        tracing::warn!(agent = %agent.id, left_out = assigned.left_out, "an agent has more targets than it can be sent");
    }
    let targets = assigned
        .targets
        .iter()
        .map(|assigned| agent::AssignedTarget {
            grant: assigned.grant.uuid().as_bytes().to_vec(),
            target: assigned.target.to_string(),
            vantage: agent::Vantage::from(assigned.vantage).into(),
        })
        .collect();
    let wanted_packs = wanted.iter().map(|pack| pack.digest.as_bytes().to_vec()).collect();
    let assignment = agent::Assignment { revision: assigned.revision, targets, packs, wanted_packs };
    Ok(wire::from_collector(Message::Assignment(assignment)))
}

/// On which ports the hosts wait whose ports the grants name, as they say themselves; a host that has not said so yet is
/// left out, and the usual ports are tried there.
async fn bound_ports<S: Store>(store: &S, grants: &[Grant]) -> Result<BTreeMap<AssetKey, BTreeSet<u16>>, Status> {
    let mut bound = BTreeMap::new();
    for grant in grants.iter().filter(|grant| matches!(grant.target, Target::Ports(_))) {
        let page = Page::first(RESULTS_MAX);
        let listed = store.list::<CurrentResult>(Prefix::Asset(grant.asset), page).await;
        let results = listed.map_err(|error| unreadable(&error))?;
        if let Some((ports, _)) = reach::bound(results.iter().map(|stored| &stored.value)) {
            bound.insert(grant.asset, ports);
        }
    }
    Ok(bound)
}

/// The digests of the signed packs that every agent should run: one that lacks any is sent an assignment.
pub(crate) async fn wanted_signed<S: Store>(store: &S, now: Timestamp) -> Result<Vec<PackDigest>, Status> {
    let stored = stored_packs(store).await?;
    Ok(wanted(&stored, now).into_iter().filter(|pack| !pack.signature.is_empty()).map(|pack| pack.digest).collect())
}

async fn stored_packs<S: Store>(store: &S) -> Result<Vec<StoredPack>, Status> {
    let listed = store.list::<StoredPack>(Prefix::All, Page::first(STORED_PACKS_MAX)).await;
    Ok(listed.map_err(|error| unreadable(&error))?.into_iter().map(|stored| stored.value).collect())
}

/// The newest signed version of each pack, and what came with the program where it is newer or nobody signed one; empty
/// (those embedded in the agent) as long as no signed pack was added.
///
/// What came with the program is named, though it is never sent: an agent of the same build would stop running it if it
/// were not wanted, and an agent of another build, which lacks it, keeps its own or runs the signed one.
///
/// A feed past its last day is wanted no more: agents refuse it, and it would be sent to them in vain every time.
fn wanted(stored: &[StoredPack], now: Timestamp) -> Vec<&StoredPack> {
    // Asked at every greeting: as long as nobody added a pack, none is parsed.
    if stored.iter().all(|pack| pack.signature.is_empty()) {
        return Vec::new();
    }
    let (mut signed, mut shipped) = (Newest::new(), Newest::new());
    for pack in stored {
        let Some(parsed) = parse(pack) else { continue };
        if parsed.feed.is_some() && is_past(&parsed, now) {
            continue;
        }
        let newest = if pack.signature.is_empty() { &mut shipped } else { &mut signed };
        let id = parsed.id.to_string();
        if newest.get(&id).is_none_or(|(version, _)| *version < parsed.version) {
            newest.insert(id, (parsed.version, pack));
        }
    }
    shipped.retain(|id, (version, _)| signed.get(id).is_none_or(|(of_signed, _)| *of_signed < *version));
    signed.into_values().chain(shipped.into_values()).map(|(_, pack)| pack).take(PACKS_MAX).collect()
}

/// Whether the last day of a pack has passed.
#[must_use]
pub fn is_past(pack: &Pack, now: Timestamp) -> bool {
    now.to_zoned(jiff::tz::TimeZone::UTC).date() > pack.expires
}

/// Version and content of the newest pack of each id.
type Newest<'a> = BTreeMap<String, (u32, &'a StoredPack)>;

/// What a pack takes up in an assignment, in bytes.
#[must_use]
pub fn bundle_bytes(pack: &StoredPack) -> usize {
    pack.manifest.len() + pack.files.iter().map(|(path, bytes)| path.len() + bytes.len()).sum::<usize>()
}

fn bundle(pack: &StoredPack) -> agent::PackBundle {
    agent::PackBundle {
        manifest: pack.manifest.clone(),
        signature: pack.signature.clone(),
        files: pack
            .files
            .iter()
            .map(|(path, content)| agent::PackFile { path: path.clone(), content: content.clone() })
            .collect(),
    }
}

/// A stored pack, parsed; `None` when this build cannot read it (it is newer, or damaged), which is logged.
#[must_use]
pub fn parse(stored: &StoredPack) -> Option<Pack> {
    let mut files = PackFiles::new();
    for (path, content) in &stored.files {
        if let Err(error) = files.insert(path, content.clone()) {
            tracing::warn!(digest = %stored.digest, %error, "a stored pack cannot be read");
            return None;
        }
    }
    Pack::parse(&files)
        .inspect_err(|error| tracing::warn!(digest = %stored.digest, %error, "a stored pack cannot be read"))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shipped pack under another id and version.
    fn stored(id: &str, version: u32, is_signed: bool) -> StoredPack {
        let (_, shipped) = vedetta_checks::packs::embedded().into_iter().next().unwrap();
        let parsed = Pack::parse(&shipped).unwrap();
        let (old_id, old_version) = (format!("id: {}\n", parsed.id), format!("version: {}\n", parsed.version));
        let mut files = PackFiles::new();
        for (path, bytes) in shipped.listed() {
            let mut text = String::from_utf8(bytes.to_vec()).unwrap();
            if path == "pack.yaml" {
                text = text.replacen(&old_id, &format!("id: {id}\n"), 1);
                text = text.replacen(&old_version, &format!("version: {version}\n"), 1);
            }
            files.insert(path, text.into_bytes()).unwrap();
        }
        let pack = Pack::parse(&files).unwrap();
        assert_eq!((pack.id.to_string().as_str(), pack.version), (id, version));
        StoredPack {
            digest: pack.digest,
            manifest: String::new(),
            signature: if is_signed { "signed".to_owned() } else { String::new() },
            files: files.listed().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect(),
            added_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_newest_signed_packs_are_wanted_and_what_was_shipped_stays_at_work_beside_them() {
        for (all, expected) in [
            (vec![("enti", 5, false)], vec![]),
            (vec![("enti", 5, false), ("altro", 1, true)], vec![("altro", 1, true), ("enti", 5, false)]),
            (vec![("enti", 5, false), ("enti", 6, true), ("enti", 7, true)], vec![("enti", 7, true)]),
            (vec![("enti", 5, false), ("enti", 4, true)], vec![("enti", 4, true), ("enti", 5, false)]),
        ] {
            let packs: Vec<_> = all.iter().map(|(id, version, is_signed)| stored(id, *version, *is_signed)).collect();
            let of = |pack: &StoredPack| {
                let parsed = parse(pack).unwrap();
                (parsed.id.to_string(), parsed.version, !pack.signature.is_empty())
            };
            let found: Vec<_> = wanted(&packs, Timestamp::UNIX_EPOCH).into_iter().map(of).collect();
            let expected: Vec<_> = expected.into_iter().map(|(id, v, s): (&str, _, _)| (id.to_owned(), v, s)).collect();
            assert_eq!(found, expected, "{all:?}");
        }
    }
}
