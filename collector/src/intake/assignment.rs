//! What an agent is told to look at, and with which packs. The host decides what of it it allows.

use std::collections::BTreeMap;

use tonic::Status;
use vedetta_checks::pack::{Pack, PackFiles};
use vedetta_checks::result::PackDigest;
use vedetta_core::agent::Agent;
use vedetta_core::asset::Grant;
use vedetta_core::assignment::assignment;
use vedetta_core::pack::StoredPack;
use vedetta_core::store::{Page, Prefix, Store, Stored};
use vedetta_proto::agent::from_collector::Message;
use vedetta_proto::agent::{self, FromCollector};
use vedetta_proto::limits::{MESSAGE_BYTES_MAX, PACKS_MAX};

use super::{unreadable, wire};

/// Most packs that the store is asked for.
const STORED_PACKS_MAX: usize = 1_024;
/// Room for packs in one assignment, in bytes; what does not fit goes with a later session.
const BUNDLE_BYTES_MAX: usize = MESSAGE_BYTES_MAX * 3 / 4;

/// The assignment of one agent: its grants as targets; the newest version of each pack, when a signed one was added.
pub(crate) async fn make<S: Store>(
    store: &S,
    agent: &Agent,
    grants: &[Stored<Grant>],
    known: &[PackDigest],
) -> Result<FromCollector, Status> {
    let stored = stored_packs(store).await?;
    let wanted = wanted(&stored);
    let mut room = BUNDLE_BYTES_MAX;
    let packs = wanted
        .iter()
        .filter(|pack| !known.contains(&pack.digest) && !pack.signature.is_empty())
        .filter(|pack| {
            let bytes =
                pack.manifest.len() + pack.files.iter().map(|(path, bytes)| path.len() + bytes.len()).sum::<usize>();
            room.checked_sub(bytes).is_some_and(|left| {
                room = left;
                true
            })
        })
        .map(|pack| bundle(pack))
        .collect();
    let grants: Vec<Grant> = grants.iter().map(|stored| stored.value.clone()).collect();
    let assigned = assignment(agent, &grants);
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

/// The digests of the signed packs that every agent should run: one that lacks any is sent an assignment.
pub(crate) async fn wanted_signed<S: Store>(store: &S) -> Result<Vec<PackDigest>, Status> {
    let stored = stored_packs(store).await?;
    Ok(wanted(&stored).into_iter().filter(|pack| !pack.signature.is_empty()).map(|pack| pack.digest).collect())
}

async fn stored_packs<S: Store>(store: &S) -> Result<Vec<StoredPack>, Status> {
    let listed = store.list::<StoredPack>(Prefix::All, Page::first(STORED_PACKS_MAX)).await;
    Ok(listed.map_err(|error| unreadable(&error))?.into_iter().map(|stored| stored.value).collect())
}

/// The newest version of each pack; empty (those embedded in the agent) as long as no signed pack was added.
fn wanted(stored: &[StoredPack]) -> Vec<&StoredPack> {
    if stored.iter().all(|pack| pack.signature.is_empty()) {
        return Vec::new();
    }
    let mut newest: BTreeMap<String, (u32, &StoredPack)> = BTreeMap::new();
    for pack in stored {
        let Some(parsed) = parse(pack) else { continue };
        let id = parsed.id.to_string();
        if newest.get(&id).is_none_or(|(version, _)| *version < parsed.version) {
            newest.insert(id, (parsed.version, pack));
        }
    }
    newest.into_values().map(|(_, pack)| pack).take(PACKS_MAX).collect()
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
