//! Sentences with numbers and names in them, and the words of our enums.

use jiff::{SignedDuration, Timestamp};
use vedetta_checks::language::Language;
use vedetta_checks::score::{Grade, Hundredths};
use vedetta_checks::verdict::{Category, Effort, Severity, Verdict};
use vedetta_core::organisation::OrganisationKind;
use vedetta_core::workstation::WorkstationCount;

use super::Texts;

impl Texts {
    /// A number of points or per cent with one decimal, none when it is whole: `79`, `78,9`.
    pub(crate) fn number(self, value: Hundredths) -> String {
        let tenths = (value.0 + 5) / 10;
        let comma = self.pick(",", ".");
        if tenths.is_multiple_of(10) {
            (tenths / 10).to_string()
        } else {
            format!("{}{comma}{}", tenths / 10, tenths % 10)
        }
    }

    pub(crate) fn percent(self, value: Hundredths) -> String {
        format!("{}%", self.number(value))
    }

    /// How many workstations fail or warn at one check, of those that could be judged.
    pub(crate) fn workstations(self, count: &WorkstationCount) -> String {
        let of = |part: usize| match self.language() {
            Language::It => format!("{part} di {} postazioni", count.judged()),
            Language::En => format!("{part} of {} workstations", count.judged()),
        };
        let mut parts = Vec::new();
        if count.failing > 0 || count.warning == 0 {
            parts.push(of(count.failing));
        }
        if count.warning > 0 {
            parts.push(format!("{} {}", of(count.warning), self.pick("con un avviso", "with a warning")));
        }
        if count.not_seen > 0 {
            parts.push(format!("{} {}", count.not_seen, self.pick("senza risposta", "without an answer")));
        }
        parts.join("; ")
    }

    /// How long ago something was: "3 ore fa".
    pub(crate) fn ago(self, then: Timestamp, now: Timestamp) -> String {
        let minutes = now.duration_since(then).max(SignedDuration::ZERO).as_mins();
        let (count, it, en) = match minutes {
            0 => return self.pick("adesso", "just now").to_owned(),
            1 => return self.pick("un minuto fa", "a minute ago").to_owned(),
            2..60 => (minutes, "minuti", "minutes"),
            60..120 => return self.pick("un'ora fa", "an hour ago").to_owned(),
            120..2_880 => (minutes / 60, "ore", "hours"),
            _ => (minutes / 1_440, "giorni", "days"),
        };
        match self.language() {
            Language::It => format!("{count} {it} fa"),
            Language::En => format!("{count} {en} ago"),
        }
    }

    /// Time left to a deadline, or how long it is over.
    pub(crate) fn left(self, left: SignedDuration) -> String {
        let hours = left.as_hours().abs();
        let span = match (hours, self.language()) {
            (0, Language::It) => "meno di un'ora".to_owned(),
            (0, Language::En) => "less than an hour".to_owned(),
            (1, Language::It) => "un'ora".to_owned(),
            (1, Language::En) => "an hour".to_owned(),
            (hours, Language::It) => format!("{hours} ore"),
            (hours, Language::En) => format!("{hours} hours"),
        };
        match (left.is_negative(), self.language()) {
            (false, Language::It) if hours < 2 => format!("manca {span}"),
            (false, Language::It) => format!("mancano {span}"),
            (false, Language::En) => format!("{span} left"),
            (true, Language::It) => format!("passato da {span}"),
            (true, Language::En) => format!("over for {span}"),
        }
    }

    pub(crate) fn coverage_is(self, share: Hundredths) -> String {
        match self.language() {
            Language::It => format!("Copertura {}", self.percent(share)),
            Language::En => format!("Coverage {}", self.percent(share)),
        }
    }

    pub(crate) fn oldest_data(self, then: Timestamp, now: Timestamp) -> String {
        match self.language() {
            Language::It => format!("dato più vecchio: {}", self.ago(then, now)),
            Language::En => format!("oldest data: {}", self.ago(then, now)),
        }
    }

    pub(crate) fn perimeter_is(self, measured: u32, declared: u32) -> String {
        match self.language() {
            Language::It => format!("misurati {measured} su {declared} dichiarati"),
            Language::En => format!("{measured} measured of {declared} declared"),
        }
    }

    pub(crate) fn too_few_categories(self, measured: usize) -> String {
        match self.language() {
            Language::It => format!("Settori misurati: {measured}. Ne servono almeno 4 per un punteggio onesto."),
            Language::En => format!("Areas measured: {measured}. An honest score needs at least 4."),
        }
    }

