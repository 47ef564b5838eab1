//! Every text of the pages, Italian and English side by side. A template can only name a text that stands here, and a
//! text can only stand here in both languages; a test finds words that a template holds itself.

mod frame;
mod help;
mod incident;
mod install;
mod login;
mod posture;
mod sentence;

use vedetta_checks::language::Language;

/// The texts in the language of one reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Texts(Language);

impl Texts {
    pub(crate) const fn new(language: Language) -> Self {
        Self(language)
    }

    pub(crate) const fn language(self) -> Language {
        self.0
    }

    /// The language as the `lang` attribute names it.
    pub(crate) const fn lang(self) -> &'static str {
        self.pick("it", "en")
    }

    const fn pick<'t>(self, it: &'t str, en: &'t str) -> &'t str {
        match self.0 {
            Language::It => it,
            Language::En => en,
        }
    }
}

/// Makes one method of [`Texts`] for each line: name, Italian, English.
macro_rules! texts {
    ($($name:ident: $it:literal, $en:literal;)*) => {
        impl $crate::texts::Texts {
            $(pub(crate) const fn $name(self) -> &'static str { self.pick($it, $en) })*
        }

        #[cfg(test)]
        pub(super) const ALL: &[(&str, &str, &str)] = &[$((stringify!($name), $it, $en),)*];
    };
}
use texts;

#[cfg(test)]
mod tests;
