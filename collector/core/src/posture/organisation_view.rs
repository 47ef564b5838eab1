//! What the page of one organisation shows.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use vedetta_checks::result::{PackDigest, Vantage};
use vedetta_checks::score::{Figure, Fix, Standing, Value, posture, rules_digest};
use vedetta_checks::word::CheckId;

use super::material::{Judged, Material, declared};
use super::{Member, RollUp, RollUpKey};
use crate::asset::{Asset, AssetKey};
use crate::finding::Finding;
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
    let both = posture(&inputs, declared(material.organisation.perimeter), now);
    let open = material.open_findings();
    let inside = figure_view(both.inside, Vantage::Inside, &judged, &open);
    let outside = figure_view(both.outside, Vantage::Outside, &judged, &open);
    let standing: Vec<_> = inputs.iter().map(|input| (input.asset, Standing::of(input, now))).collect();
    let tested: BTreeSet<&CheckId> = judged.iter().map(|one| &one.result.key.check).collect();
    let known = material.packs.values().flat_map(|pack| &pack.checks).map(|check| &check.id);
    OrganisationView {
        organisation: material.organisation.id,
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
    let fixes = figure
        .fixes
        .iter()
        .filter_map(|fix| {
            let finding = open.iter().find(|finding| is_of(finding, fix) && finding.key.vantage == vantage);
            Some(FixLine {
                pack: *packs.get(&(fix.asset, &fix.check))?,
                finding: finding.map(|finding| finding.id),
                fix: fix.clone(),
            })
        })
        .collect();
    FigureView { figure, fixes }
}

fn is_of(finding: &Finding, fix: &Fix<AssetKey>) -> bool {
    finding.key.asset == fix.asset && finding.key.check == fix.check
}

fn in_order_of_fixes(open: &[&Finding], views: &[&FigureView]) -> Vec<Finding> {
    let order: Vec<&Fix<AssetKey>> = views.iter().flat_map(|view| &view.figure.fixes).collect();
    let mut findings: Vec<Finding> = open.iter().map(|finding| (*finding).clone()).collect();
    findings.sort_by_cached_key(|finding| order.iter().position(|fix| is_of(finding, fix)).unwrap_or(usize::MAX));
    findings
}

fn asset_lines(
    material: &Material<'_>,
    judged: &[Judged<'_>],
    standing: &[(AssetKey, Standing)],
    open: &[&Finding],
) -> Vec<AssetLine> {
    let mut lines: Vec<AssetLine> = material
        .active_assets()
        .map(|asset| AssetLine {
            asset: asset.clone(),
            open_findings: count(open.iter().filter(|finding| finding.key.asset == asset.key)),
            seen: count(standing.iter().filter(|(key, one)| *key == asset.key && matches!(one, Standing::Seen(_)))),
            asked: count(standing.iter().filter(|(key, one)| *key == asset.key && *one != Standing::NotApplicable)),
            last_seen: judged
                .iter()
                .filter(|one| one.result.key.asset == asset.key)
                .map(|one| one.result.confirmed_at)
                .max(),
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
