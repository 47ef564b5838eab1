//! The table of a run for a person at a screen.

use vedetta_checks::language::Language;
use vedetta_checks::score::CategoryState;
use vedetta_checks::verdict::{Category, Severity};

use super::super::outline::moment;
use super::super::posture::points;
use super::super::texts::{self, first_sentence, pick, wrapped};
use super::{BatchReport, Standing, Summary};
use crate::batch::RowState;

/// Remedies and suppliers that are shown.
const TOP: usize = 10;
/// Widest name of a target or organisation, in characters; a longer one is cut.
const NAME_CHARACTERS_MAX: usize = 40;
/// Widest text of what to mend first, in characters.
const FIRST_CHARACTERS_MAX: usize = 60;

/// Writes the table.
#[must_use]
pub fn table(report: &BatchReport<'_>) -> String {
    let language = report.language;
    let say = |it, en| pick(language, it, en);
    let summary = Summary::of(report);
    let mut text = String::new();
    push(&mut text, &head(report, &summary));
    let packs: Vec<String> = report
        .packs
        .packs
        .iter()
        .map(|ready| {
            let pack = ready.compiled.pack();
            format!("{} {}", pack.title.get(language), pack.version)
        })
        .collect();
    push(&mut text, &wrapped(&format!("{} {}", say("Controlli:", "Checks:"), packs.join(", ")), 0));
    if !report.repeated.is_empty() {
        let lines: Vec<String> = report.repeated.iter().map(u64::to_string).collect();
        let what = say("Righe ripetute, lasciate fuori:", "Repeated lines, left out:");
        push(&mut text, &wrapped(&format!("{what} {}", lines.join(", ")), 0));
    }
    push(&mut text, &format!("\n{}", say("CHI HA PIÙ BISOGNO, DAL PRIMO", "WHO NEEDS HELP FIRST")));
    push(&mut text, &grid(&standings(&summary, language)));
    let legend = say(
        "Punti da 0 a 100 per categoria, visti da fuori; «forn.» se li gestisce un fornitore. «Non visti»: controlli che non hanno potuto decidere, mai contati come a posto.",
        "Points from 0 to 100 a category, seen from outside; \"suppl.\" where a supplier runs them. \"Not seen\": checks that could not decide, never counted as passed.",
    );
    push(&mut text, &wrapped(legend, 2));
    remedies(&mut text, &summary, language);
    suppliers(&mut text, &summary, language);
    if let Some(first) = summary.standings.first().filter(|standing| standing.first.is_some()) {
        push(
            &mut text,
            &format!(
                "\n{}",
                say(
                    "Il dettaglio di uno, e la lettera per chi lo gestisce:",
                    "The details of one, and the letter to whoever runs it:"
                )
            ),
        );
        push(&mut text, &format!("  vedetta-agent check --letter --target '{}'", first.row.entry.target));
    }
    text
}

