//! Many targets in one run: how a province measures its Comuni from outside, without an agent in any of them.
//!
//! Read in this order: [`list`] (what a person wrote down), [`mod@run`] (bounded looks, spared suppliers), [`progress`] (how far it
//! is). What came of it is written by `render::batch`.

pub mod list;
pub mod progress;
pub mod run;

pub use list::{Entry, Excluded, ListError, TargetList};
pub use run::{Batch, BatchLimits, Row, RowState, run};
