//! From standings to the figure of one vantage (rules 6 to 16 of the page).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::fix::{self, Failure};
use super::{
    AssetFigure, CATEGORIES_MIN, COVERAGE_FLOOR, CapHit, CapRule, CategoryFigure, CategoryState, Coverage, Declared,
    Figure, Grade, Hundredths, Input, PerimeterCoverage, Standing, Total, Value, severity_weight,
};
use crate::result::Vantage;
use crate::target::TargetKind;
use crate::verdict::Category;
use crate::word::CheckId;

/// Points and weight of one category of one asset, in halves of a point.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    pub(super) earned: u32,
    pub(super) asked: u32,
}

impl Sum {
    pub(super) fn figure(self) -> Option<Hundredths> {
        Hundredths::share(u64::from(self.earned), u64::from(self.asked))
    }
}

/// The sums of one side (own or suppliers') by category, then asset.
pub(super) type Sums<A> = BTreeMap<Category, BTreeMap<A, Sum>>;

/// The figures of one category's assets, added up.
#[derive(Debug, Clone, Copy)]
pub(super) struct CategoryMean {
    sum: u64,
    count: u64,
}

impl CategoryMean {
    fn of<A: Ord>(assets: &BTreeMap<A, Sum>) -> Self {
        let figures = assets.values().filter_map(|sum| sum.figure());
        figures.fold(Self { sum: 0, count: 0 }, |mean, figure| Self {
            sum: mean.sum + u64::from(figure.0),
            count: mean.count + 1,
        })
    }

    /// The mean of the category.
    pub(super) fn figure(self) -> Option<Hundredths> {
        Hundredths::mean_of(self.sum, self.count)
    }

    /// The same with another figure of one asset.
    pub(super) fn with(self, before: Hundredths, after: Hundredths) -> Self {
        Self { sum: self.sum.saturating_sub(u64::from(before.0)) + u64::from(after.0), count: self.count }
    }
}

/// The measured categories.
pub(super) type Means = BTreeMap<Category, CategoryMean>;

/// The worst of one check on one asset.
struct Worst<'a, A> {
    input: &'a Input<A>,
    value: Value,
    failing: Vec<(&'a Input<A>, Standing)>,
}

pub(super) fn compute<A: Ord + Clone>(
    inputs: &[Input<A>],
    vantage: Vantage,
    declared: Declared,
    now: Timestamp,
) -> Figure<A> {
    let standing: Vec<_> =
        inputs.iter().filter(|input| input.vantage == vantage).map(|input| (input, Standing::of(input, now))).collect();
    let worst = worst_by_check(&standing);
    let own = sums(worst.values().filter(|worst| !worst.input.is_supplier_owned));
    let suppliers = sums(worst.values().filter(|worst| worst.input.is_supplier_owned));
    let coverage = coverage(&standing, vantage, declared);
    let means = category_means(&own);
    let uncapped = mean(&means);
    let failures: Vec<Failure<A>> = worst.into_values().filter_map(|worst| failure(worst, vantage)).collect();
    let caps = caps(&failures);
    let total = total(uncapped, means.len(), &coverage, &caps);
    Figure {
        total,
        categories: categories(&standing, &means),
        coverage,
        fixes: fix::in_order(failures, &own, &means, total, &caps),
        caps,
        suppliers: mean(&category_means(&suppliers)),
        worst_asset: worst_asset(&own),
    }
}

fn worst_by_check<'a, A: Ord + Clone>(standing: &[(&'a Input<A>, Standing)]) -> BTreeMap<(A, CheckId), Worst<'a, A>> {
    let mut worst: BTreeMap<(A, CheckId), Worst<'a, A>> = BTreeMap::new();
    for (input, standing) in standing {
        let (Standing::Seen(seen) | Standing::Held(seen)) = *standing else { continue };
        let entry = worst.entry((input.asset.clone(), input.check.clone())).or_insert_with(|| Worst {
            input,
            value: seen.value,
            failing: Vec::new(),
        });
        if seen.value > entry.value {
            entry.input = input;
            entry.value = seen.value;
        }
        if seen.value > Value::Pass {
            entry.failing.push((input, *standing));
        }
    }
    worst
}

