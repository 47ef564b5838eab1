//! What the page of one organisation shows.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use vedetta_checks::result::{PackDigest, Vantage};
use vedetta_checks::score::{Figure, Fix, Standing, Value, rules_digest};
use vedetta_checks::word::CheckId;

use super::material::{Judged, Material, declared};
use super::{Member, RollUp, RollUpKey};
use crate::asset::{Asset, AssetKey};
use crate::finding::{Finding, FindingState};
use crate::ids::{FindingId, OrganisationId};

/// The posture of one organisation at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationView {
    /// Which organisation.
    pub organisation: OrganisationId,
    /// Seen from inside.
    pub inside: FigureView,
    /// Seen from outside.
    pub outside: FigureView,
    /// Whether it was computed from all that the store holds. `false`: a read stopped at its limit, so neither figure
    /// has a total ("dati insufficienti"), whatever their coverage says, and every count is at least so much.
    pub is_complete: bool,
    /// Its retired hosts with findings that are still open. They no longer count; that they left without being mended
    /// is to be seen.
    pub left_with_open_failures: u32,
    /// Its assets that count, the one with most open findings first.
    pub assets: Vec<AssetLine>,
    /// Its open findings, in the order of the fixes; those of results that nobody can explain last.
    pub findings: Vec<Finding>,
    /// Checks of the packs in use that were pointed at nothing: listed, never scored.
    pub unassigned: Vec<CheckId>,
    /// When its newest result or confirmation arrived; `None`: never.
    pub last_received: Option<Timestamp>,
    /// Digest of the rules and packs that computed it.
    pub rules: [u8; 32],
}

/// A figure with what its fixes need to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FigureView {
    /// The figure.
    pub figure: Figure<AssetKey>,
    /// Its fixes in order, each with its pack and finding. The first is "fare oggi".
    pub fixes: Vec<FixLine>,
}

/// One thing to mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixLine {
    /// What, where, and what it gives.
    pub fix: Fix<AssetKey>,
    /// The pack whose texts say it.
    pub pack: PackDigest,
    /// The oldest finding of it that is open.
    pub finding: Option<FindingId>,
}

/// One asset in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetLine {
    /// The asset.
    pub asset: Asset,
    /// How many findings are open on it.
    pub open_findings: u32,
    /// How many of its results are judged and fresh.
    pub seen: u32,
    /// How many of its results are asked for.
    pub asked: u32,
    /// When its newest result or confirmation was seen; `None`: never.
    pub last_seen: Option<Timestamp>,
}

/// Computes the posture of one organisation.
#[must_use]
pub fn organisation_view(material: &Material<'_>, now: Timestamp) -> OrganisationView {
    let judged = material.judged();
    let inputs: Vec<_> = judged.iter().map(Judged::input).collect();
    let both = material.posture(&inputs, declared(material.organisation.perimeter), now);
    let open = material.open_findings();
    let inside = figure_view(both.inside, Vantage::Inside, &judged, &open);
    let outside = figure_view(both.outside, Vantage::Outside, &judged, &open);
    let standing: Vec<_> = inputs.iter().map(|input| (input.asset, Standing::of(input, now))).collect();
    let tested: BTreeSet<&CheckId> = judged.iter().map(|one| &one.result.key.check).collect();
    let known = material.packs.values().flat_map(|pack| &pack.checks).map(|check| &check.id);
    OrganisationView {
        organisation: material.organisation.id,
        is_complete: material.is_complete,
        left_with_open_failures: material.left_with_open_failures(),
        assets: asset_lines(material, &judged, &standing, &open),
        findings: in_order_of_fixes(&open, &[&inside, &outside]),
        unassigned: known.filter(|id| !tested.contains(id)).cloned().collect::<BTreeSet<_>>().into_iter().collect(),
        last_received: judged.iter().map(|one| one.result.received_at).max(),
        rules: rules_digest(judged.iter().map(|one| one.pack.digest)),
        inside,
        outside,
    }
}

