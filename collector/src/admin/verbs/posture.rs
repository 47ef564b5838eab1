//! Posture, as the pages show it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vedetta_checks::language::{Language, Localised};
use vedetta_checks::pack::Check;
use vedetta_checks::result::Vantage;
use vedetta_checks::score::{CategoryState, Fix, Gain, Total, Value};
use vedetta_checks::verdict::Verdict;
use vedetta_checks::word::CheckId;
use vedetta_core::asset::AssetKey;
use vedetta_core::organisation::OrganisationKind;
use vedetta_core::posture::{FigureView, GroupFigure, PacksByDigest, group_view};
use vedetta_core::result::CurrentResult;
use vedetta_core::store::Store;

use crate::admin::words::Words;
use crate::admin::{AdminError, Context, Verb, lookup};
use crate::jobs::roll_up;
use crate::material::{self, Seen};

/// `posture`.
#[derive(Debug)]
pub struct Show;

/// Whose.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ShowRequest {
    /// The organisation.
    pub organisation: String,
}

/// The posture of one organisation.
#[derive(Debug, Serialize, Deserialize)]
pub struct PostureAnswer {
    /// Its name.
    pub organisation: String,
    /// When it was computed.
    pub at: Timestamp,
    /// Seen from inside.
    pub inside: FigureAnswer,
    /// Seen from outside.
    pub outside: FigureAnswer,
    /// Open findings.
    pub open_findings: usize,
    /// Checks that were pointed at nothing: listed, never scored.
    pub unassigned: Vec<UnassignedLine>,
    /// When its newest result or confirmation arrived.
    pub last_received: Option<Timestamp>,
    /// Whether all that the store holds was read; else no total is given.
    pub is_complete: bool,
    /// Its Comuni, when it is a group of them.
    pub group: Option<GroupAnswer>,
}

/// A check that was pointed at nothing.
#[derive(Debug, Serialize, Deserialize)]
pub struct UnassignedLine {
    /// The check.
    pub check: String,
    /// Its title.
    pub title: Option<Localised>,
}

/// One figure.
#[derive(Debug, Serialize, Deserialize)]
pub struct FigureAnswer {
    /// `score`, `too_few_categories`, `coverage_too_low`, `never_measured`.
    pub state: String,
    /// After caps, in points; none: no total.
    pub points: Option<f64>,
    /// `A` to `E`.
    pub grade: Option<char>,
    /// Share of what should have been judged that was, in per cent.
    pub coverage: f64,
    /// Results judged and fresh, of those asked for.
    pub judged: (u32, u32),
    /// Measured of declared; none: the perimeter is not declared.
    pub perimeter: Option<(u32, u32)>,
    /// When the oldest result that counts was seen.
    pub oldest: Option<Timestamp>,
    /// Points of each measured category; none: not measured.
    pub categories: Vec<(String, Option<f64>)>,
    /// Name and ceiling of the caps that hold.
    pub caps: Vec<(String, u8)>,
    /// What to mend, first things first.
    pub fixes: Vec<FixAnswer>,
}

/// One thing to mend.
#[derive(Debug, Serialize, Deserialize)]
pub struct FixAnswer {
    /// The check.
    pub check: String,
    /// Its title.
    pub title: Option<Localised>,
    /// What was found, in the words of the check; none: no current result says it any more.
    pub found: Option<Words>,
    /// How to mend it.
    pub fix: Option<Localised>,
    /// On which asset.
    pub asset: String,
    /// `fail` or `warn`.
    pub verdict: String,
    /// Points that its mending gives; none: no total is printed, or other caps hold it.
    pub gain: Option<f64>,
    /// The caps that hold the total even when it is mended.
    pub nothing_while: Vec<String>,
    /// Whether a supplier mends it.
    pub supplier: bool,
    /// Not verified any more since.
    pub unseen_since: Option<Timestamp>,
}

/// The Comuni of a group.
#[derive(Debug, Serialize, Deserialize)]
pub struct GroupAnswer {
    /// How many there are.
    pub comuni: usize,
    /// Seen from inside.
    pub inside: GroupLine,
    /// Seen from outside.
    pub outside: GroupLine,
}

/// The figure of a group.
#[derive(Debug, Serialize, Deserialize)]
pub struct GroupLine {
    /// Mean over the Comuni that have a total.
    pub mean: Option<f64>,
    /// How many have one.
    pub measured: u32,
    /// How many have data, but too few.
    pub insufficient: u32,
    /// How many were never measured.
    pub never_measured: u32,
    /// Who needs help first.
    pub help_first: Vec<String>,
}

impl Verb for Show {
    const NAME: &'static str = "posture.show";
    type Request = ShowRequest;
    type Answer = PostureAnswer;

