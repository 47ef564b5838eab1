//! Texts of packs in pieces: a mend is a list of steps, and what stands between back-quotes is typed as it is.

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) text: String,
    /// Shown as code.
    pub(crate) is_code: bool,
}

/// The lines of a text; a leading number as in `1. ` is left out, because the page numbers them.
pub(crate) fn steps(text: &str) -> Vec<Vec<Piece>> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| pieces(without_number(line))).collect()
}

fn without_number(line: &str) -> &str {
    match line.split_once(". ") {
        Some((number, rest)) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => rest,
        Some(_) | None => line,
    }
}

fn pieces(line: &str) -> Vec<Piece> {
    line.split('`')
        .enumerate()
        .filter(|(_, text)| !text.is_empty())
        .map(|(place, text)| Piece { text: text.to_owned(), is_code: place % 2 == 1 })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_lose_their_numbers_and_code_is_told_apart() {
        let steps = steps("1. Dia `apt update`.\n2. Riavvii.\n");
        let flat: Vec<Vec<_>> =
            steps.iter().map(|line| line.iter().map(|piece| (piece.text.as_str(), piece.is_code)).collect()).collect();
        assert_eq!(flat, vec![vec![("Dia ", false), ("apt update", true), (".", false)], vec![("Riavvii.", false)]]);
    }
}
