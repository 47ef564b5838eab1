//! How the parts of the probes `dns` and `mail` list their problems: one enum a part, each word with its meaning.

/// Defines the problems of one part with their words in one list.
macro_rules! problem_words {
    ($(#[doc = $about:literal])+ $list:ident; $($(#[doc = $meaning:literal])+ $name:ident = $word:literal;)*) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $list {
            $($(#[doc = $meaning])+ $name,)*
        }

        impl $list {
            /// Every problem there is.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word in `problems`.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }

            /// The problem as a fact, both texts cut and cleaned, since strangers write records; `detail` is for a person.
            #[allow(dead_code, reason = "a part may tell its problems as bare words")]
            pub(crate) fn at(
                self,
                subject: impl AsRef<str>,
                detail: impl AsRef<str>,
            ) -> $crate::dns::facts::ProblemFacts {
                let clean = |text: &str| vedetta_checks::fact::clean_text(text, vedetta_checks::fact::DETAIL_BYTES_MAX);
                $crate::dns::facts::ProblemFacts {
                    problem: self.word().to_owned(),
                    subject: clean(subject.as_ref()),
                    detail: clean(detail.as_ref()),
                }
            }
        }
    };
}

pub(crate) use problem_words;