    pub(crate) fn points_gained(self, points: Hundredths) -> String {
        match self.language() {
            Language::It => format!("+{} punti", self.number(points)),
            Language::En => format!("+{} points", self.number(points)),
        }
    }

    pub(crate) fn nothing_while(self, caps: &[String]) -> String {
        match self.language() {
            Language::It => format!("+0 finché resta: {}", caps.join("; ")),
            Language::En => format!("+0 while this remains: {}", caps.join("; ")),
        }
    }

    pub(crate) fn cap_ceiling(self, title: &str, ceiling: u8) -> String {
        match self.language() {
            Language::It => format!("{title} (punteggio massimo {ceiling})"),
            Language::En => format!("{title} (score at most {ceiling})"),
        }
    }

    pub(crate) fn not_verified_since(self, then: Timestamp, now: Timestamp) -> String {
        let days = now.duration_since(then).as_hours() / 24;
        match (days, self.language()) {
            (1, Language::It) => "non più verificato da 1 giorno".to_owned(),
            (_, Language::It) => format!("non più verificato da {days} giorni"),
            (1, Language::En) => "not verified any more for 1 day".to_owned(),
            (_, Language::En) => format!("not verified any more for {days} days"),
        }
    }

    /// A size of a file: `12,3 MB`.
    pub(crate) fn megabytes(self, bytes: u64) -> String {
        let tenths = bytes.div_ceil(100_000);
        format!("{}{}{} MB", tenths / 10, self.pick(",", "."), tenths % 10)
    }

    /// How many computers have an old agent.
    pub(crate) fn old_agents(self, hosts: usize, newest: &str) -> String {
        match (hosts, self.language()) {
            (1, Language::It) => format!("Un computer ha una versione vecchia dell'agente: è disponibile la {newest}."),
            (_, Language::It) => {
                format!("{hosts} computer hanno una versione vecchia dell'agente: è disponibile la {newest}.")
            }
            (1, Language::En) => format!("One computer has an old version of the agent: {newest} is available."),
            (_, Language::En) => format!("{hosts} computers have an old version of the agent: {newest} is available."),
        }
    }

    /// That the agent of one computer is old.
    pub(crate) fn old_agent(self, own: &str, newest: &str) -> String {
        match self.language() {
            Language::It => format!("Questo computer ha la versione {own} dell'agente; è disponibile la {newest}."),
            Language::En => format!("This computer has version {own} of the agent; {newest} is available."),
        }
    }

    pub(crate) fn left_behind(self, hosts: u32) -> String {
        match (hosts, self.language()) {
            (1, Language::It) => "Un computer è stato ritirato con problemi ancora aperti.".to_owned(),
            (_, Language::It) => format!("{hosts} computer sono stati ritirati con problemi ancora aperti."),
            (1, Language::En) => "One computer was retired with problems still open.".to_owned(),
            (_, Language::En) => format!("{hosts} computers were retired with problems still open."),
        }
    }

    pub(crate) fn in_comuni(self, count: usize) -> String {
        match (count, self.language()) {
            (1, Language::It) => "in 1 Comune".to_owned(),
            (_, Language::It) => format!("in {count} Comuni"),
            (1, Language::En) => "in 1 municipality".to_owned(),
            (_, Language::En) => format!("in {count} municipalities"),
        }
    }

    pub(crate) fn on_assets(self, count: usize) -> String {
        match (count, self.language()) {
            (1, Language::It) => "1 computer, sito o dominio".to_owned(),
            (_, Language::It) => format!("{count} tra computer, siti e domini"),
            (1, Language::En) => "1 computer, site or domain".to_owned(),
            (_, Language::En) => format!("{count} computers, sites and domains"),
        }
    }

    pub(crate) fn with_score(self, scored: usize, all: usize) -> String {
        match self.language() {
            Language::It => format!("{scored} su {all}"),
            Language::En => format!("{scored} of {all}"),
        }
    }

    pub(crate) fn never_count(self, count: usize) -> String {
        format!("{} ({count})", self.never_title())
    }

    pub(crate) fn problems(self, fails: usize, warns: usize) -> String {
        let warned = match (warns, self.language()) {
            (0, _) => String::new(),
            (warns, Language::It) => format!(", {warns} da tenere d'occhio"),
            (1, Language::En) => ", 1 warning".to_owned(),
            (warns, Language::En) => format!(", {warns} warnings"),
        };
        match self.language() {
            Language::It => format!("{fails} da correggere{warned}"),
            Language::En => format!("{fails} to mend{warned}"),
        }
    }

    /// A problem of which only the check may be told, whose title says what is expected.
    pub(crate) fn not_in_order(self, title: &str) -> String {
        format!("{} {title}", self.pick("Non a posto:", "Not in order:"))
    }

