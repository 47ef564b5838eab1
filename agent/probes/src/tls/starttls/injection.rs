//! Whether a command that was sent in clear text, behind the request for TLS, is carried out under TLS (CVE-2011-0411 and kin).
//!
//! Somebody between client and server could put such a command there, and the server would take it for the client's. An
//! active test: it is asked only of servers that may be tried.

use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::fact::Fact;
use vedetta_checks::starttls::Starttls;
use vedetta_checks::word::Reason;

use super::super::any_certificate::configuration;
use super::super::connect::Deadline;
use super::super::dial::{Dialer, Dialled};
use super::clear::Clear;
use super::verdict::{answered, trial};
use super::{STAGE, turn};
use crate::network::io_reason;

/// Longest wait for one handshake.
const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(5);
/// Longest wait for answers under TLS where a farewell was sent, which most servers answer at once.
const FAREWELL_TIME_MAX: Duration = Duration::from_secs(2);
/// Longest wait for answers under TLS where nothing was sent.
const SILENCE_TIME_MAX: Duration = Duration::from_secs(1);
/// Most bytes that are read under TLS.
const ANSWER_BYTES_MAX: usize = 32 * 1024;
/// Bytes that are read at once.
const PART_BYTES: usize = 4096;

/// Whether the service carries out under TLS what was sent in clear text; opens one connection, or two when the request
/// or TLS breaks off.
///
/// To be asked only where active tests are allowed. A refusal of the request together with the further command, in words
/// or by hanging up, is a no where the request alone is granted right afterwards: the server noticed the command. Unknown
/// without STARTTLS and for MySQL and RDP (`does_not_apply`), for servers too old to finish a handshake with
/// (`handshake_refused`), where the connection fails, and where the look had to end first.
pub(crate) async fn injectable(dialer: &Dialer, tls_name: &ServerName<'static>) -> Fact<bool> {
    let plan = dialer.starttls.and_then(|protocol| {
        trial(protocol, &dialer.server_name, dialer.address.port()).map(|trial| (protocol, trial))
    });
    let Some((protocol, trial)) = plan else {
        return Fact::unknown(Reason::DOES_NOT_APPLY, "the client's next message cannot be a command");
    };
    let mut dialled = match dialer.open_clear().await {
        Ok(dialled) => dialled,
        Err(error) => return Fact::Unknown(error.to_unknown()),
    };
    let mut clear = Clear::new(&mut dialled.stream, protocol, dialer.deadline, trial.stowaway);
    if let Err(error) = turn(&mut clear, dialer).await {
        if !clear.requested() || error.reason == Reason::TIMEOUT {
            return Fact::Unknown(error.to_unknown());
        }
        drop(dialled);
        return match alone(dialer, protocol).await {
            Ok(_) => Fact::Known(false),
            Err(_) => Fact::Unknown(error.to_unknown()),
        };
    }
    // An answer in clear text, now or in the place of TLS, breaks the handshake: the command was not kept.
    let mut stream = match handshake(&mut dialled.stream, tls_name, dialer.deadline).await {
        Ok(stream) => stream,
        Err(broken) => {
            drop(dialled);
            return without_stowaway(dialer, protocol, tls_name, broken).await;
        }
    };
    let time_max = if trial.farewell.is_empty() { SILENCE_TIME_MAX } else { FAREWELL_TIME_MAX };
    let talk = converse(&mut stream, protocol, &trial.farewell);
    match dialer.deadline.run(time_max, talk).await {
        None if dialer.deadline.is_over() => {
            Fact::unknown(Reason::TIMEOUT, "the time for the whole look was up before the answer under TLS")
        }
        // Silence, or the end without an answer to the earlier command: it was thrown away.
        told => Fact::Known(told.flatten().unwrap_or(false)),
    }
}

/// TLS broke off when a command in clear text stood before it. Where it holds without one, the server did not keep the
/// command: TLS got it to read, or it was answered in clear text.
async fn without_stowaway(
    dialer: &Dialer,
    protocol: Starttls,
    tls_name: &ServerName<'static>,
    broken: ProbeError,
) -> Fact<bool> {
    let mut dialled = match alone(dialer, protocol).await {
        Ok(dialled) => dialled,
        Err(error) => return Fact::Unknown(error.to_unknown()),
    };
    match handshake(&mut dialled.stream, tls_name, dialer.deadline).await {
        Ok(_) => Fact::Known(false),
        Err(_) => Fact::Unknown(broken.to_unknown()),
    }
}

/// The control: the request for TLS with nothing behind it, up to its positive reply.
async fn alone(dialer: &Dialer, protocol: Starttls) -> Result<Dialled<'_>, ProbeError> {
    let mut dialled = dialer.open_clear().await?;
    let mut clear = Clear::new(&mut dialled.stream, protocol, dialer.deadline, Vec::new());
    turn(&mut clear, dialer).await?;
    Ok(dialled)
}

/// Sends the farewell and reads until the answers tell, or the server ends.
async fn converse(stream: &mut TlsStream<&mut TcpStream>, protocol: Starttls, farewell: &[u8]) -> Option<bool> {
    // A server that ended already may have answered before: what it said is read in any case.
    let _sent = stream.write_all(farewell).await;
    let _flushed = stream.flush().await;
    let mut bytes = Vec::new();
    let mut part = [0_u8; PART_BYTES];
    while bytes.len() < ANSWER_BYTES_MAX {
        let read = stream.read(&mut part).await.unwrap_or(0);
        if read == 0 {
            return None;
        }
        bytes.extend_from_slice(part.get(..read).unwrap_or_default());
        if let Some(answered) = answered(protocol, &bytes) {
            return Some(answered);
        }
    }
    None
}

/// Finishes TLS with whatever certificate the server has.
async fn handshake<'a>(
    stream: &'a mut TcpStream,
    name: &ServerName<'static>,
    deadline: Deadline,
) -> Result<TlsStream<&'a mut TcpStream>, ProbeError> {
    let configuration = configuration().map_err(|error| {
        ProbeError::new(STAGE, Reason::PROBE_FAILED, format!("a TLS client could not be set up: {error}"))
    })?;
    let attempt = TlsConnector::from(Arc::new(configuration)).connect(name.clone(), stream);
    match deadline.run(HANDSHAKE_TIME_MAX, attempt).await {
        Some(Ok(stream)) => Ok(stream),
        Some(Err(error)) => {
            let of_tls = error.get_ref().is_some_and(|cause| cause.is::<rustls::Error>());
            let reason = if of_tls { Reason::HANDSHAKE_REFUSED } else { io_reason(&error) };
            Err(ProbeError::new(STAGE, reason, format!("TLS after the test for injection: {error}")))
        }
        None => Err(ProbeError::new(STAGE, Reason::TIMEOUT, "TLS after the test for injection did not end in time")),
    }
}
