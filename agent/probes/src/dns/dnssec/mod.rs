//! Whether the signatures of a zone hold, and if not, why (RFC 4033 to 4035, 5155, 6840).
//!
//! Nothing is believed that a resolver says of signatures: every one is checked here, so that a reason can be given.
//! Read in this order: `problem` (the words), `names`, `rdata` and `sets` (what records say), `algorithms` and `cryptography`
//! (one signature), `denial` with `nsec` and `nsec3` (proofs of absence), `judge` (one message with the keys of one zone),
//! `chain` (the keys of a zone, from the trust anchor down), `proof` (any name and type), `look` (what the probe says).

mod algorithms;
mod chain;
mod cryptography;
mod denial;
mod ed448;
mod judge;
mod look;
mod names;
mod nsec;
mod nsec3;
mod observed;
mod problem;
mod proof;
mod rdata;
mod sets;
mod wanted;
mod weakness;

pub use chain::SharedChains;
pub use problem::DnssecProblem;
pub use proof::{Proof, ProofStatus, prove};

pub(crate) use look::look;
pub(crate) use proof::Validator;
