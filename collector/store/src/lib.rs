//! Where the collector keeps what it knows. The only crate that names a storage engine.
//!
//! [`Embedded`] is the default: a journal that is the truth, fsynced before anything is acknowledged, and a sled index
//! that is derived from it and thrown away whenever it is missing, older than this program, or will not open.
//!
//! ```text
//! FOLDER/journal/       every commit in order; one record of kind TRANSACTION each; its sequence is its position
//! FOLDER/checkpoints/   the whole state at one position, so that older journal segments can be dropped
//! FOLDER/index/         sled: one tree for each aggregate, history split by month; rebuilt from the two above
//! ```

mod checkpoint;
mod codec;
mod embedded;
mod index;
mod key;
mod prepare;
mod rebuild;
mod writer;

pub use codec::CodecError;
pub use embedded::{Embedded, OpenReport, Options, StoreError};
