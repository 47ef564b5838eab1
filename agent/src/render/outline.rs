//! What a page for people says, and in which order, before it is laid out as text or HTML.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;
use vedetta_checks::language::Language;
use vedetta_checks::pack::Check;
use vedetta_checks::pack::trust::Trust;
use vedetta_checks::result::CheckResult;
use vedetta_checks::rome::ROME;
use vedetta_checks::score::Figure;
use vedetta_checks::target::Target;
use vedetta_checks::verdict::{Category, Owner, Severity, Verdict};
use vedetta_checks::word::Reason;

use super::{Report, place, posture, texts};

/// How many mends stand first.
const FIRST_MENDS: usize = 3;

/// One result for a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Id of the check.
    pub check: String,
    /// What is expected.
    pub title: String,
    /// What is wrong, in one sentence: the first of what was seen.
    pub headline: String,
    /// The rest of what was seen; empty when the headline says it all.
    pub rest: String,
    /// What was seen.
    pub message: String,
    /// Where, when it is not this host.
    pub target: String,
    /// How bad a failure is, as a word.
    pub severity: &'static str,
    /// Why it matters.
    pub why: String,
    /// How to mend it.
    pub fix: String,
    /// Who usually mends it.
    pub owner: Owner,
    /// Who mends it, and how much work it is.
    pub who: String,
    /// What the mend gains, when that is known.
    pub gain: String,
}

/// The page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// Language of the reader.
    pub language: Language,
    /// Name of the host.
    pub host_name: String,
    /// What was looked at, when that is one target and not this host; its lines then do not repeat it.
    pub about: Option<String>,
    /// Day and time in Europe/Rome.
    pub at: String,
    /// The packs, with a warning for one that is not signed.
    pub packs: Vec<String>,
    /// Packs that were refused.
    pub refused_packs: Vec<String>,
    /// The posture of each vantage, or why there is none.
    pub posture: Vec<String>,
    /// What of it each owner mends, scored apart, where a supplier mends something.
    pub owners: Vec<String>,
    /// The share that was judged, of each vantage.
    pub coverage: Vec<String>,
    /// What to do first.
    pub first: Vec<Line>,
    /// Failures, the worst first.
    pub failed: Vec<(Severity, Line)>,
    /// Warnings, the worst first.
    pub warned: Vec<Line>,
    /// What could not be looked at.
    pub not_seen: Vec<Line>,
    /// Checks that need administrator rights.
    pub needs_privilege: Vec<String>,
    /// What was not looked at because nobody named a target, by category with the number of checks.
    pub unassigned: Vec<String>,
    /// How many checks that are.
    pub unassigned_count: usize,
    /// What is in order.
    pub passed: Vec<Line>,
    /// What does not concern this host.
    pub not_applicable: Vec<Line>,
}

impl Outline {
    /// The page of a report.
    #[must_use]
    pub fn of(report: &Report<'_>) -> Self {
        let mut outline = Self::empty(report);
        let mut warned = Vec::new();
        for result in report.results {
            let Some((_, check)) = report.check_of(result) else { continue };
            let line = outline.line(check, result);
            match &result.verdict {
                Verdict::Pass => outline.passed.push(line),
                Verdict::Warn => warned.push((check.severity, line)),
                Verdict::Fail => outline.failed.push((check.severity, line)),
                Verdict::NotApplicable(_) => outline.not_applicable.push(line),
                Verdict::Error(why) | Verdict::NotTested(why) => {
                    if why.reason == Reason::NEEDS_PRIVILEGE && !report.is_root {
                        outline.needs_privilege.push(line.check.clone());
                    }
                    outline.not_seen.push(line);
                }
            }
        }
        outline.failed.sort_by_key(|(severity, _)| Reverse(*severity));
        warned.sort_by_key(|(severity, _)| Reverse(*severity));
        outline.warned = warned.into_iter().map(|(_, line)| line).collect();
        outline.add_figures(report);
        outline
    }

    /// Posture, coverage and the first mends. The figure from outside is shown when something was seen from there.
    fn add_figures(&mut self, report: &Report<'_>) {
        let language = report.language;
        let figures = posture::of(report.packs, report.scored(), false, report.at);
        let (from_inside, from_outside) = (&figures.posture.inside, &figures.posture.outside);
        let shown = |name: &str, figure: &Figure<String>| {
            let parts =
                posture::categories_text(figure, language).map_or_else(String::new, |parts| format!("; {parts}"));
            let total = posture::total_text(report, figure) + &parts;
            (format!("{name}{total}"), format!("{name}{}", posture::coverage_text(&figure.coverage, language)))
        };
        let inside = texts::pick(language, "da dentro: ", "from inside: ");
        let outside = texts::pick(language, "da fuori: ", "from outside: ");
        let has_outside = from_outside.coverage.asked > 0;
        let inside = if has_outside { inside } else { "" };
        for (name, figure, owners) in [(inside, from_inside, figures.inside), (outside, from_outside, figures.outside)]
            .into_iter()
            .take(1 + usize::from(has_outside))
        {
            let (total, coverage) = shown(name, figure);
            self.posture.push(total);
            self.owners.extend(owners.text(language).map(|text| format!("{name}{text}")));
            self.coverage.push(coverage);
        }
        let fixes = from_inside.fixes.iter().chain(&from_outside.fixes);
        for fix in fixes.take(FIRST_MENDS) {
            let is_own = |result: &&CheckResult| {
                result.check == fix.check && posture::asset(result) == fix.asset && fix.targets.contains(&result.target)
            };
            let Some(result) = report.results.iter().find(is_own) else { continue };
            let Some((_, check)) = report.check_of(result) else { continue };
            self.first.push(Line { gain: posture::gain_text(report, &fix.gain), ..self.line(check, result) });
        }
    }

