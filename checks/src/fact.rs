//! A fact that was seen, or the reason why it was not.

use crate::word::Reason;

/// Longest detail of an [`Unknown`], in bytes.
pub const DETAIL_BYTES_MAX: usize = 256;

/// Why one fact could not be seen: a word for programs and rules, a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The reason as a word.
    pub reason: Reason,
    /// What exactly was attempted on what; at most [`DETAIL_BYTES_MAX`] bytes, no control characters.
    pub detail: String,
}

impl Unknown {
    /// An unknown with its detail cut and cleaned to the limits.
    #[must_use]
    pub fn new(reason: Reason, detail: impl AsRef<str>) -> Self {
        Self { reason, detail: clean_text(detail.as_ref(), DETAIL_BYTES_MAX) }
    }
}

/// What a probe says of one thing: seen, or why not. Never a silent default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact<T> {
    /// It was seen.
    Known(T),
    /// It could not be seen.
    Unknown(Unknown),
}

impl<T> Fact<T> {
    /// An unknown fact with its reason.
    #[must_use]
    pub fn unknown(reason: Reason, detail: impl AsRef<str>) -> Self {
        Self::Unknown(Unknown::new(reason, detail))
    }

    /// The value, if it was seen.
    #[must_use]
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }

    /// Changes the value and keeps an unknown as it is.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Self::Known(value) => Fact::Known(change(value)),
            Self::Unknown(unknown) => Fact::Unknown(unknown),
        }
    }
}

/// Whether a character shows nothing itself but changes what a reader sees of the others: controls, marks of direction
/// (Unicode Standard Annex 9), separators of lines, and what has no width. Strangers write some of the texts that are shown.
#[must_use]
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Cuts a text to `bytes_max` bytes at a character border and turns hidden characters into spaces.
#[must_use]
pub fn clean_text(text: &str, bytes_max: usize) -> String {
    let mut end = text.len().min(bytes_max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let cut = text.get(..end).unwrap_or_default();
    cut.chars().map(|character| if is_hidden(character) { ' ' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_changes_how_others_look_is_a_space() {
        assert_eq!(clean_text("a\u{1b}[31m\u{202e}b\u{200b}c\u{feff}à—", 64), "a [31m b c à—");
        assert_eq!(clean_text("però", 4), "per");
    }
}
