//! What came of a run over many targets: who needs help first, what one fix and what one supplier would clear for many.

mod formats;
mod grid;
mod summary;
mod table;

use jiff::Timestamp;
use vedetta_checks::language::Language;

use crate::batch::Row;
use crate::packs::PackSet;

pub use formats::{to_csv, to_json};
pub use summary::{Remedy, Standing, Summary, SupplierLine};
pub use table::table;

/// What came of one run.
#[derive(Debug)]
pub struct BatchReport<'a> {
    /// The packs that judged.
    pub packs: &'a PackSet,
    /// One row a line of the list.
    pub rows: &'a [Row],
    /// Lines that repeated an earlier one.
    pub repeated: &'a [u64],
    /// When.
    pub at: Timestamp,
    /// Language of the reader.
    pub language: Language,
}

#[cfg(test)]
mod tests;
