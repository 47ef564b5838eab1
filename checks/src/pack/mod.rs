//! Packs: versioned sets of checks, read from YAML with an error that names file, line, column and field.
//!
//! [`Pack::parse`] needs no probe, so the collector reads packs too. Types of expressions are checked where the probes
//! are known: [`crate::judge`] and [`crate::lint`].

pub mod case;
pub mod check;
pub mod error;
pub mod files;
pub mod manifest;
pub mod node;
pub mod param;
pub(crate) mod raw;
mod read;
mod read_check;
mod read_newer;
pub(crate) mod source;
pub mod template;
pub mod trust;

pub use check::{Check, Clause, ClauseKind, ControlReference, EvidenceField, Expression, OnWorkstation, RedactRule};
pub use error::{PackError, Place};
pub use files::PackFiles;
pub use param::{Param, ParamError, ParamRange, Params};

use std::sync::Arc;

use crate::feed::Feed;
use crate::language::Localised;
use crate::result::PackDigest;
use crate::word::{CapName, CheckId, PackId};

/// Version of the check language that this crate speaks.
pub const LANGUAGE: u32 = 1;
/// Most checks in one pack.
pub const CHECKS_MAX: usize = 256;

/// A ceiling on the score while a check that names it fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cap {
    /// Name that checks use.
    pub name: CapName,
    /// Highest score while it holds, 0 to 100.
    pub ceiling: u8,
    /// What it is, for readers.
    pub title: Localised,
}

/// A versioned set of checks for a purpose.
#[derive(Debug, Clone)]
pub struct Pack {
    /// Id of the pack.
    pub id: PackId,
    /// Rises with every published change.
    pub version: u32,
    /// Version of the check language that the pack was written for; each check says what it needs itself.
    pub language: u32,
    /// Name for readers.
    pub title: Localised,
    /// Who publishes it.
    pub publisher: String,
    /// Day of publication.
    pub published: jiff::civil::Date,
    /// Last day on which a signed copy is accepted.
    pub expires: jiff::civil::Date,
    /// Ceilings on the score that its checks can set.
    pub caps: Vec<Cap>,
    /// Ids of checks that were given up.
    pub retired: Vec<CheckId>,
    /// The checks, by file and then in the order of the file.
    pub checks: Vec<Check>,
    /// The known vulnerabilities that it brings, when it is of the kind `feed`; then it has no checks.
    pub feed: Option<Arc<Feed>>,
    /// SHA-256 of the canonical manifest: names exactly this content.
    pub digest: PackDigest,
}

impl Pack {
    /// Reads a pack from its files.
    ///
    /// # Errors
    /// [`PackError`] for the first thing that breaks a rule, with file, line, column and field.
    pub fn parse(files: &PackFiles) -> Result<Self, PackError> {
        read::pack(files)
    }

    /// The same without the worked cases, which only lint needs: they are most of what a pack weighs in memory.
    #[must_use]
    pub fn without_cases(mut self) -> Self {
        self.checks.iter_mut().for_each(|check| check.cases = Vec::new());
        self
    }

    /// One check by its id.
    #[must_use]
    pub fn check(&self, id: &CheckId) -> Option<&Check> {
        self.checks.iter().find(|check| check.id == *id)
    }

    /// One cap by its name.
    #[must_use]
    pub fn cap(&self, name: &CapName) -> Option<&Cap> {
        self.caps.iter().find(|cap| cap.name == *name)
    }
}
