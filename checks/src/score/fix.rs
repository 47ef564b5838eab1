//! What a mending gives, and what to mend first (rules 17 and 18 of the page).

use std::cmp::Reverse;

use jiff::Timestamp;

use super::figure::{Means, Sum, Sums, mean, under_caps};
use super::{CapHit, CapRule, Fix, Gain, Hundredths, PUBLIC_EXPOSURE, Total, Value, severity_weight};
use crate::target::Target;
use crate::verdict::{Category, Severity};
use crate::word::CheckId;

/// One failure before its gain is known.
pub(super) struct Failure<A> {
    pub(super) asset: A,
    pub(super) check: CheckId,
    pub(super) category: Category,
    pub(super) severity: Severity,
    pub(super) value: Value,
    pub(super) targets: Vec<Target>,
    pub(super) cap: Option<CapRule>,
    pub(super) is_supplier_owned: bool,
    pub(super) unseen_since: Option<Timestamp>,
}

pub(super) fn in_order<A: Ord + Clone>(
    failures: Vec<Failure<A>>,
    own: &Sums<A>,
    means: &Means,
    total: Total,
    caps: &[CapHit<A>],
) -> Vec<Fix<A>> {
    let mut fixes: Vec<_> = failures
        .into_iter()
        .map(|failure| {
            let gain = gain(&failure, own, means, total, caps);
            Fix {
                asset: failure.asset,
                check: failure.check,
                category: failure.category,
                severity: failure.severity,
                value: failure.value,
                targets: failure.targets,
                cap: failure.cap,
                is_supplier_owned: failure.is_supplier_owned,
                unseen_since: failure.unseen_since,
                gain,
            }
        })
        .collect();
    fixes.sort_by_cached_key(rank);
    fixes
}

/// Smaller comes first; check and asset break ties, so that the order never flickers.
fn rank<A: Ord + Clone>(fix: &Fix<A>) -> (u8, Reverse<u32>, Reverse<Value>, Reverse<Hundredths>, CheckId, A) {
    let ceiling = fix.cap.as_ref().map_or(u8::MAX, |cap| cap.ceiling);
    let is_public = fix.targets.iter().any(|target| *target != Target::Host);
    let exposure = if is_public { PUBLIC_EXPOSURE } else { 1 };
    let points = match &fix.gain {
        Gain::Points(points) => *points,
        Gain::NothingWhile(_) | Gain::NoTotal | Gain::SuppliersLine => Hundredths::default(),
    };
    let weight = Reverse(severity_weight(fix.severity) * exposure);
    (ceiling, weight, Reverse(fix.value), Reverse(points), fix.check.clone(), fix.asset.clone())
}

fn gain<A: Ord + Clone>(failure: &Failure<A>, own: &Sums<A>, means: &Means, total: Total, caps: &[CapHit<A>]) -> Gain {
    if failure.is_supplier_owned {
        return Gain::SuppliersLine;
    }
    let Some(points) = total.points() else { return Gain::NoTotal };
    let uncapped = mended_mean(failure, own, means).unwrap_or(points);
    let is_only_own =
        |hit: &&CapHit<A>| hit.by.iter().all(|(asset, check)| (asset, check) == (&failure.asset, &failure.check));
    let left: Vec<&CapRule> = caps.iter().filter(|hit| !is_only_own(hit)).map(|hit| &hit.cap).collect();
    let mended = under_caps(uncapped, left.iter().copied());
    if mended > points {
        return Gain::Points(Hundredths(mended.0 - points.0));
    }
    let holding: Vec<_> = left
        .into_iter()
        .filter(|cap| u32::from(cap.ceiling) * 100 <= points.0 && points < uncapped)
        .map(|cap| cap.name.clone())
        .collect();
    if holding.is_empty() { Gain::Points(Hundredths::default()) } else { Gain::NothingWhile(holding) }
}

/// The mean of the categories if this failure alone passed.
fn mended_mean<A: Ord + Clone>(failure: &Failure<A>, own: &Sums<A>, means: &Means) -> Option<Hundredths> {
    let sum = own.get(&failure.category)?.get(&failure.asset)?;
    let lost = (Value::Pass.halves() - failure.value.halves()) * severity_weight(failure.severity);
    let mended = Sum { earned: sum.earned + lost, asked: sum.asked };
    let mut means = means.clone();
    let category = means.get_mut(&failure.category)?;
    *category = category.with(sum.figure()?, mended.figure()?);
    mean(&means)
}