fn push(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn head(report: &BatchReport<'_>, summary: &Summary<'_>) -> String {
    let count = |wanted: fn(&RowState) -> bool| report.rows.iter().filter(|row| wanted(&row.state)).count();
    let looked = count(|state| matches!(state, RowState::Looked(_)));
    let excluded = count(|state| matches!(state, RowState::Excluded));
    let broken = count(|state| matches!(state, RowState::BrokenOff));
    let wrong = summary.standings.iter().filter(|standing| !standing.failed.is_empty()).count();
    let at = moment(report.at);
    let mut text = match report.language {
        Language::It => format!("Vedetta: {looked} bersagli visti da fuori, {at}. Con qualcosa che non va: {wrong}."),
        Language::En => format!("Vedetta: {looked} targets seen from outside, {at}. With something wrong: {wrong}."),
    };
    for (number, it, en) in [(excluded, "Esclusi", "Excluded"), (broken, "Interrotti", "Broken off")] {
        if number > 0 {
            text.push_str(&format!(" {}: {number}.", pick(report.language, it, en)));
        }
    }
    text
}

fn standings(summary: &Summary<'_>, language: Language) -> Vec<Vec<String>> {
    let say = |it: &'static str, en: &'static str| pick(language, it, en).to_owned();
    let categories = summary.categories();
    let has_codes = summary.standings.iter().any(|standing| !standing.row.entry.organisation.is_empty());
    let mut titles = Vec::new();
    if has_codes {
        titles.push(say("Ente", "Code"));
    }
    titles.push(say("Bersaglio", "Target"));
    titles.extend(categories.iter().map(|category| texts::category(*category, language).to_owned()));
    titles.extend([
        say("Gravi", "Grave"),
        say("Altri", "Other"),
        say("Avvisi", "Warn."),
        say("Non visti", "Not seen"),
        say("Da fare per primo", "To do first"),
    ]);
    let mut lines = vec![titles];
    lines.extend(summary.standings.iter().map(|standing| line(standing, &categories, has_codes, language)));
    lines
}

fn line(standing: &Standing<'_>, categories: &[Category], has_codes: bool, language: Language) -> Vec<String> {
    let mut cells = Vec::new();
    if has_codes {
        cells.push(cut(&standing.row.entry.organisation, NAME_CHARACTERS_MAX));
    }
    let target = standing.row.entry.target.to_string();
    cells.push(cut(target.strip_prefix("dns:").unwrap_or(&target), NAME_CHARACTERS_MAX));
    let note = match &standing.row.state {
        RowState::Looked(_) => None,
        RowState::Excluded => Some(pick(language, "escluso: non guardato", "excluded: not looked at")),
        RowState::BrokenOff => Some(pick(language, "interrotto: non guardato", "broken off: not looked at")),
    };
    if let Some(note) = note {
        cells.extend(categories.iter().map(|_| "-".to_owned()));
        cells.extend(["-", "-", "-", "-", note].map(str::to_owned));
        return cells;
    }
    cells.extend(categories.iter().map(|category| figure(standing, *category, language)));
    let grave = standing.count(Severity::Critical) + standing.count(Severity::High);
    let other = standing.count(Severity::Medium) + standing.count(Severity::Low);
    cells.extend([grave, other, standing.warned, standing.unseen].map(|count| count.to_string()));
    cells.push(standing.first.map_or_else(
        || nothing(standing, language).to_owned(),
        |(check, result)| {
            let evidence = texts::brief(&result.evidence);
            let message = check.message(result.clause.as_ref(), &result.verdict, &evidence, language);
            cut(first_sentence(&message).0, FIRST_CHARACTERS_MAX)
        },
    ));
    cells
}

/// Why nothing stands first: all is well, or nothing could be judged.
fn nothing(standing: &Standing<'_>, language: Language) -> &'static str {
    let judged = standing.figure.as_ref().map_or((0, 0), |figure| (figure.coverage.asked, figure.coverage.judged));
    match judged {
        (0, _) => pick(language, "nessun controllo per questo bersaglio", "no check for this target"),
        (_, 0) => pick(language, "non è stato possibile guardare", "it could not be looked at"),
        _ => pick(language, "niente", "nothing"),
    }
}

/// The points of a category; who has them instead; or a dash where nothing could be seen.
fn figure(standing: &Standing<'_>, category: Category, language: Language) -> String {
    let own = standing.figure.as_ref().and_then(|figure| figure.categories.iter().find(|own| own.category == category));
    match own.map(|own| own.state) {
        Some(CategoryState::Measured(value)) => points(value, language),
        Some(CategoryState::SuppliersOnly) => pick(language, "forn.", "suppl.").to_owned(),
        Some(CategoryState::NoTarget | CategoryState::NothingApplies | CategoryState::NotSeen) | None => "-".to_owned(),
    }
}

fn remedies(text: &mut String, summary: &Summary<'_>, language: Language) {
    if summary.remedies.is_empty() {
        return;
    }
    push(text, &format!("\n{}", pick(language, "UN RIMEDIO PER MOLTI", "ONE FIX FOR MANY")));
    let mut lines = vec![vec![
        pick(language, "Non va", "Fails").to_owned(),
        pick(language, "Avvisi", "Warns").to_owned(),
        pick(language, "Gravità", "Severity").to_owned(),
        pick(language, "Obiettivo", "Goal").to_owned(),
    ]];
    lines.extend(summary.remedies.iter().take(TOP).map(|remedy| {
        vec![
            remedy.failed.to_string(),
            remedy.warned.to_string(),
            texts::severity(remedy.check.severity, language).to_owned(),
            format!("{} ({})", remedy.check.title.get(language), remedy.check.id),
        ]
    }));
    push(text, &grid(&lines));
}

fn suppliers(text: &mut String, summary: &Summary<'_>, language: Language) {
    if summary.suppliers.is_empty() {
        return;
    }
    push(text, &format!("\n{}", pick(language, "UN FORNITORE PER MOLTI", "ONE SUPPLIER FOR MANY")));
    let mut lines = vec![vec![
        pick(language, "Problemi", "Findings").to_owned(),
        pick(language, "Bersagli", "Targets").to_owned(),
        pick(language, "Fornitore", "Supplier").to_owned(),
    ]];
    lines.extend(summary.suppliers.iter().take(TOP).map(|line| {
        let seen =
            if line.is_named { "" } else { pick(language, " (dai nomi dei server)", " (from the servers' names)") };
        vec![line.findings.to_string(), line.targets.to_string(), format!("{}{seen}", line.name)]
    }));
    push(text, &grid(&lines));
}

/// Columns as wide as their widest cell, numbers to the right; the last one runs free.
fn grid(lines: &[Vec<String>]) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let is_number = |cell: &str| cell.chars().next().is_some_and(|first| first.is_ascii_digit() || first == '-');
    let numeric: Vec<bool> = (0..columns)
        .map(|column| {
            lines
                .iter()
                .skip(1)
                .filter_map(|line| line.get(column))
                .all(|cell| is_number(cell) && !cell.contains(['/', ':']))
        })
        .collect();
    let row = |cells: &Vec<String>| {
        let mut text = String::from(" ");
        for (column, cell) in cells.iter().enumerate() {
            let (width, numeric) =
                (widths.get(column).copied().unwrap_or_default(), numeric.get(column) == Some(&true));
            if column + 1 == columns {
                text.push_str(&format!(" {cell}"));
            } else if numeric {
                text.push_str(&format!(" {cell:>width$} "));
            } else {
                text.push_str(&format!(" {cell:<width$} "));
            }
        }
        text.trim_end().to_owned()
    };
    lines.iter().map(row).collect::<Vec<_>>().join("\n")
}

fn cut(text: &str, characters_max: usize) -> String {
    if text.chars().count() <= characters_max {
        return text.to_owned();
    }
    text.chars().take(characters_max.saturating_sub(1)).chain(['…']).collect()
}
