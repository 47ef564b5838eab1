//! The table of a run for a person at a screen.

use vedetta_checks::language::Language;
use vedetta_checks::score::{CategoryState, Hundredths};
use vedetta_checks::target::Target;
use vedetta_checks::verdict::{Category, Severity};
use vedetta_checks::word::Reason;

use super::super::outline::moment;
use super::super::texts::{self, first_sentence, pick, wrapped_at};
use super::grid::{Cell, Room, grid, without_middle};
use super::{BatchReport, Standing, Summary};
use crate::batch::RowState;

/// Remedies and suppliers that are shown.
const TOP: usize = 10;
/// Longest line, in characters.
const COLUMNS: usize = 120;
/// Widest code of an organisation, in characters; a longer one is cut.
const CODE_CHARACTERS_MAX: usize = 12;
/// Least width of the names of targets, in characters. JSON and CSV have all of a name.
const NAME_CHARACTERS_MIN: usize = 22;
/// Least width of what to mend, in characters.
const FIRST_CHARACTERS_MIN: usize = 30;

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
    paragraph(&mut text, 0, &format!("{} {}", say("Controlli:", "Checks:"), packs.join(", ")));
    if !report.repeated.is_empty() {
        let lines: Vec<String> = report.repeated.iter().map(u64::to_string).collect();
        let what = say("Righe ripetute, lasciate fuori:", "Repeated lines, left out:");
        paragraph(&mut text, 0, &format!("{what} {}", lines.join(", ")));
    }
    push(&mut text, &format!("\n{}", say("CHI HA PIÙ BISOGNO, DAL PRIMO", "WHO NEEDS HELP FIRST")));
    let columns = Columns::of(&summary);
    push(&mut text, &columns.grid(&summary, language));
    columns.legend(&mut text, language);
    remedies(&mut text, &summary, language);
    suppliers(&mut text, &summary, language);
    next_step(&mut text, &summary, language);
    text
}

