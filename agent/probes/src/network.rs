//! What the system's errors of the network mean, in one place for every probe that connects.

use std::io;

use vedetta_checks::word::Reason;

/// What an error of the network means, as a word.
#[expect(clippy::wildcard_enum_match_arm, reason = "the system's list of errors is open and long")]
pub(crate) fn io_reason(error: &io::Error) -> Reason {
    match error.kind() {
        io::ErrorKind::ConnectionRefused | io::ErrorKind::UnexpectedEof => Reason::CLOSED,
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => Reason::RESET,
        io::ErrorKind::TimedOut => Reason::TIMEOUT,
        io::ErrorKind::FileTooLarge => Reason::TOO_LARGE,
        io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown
        | io::ErrorKind::AddrNotAvailable
        | io::ErrorKind::PermissionDenied => Reason::UNREACHABLE,
        // Anything else is this host's own trouble, as no free file descriptors.
        _ => Reason::PROBE_FAILED,
    }
}
