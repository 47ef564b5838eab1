//! TLS servers of many makers and ages for the `tls` probe to look at, and peers that misbehave.
//!
//! Each is started on a free port of 127.0.0.1 with its files in a folder of its own, and ends with its value. [`openssl`],
//! [`nginx`], [`gnutls`], [`java`] and [`node`] are real programs; [`relay`] stands before one of them and breaks what a
//! clumsy device on the way would break; [`peer`] is a peer that speaks no TLS, or too little of it.

pub mod dns;
pub mod gnutls;
pub mod java;
pub mod keys;
pub mod nginx;
pub mod node;
pub mod openssl;
pub mod peer;
pub mod relay;
mod server;

pub use server::Server;