fn push(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn paragraph(text: &mut String, indent: usize, words: &str) {
    push(text, &wrapped_at(words, indent, COLUMNS));
}

fn head(report: &BatchReport<'_>, summary: &Summary<'_>) -> String {
    let count = |wanted: fn(&RowState) -> bool| report.rows.iter().filter(|row| wanted(&row.state)).count();
    let blind = summary.standings.iter().filter(|standing| standing.is_blind()).count();
    let looked = count(|state| matches!(state, RowState::Looked(_))) - blind;
    let excluded = count(|state| matches!(state, RowState::Excluded));
    let broken = count(|state| matches!(state, RowState::BrokenOff));
    let wrong = summary.standings.iter().filter(|standing| !standing.failed.is_empty()).count();
    let at = moment(report.at);
    let mut text = match report.language {
        Language::It => format!("Vedetta: {looked} bersagli visti da fuori, {at}. Con qualcosa che non va: {wrong}."),
        Language::En => format!("Vedetta: {looked} targets seen from outside, {at}. With something wrong: {wrong}."),
    };
    for (number, it, en) in [
        (blind, "Impossibili da guardare", "Impossible to look at"),
        (excluded, "Esclusi", "Excluded"),
        (broken, "Interrotti", "Broken off"),
    ] {
        if number > 0 {
            text.push_str(&format!(" {}: {number}.", pick(report.language, it, en)));
        }
    }
    text
}

/// Which columns a run needs: those that would be empty are left out.
struct Columns {
    categories: Vec<Category>,
    has_codes: bool,
    has_suppliers: bool,
    has_caps: bool,
}

impl Columns {
    fn of(summary: &Summary<'_>) -> Self {
        let any = |has: fn(&Standing<'_>) -> bool| summary.standings.iter().any(has);
        Self {
            categories: summary.categories(),
            has_codes: any(|standing| !standing.row.entry.organisation.is_empty()),
            has_suppliers: any(|standing| standing.suppliers().is_some()),
            has_caps: any(|standing| standing.ceiling().is_some()),
        }
    }

    fn grid(&self, summary: &Summary<'_>, language: Language) -> String {
        let say = |it, en| pick(language, it, en);
        let mut titles = Vec::new();
        titles.extend(self.has_codes.then(|| say("Ente", "Code")));
        titles.push(say("Bersaglio", "Target"));
        titles.extend(self.categories.iter().map(|category| title(*category, language)));
        titles.extend(self.has_suppliers.then(|| say("Forn.", "Suppl.")));
        titles.extend(self.has_caps.then(|| say("Tetto", "Cap")));
        titles.extend([say("Gravi", "Grave"), say("Altri", "Other"), say("Avvisi", "Warn.")]);
        titles.extend([say("Ignoti", "Unseen"), say("Da fare per primo", "To do first")]);
        let lines: Vec<Vec<Cell>> =
            summary.standings.iter().map(|standing| self.line(standing, titles.len(), language)).collect();
        let name = usize::from(self.has_codes);
        let (name_min, last_min) = (NAME_CHARACTERS_MIN, FIRST_CHARACTERS_MIN);
        grid(&titles, &lines, Some(Room { columns: COLUMNS, name, name_min, last_min }))
    }

    fn line(&self, standing: &Standing<'_>, columns: usize, language: Language) -> Vec<Cell> {
        let entry = &standing.row.entry;
        let mut cells = Vec::new();
        if self.has_codes {
            cells.push(Cell::text(without_middle(&entry.organisation, CODE_CHARACTERS_MAX)));
        }
        cells.push(Cell::text(name(&entry.target)));
        let note = match &standing.row.state {
            RowState::Looked(_) => None,
            RowState::Excluded => Some(pick(language, "escluso: non guardato", "excluded: not looked at")),
            RowState::BrokenOff => Some(pick(language, "interrotto: non guardato", "broken off: not looked at")),
        };
        if let Some(note) = note {
            cells.resize(columns.saturating_sub(1), Cell::number("-"));
            cells.push(Cell::text(note));
            return cells;
        }
        let or_dash = |value: Option<String>| Cell::number(value.unwrap_or_else(|| "-".to_owned()));
        cells.extend(self.categories.iter().map(|category| figure(standing, *category, language)));
        if self.has_suppliers {
            cells.push(or_dash(standing.suppliers().map(whole)));
        }
        if self.has_caps {
            cells.push(or_dash(standing.ceiling().map(|ceiling| ceiling.to_string())));
        }
        let grave = standing.count(Severity::Critical) + standing.count(Severity::High);
        let other = standing.count(Severity::Medium) + standing.count(Severity::Low);
        cells.extend([grave, other, standing.warned, standing.unseen].map(Cell::number));
        cells.push(Cell::text(first(standing, language)));
        cells
    }

    fn legend(&self, text: &mut String, language: Language) {
        let say = |it, en| pick(language, it, en);
        let mut lines = vec![say(
            "Punti interi da 0 a 100 per categoria, visti da fuori; un trattino dove non si è potuto misurare.",
            "Whole points from 0 to 100 a category, seen from outside; a dash where nothing could be measured.",
        )];
        lines.extend(self.has_suppliers.then(|| {
            say(
                "Forn.: i punti di ciò che corregge il fornitore scritto nell'elenco; «forn.» dove tutta la categoria è sua.",
                "Suppl.: the points of what the supplier in the list mends; \"suppl.\" where the whole category is its own.",
            )
        }));
        lines.extend(self.has_caps.then(|| {
            say(
                "Tetto: un problema così serio che, finché resta, il totale non supera quei punti.",
                "Cap: a problem so serious that, while it stays, the total does not go above these points.",
            )
        }));
        lines.push(say(
            "Gravi: controlli non superati di gravità critica o alta. Altri: non superati di gravità media o bassa.",
            "Grave: failed checks of critical or high severity. Other: failed ones of medium or low severity.",
        ));
        lines.push(say(
            "Avvisi: da migliorare. Ignoti: controlli che non hanno potuto decidere, mai contati come a posto.",
            "Warn.: to improve. Unseen: checks that could not decide, never counted as passed.",
        ));
        lines.into_iter().for_each(|line| paragraph(text, 2, line));
    }
}

/// A target as short as it can be told: the port of a site goes without saying.
fn name(target: &Target) -> String {
    match target {
        Target::Host => target.to_string(),
        Target::Domain(name) => name.to_string(),
        Target::Ports(ports) => ports.server.to_string(),
        Target::Endpoint(endpoint) => match endpoint.starttls {
            Some(protocol) => format!("{}:{} {}", endpoint.server, endpoint.port, protocol.word()),
            None => format!("{}:{}", endpoint.server, endpoint.port),
        },
    }
}

/// A category in a word.
const fn title(category: Category, language: Language) -> &'static str {
    match category {
        Category::Tls => "TLS",
        Category::Web => "Web",
        Category::Dns => "DNS",
        Category::Mail => pick(language, "Posta", "Mail"),
        Category::Patch | Category::Services | Category::Host | Category::Software | Category::Governance => {
            texts::category(category, language)
        }
    }
}

/// What to do first, or why nothing stands first: all is well, or nothing could be judged.
fn first(standing: &Standing<'_>, language: Language) -> String {
    if let Some((check, result)) = standing.first {
        let evidence = texts::brief(&result.evidence);
        let message = check.message(result.clause.as_ref(), &result.verdict, &evidence, language);
        return first_sentence(&message).0.to_owned();
    }
    if standing.asked() == 0 {
        return pick(language, "nessun controllo per questo bersaglio", "no check for this target").to_owned();
    }
    match (standing.blind_reason(), &standing.row.entry.target) {
        (None, _) => pick(language, "niente", "nothing").to_owned(),
        (Some(reason), Target::Domain(_)) if *reason == Reason::NAME_NOT_FOUND => {
            pick(language, "IL DOMINIO NON ESISTE", "THE DOMAIN DOES NOT EXIST").to_owned()
        }
        (Some(reason), _) => {
            let what = pick(language, "non visto", "not seen");
            format!("{what}: {}", vedetta_checks::reason::text(reason, language))
        }
    }
}

/// The points of a category; who has them instead; or a dash where nothing could be seen.
fn figure(standing: &Standing<'_>, category: Category, language: Language) -> Cell {
    let own = standing.figure.as_ref().and_then(|figure| figure.categories.iter().find(|own| own.category == category));
    Cell::number(match own.map(|own| own.state) {
        Some(CategoryState::Measured(value)) => whole(value),
        Some(CategoryState::SuppliersOnly) => pick(language, "forn.", "suppl.").to_owned(),
        Some(CategoryState::NoTarget | CategoryState::NothingApplies | CategoryState::NotSeen) | None => "-".to_owned(),
    })
}

/// Points for a glance: whole ones, rounded down, so that only what is whole is 100.
fn whole(points: Hundredths) -> String {
    (points.0 / 100).to_string()
}

fn remedies(text: &mut String, summary: &Summary<'_>, language: Language) {
    if summary.remedies.is_empty() {
        return;
    }
    push(text, &format!("\n{}", pick(language, "UN RIMEDIO PER MOLTI", "ONE FIX FOR MANY")));
    let titles = match language {
        Language::It => ["Non va", "Avvisi", "Gravità", "Chi", "Obiettivo"],
        Language::En => ["Fails", "Warns", "Severity", "Who", "Goal"],
    };
    let line = |remedy: &super::Remedy<'_>| {
        vec![
            Cell::number(remedy.failed),
            Cell::number(remedy.warned),
            Cell::text(texts::severity(remedy.check.severity, language)),
            Cell::text(texts::owner(remedy.check.owner_default, language)),
            Cell::text(format!("{} ({})", remedy.check.title.get(language), remedy.check.id)),
        ]
    };
    let lines: Vec<Vec<Cell>> = summary.remedies.iter().take(TOP).map(line).collect();
    push(text, &grid(&titles, &lines, None));
    let more = summary.remedies.len().saturating_sub(TOP);
    rest(text, more, language);
}

