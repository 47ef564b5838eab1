//! The wire between agent and collector and the records on the collector's disk: generated messages, and their
//! conversion to and from the domain. Nothing here decides anything.

pub mod enrolment_code;
pub mod limits;
pub mod wire;

/// Messages and services of the agents' wire, protocol version 1.
pub mod agent {
    #![allow(missing_docs, clippy::too_many_lines, reason = "generated; the .proto file is the documentation")]
    tonic::include_proto!("vedetta.agent.v1");
}

/// Records on the collector's disk, version 1.
pub mod store {
    #![allow(missing_docs, reason = "generated; the .proto file is the documentation")]
    tonic::include_proto!("vedetta.store.v1");
}
