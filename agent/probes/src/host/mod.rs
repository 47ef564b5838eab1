//! The host probe.

pub mod facts;
pub mod os_release;
