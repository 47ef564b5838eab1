//! Whether a server accepts one TLS version, from what happened when only that version was offered.

use rustls::AlertDescription;
use vedetta_checks::fact::Fact;

use super::handshake::{Agreed, Failure};

/// Reads one attempt.
///
/// Only a clear no counts as no: the server said that it is about the version, or answered with another one. A refusal
/// for another cause (no common suite) leaves it open, unless `chose_other` says that the server, offered both, took
/// the other version: it would have taken this one, the higher, if it could (RFC 8446 section 4.2.1).
pub(crate) fn accepts(attempt: Result<&Agreed, &Failure>, chose_other: bool) -> Fact<bool> {
    match attempt {
        Ok(_) => Fact::Known(true),
        Err(failure) => {
            let names_version = failure.alert == Some(AlertDescription::ProtocolVersion) || failure.other_version;
            if names_version || (chose_other && failure.alert.is_some()) {
                Fact::Known(false)
            } else {
                Fact::unknown(failure.reason.clone(), &failure.detail)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use vedetta_checks::word::Reason;

    use super::*;

    fn refused(alert: Option<AlertDescription>) -> Failure {
        Failure { reason: Reason::HANDSHAKE_REFUSED, detail: "refused".to_owned(), alert, other_version: false }
    }

    #[test]
    fn an_alert_about_the_version_is_a_no() {
        let failure = refused(Some(AlertDescription::ProtocolVersion));
        assert_eq!(accepts(Err(&failure), false), Fact::Known(false));
    }

    #[test]
    fn an_alert_about_something_else_leaves_the_version_open() {
        let failure = refused(Some(AlertDescription::HandshakeFailure));
        assert!(accepts(Err(&failure), false).known().is_none());
    }

    #[test]
    fn a_server_that_took_the_lower_version_does_not_know_the_higher() {
        let failure = refused(Some(AlertDescription::HandshakeFailure));
        assert_eq!(accepts(Err(&failure), true), Fact::Known(false));
    }

    #[test]
    fn silence_is_never_a_no() {
        assert!(accepts(Err(&refused(None)), true).known().is_none());
    }
}
