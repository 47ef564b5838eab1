//! Reads what the posture of an organisation is computed from.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use vedetta_checks::pack::Pack;
use vedetta_core::asset::Asset;
use vedetta_core::finding::Finding;
use vedetta_core::organisation::Organisation;
use vedetta_core::pack::StoredPack;
use vedetta_core::posture::{Material, OrganisationView, PacksByDigest, organisation_view};
use vedetta_core::result::CurrentResult;
use vedetta_core::store::{Prefix, Store};

use crate::admin::{AdminError, lookup};
use crate::intake::assignment::parse;

/// The packs that came with the program, read once.
///
/// # Errors
/// When a shipped pack cannot be read: the tests never let that be built.
pub fn shipped_packs() -> Result<PacksByDigest, AdminError> {
    static READ: OnceLock<PacksByDigest> = OnceLock::new();
    if let Some(packs) = READ.get() {
        return Ok(packs.clone());
    }
    let packs: PacksByDigest = read_shipped()?;
    Ok(READ.get_or_init(|| packs).clone())
}

fn read_shipped() -> Result<PacksByDigest, AdminError> {
    vedetta_checks::packs::embedded()
        .iter()
        .map(|(_, files)| {
            let pack = Pack::parse(files).map_err(AdminError::refused)?;
            Ok((pack.digest, Arc::new(pack)))
        })
        .collect()
}

/// The posture of one organisation, and what it is explained with.
#[derive(Debug)]
pub struct Seen {
    /// The posture.
    pub view: OrganisationView,
    /// The packs that its results refer to, and those that came with the program.
    pub packs: PacksByDigest,
    /// Its current results.
    pub results: Vec<CurrentResult>,
}

/// The posture of one organisation now. Of more records than [`lookup::RECORDS_MAX`] it is that of a part, and says so.
///
/// # Errors
/// When the store cannot be read.
pub async fn view(store: &impl Store, organisation: &Organisation, now: Timestamp) -> Result<Seen, AdminError> {
    view_of(store, organisation, lookup::RECORDS_MAX, now).await
}

/// The posture from at most so many records of each kind.
async fn view_of(
    store: &impl Store,
    organisation: &Organisation,
    records_max: usize,
    now: Timestamp,
) -> Result<Seen, AdminError> {
    let prefix = Prefix::Organisation(organisation.id);
    let (assets, all_assets) = lookup::at_most(store, prefix, records_max).await?;
    let (results, all_results) = lookup::at_most(store, prefix, records_max).await?;
    let (findings, all_findings) = lookup::at_most(store, prefix, records_max).await?;
    let (assets, findings): (Vec<Asset>, Vec<Finding>) = (values(assets), values(findings));
    let results: Vec<CurrentResult> = values(results);
    let mut packs = shipped_packs()?;
    let referred: BTreeSet<_> = results.iter().map(|result| result.result.pack).collect();
    for digest in referred {
        if packs.contains_key(&digest) {
            continue;
        }
        let stored = store.get::<StoredPack>(&digest).await?;
        if let Some(pack) = stored.and_then(|stored| parse(&stored.value)) {
            packs.insert(digest, Arc::new(pack));
        }
    }
    let material = Material {
        organisation,
        assets: &assets,
        results: &results,
        findings: &findings,
        packs: &packs,
        is_complete: all_assets && all_results && all_findings,
    };
    let view = organisation_view(&material, now);
    Ok(Seen { view, packs, results })
}

fn values<A>(stored: Vec<vedetta_core::store::Stored<A>>) -> Vec<A> {
    stored.into_iter().map(|stored| stored.value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Collector;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_read_that_reached_its_limit_is_no_whole_and_gives_no_total() {
        let collector = Collector::start().await;
        for _ in 0..2 {
            collector.enrolled().await;
        }
        let store = &collector.shared.store;
        let organisation = lookup::all::<Organisation>(store).await.unwrap().remove(0);
        let now = collector.shared.clock.now();
        for (records_max, expected) in [(1, false), (2, true)] {
            let seen = view_of(store, &organisation, records_max, now).await.unwrap();
            assert_eq!(seen.view.is_complete, expected, "{records_max}");
        }
    }
}
