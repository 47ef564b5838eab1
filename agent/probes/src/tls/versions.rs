//! Whether a server accepts one TLS version, from what happened when only that version was offered.

use rustls::AlertDescription;
use vedetta_checks::fact::Fact;

use super::handshake::Handshake;

/// Reads one attempt.
///
/// A certificate that came is a yes, even if the handshake broke off later because the server wants one of ours. Only
/// a clear no counts as no: the server said that it is about the version, or answered with another one. A refusal for
/// another cause (no common suite) leaves it open, unless `chose_other` says that the server, offered both, took the
/// lower version: it would have taken this one if it could (RFC 8446 section 4.2.1).
pub(crate) fn accepts(attempt: &Handshake, chose_other: bool) -> Fact<bool> {
    match &attempt.outcome {
        Ok(_) => Fact::Known(true),
        Err(_) if !attempt.chain.is_empty() => Fact::Known(true),
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
    use rustls_pki_types::CertificateDer;
    use vedetta_checks::word::Reason;

    use super::super::handshake::Failure;
    use super::*;

    fn refused(alert: Option<AlertDescription>) -> Handshake {
        let detail = "refused".to_owned();
        let failure = Failure { reason: Reason::HANDSHAKE_REFUSED, detail, alert, other_version: false };
        Handshake { versions: &[], chain: Vec::new(), outcome: Err(failure) }
    }

    #[test]
    fn an_alert_about_the_version_is_a_no() {
        assert_eq!(accepts(&refused(Some(AlertDescription::ProtocolVersion)), false), Fact::Known(false));
    }

    #[test]
    fn an_alert_about_something_else_leaves_the_version_open() {
        assert!(accepts(&refused(Some(AlertDescription::HandshakeFailure)), false).known().is_none());
    }

    #[test]
    fn a_server_that_took_the_lower_version_does_not_know_the_higher() {
        assert_eq!(accepts(&refused(Some(AlertDescription::HandshakeFailure)), true), Fact::Known(false));
    }

    #[test]
    fn a_certificate_that_came_is_a_yes() {
        let mut attempt = refused(Some(AlertDescription::HandshakeFailure));
        attempt.chain.push(CertificateDer::from(vec![0x30]));
        assert_eq!(accepts(&attempt, true), Fact::Known(true));
    }

    #[test]
    fn silence_is_never_a_no() {
        assert!(accepts(&refused(None), true).known().is_none());
    }
}
