//! The turn from clear text to TLS, for each protocol that has one.

use tokio::net::TcpStream;
use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::starttls::Starttls;
use vedetta_checks::word::Reason;

use super::dial::Dialer;

/// Asks the service to turn to TLS; afterwards the first byte of TLS may be sent.
///
/// # Errors
/// Stage `starttls`: see [`Dialer::open`].
pub(crate) async fn upgrade(_stream: &mut TcpStream, protocol: Starttls, _dialer: &Dialer) -> Result<(), ProbeError> {
    Err(ProbeError::new("starttls", Reason::NO_STARTTLS, protocol.word()))
}
