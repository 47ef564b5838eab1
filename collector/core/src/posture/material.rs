//! From what the store keeps to what the formula reads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use vedetta_checks::pack::{Check, Pack};
use vedetta_checks::result::PackDigest;
use vedetta_checks::score::{CapRule, Declared, Figure, Gain, Input, LastSeen, Posture, Total, Value};

use crate::asset::{Asset, AssetKey, AssetKind, AssetState};
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
    /// Whether the lists hold all that the store has. `false` when a read stopped at its limit: then no total is
    /// computed ("dati insufficienti"), because a part must never pass for the whole.
    pub is_complete: bool,
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

    /// Both figures; of a part of the material without total and gains.
    pub(super) fn posture(&self, inputs: &[Input<AssetKey>], declared: Declared, now: Timestamp) -> Posture<AssetKey> {
        let both = vedetta_checks::score::posture(inputs, declared, now);
        if self.is_complete {
            return both;
        }
        Posture { inside: without_total(both.inside), outside: without_total(both.outside) }
    }

    /// How many retired hosts have findings that are still open.
    pub(super) fn left_with_open_failures(&self) -> u32 {
        let is_retired = |asset: &&Asset| match asset.state {
            AssetState::Active => false,
            AssetState::Retired { .. } => asset.kind == AssetKind::Host,
        };
        let open: BTreeSet<AssetKey> =
            self.findings.iter().filter(|finding| is_open(finding)).map(|finding| finding.key.asset).collect();
        let left = self.assets.iter().filter(is_retired).filter(|asset| open.contains(&asset.key)).count();
        u32::try_from(left).unwrap_or(u32::MAX)
    }

    /// The findings that are open on assets that count.
    pub(super) fn open_findings(&self) -> Vec<&'a Finding> {
        let assets: BTreeSet<AssetKey> = self.active_assets().map(|asset| asset.key).collect();
        self.findings.iter().filter(|finding| assets.contains(&finding.key.asset) && is_open(finding)).collect()
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

const fn is_open(finding: &Finding) -> bool {
    match finding.state {
        FindingState::Open { .. } => true,
        FindingState::Resolved { .. } => false,
    }
}

/// A figure of which only a part is known: what was seen stands, but it has no total and promises no points.
fn without_total(mut figure: Figure<AssetKey>) -> Figure<AssetKey> {
    figure.total = Total::CoverageTooLow;
    for fix in &mut figure.fixes {
        match fix.gain {
            Gain::Points(_) | Gain::NothingWhile(_) => fix.gain = Gain::NoTotal,
            Gain::NoTotal | Gain::SuppliersLine => {}
        }
    }
    figure
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
