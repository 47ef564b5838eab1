//! The letter to the supplier who runs a site or service: plain text, ready to paste into a mail.
//!
//! What the supplier must mend comes first, each point with what was seen, why it matters and what to do; then what the
//! Comune mends itself, what could not be looked at, and how to verify. Names that the program cannot know stand in square
//! brackets.

use std::cmp::Reverse;

use vedetta_checks::evidence::EvidenceValue;
use vedetta_checks::language::Language;
use vedetta_checks::pack::Check;
use vedetta_checks::pack::template::value_text;
use vedetta_checks::result::{CheckResult, Vantage};
use vedetta_checks::target::Target;
use vedetta_checks::verdict::{Owner, Verdict};
use vedetta_checks::word::Reason;

use super::step::{self, Part};
use super::texts::{first_sentence, pick, severity, wrapped_at};
use super::{Report, outline, place, texts};

/// Longest line of a letter, in characters; a command or a single word may be longer.
pub(super) const COLUMNS: usize = 78;

/// Where the words of a step stand, in characters.
const STEP_INDENT: usize = 8;

/// Where the commands of a step stand, in characters.
const COMMAND_INDENT: usize = 10;

/// One result with its check.
struct Point<'a> {
    check: &'a Check,
    result: &'a CheckResult,
}

/// What was seen of one target.
struct Subject<'a> {
    target: &'a Target,
    /// What the supplier mends: failures before warnings, the worst first.
    supplier: Vec<Point<'a>>,
    /// What the Comune mends itself.
    comune: Vec<Point<'a>>,
    unseen: Vec<Point<'a>>,
    /// Every result, for the facts that hold for the whole.
    all: Vec<&'a CheckResult>,
}

/// Writes the letter on every site, service and domain of a report.
#[must_use]
pub fn letter(report: &Report<'_>) -> String {
    let subjects = subjects(report);
    let wanted: Vec<&Subject<'_>> = subjects.iter().filter(|subject| !subject.supplier.is_empty()).collect();
    let mut writer = Writer { language: report.language, text: String::new() };
    if wanted.is_empty() {
        writer.nothing(&subjects);
        return writer.text;
    }
    writer.head(&wanted);
    for subject in &wanted {
        writer.subject(report, subject);
    }
    writer.foot();
    writer.text
}

/// The results by target, in their order; the host itself is no supplier's.
fn subjects<'a>(report: &Report<'a>) -> Vec<Subject<'a>> {
    let mut subjects: Vec<Subject<'a>> = Vec::new();
    for result in report.results.iter().filter(|result| result.target != Target::Host) {
        let Some((_, check)) = report.check_of(result) else { continue };
        if !subjects.iter().any(|own| *own.target == result.target) {
            let (supplier, comune, unseen) = (Vec::new(), Vec::new(), Vec::new());
            subjects.push(Subject { target: &result.target, supplier, comune, unseen, all: Vec::new() });
        }
        let Some(own) = subjects.iter_mut().find(|own| *own.target == result.target) else { continue };
        own.all.push(result);
        let point = Point { check, result };
        match (&result.verdict, check.owner_default) {
            (Verdict::Fail | Verdict::Warn, Owner::Supplier) => own.supplier.push(point),
            (Verdict::Fail | Verdict::Warn, Owner::Comune) => own.comune.push(point),
            (Verdict::Error(_) | Verdict::NotTested(_), _) => own.unseen.push(point),
            (Verdict::Pass | Verdict::NotApplicable(_), _) => {}
        }
    }
    for own in &mut subjects {
        own.supplier.sort_by_key(|point| (point.result.verdict == Verdict::Warn, Reverse(point.check.severity)));
    }
    subjects
}

/// Lines of a letter in one language.
struct Writer {
    language: Language,
    text: String,
}

