//! Reads what the store holds of an organisation and has `core` compute its posture.

mod agents;
mod overview;
mod view;

pub(crate) use agents::Versions;
pub(crate) use overview::{Overview, OverviewCache, first_fix};
pub(crate) use view::{FigureWords, figure_words, gain_text, grade_style};

use std::sync::Arc;

use jiff::Timestamp;
use vedetta_checks::pack::Check;
use vedetta_checks::result::PackDigest;
use vedetta_checks::word::CheckId;
use vedetta_core::aggregate::Aggregate;
use vedetta_core::asset::{Asset, AssetKey};
use vedetta_core::finding::Finding;
use vedetta_core::organisation::Organisation;
use vedetta_core::posture::{Material, OrganisationView, PacksByDigest, organisation_view};
use vedetta_core::result::CurrentResult;
use vedetta_core::store::{Page, Prefix, Store};

use crate::app::App;
use crate::failure::Failure;

/// Most results, and most findings, of one organisation that are read for a page.
const RESULTS_MAX: usize = 100_000;
/// Most assets of one organisation that are read for a page.
const ASSETS_MAX: usize = 10_000;
/// How many records are read at once.
const READ_AT_ONCE: usize = 1_000;

/// What the store holds of one organisation.
pub(crate) struct Known {
    pub(crate) organisation: Organisation,
    pub(crate) assets: Vec<Asset>,
    pub(crate) results: Vec<CurrentResult>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) packs: PacksByDigest,
}

impl Known {
    pub(crate) async fn read<S: Store>(app: &App<S>, organisation: &Organisation) -> Result<Self, Failure> {
        let beneath = Prefix::Organisation(organisation.id);
        let results = all::<S, CurrentResult>(app, beneath, RESULTS_MAX).await?;
        let mut packs: PacksByDigest = app.shelf.all_shipped().map(|pack| (pack.digest, Arc::clone(pack))).collect();
        for digest in results.iter().map(|current| current.result.pack) {
            if !packs.contains_key(&digest)
                && let Some(pack) = app.shelf.pack(digest, &app.hooks.store).await?
            {
                packs.insert(digest, pack);
            }
        }
        Ok(Self {
            organisation: organisation.clone(),
            assets: all(app, beneath, ASSETS_MAX).await?,
            results,
            findings: all(app, beneath, RESULTS_MAX).await?,
            packs,
        })
    }

    pub(crate) fn material(&self) -> Material<'_> {
        Material {
            organisation: &self.organisation,
            assets: &self.assets,
            results: &self.results,
            findings: &self.findings,
            packs: &self.packs,
            is_complete: self.assets.len() < ASSETS_MAX && self.results.len().max(self.findings.len()) < RESULTS_MAX,
        }
    }

    pub(crate) fn view(&self, now: Timestamp) -> OrganisationView {
        organisation_view(&self.material(), now)
    }

    pub(crate) fn asset(&self, key: AssetKey) -> Option<&Asset> {
        self.assets.iter().find(|asset| asset.key == key)
    }

    /// The result of one check on one asset that a fix speaks of: a failing one before any other.
    pub(crate) fn result(&self, asset: AssetKey, check: &CheckId) -> Option<&CurrentResult> {
        let of_check = |current: &&CurrentResult| current.key.asset == asset && current.key.check == *check;
        let is_failing =
            |current: &&CurrentResult| current.result.verdict.is_judged() && current.result.clause.is_some();
        let mut own = self.results.iter().filter(of_check);
        own.clone().find(is_failing).or_else(|| own.next())
    }
}

/// One check of one pack.
pub(crate) fn check<'p>(packs: &'p PacksByDigest, pack: PackDigest, id: &CheckId) -> Option<&'p Check> {
    packs.get(&pack)?.check(id)
}

/// Everything of one kind under a prefix, up to a limit.
pub(crate) async fn all<S: Store, A: Aggregate>(app: &App<S>, prefix: Prefix, limit: usize) -> Result<Vec<A>, Failure> {
    let mut found: Vec<A> = Vec::new();
    while found.len() < limit {
        let after = found.last().map(Aggregate::key);
        let page = app.list::<A>(prefix, Page { after, limit: READ_AT_ONCE, newest_first: false }).await?;
        let is_last = page.len() < READ_AT_ONCE;
        found.extend(page);
        if is_last {
            break;
        }
    }
    found.truncate(limit);
    Ok(found)
}
