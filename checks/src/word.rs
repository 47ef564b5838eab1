//! Words: short identifiers that travel, are stored and are typed by people.

use std::fmt;

/// Longest word, in bytes.
pub const WORD_BYTES_MAX: usize = 64;

/// Why a text is no word.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordError {
    /// Nothing was given.
    #[error("the {kind} is empty")]
    Empty {
        /// What the word should have been.
        kind: &'static str,
    },
    /// More than [`WORD_BYTES_MAX`] bytes.
    #[error("the {kind} is {bytes} bytes long, the limit is {WORD_BYTES_MAX}")]
    TooLong {
        /// What the word should have been.
        kind: &'static str,
        /// Its length, in bytes.
        bytes: usize,
    },
    /// A character outside `a-z 0-9 . _ -`, or a first character that is not a letter.
    #[error("the {kind} `{text}` may hold only a-z, 0-9, `.`, `_` and `-`, and starts with a letter")]
    Character {
        /// What the word should have been.
        kind: &'static str,
        /// The text as given, cut to [`WORD_BYTES_MAX`] bytes.
        text: String,
    },
}

/// Checks one word; `kind` names it in the error.
///
/// # Errors
/// [`WordError`] names the rule that the text breaks.
pub fn check_word(kind: &'static str, text: &str) -> Result<(), WordError> {
    if text.is_empty() {
        return Err(WordError::Empty { kind });
    }
    if text.len() > WORD_BYTES_MAX {
        return Err(WordError::TooLong { kind, bytes: text.len() });
    }
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-');
    if !text.bytes().all(allowed) || !text.starts_with(|first: char| first.is_ascii_lowercase()) {
        return Err(WordError::Character { kind, text: text.to_owned() });
    }
    Ok(())
}

/// Defines one kind of word: a newtype that only a checked text can build.
macro_rules! word {
    ($(#[$meta:meta])* $name:ident, $kind:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(std::borrow::Cow<'static, str>);

        impl $name {
            /// Parses the text of one word.
            ///
            /// # Errors
            /// [`WordError`] names the rule that the text breaks.
            pub fn parse(text: &str) -> Result<Self, WordError> {
                check_word($kind, text)?;
                Ok(Self(std::borrow::Cow::Owned(text.to_owned())))
            }

            /// A word known when the program is compiled. A test parses every such word.
            #[must_use]
            pub const fn from_static(text: &'static str) -> Self {
                Self(std::borrow::Cow::Borrowed(text))
            }

            /// The word as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = WordError;
            fn from_str(text: &str) -> Result<Self, WordError> {
                Self::parse(text)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "description": concat!("A ", $kind, "."),
                    "pattern": "^[a-z][a-z0-9._-]*$",
                    "maxLength": WORD_BYTES_MAX,
                })
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

word!(
    /// Id of a check, readable after "waive": `tls.certificate.expiry`. Stable, never used again for another meaning.
    CheckId,
    "check id"
);
word!(
    /// Id of a pack of checks: `patch`.
    PackId,
    "pack id"
);
word!(
    /// Name of a compiled probe: `tls`.
    ProbeName,
    "probe name"
);
word!(
    /// Id of a clause inside its check: `expires_soon`.
    ClauseId,
    "clause id"
);
word!(
    /// Name of a cap on the score: `certificate_expired`.
    CapName,
    "cap name"
);
word!(
    /// Label of one fact in the evidence of a result: `not_after`.
    EvidenceLabel,
    "evidence label"
);
word!(
    /// Why something could not be seen or does not apply, as a word: `needs_privilege`. Texts: [`crate::reason`].
    Reason,
    "reason"
);
