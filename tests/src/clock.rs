//! The running clock, and programs whose clock is wrong.

use std::process::Command;

use jiff::Timestamp;

use crate::program::printed;

/// The time now.
#[expect(clippy::disallowed_methods, reason = "journeys run beside programs that read the running clock")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// Lets a program run as on a host whose clock is wrong by some days; the clock goes on from there.
pub fn move_by_days(command: &mut Command, days: i32) {
    // The wrapper itself stays between a program and its signals: only the library that it names is wanted.
    let library = printed(Command::new("faketime").args(["-f", "+0d", "printenv", "LD_PRELOAD"]));
    command.env("LD_PRELOAD", library.trim()).env("FAKETIME", format!("{days:+}d"));
    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
}