    /// The failures, the worst first.
    #[must_use]
    pub fn failed(&self) -> Vec<&Line> {
        self.failed.iter().map(|(_, line)| line).collect()
    }

    /// How bad a failure is and for whom it is; the owner is said where a supplier mends something of this page.
    #[must_use]
    pub fn mark(&self, line: &Line) -> String {
        let mut wrong = self.failed.iter().map(|(_, line)| line).chain(&self.warned);
        if wrong.all(|line| line.owner == Owner::Comune) {
            return line.severity.to_owned();
        }
        format!("{}, {}", line.severity, texts::for_owner(line.owner, self.language))
    }

    fn line(&self, check: &Check, result: &CheckResult) -> Line {
        let line = line(check, result, self.language);
        if self.about.is_some() { Line { target: String::new(), ..line } } else { line }
    }

    fn empty(report: &Report<'_>) -> Self {
        let language = report.language;
        let pack_line = |ready: &crate::packs::ReadyPack| {
            let pack = ready.compiled.pack();
            let trust = match &ready.trust {
                Trust::Embedded => String::new(),
                Trust::Signed { key_id } => {
                    format!(" ({} {key_id})", texts::pick(language, "firmato con la chiave", "signed with key"))
                }
                Trust::Local => {
                    texts::pick(language, " (NON FIRMATO, dato a mano)", " (NOT SIGNED, given by hand)").to_owned()
                }
            };
            format!("{} {}{trust}", pack.title.get(language), pack.version)
        };
        Self {
            language,
            host_name: report.host_name.to_owned(),
            about: only_target(report),
            at: moment(report.at),
            packs: report.packs.packs.iter().map(pack_line).chain(feed_line(report)).collect(),
            refused_packs: report
                .packs
                .refused
                .iter()
                .map(|refusal| format!("{}: {}", refusal.pack, refusal.why))
                .collect(),
            posture: Vec::new(),
            owners: Vec::new(),
            coverage: Vec::new(),
            first: Vec::new(),
            failed: Vec::new(),
            warned: Vec::new(),
            not_seen: Vec::new(),
            needs_privilege: Vec::new(),
            unassigned: unassigned_by_category(report),
            unassigned_count: report.unassigned.len(),
            passed: Vec::new(),
            not_applicable: Vec::new(),
        }
    }
}

/// What waits for a target, in the words of the categories: a list of a hundred titles would hide what was found.
fn unassigned_by_category(report: &Report<'_>) -> Vec<String> {
    let mut counts: BTreeMap<Category, usize> = BTreeMap::new();
    for unassigned in &report.unassigned {
        let pack = report.packs.packs.get(unassigned.pack);
        let check = pack.and_then(|pack| pack.compiled.check(&unassigned.check));
        if let Some(check) = check {
            *counts.entry(check.check().category).or_default() += 1;
        }
    }
    counts
        .into_iter()
        .map(|(category, count)| format!("{} {count}", texts::category(category, report.language)))
        .collect()
}

/// The list of known vulnerabilities that this host was compared with, and whether a publisher stands behind it.
fn feed_line(report: &Report<'_>) -> Option<String> {
    let ready = report.packs.feed.as_ref()?;
    let (language, day) = (report.language, ready.feed.feed().published());
    let trust = if ready.feed.is_signed() {
        texts::pick(language, "firmate", "signed")
    } else {
        texts::pick(language, "NON FIRMATE, date a mano", "NOT SIGNED, given by hand")
    };
    Some(format!("{} {day} ({trust})", texts::pick(language, "Vulnerabilità note al", "Known vulnerabilities of")))
}

/// The one target of every result, when that is not this host.
fn only_target(report: &Report<'_>) -> Option<String> {
    let first = &report.results.first()?.target;
    let is_only = *first != Target::Host && report.results.iter().all(|result| result.target == *first);
    is_only.then(|| first.to_string())
}

fn line(check: &Check, result: &CheckResult, language: Language) -> Line {
    let target = match &result.target {
        Target::Host => String::new(),
        other @ (Target::Endpoint(_) | Target::Domain(_) | Target::Ports(_)) => other.to_string(),
    };
    let is_not_allowed = result.verdict.reason().is_some_and(|why| why.reason == Reason::NEEDS_ACTIVE);
    let message = if is_not_allowed {
        let what = texts::pick(
            language,
            "servono prove attive: con il permesso di chi gestisce il bersaglio, aggiungete --active",
            "active tests are needed: with the permission of whoever runs the target, add --active",
        );
        what.to_owned()
    } else {
        // What one target showed stands in full in its letter; of the host this page is all there is.
        let evidence =
            if result.target == Target::Host { result.evidence.clone() } else { texts::brief(&result.evidence) };
        check.message(result.clause.as_ref(), &result.verdict, &evidence, language)
    };
    let (headline, rest) = texts::first_sentence(&message);
    Line {
        check: check.id.to_string(),
        title: check.title.get(language).to_owned(),
        headline: headline.to_owned(),
        rest: rest.to_owned(),
        message,
        target,
        severity: texts::severity(check.severity, language),
        why: check.why.get(language).to_owned(),
        fix: place::filled(check.fix.get(language), &result.target, language),
        owner: check.owner_default,
        who: format!("{}, {}", texts::owner(check.owner_default, language), texts::effort(check.effort, language)),
        gain: String::new(),
    }
}

/// Day and time as people in Italy read them.
pub(super) fn moment(at: Timestamp) -> String {
    at.to_zoned(ROME.clone()).strftime("%d/%m/%Y %H:%M").to_string()
}