fn suppliers(text: &mut String, summary: &Summary<'_>, language: Language) {
    if summary.suppliers.is_empty() {
        return;
    }
    push(text, &format!("\n{}", pick(language, "UN FORNITORE PER MOLTI", "ONE SUPPLIER FOR MANY")));
    let titles = match language {
        Language::It => ["Problemi", "Bersagli", "Fornitore"],
        Language::En => ["Findings", "Targets", "Supplier"],
    };
    let line = |line: &super::SupplierLine| {
        let seen =
            if line.is_named { "" } else { pick(language, " (dai nomi dei server)", " (from the servers' names)") };
        vec![Cell::number(line.findings), Cell::number(line.targets), Cell::text(format!("{}{seen}", line.name))]
    };
    let lines: Vec<Vec<Cell>> = summary.suppliers.iter().take(TOP).map(line).collect();
    push(text, &grid(&titles, &lines, None));
    rest(text, summary.suppliers.len().saturating_sub(TOP), language);
}

/// How many more there are than the table shows.
fn rest(text: &mut String, more: usize, language: Language) {
    match language {
        _ if more == 0 => {}
        Language::It => push(text, &format!("  ... e ancora {more}: tutti con --format json")),
        Language::En => push(text, &format!("  ... and {more} more: all with --format json")),
    }
}

fn next_step(text: &mut String, summary: &Summary<'_>, language: Language) {
    let Some(standing) = summary.standings.first().filter(|standing| standing.first.is_some()) else { return };
    let how = pick(
        language,
        "Il dettaglio di uno, e la lettera per chi lo gestisce (--letter):",
        "The details of one, and the letter to whoever runs it (--letter):",
    );
    let category = standing.first.map_or("dns", |(check, _)| check.category.word());
    let target = &standing.row.entry.target;
    push(text, &format!("\n{how}\n  vedetta-agent check --category {category} --target '{target}'"));
    push(text, &format!("  vedetta-agent check --letter --target '{target}'"));
}
