//! What the errors of the TLS library mean, for whoever finishes a handshake by it.

use std::io;

use vedetta_checks::word::Reason;

/// The library's own error inside one of the connection; `None` when it was the connection that failed.
pub(crate) fn error_within(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>())
}

/// Why nothing was agreed: the server refused, spoke something else, or the client could not begin.
pub(crate) const fn reason(error: &rustls::Error) -> Reason {
    use rustls::Error as E;
    if matches!(error, E::AlertReceived(_) | E::PeerIncompatible(_) | E::NoCertificatesPresented) {
        Reason::HANDSHAKE_REFUSED
    } else if matches!(
        error,
        E::InvalidMessage(_)
            | E::InappropriateMessage { .. }
            | E::InappropriateHandshakeMessage { .. }
            | E::PeerMisbehaved(_)
            | E::DecryptError
            | E::PeerSentOversizedRecord
    ) {
        Reason::NOT_TLS
    } else {
        Reason::PROBE_FAILED
    }
}
