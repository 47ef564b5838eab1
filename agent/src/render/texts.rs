//! The words of screens in both languages, and the layout of plain text.

use vedetta_checks::evidence::{Evidence, EvidenceValue};
use vedetta_checks::language::Language;
use vedetta_checks::verdict::{Category, Effort, Owner, Severity};

/// Longest line of a table, in characters.
pub(crate) const COLUMNS: usize = 100;

/// Picks the text of the reader's language.
pub(crate) const fn pick(language: Language, it: &'static str, en: &'static str) -> &'static str {
    match language {
        Language::It => it,
        Language::En => en,
    }
}

pub(crate) const fn severity(severity: Severity, language: Language) -> &'static str {
    match severity {
        Severity::Critical => pick(language, "critica", "critical"),
        Severity::High => pick(language, "alta", "high"),
        Severity::Medium => pick(language, "media", "medium"),
        Severity::Low => pick(language, "bassa", "low"),
    }
}

pub(crate) const fn category(category: Category, language: Language) -> &'static str {
    match category {
        Category::Tls => pick(language, "cifratura", "encryption"),
        Category::Web => pick(language, "siti web", "web sites"),
        Category::Dns => pick(language, "nomi DNS", "DNS names"),
        Category::Mail => pick(language, "posta", "mail"),
        Category::Patch => pick(language, "aggiornamenti", "updates"),
        Category::Services => pick(language, "servizi esposti", "exposed services"),
        Category::Host => pick(language, "computer", "host"),
        Category::Software => pick(language, "programmi", "software"),
        Category::Governance => pick(language, "organizzazione", "governance"),
    }
}

pub(crate) const fn owner(owner: Owner, language: Language) -> &'static str {
    match owner {
        Owner::Comune => pick(language, "il Comune", "the Comune"),
        Owner::Supplier => pick(language, "il fornitore", "the supplier"),
    }
}

/// For whom a finding is.
pub(crate) const fn for_owner(owner: Owner, language: Language) -> &'static str {
    match owner {
        Owner::Comune => pick(language, "per il Comune", "for the Comune"),
        Owner::Supplier => pick(language, "per il fornitore", "for the supplier"),
    }
}

pub(crate) const fn effort(effort: Effort, language: Language) -> &'static str {
    match effort {
        Effort::Minutes => pick(language, "pochi minuti", "some minutes"),
        Effort::Hours => pick(language, "qualche ora", "some hours"),
        Effort::Days => pick(language, "giorni, o un acquisto", "days, or a purchase"),
    }
}

/// Length from which a sentence is cut before its list, in characters.
const SENTENCE_CHARACTERS: usize = 80;

/// Least length of what a list is cut from, in bytes: a bracket further to the front explains a word of the sentence.
const HEADLINE_BYTES_MIN: usize = 30;

/// The first sentence of a text without its full stop, and what follows it; the list of a long
/// sentence, in brackets or after a colon, follows too.
///
/// A full stop ends a sentence only before a capital letter: versions, names of files and abbreviations hold stops too.
pub(crate) fn first_sentence(text: &str) -> (&str, &str) {
    let text = text.trim();
    let ends = |(index, _): &(usize, &str)| {
        let next = text.get(index + 2..).and_then(|rest| rest.chars().next());
        next.is_some_and(char::is_uppercase)
    };
    let (sentence, rest) = match text.match_indices(". ").find(ends) {
        Some((index, _)) => (text.get(..index).unwrap_or(text), text.get(index + 2..).unwrap_or_default()),
        None => (text.strip_suffix('.').unwrap_or(text), ""),
    };
    let is_long = sentence.chars().count() > SENTENCE_CHARACTERS;
    let from =
        |mark: &str| sentence.match_indices(mark).map(|(index, _)| index).find(|index| *index >= HEADLINE_BYTES_MIN);
    let list = from(" (").or_else(|| from(": ").map(|colon| colon + 1)).filter(|_| is_long);
    match list {
        Some(index) => {
            let headline = text.get(..index).unwrap_or(text);
            (headline.strip_suffix(':').unwrap_or(headline), text.get(index + 1..).unwrap_or_default())
        }
        None => (sentence, rest),
    }
}

/// Most items of a long list that a reader is shown at once; the letter to the supplier and JSON hold all.
const LIST_ITEMS_SHOWN: usize = 3;

/// Length from which a list is long, in characters.
const LIST_CHARACTERS: usize = 80;

/// Whether a list, such as one of twenty cipher suites, would drown what else is said.
pub(crate) fn is_long(value: &EvidenceValue) -> bool {
    match value {
        EvidenceValue::List { items, .. } => {
            let characters: usize = items.iter().map(|item| item.chars().count() + 2).sum();
            items.len() > LIST_ITEMS_SHOWN && characters > LIST_CHARACTERS
        }
        EvidenceValue::Bool(_)
        | EvidenceValue::Int(_)
        | EvidenceValue::Text(_)
        | EvidenceValue::Time(_)
        | EvidenceValue::Unknown(_) => false,
    }
}