fn sums<'a, A: Ord + Clone + 'a>(worst: impl Iterator<Item = &'a Worst<'a, A>>) -> Sums<A> {
    let mut sums = Sums::new();
    for one in worst {
        let weight = severity_weight(one.input.severity);
        let sum = sums.entry(one.input.category).or_default().entry(one.input.asset.clone()).or_insert(Sum::default());
        sum.asked += 2 * weight;
        sum.earned += one.value.halves() * weight;
    }
    sums
}

fn category_means<A: Ord>(sums: &Sums<A>) -> Means {
    sums.iter().map(|(category, assets)| (*category, CategoryMean::of(assets))).collect()
}

/// The mean of the categories.
pub(super) fn mean(means: &Means) -> Option<Hundredths> {
    Hundredths::mean(means.values().filter_map(|mean| mean.figure()))
}

fn failure<A: Ord + Clone>(worst: Worst<'_, A>, vantage: Vantage) -> Option<Failure<A>> {
    if worst.value == Value::Pass {
        return None;
    }
    let seen_at = |standing: &Standing| match standing {
        Standing::Held(seen) => Some(seen.at),
        Standing::Seen(_) | Standing::Missing | Standing::NotApplicable => None,
    };
    let is_held = worst.failing.iter().all(|(_, standing)| matches!(standing, Standing::Held(_)));
    let unseen_since = worst.failing.iter().filter_map(|(_, standing)| seen_at(standing)).max();
    // What a supplier runs caps only the figure from outside.
    let sets_cap = worst.value == Value::Fail && (vantage == Vantage::Outside || !worst.input.is_supplier_owned);
    Some(Failure {
        asset: worst.input.asset.clone(),
        check: worst.input.check.clone(),
        category: worst.input.category,
        severity: worst.input.severity,
        value: worst.value,
        targets: worst.failing.iter().map(|(input, _)| input.target.clone()).collect(),
        cap: worst.input.cap.clone().filter(|_| sets_cap),
        is_supplier_owned: worst.input.is_supplier_owned,
        unseen_since: unseen_since.filter(|_| is_held),
    })
}

/// The caps that hold, lowest ceiling first.
fn caps<A: Ord + Clone>(failures: &[Failure<A>]) -> Vec<CapHit<A>> {
    let mut hits: BTreeMap<CapRule, Vec<(A, CheckId)>> = BTreeMap::new();
    for failure in failures {
        if let Some(cap) = &failure.cap {
            hits.entry(cap.clone()).or_default().push((failure.asset.clone(), failure.check.clone()));
        }
    }
    hits.into_iter().map(|(cap, by)| CapHit { cap, by }).collect()
}

fn total<A>(uncapped: Option<Hundredths>, measured: usize, coverage: &Coverage, caps: &[CapHit<A>]) -> Total {
    let Some(uncapped) = uncapped else {
        return if coverage.judged == 0 { Total::NeverMeasured } else { Total::TooFewCategories { measured } };
    };
    if measured < CATEGORIES_MIN {
        return Total::TooFewCategories { measured };
    }
    if coverage.share < COVERAGE_FLOOR {
        return Total::CoverageTooLow;
    }
    let points = under_caps(uncapped, caps.iter().map(|hit| &hit.cap));
    Total::Score { points, uncapped, grade: Grade::of(points) }
}

pub(super) fn under_caps<'a>(uncapped: Hundredths, caps: impl Iterator<Item = &'a CapRule>) -> Hundredths {
    caps.map(|cap| Hundredths(u32::from(cap.ceiling) * 100)).fold(uncapped, Ord::min)
}

