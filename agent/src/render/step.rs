//! The steps of a mend as the letter to the supplier shows them.

/// How a step of a mend begins that is for the Comune alone; the packs keep to it (`checks/packs/README.md`).
pub(super) const FOR_THE_COMUNE: [&str; 4] = [
    "Se il sito è gestito da un fornitore",
    "Se il dominio è gestito da un fornitore",
    "If a supplier runs the site",
    "If a supplier runs the domain",
];

/// Length from which a command stands on a line of its own, in characters.
const COMMAND_CHARACTERS: usize = 24;

/// The steps without their numbers. What the Comune asks its supplier is left out: the letter is the supplier's.
pub(super) fn for_the_supplier(fix: &str) -> impl Iterator<Item = &str> {
    let steps = fix.lines().map(|line| match line.split_once(". ") {
        Some((mark, text)) if mark.parse::<u8>().is_ok() => text,
        Some(_) | None => line,
    });
    steps.filter(|step| !step.trim().is_empty() && !FOR_THE_COMUNE.iter().any(|mark| step.starts_with(mark)))
}

/// A piece of a step: words to wrap, or a command that must stay whole.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// Words to wrap; short commands in them stand between backquotes.
    Words(String),
    /// A command without its backquotes.
    Command(&'a str),
}

/// A step cut at its long commands. What only joined a command to the words, such as a comma, falls away.
pub(super) fn parts(step: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut words = String::new();
    for (number, piece) in step.split('`').enumerate() {
        let is_code = number % 2 == 1;
        if is_code && piece.contains(' ') && piece.chars().count() >= COMMAND_CHARACTERS {
            push_words(&mut parts, &words);
            words.clear();
            parts.push(Part::Command(piece));
        } else if is_code {
            words.push_str(&format!("`{piece}`"));
        } else {
            words.push_str(piece);
        }
    }
    push_words(&mut parts, &words);
    parts
}

fn push_words<'a>(parts: &mut Vec<Part<'a>>, words: &str) {
    let text = if parts.is_empty() { words } else { words.trim_start_matches([',', ';', '.', ':', ')']) };
    if !text.trim().is_empty() {
        parts.push(Part::Words(text.trim().to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_for_the_comune_is_left_out_and_one_that_names_a_supplier_of_power_stays() {
        for (fix, expected) in [
            (
                "1. Se il sito è gestito da un fornitore, scrivetegli.\n2. Chiedete al fornitore di corrente.",
                "Chiedete al fornitore di corrente.",
            ),
            (
                "1. Se il dominio è gestito da un fornitore, scrivetegli.\n2. Chiedete al fornitore di corrente.",
                "Chiedete al fornitore di corrente.",
            ),
            (
                "1. If a supplier runs the domain, write to them.\n2. Ask the supplier of power.",
                "Ask the supplier of power.",
            ),
        ] {
            assert_eq!(for_the_supplier(fix).collect::<Vec<_>>(), [expected]);
        }
    }

    #[test]
    fn a_long_command_is_cut_out_and_a_short_one_stays_in_the_words() {
        let words = |text: &str| Part::Words(text.to_owned());
        for (step, expected) in [
            (
                "nginx: `add_header X-Frame-Options SAMEORIGIN always;`, poi `sudo x`.",
                vec![
                    words("nginx:"),
                    Part::Command("add_header X-Frame-Options SAMEORIGIN always;"),
                    words("poi `sudo x`."),
                ],
            ),
            ("`sudo systemctl reload nginx`.", vec![Part::Command("sudo systemctl reload nginx")]),
            ("Aggiornate il sistema.", vec![words("Aggiornate il sistema.")]),
        ] {
            assert_eq!(parts(step), expected, "{step}");
        }
    }
}
