//! The `tls` probe on real servers, as anybody would run it: `vedetta-agent probe tls tls://127.0.0.1:PORT?sni=NAME`.
//!
//! What a server accepts is known from what it was told to accept ([`truth`]); nmap and sslscan see the same servers in the
//! same test ([`eyes`]), and where one of them is known to be wrong, the test says about what and why. Read in this order:
//! [`seen`] (what the probe says), [`openssl`], [`nginx`], [`gnutls`], [`java`], [`node`] (servers), [`clumsy`] (servers
//! behind devices that break things), [`unreadable`] (peers without TLS).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what cannot be set up must fail loudly")]

mod clumsy;
mod eyes;
mod gnutls;
mod java;
mod nginx;
mod node;
mod openssl;
mod registry;
mod seen;
mod truth;
mod unreadable;