fn categories<A>(standing: &[(&Input<A>, Standing)], means: &Means) -> Vec<CategoryFigure> {
    Category::ALL
        .into_iter()
        .map(|category| {
            let own: Vec<_> = standing.iter().filter(|(input, _)| input.category == category).collect();
            let (judged, asked) = counts(own.iter().map(|(_, standing)| standing));
            let state = match means.get(&category).and_then(|mean| mean.figure()) {
                Some(mean) => CategoryState::Measured(mean),
                None if own.is_empty() => CategoryState::NoTarget,
                None if asked == 0 => CategoryState::NothingApplies,
                None if judged > 0 => CategoryState::SuppliersOnly,
                None => CategoryState::NotSeen,
            };
            CategoryFigure { category, state, coverage: Hundredths::share(u64::from(judged), u64::from(asked)) }
        })
        .collect()
}

/// How many were judged and are fresh, and how many were asked for.
fn counts<'a>(standing: impl Iterator<Item = &'a Standing>) -> (u32, u32) {
    standing.fold((0, 0), |(judged, asked), standing| match standing {
        Standing::Seen(_) => (judged + 1, asked + 1),
        Standing::Held(_) | Standing::Missing => (judged, asked + 1),
        Standing::NotApplicable => (judged, asked),
    })
}

fn coverage<A: Ord>(standing: &[(&Input<A>, Standing)], vantage: Vantage, declared: Declared) -> Coverage {
    let (judged, asked) = counts(standing.iter().map(|(_, standing)| standing));
    let seen = || {
        standing.iter().filter_map(|(input, standing)| match standing {
            Standing::Seen(seen) => Some((*input, seen.at)),
            Standing::Held(_) | Standing::Missing | Standing::NotApplicable => None,
        })
    };
    let measured = |kind: TargetKind| {
        let assets: BTreeSet<&A> =
            seen().filter(|(input, _)| input.target.kind() == kind).map(|(input, _)| &input.asset).collect();
        u32::try_from(assets.len()).unwrap_or(u32::MAX)
    };
    let parts = match vantage {
        Vantage::Inside => vec![(declared.hosts, TargetKind::Host)],
        Vantage::Outside => vec![(declared.domains, TargetKind::Domain), (declared.sites, TargetKind::Endpoint)],
    };
    let perimeter = parts
        .into_iter()
        .filter_map(|(declared, kind)| {
            let declared = declared.filter(|declared| *declared > 0)?;
            Some(PerimeterCoverage { measured: measured(kind).min(declared), declared })
        })
        .reduce(|one, other| PerimeterCoverage {
            measured: one.measured.saturating_add(other.measured),
            declared: one.declared.saturating_add(other.declared),
        });
    let (measured, declared) = perimeter.map_or((1, 1), |part| (u64::from(part.measured), u64::from(part.declared)));
    let share = Hundredths::share(u64::from(judged) * measured, u64::from(asked) * declared).unwrap_or_default();
    Coverage {
        judged,
        asked,
        perimeter,
        share,
        oldest: seen().map(|(_, at)| at).min(),
        newest: seen().map(|(_, at)| at).max(),
    }
}

fn worst_asset<A: Ord + Clone>(own: &Sums<A>) -> Option<AssetFigure<A>> {
    let mut by_asset: BTreeMap<&A, Vec<(Category, Hundredths)>> = BTreeMap::new();
    for (category, assets) in own {
        for (asset, sum) in assets {
            by_asset.entry(asset).or_default().extend(sum.figure().map(|figure| (*category, figure)));
        }
    }
    by_asset
        .into_iter()
        .filter_map(|(asset, categories)| {
            let mean = Hundredths::mean(categories.iter().map(|(_, figure)| *figure))?;
            Some(AssetFigure { asset: asset.clone(), mean, categories })
        })
        .min_by_key(|figure| figure.mean)
}