impl Writer {
    const fn say(&self, it: &'static str, en: &'static str) -> &'static str {
        pick(self.language, it, en)
    }

    /// One paragraph; backquotes, which mark commands in the checks, become plain quotation marks.
    fn line(&mut self, indent: usize, text: &str) {
        self.text.push_str(&wrapped_at(text, indent, COLUMNS).replace('`', "\""));
        self.text.push('\n');
    }

    fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A list item: the mark, then the text beside it.
    fn item(&mut self, indent: usize, mark: &str, text: &str) {
        let hang = indent + mark.chars().count() + 1;
        let body = wrapped_at(text, hang, COLUMNS).replace('`', "\"");
        let item = format!("{}{mark} {}", " ".repeat(indent), body.trim_start());
        self.text.push_str(item.trim_end());
        self.text.push('\n');
    }

    fn nothing(&mut self, subjects: &[Subject<'_>]) {
        self.line(0, self.say("Non c'è nulla da chiedere al fornitore.", "There is nothing to ask the supplier for."));
        for subject in subjects {
            self.unseen(subject);
        }
    }

    fn head(&mut self, wanted: &[&Subject<'_>]) {
        let names: Vec<String> = wanted.iter().map(|subject| name(subject.target)).collect();
        let about =
            self.say("Oggetto: richiesta di correzioni di sicurezza per", "Subject: request for security mends of");
        self.line(0, &format!("{about} {}", names.join(", ")));
        self.blank();
        self.line(0, self.say("Spett.le [nome del fornitore],", "Dear [name of the supplier],"));
        self.blank();
        let opening = self.say(
            "il [Comune di ...] ha controllato con un programma libero (Vedetta) ciò che gestite per suo conto. Vi \
             chiediamo di correggere i punti che seguono, dal più grave. Per ognuno trovate che cosa è stato visto, \
             perché conta e che cosa fare; in fondo, come verificare.",
            "the [Comune of ...] has checked what you run on its behalf with a free program (Vedetta). We ask you to \
             mend the following points, the gravest first. For each you find what was seen, why it matters and what to \
             do; at the end, how to verify.",
        );
        self.line(0, opening);
    }

    fn subject(&mut self, report: &Report<'_>, subject: &Subject<'_>) {
        self.blank();
        self.line(0, &name(subject.target).to_uppercase());
        self.blank();
        self.seen(report, subject);
        for (number, point) in subject.supplier.iter().enumerate() {
            self.blank();
            self.point(number + 1, point);
        }
        self.comune(subject);
        self.unseen(subject);
        self.verify(subject);
    }

    /// What exactly was looked at, when, from where, with what and against which policy.
    fn seen(&mut self, report: &Report<'_>, subject: &Subject<'_>) {
        let fact = |label: &str| {
            let values = subject.all.iter().filter_map(|result| result.evidence.get(label));
            let seen = values.filter(|value| !matches!(value, EvidenceValue::Unknown(_)));
            seen.map(|value| value_text(value, self.language)).find(|text| !text.is_empty())
        };
        let from = match subject.all.first().map(|result| result.vantage) {
            Some(Vantage::Outside) => self.say("da fuori, dal computer", "from outside, from the host"),
            Some(Vantage::Inside) | None => self.say("dal computer", "from the host"),
        };
        let mut packs: Vec<String> = Vec::new();
        for (pack, _) in subject.all.iter().filter_map(|result| report.check_of(result)) {
            let text = format!("{} {}", pack.id, pack.version);
            if !packs.contains(&text) {
                packs.push(text);
            }
        }
        let at = subject.all.iter().map(|result| result.observed_at).max().unwrap_or(report.at);
        let with = self.say("controlli", "checks");
        let mut rows = vec![(self.say("Bersaglio:", "Target:"), subject.target.to_string())];
        rows.extend(fact("address").map(|address| (self.say("Indirizzo:", "Address:"), address)));
        rows.push((
            self.say("Quando:", "When:"),
            format!("{} ({})", outline::moment(at), self.say("ora italiana", "Italian time")),
        ));
        rows.push((self.say("Da dove:", "From where:"), format!("{from} {}", report.host_name)));
        let version = env!("CARGO_PKG_VERSION");
        rows.push((self.say("Come:", "How:"), format!("vedetta-agent {version}, {with} {}", packs.join(", "))));
        rows.extend(fact("profile").map(|profile| (self.say("Profilo:", "Policy:"), profile)));
        for (title, value) in rows {
            self.item(2, &format!("{title:<11}"), &value);
        }
    }

    fn point(&mut self, number: usize, point: &Point<'_>) {
        let (check, result, language) = (point.check, point.result, self.language);
        let brief = texts::brief(&result.evidence);
        let message = check.message(result.clause.as_ref(), &result.verdict, &brief, language);
        let grave = match result.verdict {
            Verdict::Warn => self.say("da migliorare", "to improve"),
            Verdict::Fail | Verdict::Pass | Verdict::NotApplicable(_) | Verdict::Error(_) | Verdict::NotTested(_) => {
                severity(check.severity, language)
            }
        };
        let kind = if result.verdict == Verdict::Fail { self.say("gravità ", "severity ") } else { "" };
        let (headline, rest) = first_sentence(&message);
        self.item(0, &format!("{number}."), &format!("{headline} [{kind}{grave}]"));
        self.line(3, &format!("{} {} ({})", self.say("Obiettivo:", "Goal:"), check.title.get(language), check.id));
        if !rest.is_empty() {
            self.line(3, &format!("{} {rest}", self.say("Visto:", "Seen:")));
        }
        for field in &check.evidence {
            let Some(value) = result.evidence.get(field.label.as_str()) else { continue };
            let text = value_text(value, language);
            let is_told = text.trim().is_empty() || message.contains(text.trim()) || text.len() < 4;
            let is_head = ["address", "profile"].contains(&field.label.as_str());
            if is_told || is_head || matches!(value, EvidenceValue::Unknown(_)) {
                continue;
            }
            match value {
                EvidenceValue::List { items, total } if texts::is_long(value) => {
                    self.item(5, "-", &format!("{} ({total}):", field.title.get(language)));
                    items.iter().for_each(|item| self.item(9, "", item));
                }
                EvidenceValue::List { .. }
                | EvidenceValue::Bool(_)
                | EvidenceValue::Int(_)
                | EvidenceValue::Text(_)
                | EvidenceValue::Time(_)
                | EvidenceValue::Unknown(_) => self.item(5, "-", &format!("{}: {text}", field.title.get(language))),
            }
        }
        let (why, _) = first_sentence(check.why.get(language));
        self.line(3, &format!("{} {why}.", self.say("Perché conta:", "Why it matters:")));
        self.line(3, self.say("Che cosa fare:", "What to do:"));
        self.steps(&place::filled(check.fix.get(language), &result.target, language));
    }

    /// The steps of a mend. What the Comune asks its supplier is left out: this is the supplier's letter.
    fn steps(&mut self, fix: &str) {
        for (number, step) in step::for_the_supplier(fix).enumerate() {
            let mut mark = format!("{}.", number + 1);
            for part in step::parts(step) {
                match part {
                    Part::Words(words) if mark.is_empty() => self.line(STEP_INDENT, &words),
                    Part::Words(words) => self.item(STEP_INDENT - mark.len() - 1, &mark, &words),
                    Part::Command(command) => {
                        if !mark.is_empty() {
                            self.item(STEP_INDENT - mark.len() - 1, &mark, "");
                        }
                        self.command(COMMAND_INDENT, command);
                    }
                }
                mark.clear();
            }
        }
    }

    fn comune(&mut self, subject: &Subject<'_>) {
        if subject.comune.is_empty() {
            return;
        }
        self.blank();
        self.line(0, self.say("Per conoscenza: a questo pensa il Comune", "For information: the Comune sees to this"));
        for Point { check, result } in &subject.comune {
            let message = check.message(result.clause.as_ref(), &result.verdict, &result.evidence, self.language);
            self.item(2, "-", &message);
        }
    }

    /// What could not be looked at, each reason once with its checks.
    fn unseen(&mut self, subject: &Subject<'_>) {
        let mut reasons: Vec<(&Reason, Vec<&str>)> = Vec::new();
        for Point { check, result } in &subject.unseen {
            let Some(why) = result.verdict.reason() else { continue };
            let title = check.title.get(self.language);
            match reasons.iter_mut().find(|(reason, _)| **reason == why.reason) {
                Some((_, titles)) => titles.push(title),
                None => reasons.push((&why.reason, vec![title])),
            }
        }
        if reasons.is_empty() {
            return;
        }
        self.blank();
        self.line(0, self.say("Non è stato possibile guardare", "What could not be looked at"));
        for (reason, titles) in reasons {
            let text = vedetta_checks::reason::text(reason, self.language);
            self.item(2, "-", &format!("{text}: {}", titles.join("; ")));
        }
    }

    fn verify(&mut self, subject: &Subject<'_>) {
        let is_active = |point: &Point<'_>| point.check.reach == vedetta_checks::catalogue::Reach::Active;
        self.blank();
        self.line(0, self.say("Come verificare la correzione", "How to verify the mend"));
        for command in place::verify(subject.target, self.language, subject.supplier.iter().any(is_active)) {
            self.command(4, &command);
        }
    }

    /// A command on one line of its own, however long, so that it can be copied.
    fn command(&mut self, indent: usize, command: &str) {
        self.text.push_str(&format!("{}{command}\n", " ".repeat(indent)));
    }

    fn foot(&mut self) {
        self.blank();
        let closing = self.say(
            "Vi preghiamo di scriverci entro il [data] quando ogni punto sarà corretto, e di mandarci poi l'esito della \
             verifica. Se un punto non si può correggere, indicateci perché e che cosa proponete.",
            "Please write to us by [date] when each point will be mended, and then send us what the verification said. If \
             a point cannot be mended, tell us why and what you propose.",
        );
        self.line(0, closing);
        self.blank();
        self.line(0, self.say("Cordiali saluti", "Kind regards"));
        self.blank();
        for line in [
            self.say("[nome e cognome]", "[name and surname]"),
            self.say("[ruolo], [Comune di ...]", "[role], [Comune of ...]"),
            self.say("[telefono, indirizzo di posta]", "[telephone, mail address]"),
        ] {
            self.line(0, line);
        }
    }
}

/// A target as people name it.
fn name(target: &Target) -> String {
    match target {
        Target::Host => String::new(),
        Target::Domain(name) => name.to_string(),
        Target::Ports(ports) => ports.server.to_string(),
        Target::Endpoint(endpoint) if endpoint.port == 443 => endpoint.expected_name(),
        Target::Endpoint(endpoint) => format!("{}:{}", endpoint.expected_name(), endpoint.port),
    }
}
