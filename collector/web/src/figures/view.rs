//! A figure as a reader sees it: score, coverage and age always together, and what is missing in words.

use jiff::Timestamp;
use vedetta_checks::score::{Figure, Gain, Grade, Total};
use vedetta_checks::word::CapName;
use vedetta_core::asset::AssetKey;
use vedetta_core::posture::PacksByDigest;

use crate::texts::Texts;

/// One figure in words.
#[derive(Debug, Clone)]
pub(crate) struct FigureWords {
    /// The total as digits; empty when there is none.
    pub(crate) points: String,
    /// Its grade: `A`; empty when there is none.
    pub(crate) grade: &'static str,
    /// The grade as a word, or what is said instead of a total.
    pub(crate) word: &'static str,
    /// Style of the whole: `a` to `e`, `none`.
    pub(crate) style: &'static str,
    /// Why there is no total; empty when there is one.
    pub(crate) reason: String,
    /// `Copertura 86%`; empty when nothing was measured.
    pub(crate) coverage: String,
    /// `dato più vecchio: 3 ore fa`; empty when nothing was measured.
    pub(crate) age: String,
    /// `misurati 3 su 12 dichiarati`, or that nothing was declared; empty when nothing was measured.
    pub(crate) perimeter: String,
    /// The caps that hold, by name.
    pub(crate) caps: Vec<String>,
}

/// One figure in words.
pub(crate) fn figure_words(t: Texts, figure: &Figure<AssetKey>, packs: &PacksByDigest, now: Timestamp) -> FigureWords {
    let (points, grade, word, style, reason) = match figure.total {
        Total::Score { points, grade, .. } => {
            let (letter, style) = grade_style(grade);
            (t.number(points), letter, t.grade_word(grade), style, String::new())
        }
        Total::TooFewCategories { measured } => {
            (String::new(), "", t.insufficient(), "none", t.too_few_categories(measured))
        }
        Total::CoverageTooLow => (String::new(), "", t.insufficient(), "none", t.coverage_too_low().to_owned()),
        Total::NeverMeasured => (String::new(), "", t.never_measured(), "none", t.never_measured_more().to_owned()),
    };
    let is_measured = figure.total != Total::NeverMeasured;
    let coverage = &figure.coverage;
    let perimeter = coverage
        .perimeter
        .map_or_else(|| t.no_perimeter().to_owned(), |part| t.perimeter_is(part.measured, part.declared));
    let caps = figure.caps.iter().map(|hit| t.cap_ceiling(cap_title(packs, &hit.cap.name, t), hit.cap.ceiling));
    FigureWords {
        points,
        grade,
        word,
        style,
        reason,
        coverage: if is_measured { t.coverage_is(coverage.share) } else { String::new() },
        age: coverage.oldest.filter(|_| is_measured).map(|then| t.oldest_data(then, now)).unwrap_or_default(),
        perimeter: if is_measured { perimeter } else { String::new() },
        caps: caps.collect(),
    }
}

/// Letter and style of a grade.
pub(crate) const fn grade_style(grade: Grade) -> (&'static str, &'static str) {
    match grade {
        Grade::A => ("A", "a"),
        Grade::B => ("B", "b"),
        Grade::C => ("C", "c"),
        Grade::D => ("D", "d"),
        Grade::E => ("E", "e"),
    }
}

/// What a cap is, for a reader; its name when no pack at hand declares it.
pub(crate) fn cap_title<'a>(packs: &'a PacksByDigest, name: &'a CapName, t: Texts) -> &'a str {
    let cap = packs.values().find_map(|pack| pack.cap(name));
    cap.map_or(name.as_str(), |cap| cap.title.get(t.language()))
}

/// What a mending gives, in words.
pub(crate) fn gain_text(t: Texts, gain: &Gain, packs: &PacksByDigest) -> String {
    match gain {
        Gain::Points(points) => t.points_gained(*points),
        Gain::NothingWhile(caps) => {
            let titles: Vec<_> = caps.iter().map(|name| cap_title(packs, name, t).to_owned()).collect();
            t.nothing_while(&titles)
        }
        Gain::NoTotal => t.gain_no_total().to_owned(),
        Gain::SuppliersLine => t.gain_suppliers().to_owned(),
    }
}
