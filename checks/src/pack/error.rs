//! Why a pack is no pack: always with the file, and with line, column and field where there is one.

use std::fmt;

/// A place in a file of a pack. Lines and columns start at 1; 0 means that the place is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Path of the file inside the pack.
    pub file: String,
    /// Line.
    pub line: u64,
    /// Column, in characters.
    pub column: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Why a pack cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// A file does not fit into a pack.
    #[error("{path}: {problem}")]
    File {
        /// Path of the file inside the pack.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// There is no `pack.yaml`.
    #[error("pack.yaml: the pack has no such file; it names the pack, its version and its caps")]
    NoPackFile,
    /// The text of a file breaks the rules of YAML or of the check language.
    #[error("{place}: {field}: {problem}")]
    Content {
        /// Where.
        place: Place,
        /// The field as a path: `[2].fail[0].when`.
        field: String,
        /// What is wrong, and what would be right.
        problem: String,
    },
}

impl PackError {
    /// Where the error is; a file as a whole has line and column 0.
    #[must_use]
    pub fn place(&self) -> Place {
        match self {
            Self::File { path, .. } => Place { file: path.clone(), line: 0, column: 0 },
            Self::NoPackFile => Place { file: super::files::PACK_FILE.to_owned(), line: 0, column: 0 },
            Self::Content { place, .. } => place.clone(),
        }
    }

    /// The field that is wrong, as a path; empty when the file as a whole is.
    #[must_use]
    pub fn field(&self) -> &str {
        match self {
            Self::File { .. } | Self::NoPackFile => "",
            Self::Content { field, .. } => field,
        }
    }

    /// What is wrong, without the place.
    #[must_use]
    pub fn problem(&self) -> String {
        match self {
            Self::File { problem, .. } | Self::Content { problem, .. } => problem.clone(),
            Self::NoPackFile => self.to_string(),
        }
    }
}