    async fn run<S: Store>(context: &Context<S>, request: ShowRequest) -> Result<PostureAnswer, AdminError> {
        let store = &context.shared.store;
        let (graph, _) = context.scope().await?;
        let node = lookup::organisation(&graph, &request.organisation)?;
        let now = context.now();
        let seen = material::view(store, node, now).await?;
        let view = &seen.view;
        let group = if node.kind == OrganisationKind::Comune {
            None
        } else {
            let mut members = BTreeMap::new();
            for comune in graph.comuni_beneath(node.id) {
                members.insert(comune.id, material::view(store, comune, now).await?.view.member());
            }
            let group = group_view(&graph, node.id, &members);
            let line = |figure: &GroupFigure| GroupLine {
                mean: figure.mean.map(|(mean, _)| f64::from(mean.0) / 100.0),
                measured: figure.measured,
                insufficient: figure.insufficient,
                never_measured: figure.never_measured,
                help_first: figure
                    .help_first
                    .iter()
                    .filter_map(|id| graph.get(*id))
                    .map(|one| one.name.clone())
                    .collect(),
            };
            Some(GroupAnswer { comuni: group.comuni.len(), inside: line(&group.inside), outside: line(&group.outside) })
        };
        Ok(PostureAnswer {
            organisation: node.name.clone(),
            at: now,
            inside: figure(&view.inside, Vantage::Inside, &seen),
            outside: figure(&view.outside, Vantage::Outside, &seen),
            open_findings: view.findings.len(),
            unassigned: view
                .unassigned
                .iter()
                .map(|id| UnassignedLine { check: id.to_string(), title: title(&seen.packs, id) })
                .collect(),
            last_received: view.last_received,
            is_complete: view.is_complete,
            group,
        })
    }
}

/// `posture roll-up`: writes today's roll-ups now, as the job does every few minutes.
#[derive(Debug)]
pub struct WriteRollUps;

impl Verb for WriteRollUps {
    const NAME: &'static str = "posture.write-roll-ups";
    type Request = ();
    type Answer = usize;

    async fn run<S: Store>(context: &Context<S>, (): ()) -> Result<usize, AdminError> {
        roll_up::write(&context.shared.store, context.now()).await
    }
}

fn title(packs: &PacksByDigest, id: &CheckId) -> Option<Localised> {
    packs.values().find_map(|pack| pack.check(id)).map(|check| check.title.clone())
}

fn points(hundredths: vedetta_checks::score::Hundredths) -> f64 {
    f64::from(hundredths.0) / 100.0
}

/// What the worst of the current results of one check on one asset says.
fn found(check: &Check, fix: &Fix<AssetKey>, vantage: Vantage, results: &[CurrentResult]) -> Option<Words> {
    let is_same = |result: &&CurrentResult| {
        result.key.asset == fix.asset && result.key.check == fix.check && result.key.vantage == vantage
    };
    let worst = |verdict: &Verdict| results.iter().filter(is_same).find(|result| result.result.verdict == *verdict);
    let result = &worst(&Verdict::Fail).or_else(|| worst(&Verdict::Warn))?.result;
    let message = |language| check.message(result.clause.as_ref(), &result.verdict, &result.evidence, language);
    Some(Words::new(message(Language::It), message(Language::En)))
}

fn figure(view: &FigureView, vantage: Vantage, seen: &Seen) -> FigureAnswer {
    let (organisation, packs) = (&seen.view, &seen.packs);
    let figure = &view.figure;
    let (state, total, grade) = match figure.total {
        Total::Score { points: total, grade, .. } => ("score", Some(points(total)), Some(grade.letter())),
        Total::TooFewCategories { .. } => ("too_few_categories", None, None),
        Total::CoverageTooLow => ("coverage_too_low", None, None),
        Total::NeverMeasured => ("never_measured", None, None),
    };
    let name = |key| {
        let line = organisation.assets.iter().find(|line| line.asset.key == key);
        line.map(|line| line.asset.name.clone()).unwrap_or_default()
    };
    let fixes = view.fixes.iter().map(|line| {
        let (fix, check) = (&line.fix, packs.get(&line.pack).and_then(|pack| pack.check(&line.fix.check)));
        let (gain, nothing_while) = match &fix.gain {
            Gain::Points(gain) => (Some(points(*gain)), Vec::new()),
            Gain::NothingWhile(caps) => (None, caps.iter().map(ToString::to_string).collect()),
            Gain::NoTotal | Gain::SuppliersLine => (None, Vec::new()),
        };
        FixAnswer {
            check: fix.check.to_string(),
            title: check.map(|check| check.title.clone()),
            found: check.and_then(|check| found(check, fix, vantage, &seen.results)),
            fix: check.map(|check| check.fix.clone()),
            asset: name(fix.asset),
            verdict: match fix.value {
                Value::Pass => "pass",
                Value::Warn => "warn",
                Value::Fail => "fail",
            }
            .to_owned(),
            gain,
            nothing_while,
            supplier: fix.is_supplier_owned,
            unseen_since: fix.unseen_since,
        }
    });
    FigureAnswer {
        state: state.to_owned(),
        points: total,
        grade,
        coverage: points(figure.coverage.share),
        judged: (figure.coverage.judged, figure.coverage.asked),
        perimeter: figure.coverage.perimeter.map(|perimeter| (perimeter.measured, perimeter.declared)),
        oldest: figure.coverage.oldest,
        categories: figure
            .categories
            .iter()
            .map(|category| {
                let measured = match category.state {
                    CategoryState::Measured(mean) => Some(points(mean)),
                    CategoryState::NoTarget
                    | CategoryState::NothingApplies
                    | CategoryState::NotSeen
                    | CategoryState::SuppliersOnly => None,
                };
                (category.category.word().to_owned(), measured)
            })
            .collect(),
        caps: figure.caps.iter().map(|hit| (hit.cap.name.to_string(), hit.cap.ceiling)).collect(),
        fixes: fixes.collect(),
    }
}
