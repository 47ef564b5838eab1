//! The posture of one check run: the same formula as the collector's, over what was just seen.

use jiff::Timestamp;
use serde_json::{Value, json};
use vedetta_checks::language::Language;
use vedetta_checks::result::{AssetReference, CheckResult};
use vedetta_checks::score::{
    CapRule, CategoryState, Coverage, Declared, Figure, Gain, Hundredths, Input, Posture, Total, posture,
};
use vedetta_checks::target::Target;
use vedetta_checks::verdict::Owner;
use vedetta_checks::word::{CapName, CheckId};

use super::owners::{Owned, OwnerPoints};
use super::{Report, texts::pick};
use crate::packs::PackSet;

/// What the score calls an asset here: the host, a granted asset, or what a person typed.
pub(super) type Asset = String;

/// The asset of a result.
pub(super) fn asset(result: &CheckResult) -> Asset {
    match (result.asset, &result.target) {
        (AssetReference::Granted(grant), _) => grant.to_string(),
        (AssetReference::OwnHost, Target::Host) => "host".to_owned(),
        (AssetReference::OwnHost, target @ (Target::Endpoint(_) | Target::Domain(_) | Target::Ports(_))) => {
            target.to_string()
        }
    }
}

/// What a run saw, as figures.
#[derive(Debug)]
pub(super) struct Figures {
    /// Both figures. Nothing is declared here: the perimeter belongs to the organisation.
    pub(super) posture: Posture<Asset>,
    /// Of the figure from inside, what each owner mends.
    pub(super) inside: OwnerPoints,
    /// Of the figure from outside, what each owner mends.
    pub(super) outside: OwnerPoints,
}

/// The figures of some results. `has_supplier` says that a supplier is named who runs what was looked at: only then do the
/// checks that a supplier mends leave the mean (rule 14 of the score).
pub(super) fn of<'r>(
    packs: &PackSet,
    results: impl IntoIterator<Item = &'r CheckResult>,
    has_supplier: bool,
    at: Timestamp,
) -> Figures {
    let inputs: Vec<Owned> = results.into_iter().filter_map(|result| owned(packs, result, has_supplier)).collect();
    let [inside, outside] = OwnerPoints::of(&inputs, at);
    let inputs: Vec<Input<Asset>> = inputs.into_iter().map(|own| own.input).collect();
    Figures { posture: posture(&inputs, Declared::default(), at), inside, outside }
}

fn owned(packs: &PackSet, result: &CheckResult, has_supplier: bool) -> Option<Owned> {
    let (pack, check) = packs.check_of(result)?;
    let cap = check.cap.as_ref().and_then(|name| pack.cap(name));
    let input = Input {
        asset: asset(result),
        check: check.id.clone(),
        target: result.target.clone(),
        vantage: result.vantage,
        category: check.category,
        severity: check.severity,
        cap: cap.map(|cap| CapRule { ceiling: cap.ceiling, name: cap.name.clone() }),
        every: check.every,
        is_supplier_owned: has_supplier && check.owner_default == Owner::Supplier,
        verdict: result.verdict.clone(),
        observed_at: result.observed_at,
        last_judged: None,
    };
    Some(Owned { owner: check.owner_default, input })
}

/// Points for a reader: `78,99` in Italian.
pub(super) fn points(hundredths: Hundredths, language: Language) -> String {
    match language {
        Language::It => hundredths.to_string().replace('.', ","),
        Language::En => hundredths.to_string(),
    }
}

/// The total in words.
pub(super) fn total_text(report: &Report<'_>, figure: &Figure<Asset>) -> String {
    let language = report.language;
    let text = match figure.total {
        Total::Score { points: after, grade, .. } => match language {
            Language::It => format!("{} su 100, grado {}", points(after, language), grade.letter()),
            Language::En => format!("{} of 100, grade {}", points(after, language), grade.letter()),
        },
        Total::TooFewCategories { measured } => match language {
            Language::It => format!("dati insufficienti (categorie misurate: {measured})"),
            Language::En => format!("not enough data (categories measured: {measured})"),
        },
        Total::CoverageTooLow => {
            pick(language, "dati insufficienti (copertura troppo bassa)", "not enough data (coverage too low)")
                .to_owned()
        }
        Total::NeverMeasured => pick(language, "mai misurato", "never measured").to_owned(),
    };
    let caps: Vec<&str> = figure.caps.iter().map(|hit| cap_title(report, &hit.cap.name)).collect();
    if caps.is_empty() { text } else { format!("{text}; {} {}", pick(language, "tetto:", "cap:"), caps.join(", ")) }
}

/// The categories that were measured, where there is no total of them; nothing where there is one.
pub(super) fn categories_text(figure: &Figure<Asset>, language: Language) -> Option<String> {
    match figure.total {
        Total::TooFewCategories { .. } | Total::CoverageTooLow => {}
        Total::Score { .. } | Total::NeverMeasured => return None,
    }
    let told = figure.categories.iter().filter_map(|own| match own.state {
        CategoryState::Measured(figure) => {
            let name = super::texts::category(own.category, language);
            let of = pick(language, "su 100", "of 100");
            Some(format!("{name} {} {of}", points(figure, language)))
        }
        CategoryState::NoTarget
        | CategoryState::NothingApplies
        | CategoryState::NotSeen
        | CategoryState::SuppliersOnly => None,
    });
    let told = told.collect::<Vec<_>>().join(", ");
    (!told.is_empty()).then_some(told)
}