fn figure_view(figure: Figure<AssetKey>, vantage: Vantage, judged: &[Judged<'_>], open: &[&Finding]) -> FigureView {
    let packs: BTreeMap<(AssetKey, &CheckId), PackDigest> = judged
        .iter()
        .filter(|one| one.result.key.vantage == vantage)
        .map(|one| ((one.result.key.asset, &one.result.key.check), one.pack.digest))
        .collect();
    let mut findings: BTreeMap<(AssetKey, &CheckId), &Finding> = BTreeMap::new();
    for finding in open.iter().filter(|finding| finding.key.vantage == vantage) {
        let oldest = findings.entry((finding.key.asset, &finding.key.check)).or_insert(finding);
        if since(finding) < since(oldest) {
            *oldest = finding;
        }
    }
    let fixes = figure
        .fixes
        .iter()
        .filter_map(|fix| {
            let key = (fix.asset, &fix.check);
            let finding = findings.get(&key).map(|finding| finding.id);
            Some(FixLine { pack: *packs.get(&key)?, finding, fix: fix.clone() })
        })
        .collect();
    FigureView { figure, fixes }
}

const fn since(finding: &Finding) -> Timestamp {
    match finding.state {
        FindingState::Open { since } | FindingState::Resolved { since, .. } => since,
    }
}

fn in_order_of_fixes(open: &[&Finding], views: &[&FigureView]) -> Vec<Finding> {
    let fixes = views.iter().flat_map(|view| &view.figure.fixes);
    let order: BTreeMap<(AssetKey, &CheckId), usize> =
        fixes.enumerate().map(|(place, fix)| ((fix.asset, &fix.check), place)).collect();
    let mut findings: Vec<Finding> = open.iter().map(|finding| (*finding).clone()).collect();
    findings.sort_by_key(|finding| order.get(&(finding.key.asset, &finding.key.check)).copied().unwrap_or(usize::MAX));
    findings
}

/// What was counted of one asset.
#[derive(Clone, Copy, Default)]
struct Tally {
    open_findings: u32,
    seen: u32,
    asked: u32,
    last_seen: Option<Timestamp>,
}

fn asset_lines(
    material: &Material<'_>,
    judged: &[Judged<'_>],
    standing: &[(AssetKey, Standing)],
    open: &[&Finding],
) -> Vec<AssetLine> {
    let mut tallies: BTreeMap<AssetKey, Tally> = BTreeMap::new();
    for (one, (asset, standing)) in judged.iter().zip(standing) {
        let tally = tallies.entry(*asset).or_default();
        tally.last_seen = tally.last_seen.max(Some(one.result.confirmed_at));
        match standing {
            Standing::Seen(_) => {
                tally.seen += 1;
                tally.asked += 1;
            }
            Standing::Held(_) | Standing::Missing => tally.asked += 1,
            Standing::NotApplicable => {}
        }
    }
    for finding in open {
        tallies.entry(finding.key.asset).or_default().open_findings += 1;
    }
    let mut lines: Vec<AssetLine> = material
        .active_assets()
        .map(|asset| {
            let Tally { open_findings, seen, asked, last_seen } = tallies.get(&asset.key).copied().unwrap_or_default();
            AssetLine { asset: asset.clone(), open_findings, seen, asked, last_seen }
        })
        .collect();
    lines.sort_by(|one, other| {
        other.open_findings.cmp(&one.open_findings).then_with(|| one.asset.name.cmp(&other.asset.name))
    });
    lines
}

fn count<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}

impl OrganisationView {
    /// What the page of a group needs of it.
    #[must_use]
    pub fn member(&self) -> Member {
        let failing = |view: &FigureView| -> BTreeSet<CheckId> {
            let failures = view.figure.fixes.iter().filter(|fix| fix.value == Value::Fail);
            failures.map(|fix| fix.check.clone()).collect()
        };
        let caps = |view: &FigureView| view.figure.caps.iter().map(|hit| hit.cap.clone()).collect();
        Member {
            organisation: self.organisation,
            inside: (self.inside.figure.total, caps(&self.inside), failing(&self.inside)),
            outside: (self.outside.figure.total, caps(&self.outside), failing(&self.outside)),
            coverage: self.inside.figure.coverage.share,
            open_findings: count(self.findings.iter()),
            last_received: self.last_received,
        }
    }

    /// The roll-up of a day: the figure from inside, as it was computed on that day.
    #[must_use]
    pub fn roll_up(&self, day: Date) -> RollUp {
        RollUp {
            key: RollUpKey { organisation: self.organisation, day },
            score: self.inside.figure.total.points().map(|points| points.0),
            coverage: self.inside.figure.coverage.share.0,
            open_findings: count(self.findings.iter()),
            rules: self.rules,
        }
    }
}
