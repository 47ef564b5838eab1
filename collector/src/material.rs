//! Reads what the posture of an organisation is computed from.

use std::collections::BTreeSet;
use std::sync::Arc;

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

/// The packs that came with the program.
///
/// # Errors
/// When a shipped pack cannot be read: the tests never let that be built.
pub fn shipped_packs() -> Result<PacksByDigest, AdminError> {
    vedetta_checks::packs::embedded()
        .iter()
        .map(|(_, files)| {
            let pack = Pack::parse(files).map_err(AdminError::refused)?;
            Ok((pack.digest, Arc::new(pack)))
        })
        .collect()
}

/// The posture of one organisation now, and the packs that explain it.
///
/// # Errors
/// When the store cannot be read.
pub async fn view(
    store: &impl Store,
    organisation: &Organisation,
    now: Timestamp,
) -> Result<(OrganisationView, PacksByDigest), AdminError> {
    let prefix = Prefix::Organisation(organisation.id);
    let assets: Vec<Asset> = values(lookup::beneath(store, prefix).await?);
    let results: Vec<CurrentResult> = values(lookup::beneath(store, prefix).await?);
    let findings: Vec<Finding> = values(lookup::beneath(store, prefix).await?);
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
    // A read that finds more than it may hold is an error, so what is here is all that there is.
    let material = Material {
        organisation,
        assets: &assets,
        results: &results,
        findings: &findings,
        packs: &packs,
        is_complete: true,
    };
    let view = organisation_view(&material, now);
    Ok((view, packs))
}

fn values<A>(stored: Vec<vedetta_core::store::Stored<A>>) -> Vec<A> {
    stored.into_iter().map(|stored| stored.value).collect()
}
