//! From what the store keeps to what the formula reads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use vedetta_checks::pack::{Check, Pack};
use vedetta_checks::result::PackDigest;
use vedetta_checks::score::{CapRule, Declared, Input, LastSeen, Value};

use crate::asset::{Asset, AssetKey, AssetState};
use crate::finding::{Finding, FindingState};
use crate::organisation::{Organisation, Perimeter};
use crate::result::CurrentResult;

/// The packs that results refer to.
pub type PacksByDigest = BTreeMap<PackDigest, Arc<Pack>>;

/// All that the posture of one organisation is computed from.
#[derive(Debug, Clone, Copy)]
pub struct Material<'a> {
    /// The organisation.
    pub organisation: &'a Organisation,
    /// Its assets, the retired ones too.
    pub assets: &'a [Asset],
    /// Its current results.
    pub results: &'a [CurrentResult],
    /// Its findings.
    pub findings: &'a [Finding],
    /// The packs in use, and every pack that a result refers to.
    pub packs: &'a PacksByDigest,
}

/// One result of an asset that counts, with its check.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judged<'a> {
    pub(super) result: &'a CurrentResult,
    pub(super) asset: &'a Asset,
    pub(super) pack: &'a Pack,
    pub(super) check: &'a Check,
}

impl<'a> Material<'a> {
    /// The assets that count.
    pub(super) fn active_assets(&self) -> impl Iterator<Item = &'a Asset> {
        self.assets.iter().filter(|asset| asset.state == AssetState::Active)
    }

    /// The results that count and can be explained.
    pub(super) fn judged(&self) -> Vec<Judged<'a>> {
        let assets: BTreeMap<AssetKey, &'a Asset> = self.active_assets().map(|asset| (asset.key, asset)).collect();
        self.results
            .iter()
            .filter_map(|result| {
                let asset = assets.get(&result.key.asset)?;
                let (pack, check) = self.explain(result)?;
                Some(Judged { result, asset, pack, check })
            })
            .collect()
    }

    /// The findings that are open on assets that count.
    pub(super) fn open_findings(&self) -> Vec<&'a Finding> {
        let assets: BTreeSet<AssetKey> = self.active_assets().map(|asset| asset.key).collect();
        self.findings
            .iter()
            .filter(|finding| assets.contains(&finding.key.asset))
            .filter(|finding| match finding.state {
                FindingState::Open { .. } => true,
                FindingState::Resolved { .. } => false,
            })
            .collect()
    }

    /// The check of a result by the pack that judged it. When that pack is missing, a check of the same id in another
    /// pack stands in, because a failure must not vanish with its pack.
    fn explain(&self, result: &CurrentResult) -> Option<(&'a Pack, &'a Check)> {
        let own = self.packs.get(&result.result.pack);
        own.into_iter()
            .chain(self.packs.values())
            .find_map(|pack| Some((pack.as_ref(), pack.check(&result.key.check)?)))
    }
}

impl Judged<'_> {
    pub(super) fn input(&self) -> Input<AssetKey> {
        let result = self.result;
        let last_judged = result
            .last_judged
            .as_ref()
            .and_then(|last| Some(LastSeen { value: Value::of(&last.verdict)?, at: last.observed_at }));
        let cap = self.check.cap.as_ref().and_then(|name| self.pack.cap(name));
        Input {
            asset: result.key.asset,
            check: result.key.check.clone(),
            target: result.key.target.clone(),
            vantage: result.key.vantage,
            category: self.check.category,
            severity: self.check.severity,
            cap: cap.map(|cap| CapRule { ceiling: cap.ceiling, name: cap.name.clone() }),
            every: self.check.every,
            is_supplier_owned: self.asset.supplier.is_some(),
            verdict: result.result.verdict.clone(),
            observed_at: result.confirmed_at,
            last_judged,
        }
    }
}

/// The declared perimeter as the formula counts it.
pub(super) fn declared(perimeter: Perimeter) -> Declared {
    let Perimeter { servers, workstations, domains, sites } = perimeter;
    let hosts = match (servers, workstations) {
        (None, None) => None,
        (servers, workstations) => Some(servers.unwrap_or(0).saturating_add(workstations.unwrap_or(0))),
    };
    Declared { hosts, domains, sites }
}
