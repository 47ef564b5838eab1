//! The life of the packages, as `make dist` made them: installed on clean roots of Debian 11, 12 and 13 and into a root with rpm,
//! enrolled at a collector that is a package too, upgraded, left and purged. `make test-dist` runs it.
//!
//! Roots are made once by `tests/setup/lifecycle.sh` and never changed: each test works on an overlay of its own. A root
//! has its own processes and mounts, which end with it, and the machine's network, of which only loopback is used. All
//! of it needs root.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot be set up must fail loudly, and the tables are what people read"
)]

mod arm64;
mod booted;
mod exposure;
mod first_report;
mod host;
mod listing;
mod packaged_collector;
mod packages;
mod root;
mod rpm;
mod unit;
mod upgrade;

/// The releases that Comuni have, oldest first.
const RELEASES: &[&str] = &["bullseye", "bookworm", "trixie"];

/// Runs a journey on every release; the answer is those on which it failed, so that one does not hide another.
fn on_every_release(mut journey: impl FnMut(&str)) -> Vec<&'static str> {
    let mut failed = Vec::new();
    for release in RELEASES {
        // What a failed journey leaves behind is its own root, which ends with it.
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| journey(release))).is_err() {
            failed.push(*release);
        }
    }
    failed
}
