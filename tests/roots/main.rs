//! The packages probe on whole roots of Debian and of a system with rpm, beside the answers of apt and dnf themselves.
//!
//! Roots of real releases, out of date on purpose, are made once by `tests/setup/roots.sh`; every test bends a copy of its
//! own. The truth is what apt answers inside that copy (chroot, so this needs root), or dnf beneath it. `make test` looks
//! at one release and every bent copy; `make test-roots` at all releases, and prints what lynis says beside what we say.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot be set up must fail loudly"
)]

mod archive;
mod bent;
mod debian;
mod lynis;
mod offered;
mod releases;
mod rpm;
mod rpm_bent;
mod rpm_root;
mod seen;
