//! What a person would forget: the shape of the house, held to the design.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what cannot be set up must fail loudly")]

mod code;
mod edges;
mod house;
mod probes;
mod tree;