    /// The same problem in several places, as a job.
    pub(crate) fn to_put_right(self, title: &str) -> String {
        format!("{} {title}", self.pick("Da sistemare:", "To put right:"))
    }

    /// What the trend says, for whoever does not see the drawing.
    pub(crate) fn trend_words(self, first: &str, first_day: &str, last: &str, last_day: &str) -> String {
        match self.language() {
            Language::It => format!("Punteggio {first} il {first_day}, {last} il {last_day}."),
            Language::En => format!("Score {first} on {first_day}, {last} on {last_day}."),
        }
    }

    pub(crate) const fn grade_word(self, grade: Grade) -> &'static str {
        match grade {
            Grade::A => self.grade_a(),
            Grade::B => self.grade_b(),
            Grade::C => self.grade_c(),
            Grade::D => self.grade_d(),
            Grade::E => self.grade_e(),
        }
    }

    pub(crate) const fn category_name(self, category: Category) -> &'static str {
        match category {
            Category::Tls => self.category_tls(),
            Category::Web => self.category_web(),
            Category::Dns => self.category_dns(),
            Category::Mail => self.category_mail(),
            Category::Patch => self.category_patch(),
            Category::Services => self.category_services(),
            Category::Host => self.category_host(),
            Category::Software => self.category_software(),
            Category::Governance => self.category_governance(),
        }
    }

    pub(crate) const fn severity_word(self, severity: Severity) -> &'static str {
        match severity {
            Severity::Low => self.severity_low(),
            Severity::Medium => self.severity_medium(),
            Severity::High => self.severity_high(),
            Severity::Critical => self.severity_critical(),
        }
    }

    pub(crate) const fn effort_word(self, effort: Effort) -> &'static str {
        match effort {
            Effort::Minutes => self.effort_minutes(),
            Effort::Hours => self.effort_hours(),
            Effort::Days => self.effort_days(),
        }
    }

    pub(crate) const fn verdict_word(self, verdict: &Verdict) -> &'static str {
        match verdict {
            Verdict::Pass => self.verdict_pass(),
            Verdict::Warn => self.verdict_warn(),
            Verdict::Fail => self.verdict_fail(),
            Verdict::NotApplicable(_) => self.verdict_not_applicable(),
            Verdict::Error(_) => self.verdict_error(),
            Verdict::NotTested(_) => self.verdict_not_tested(),
        }
    }

    pub(crate) const fn kind_word(self, kind: OrganisationKind) -> &'static str {
        match kind {
            OrganisationKind::Comune => self.pick("Comune", "Municipality"),
            OrganisationKind::Unione => self.pick("Unione di Comuni", "Union of municipalities"),
            OrganisationKind::ZonaSociale => self.pick("Zona Sociale", "Social zone"),
            OrganisationKind::Provincia => self.pick("Provincia", "Province"),
            OrganisationKind::Regione => self.pick("Regione", "Region"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IT: Texts = Texts::new(Language::It);
    const EN: Texts = Texts::new(Language::En);

    #[test]
    fn a_number_has_one_decimal_in_the_reader_s_way() {
        for (hundredths, it, en) in
            [(7_899, "79", "79"), (7_894, "78,9", "78.9"), (0, "0", "0"), (10_000, "100", "100")]
        {
            assert_eq!(
                (IT.number(Hundredths(hundredths)).as_str(), EN.number(Hundredths(hundredths)).as_str()),
                (it, en)
            );
        }
    }

    #[test]
    fn an_age_is_told_in_the_largest_unit_that_fits() {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().expect("a time");
        for (then, expected) in [
            ("2026-11-21T12:00:30Z", "adesso"),
            ("2026-11-21T11:59:00Z", "un minuto fa"),
            ("2026-11-21T11:10:00Z", "50 minuti fa"),
            ("2026-11-21T10:30:00Z", "un'ora fa"),
            ("2026-11-20T00:00:00Z", "36 ore fa"),
            ("2026-11-18T12:00:00Z", "3 giorni fa"),
        ] {
            assert_eq!(IT.ago(then.parse().expect("a time"), now), expected, "{then}");
        }
    }

    #[test]
    fn a_deadline_says_what_is_left_or_how_long_it_is_over() {
        for (hours, expected) in
            [(70, "mancano 70 ore"), (1, "manca un'ora"), (0, "manca meno di un'ora"), (-5, "passato da 5 ore")]
        {
            assert_eq!(IT.left(SignedDuration::from_hours(hours)), expected);
        }
    }
}
