//! Limits of the wire, the same at both ends.

/// Least and greatest protocol version that this build speaks.
pub const PROTOCOL_LEAST: u32 = 1;
/// Greatest protocol version that this build speaks.
pub const PROTOCOL_GREATEST: u32 = 1;
/// Most results and confirmations in one batch.
pub const BATCH_ITEMS_MAX: usize = 500;
/// Largest message, in bytes; larger ones are refused before they are read.
pub const MESSAGE_BYTES_MAX: usize = 1024 * 1024;
/// Most batches sent and not yet acknowledged.
pub const BATCHES_IN_FLIGHT_MAX: usize = 4;
/// Most targets in one assignment.
pub const TARGETS_MAX: usize = 256;
/// Most packs in one assignment.
pub const PACKS_MAX: usize = 32;
/// Name in the collector's certificate on the agents' port. The certificate is issued by the agents' own CA, so it does
/// not depend on the address that an agent uses.
pub const COLLECTOR_NAME: &str = "collector.vedetta.internal";
