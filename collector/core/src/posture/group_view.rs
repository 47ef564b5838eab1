//! What the page of a Zona Sociale, Unione, Provincia or Regione shows of its Comuni.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use vedetta_checks::result::Vantage;
use vedetta_checks::score::{CapRule, Grade, Hundredths, Total};
use vedetta_checks::word::CheckId;

use crate::ids::OrganisationId;
use crate::organisation::{Organisation, OrganisationGraph};

/// What a group needs of one Comune: of each figure the total, the caps that hold and the failing checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The Comune.
    pub organisation: OrganisationId,
    /// Seen from inside.
    pub inside: (Total, Vec<CapRule>, BTreeSet<CheckId>),
    /// Seen from outside.
    pub outside: (Total, Vec<CapRule>, BTreeSet<CheckId>),
    /// Coverage from inside.
    pub coverage: Hundredths,
    /// Open findings.
    pub open_findings: u32,
    /// When its newest result arrived; `None`: never.
    pub last_received: Option<Timestamp>,
}

/// A group of Comuni at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupView {
    /// The group.
    pub organisation: OrganisationId,
    /// Its Comuni by name; a demonstration does not count and is left out.
    pub comuni: Vec<OrganisationId>,
    /// Seen from inside.
    pub inside: GroupFigure,
    /// Seen from outside.
    pub outside: GroupFigure,
    /// Open findings in all.
    pub open_findings: u32,
}

/// The figure of a group from one vantage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupFigure {
    /// Mean over the Comuni that have a total, with its grade; `None`: none has.
    pub mean: Option<(Hundredths, Grade)>,
    /// How many Comuni have a total.
    pub measured: u32,
    /// How many have data, but too few for a total.
    pub insufficient: u32,
    /// How many were never measured.
    pub never_measured: u32,
    /// Who needs help first: the lowest total, or the lowest cap that holds where there is no total. Comuni of which
    /// neither is known are not ranked.
    pub help_first: Vec<OrganisationId>,
    /// The check that fails in most Comuni; `None`: none fails.
    pub common_failure: Option<CommonFailure>,
}

/// A check that fails in several Comuni: mending it once for all may be worth a common effort.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommonFailure {
    /// The check.
    pub check: CheckId,
    /// In how many Comuni it fails.
    pub comuni: u32,
}

/// The view of a group. Comuni that `members` does not hold were never measured.
#[must_use]
pub fn group_view(
    graph: &OrganisationGraph,
    top: OrganisationId,
    members: &BTreeMap<OrganisationId, Member>,
) -> GroupView {
    let comuni: Vec<&Organisation> =
        graph.comuni_beneath(top).into_iter().filter(|comune| !comune.is_demonstration).collect();
    let measured: Vec<&Member> = comuni.iter().filter_map(|comune| members.get(&comune.id)).collect();
    GroupView {
        organisation: top,
        inside: figure(comuni.len(), &measured, Vantage::Inside),
        outside: figure(comuni.len(), &measured, Vantage::Outside),
        open_findings: measured.iter().fold(0, |sum, member| sum.saturating_add(member.open_findings)),
        comuni: comuni.into_iter().map(|comune| comune.id).collect(),
    }
}

fn figure(comuni: usize, members: &[&Member], vantage: Vantage) -> GroupFigure {
    let sides: Vec<_> = members
        .iter()
        .map(|member| match vantage {
            Vantage::Inside => (member.organisation, &member.inside),
            Vantage::Outside => (member.organisation, &member.outside),
        })
        .collect();
    let mut totals = Vec::new();
    let mut insufficient = 0;
    let mut urgency = Vec::new();
    let mut failures: BTreeMap<&CheckId, u32> = BTreeMap::new();
    for (organisation, (total, caps, failing)) in &sides {
        match total {
            Total::Score { points, .. } => totals.push(*points),
            Total::TooFewCategories { .. } | Total::CoverageTooLow => insufficient += 1,
            Total::NeverMeasured => {}
        }
        let held = caps.iter().map(|cap| Hundredths(u32::from(cap.ceiling) * 100)).min();
        urgency.extend(total.points().or(held).map(|points| (points, *organisation)));
        for check in failing {
            *failures.entry(check).or_default() += 1;
        }
    }
    urgency.sort_unstable();
    let measured = u32::try_from(totals.len()).unwrap_or(u32::MAX);
    let all = u32::try_from(comuni).unwrap_or(u32::MAX);
    // Of two checks that fail in as many Comuni, the first by id: the answer must not flicker.
    let common = failures.into_iter().reduce(|best, one| if one.1 > best.1 { one } else { best });
    GroupFigure {
        mean: Hundredths::mean(totals).map(|mean| (mean, Grade::of(mean))),
        measured,
        insufficient,
        never_measured: all.saturating_sub(measured).saturating_sub(insufficient),
        help_first: urgency.into_iter().map(|(_, organisation)| organisation).collect(),
        common_failure: common.map(|(check, comuni)| CommonFailure { check: check.clone(), comuni }),
    }
}
