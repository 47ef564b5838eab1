//! What a person would forget: the shape of the house, held to the design.

mod code;
mod edges;
mod house;
mod probes;
mod tree;
