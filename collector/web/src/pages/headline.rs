//! What is wrong, in one line. The title of a check says what is expected of everybody ("Il dominio ha un record DMARC"),
//! so in a list of problems it would read backwards: the headline is what was found, the title is the goal beneath it.

use vedetta_checks::pack::Check;
use vedetta_checks::result::CheckResult;
use vedetta_checks::verdict::Verdict;

use crate::texts::Texts;

/// Longest headline, in characters; a longer sentence is cut between words.
const HEADLINE_CHARACTERS_MAX: usize = 140;

/// One problem in words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Headline {
    pub(crate) text: String,
    /// What the check expects; empty when the headline says it already.
    pub(crate) goal: String,
    /// What the message says more than the headline: what comes after it, or the whole when the headline was cut.
    pub(crate) message: String,
}

/// The headline of a problem. `None`: the reader may not see what was found, or nobody sees it any more.
pub(crate) fn headline(t: Texts, check: &Check, result: Option<&CheckResult>) -> Headline {
    let title = check.title.get(t.language());
    let is_found = |result: &&CheckResult| matches!(result.verdict, Verdict::Fail | Verdict::Warn);
    let Some(result) = result.filter(is_found) else {
        return Headline { text: t.not_in_order(title), ..Headline::default() };
    };
    let message = check.message(result.clause.as_ref(), &result.verdict, &result.evidence, t.language());
    let (text, more) = split(message.trim());
    Headline { text, goal: title.to_owned(), message: more.to_owned() }
}

/// The first sentence without its full stop, and what the message says more.
fn split(message: &str) -> (String, &str) {
    let end = [". ", ".\n", "\n"].iter().filter_map(|end| message.find(end)).min().unwrap_or(message.len());
    let (sentence, rest) = message.split_at_checked(end).unwrap_or((message, ""));
    let sentence = sentence.trim_end_matches('.');
    let Some((cut, _)) = sentence.char_indices().nth(HEADLINE_CHARACTERS_MAX) else {
        return (sentence.to_owned(), rest.trim_start_matches('.').trim_start());
    };
    let short = sentence.get(..cut).unwrap_or(sentence);
    let words = short.rsplit_once(' ').map_or(short, |(words, _)| words);
    (format!("{}…", words.trim_end_matches([',', ':', ';', ' '])), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_headline_is_the_first_sentence_and_the_rest_is_told_beneath() {
        for (message, text, more) in [
            ("Il dominio non ha un record DMARC.", "Il dominio non ha un record DMARC", ""),
            (
                "In ascolto: mysql 0.0.0.0 3306/tcp. Un firewall può fermarli.",
                "In ascolto: mysql 0.0.0.0 3306/tcp",
                "Un firewall può fermarli.",
            ),
            ("Prima riga\nSeconda riga", "Prima riga", "Seconda riga"),
            ("", "", ""),
        ] {
            assert_eq!(split(message), (text.to_owned(), more));
        }
    }

    #[test]
    fn a_long_sentence_is_cut_between_words_and_told_whole_beneath() {
        let long = format!("Aggiornamenti da installare: {}", "pacchetto, ".repeat(40));
        let (text, more) = split(&long);
        assert!(text.ends_with("pacchetto…"), "{text}");
        assert!(text.chars().count() <= HEADLINE_CHARACTERS_MAX + 1, "{text}");
        assert_eq!(more, long);
        assert_eq!(split(&"è".repeat(500)).0.chars().count(), HEADLINE_CHARACTERS_MAX + 1);
    }
}
