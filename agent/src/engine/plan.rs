//! Which probe looks at which target, and which checks are judged by that look.

use std::collections::BTreeMap;
use std::time::Duration;

use vedetta_checks::catalogue::{ProbeCatalogue, Reach};
use vedetta_checks::judge::CompiledCheck;
use vedetta_checks::pack::Check;
use vedetta_checks::result::{AssetReference, Vantage};
use vedetta_checks::target::{Target, TargetKind};
use vedetta_checks::verdict::Category;
use vedetta_checks::word::{CheckId, ProbeName};

use crate::packs::PackSet;
use crate::targets::AllowedTarget;

/// Longest time for a look of a probe that this build does not have; it only has to say so.
const UNKNOWN_PROBE_DEADLINE: Duration = Duration::from_secs(5);

/// One check in a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCheck {
    /// Number of its pack in the set.
    pub pack: usize,
    /// The check.
    pub check: CheckId,
    /// How often it runs.
    pub every: Duration,
}

/// One look of one probe at one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// What the results are filed under.
    pub asset: AssetReference,
    /// The target, allowed by the host.
    pub target: AllowedTarget,
    /// From where.
    pub vantage: Vantage,
    /// The probe.
    pub probe: ProbeName,
    /// Longest time.
    pub deadline: Duration,
    /// Whether it needs an authorisation.
    pub needs_active: bool,
    /// The checks that are judged by it.
    pub checks: Vec<PlannedCheck>,
}

/// Which checks a plan takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlanFilter {
    /// Only this category.
    pub category: Option<Category>,
}

impl PlanFilter {
    fn takes(self, check: &Check) -> bool {
        self.category.is_none_or(|category| category == check.category)
    }
}

/// A check that has no target of its kind here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unassigned {
    /// Number of its pack in the set.
    pub pack: usize,
    /// The check.
    pub check: CheckId,
    /// What it would look at.
    pub kind: TargetKind,
}

/// Every look that the packs ask for at the targets.
#[must_use]
pub fn plan(
    packs: &PackSet,
    targets: &[(AssetReference, AllowedTarget, Vantage)],
    filter: PlanFilter,
    catalogue: &ProbeCatalogue,
) -> Vec<Look> {
    let mut looks: BTreeMap<(usize, ProbeName, bool), Look> = BTreeMap::new();
    for (pack_number, pack) in packs.packs.iter().enumerate() {
        for check in pack.compiled.checks().iter().map(CompiledCheck::check).filter(|check| filter.takes(check)) {
            for (number, (asset, target, vantage)) in targets.iter().enumerate() {
                if target.filed().kind() != check.target {
                    continue;
                }
                let needs_active = check.reach == Reach::Active && *target.filed() != Target::Host;
                let key = (number, check.probe.clone(), needs_active);
                let look = looks.entry(key).or_insert_with(|| Look {
                    asset: *asset,
                    target: target.clone(),
                    vantage: *vantage,
                    probe: check.probe.clone(),
                    deadline: Duration::ZERO,
                    needs_active,
                    checks: Vec::new(),
                });
                look.deadline = look.deadline.max(deadline(check, catalogue));
                look.checks.push(PlannedCheck { pack: pack_number, check: check.id.clone(), every: check.every });
            }
        }
    }
    looks.into_values().collect()
}

/// The checks of the packs that none of the targets fits: listed, never scored.
#[must_use]
pub fn unassigned(
    packs: &PackSet,
    targets: &[(AssetReference, AllowedTarget, Vantage)],
    filter: PlanFilter,
) -> Vec<Unassigned> {
    let fits = |check: &Check| targets.iter().any(|(_, target, _)| target.filed().kind() == check.target);
    let mut list = Vec::new();
    for (number, pack) in packs.packs.iter().enumerate() {
        let checks = pack.compiled.checks().iter().map(CompiledCheck::check);
        list.extend(checks.filter(|check| filter.takes(check) && !fits(check)).map(|check| Unassigned {
            pack: number,
            check: check.id.clone(),
            kind: check.target,
        }));
    }
    list
}

/// The check's own time, but never more than the probe's.
fn deadline(check: &Check, catalogue: &ProbeCatalogue) -> Duration {
    catalogue.get(&check.probe).map_or(UNKNOWN_PROBE_DEADLINE, |spec| spec.deadline.min(check.timeout))
}