/// What was seen, of each long list its first items and how many more there are.
pub(crate) fn brief(evidence: &Evidence) -> Evidence {
    let mut brief = Evidence::empty();
    for (label, value) in evidence.iter() {
        let value = match value {
            EvidenceValue::List { items, total } if is_long(value) => {
                EvidenceValue::List { items: items.iter().take(LIST_ITEMS_SHOWN).cloned().collect(), total: *total }
            }
            EvidenceValue::List { .. }
            | EvidenceValue::Bool(_)
            | EvidenceValue::Int(_)
            | EvidenceValue::Text(_)
            | EvidenceValue::Time(_)
            | EvidenceValue::Unknown(_) => value.clone(),
        };
        // Less than what fitted fits.
        brief.push(label.clone(), value);
    }
    brief
}

/// A text in lines of at most [`COLUMNS`], each indented; the text's own line ends stay. A word, and what stands between
/// backquotes, is never broken, so that a command or an address can be copied.
pub(crate) fn wrapped(text: &str, indent: usize) -> String {
    wrapped_at(text, indent, COLUMNS)
}

/// The same for lines of another length.
pub(crate) fn wrapped_at(text: &str, indent: usize, columns: usize) -> String {
    let margin = " ".repeat(indent);
    let mut lines = Vec::new();
    for paragraph in text.trim_end().lines() {
        let own = paragraph.len() - paragraph.trim_start().len();
        let start = format!("{margin}{}", " ".repeat(own));
        let mut line = start.clone();
        for word in words(paragraph) {
            let is_first = line.len() == start.len();
            if !is_first && line.chars().count() + 1 + word.chars().count() > columns {
                lines.push(std::mem::replace(&mut line, start.clone()));
            }
            if line.len() > start.len() {
                line.push(' ');
            }
            line.push_str(&word);
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

/// The words of a line; what stands between backquotes is one word.
fn words(paragraph: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut is_inside = false;
    for piece in paragraph.split_whitespace() {
        match words.last_mut().filter(|_| is_inside) {
            Some(word) => {
                word.push(' ');
                word.push_str(piece);
            }
            None => words.push(piece.to_owned()),
        }
        is_inside ^= piece.matches('`').count() % 2 == 1;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sentence_ends_before_a_capital_letter() {
        let cases = [
            (
                "Mancano 3 aggiornamenti: libssl3 3.0.1. Il più vecchio ha 9 giorni.",
                "Mancano 3 aggiornamenti: libssl3 3.0.1",
                "Il più vecchio ha 9 giorni.",
            ),
            (
                "Aggiornamenti di sicurezza da installare: 82 (apt, apt-transport-https, ca-certificates, jq e altri 62).",
                "Aggiornamenti di sicurezza da installare: 82",
                "(apt, apt-transport-https, ca-certificates, jq e altri 62).",
            ),
            (
                "Il servizio offre connessioni in cui nessuno garantisce chi risponde dall'altra parte: TLS_A, TLS_B.",
                "Il servizio offre connessioni in cui nessuno garantisce chi risponde dall'altra parte",
                "TLS_A, TLS_B.",
            ),
            (
                "Le prove firmate (NSEC) che un nome non esiste non tornano, quindi chi verifica non trova example.it.",
                "Le prove firmate (NSEC) che un nome non esiste non tornano, quindi chi verifica non trova example.it",
                "",
            ),
            ("Il file /etc/x.conf manca.", "Il file /etc/x.conf manca", ""),
            ("Senza punto", "Senza punto", ""),
            ("", "", ""),
        ];
        for (text, first, rest) in cases {
            assert_eq!(first_sentence(text), (first, rest));
        }
    }

    #[test]
    fn long_lines_are_wrapped_at_words_and_keep_their_own_indent() {
        let text = format!("{}\n  sudo apt full-upgrade", "parola ".repeat(30));
        let wrapped = wrapped(&text, 4);
        assert!(wrapped.lines().all(|line| line.chars().count() <= COLUMNS && line.starts_with("    ")));
        assert!(wrapped.ends_with("\n      sudo apt full-upgrade"), "{wrapped}");
    }

    #[test]
    fn what_stands_between_backquotes_is_never_broken() {
        let command = format!("`sudo postconf -e '{}'`,", "a ".repeat(60).trim_end());
        let wrapped = wrapped(&format!("3. Postfix: {command} poi `sudo systemctl reload postfix`."), 2);
        assert_eq!(
            wrapped.lines().collect::<Vec<_>>(),
            ["  3. Postfix:", &format!("  {command}"), "  poi `sudo systemctl reload postfix`."]
        );
    }
}