/// The coverage in words.
pub(super) fn coverage_text(coverage: &Coverage, language: Language) -> String {
    let share = points(coverage.share, language);
    let Coverage { judged, asked, .. } = coverage;
    match language {
        Language::It => {
            format!("{judged} controlli su {asked} hanno potuto decidere ({share}%), perimetro non dichiarato")
        }
        Language::En => format!("{judged} of {asked} checks could decide ({share}%), perimeter not declared"),
    }
}

/// What a cap is called in the packs of a report; its name when none of them has it.
fn cap_title<'a>(report: &'a Report<'_>, name: &'a CapName) -> &'a str {
    let cap = report.packs.packs.iter().find_map(|pack| pack.compiled.pack().cap(name));
    cap.map_or(name.as_str(), |cap| cap.title.get(report.language))
}

/// What a mending gives, in words; empty when no total is printed.
pub(super) fn gain_text(report: &Report<'_>, gain: &Gain) -> String {
    let language = report.language;
    match gain {
        Gain::Points(gained) => match language {
            Language::It => format!("+{} punti", points(*gained, language)),
            Language::En => format!("+{} points", points(*gained, language)),
        },
        Gain::NothingWhile(caps) => {
            let names: Vec<&str> = caps.iter().map(|name| cap_title(report, name)).collect();
            format!("+0 {} {}", pick(language, "finché resta:", "while this stays:"), names.join(", "))
        }
        Gain::NoTotal => String::new(),
        Gain::SuppliersLine => pick(language, "nella riga dei fornitori", "on the suppliers' line").to_owned(),
    }
}

/// Points as the contracts write them.
pub(super) fn number(hundredths: Hundredths) -> f64 {
    f64::from(hundredths.0) / 100.0
}

/// Who mends what a check finds: as its pack says.
fn owner_of(packs: &PackSet, check: &CheckId) -> Option<Owner> {
    packs.packs.iter().find_map(|pack| pack.compiled.check(check)).map(|own| own.check().owner_default)
}

/// One figure of the contract `check --format json`.
pub(super) fn figure_to_json(figure: &Figure<Asset>, owners: OwnerPoints, packs: &PackSet) -> Value {
    let (state, total, uncapped, grade) = match figure.total {
        Total::Score { points, uncapped, grade } => {
            ("score", Some(number(points)), Some(number(uncapped)), Some(grade.letter()))
        }
        Total::TooFewCategories { .. } => ("too_few_categories", None, None, None),
        Total::CoverageTooLow => ("coverage_too_low", None, None, None),
        Total::NeverMeasured => ("never_measured", None, None, None),
    };
    let categories: Vec<Value> = figure
        .categories
        .iter()
        .map(|own| {
            let (state, points) = match own.state {
                CategoryState::Measured(points) => ("measured", Some(number(points))),
                CategoryState::NoTarget => ("no_target", None),
                CategoryState::NothingApplies => ("nothing_applies", None),
                CategoryState::NotSeen => ("not_seen", None),
                CategoryState::SuppliersOnly => ("suppliers_only", None),
            };
            json!({ "category": own.category.word(), "state": state, "points": points, "coverage": own.coverage.map(number) })
        })
        .collect();
    let caps: Vec<Value> = figure
        .caps
        .iter()
        .map(|hit| {
            let by: Vec<Value> =
                hit.by.iter().map(|(asset, check)| json!({ "asset": asset, "check": check.as_str() })).collect();
            json!({ "name": hit.cap.name.as_str(), "ceiling": hit.cap.ceiling, "by": by })
        })
        .collect();
    let fixes: Vec<Value> = figure
        .fixes
        .iter()
        .map(|fix| {
            let (gain, held_by) = match &fix.gain {
                Gain::Points(points) => (Some(number(*points)), Vec::new()),
                Gain::NothingWhile(caps) => (Some(0.0), caps.iter().map(ToString::to_string).collect()),
                Gain::NoTotal | Gain::SuppliersLine => (None, Vec::new()),
            };
            let targets: Vec<String> = fix.targets.iter().map(ToString::to_string).collect();
            json!({ "asset": fix.asset, "check": fix.check.as_str(), "targets": targets, "gain": gain, "held_by": held_by, "owner": owner_of(packs, &fix.check) })
        })
        .collect();
    json!({
        "state": state,
        "total": total,
        "uncapped": uncapped,
        "grade": grade,
        "categories": categories,
        "owners": owners.to_json(),
        "suppliers": figure.suppliers.map(number),
        "caps": caps,
        "fixes": fixes,
    })
}

/// The coverage of the contract.
pub(super) fn coverage_to_json(coverage: &Coverage) -> Value {
    json!({
        "judged": coverage.judged,
        "asked": coverage.asked,
        "share": number(coverage.share),
        "perimeter": Value::Null,
        "oldest": coverage.oldest.map(|at| at.to_string()),
        "newest": coverage.newest.map(|at| at.to_string()),
    })
}
