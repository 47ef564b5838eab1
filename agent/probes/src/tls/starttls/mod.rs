//! The turn from clear text to TLS, for each protocol that has one.
//!
//! [`upgrade`] speaks what its protocol demands before TLS and stops right behind the positive reply, so that no byte of
//! TLS is swallowed. Its outcome tells whether TLS is on offer:
//!
//! | outcome | `offered` |
//! | --- | --- |
//! | `Ok` | true |
//! | reason `no_starttls` | false: the service was heard, and it has no turn to TLS |
//! | reason `refused_starttls` | an error: it is on offer, or the service turned the visitor away, but not now or not for us |
//! | `closed`, `reset`, `timeout`, `not_the_protocol`, `too_large` | an error: it could not be told |
//!
//! [`late_refusal`] is for protocols that have no positive reply: asked after a first hello that failed, it tells a
//! refusal in clear text from a server that is broken. [`injectable`] is an active test.
//!
//! One file a protocol, each around `clear` (the bounded reader). Where a name can be given (SMTP, LMTP, and IMAP with
//! ID), the probe gives its own with the operator's contact, see `name`; the other protocols have no place for one that a
//! plain visitor may fill.

mod clear;
mod ftp;
mod imap;
mod injection;
mod ldap;
mod mysql;
mod name;
mod nntp;
mod pop3;
mod postgres;
mod rdp;
mod reply;
mod sieve;
mod smtp;
#[cfg(test)]
mod tests;
mod verdict;
mod xmpp;

use std::time::Duration;

use tokio::net::TcpStream;
use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::starttls::Starttls;
use vedetta_checks::word::Reason;

use super::dial::Dialer;
use clear::Clear;
pub(crate) use injection::injectable;

/// Stage of every error of this part.
const STAGE: &str = "starttls";
/// Longest wait for a refusal that comes instead of TLS.
const LATE_REFUSAL_TIME_MAX: Duration = Duration::from_secs(2);

/// Waits between the attempts of a visitor who is turned away.
const TURNED_AWAY_WAITS: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_millis(300), Duration::from_secs(1)];

/// Asks the service to turn to TLS; afterwards the first byte of TLS may be sent.
///
/// A service that agreed before and now turns the visitor away at the door has too many visitors: it is given some time,
/// and `stream` becomes another connection to it.
///
/// # Errors
/// Stage `starttls`: `no_starttls` (not on offer), `refused_starttls` (on offer but refused, or the visitor is turned
/// away), `not_the_protocol`, `too_large`, `timeout`, `closed`, `reset`. Stage `connect` when it lets nobody in any more.
pub(crate) async fn upgrade(stream: &mut TcpStream, protocol: Starttls, dialer: &Dialer) -> Result<(), ProbeError> {
    for wait in TURNED_AWAY_WAITS {
        match once(stream, protocol, dialer).await {
            Err(away) if away.at_the_door && dialer.has_turned() => {
                // Less than the wait when the look must end before.
                let _never = dialer.deadline.run(wait, std::future::pending::<()>()).await;
                *stream = dialer.connect_once().await?;
            }
            outcome => return outcome.map_err(|refusal| refusal.error),
        }
    }
    once(stream, protocol, dialer).await.map_err(|refusal| refusal.error)
}

/// Why a connection was not turned to TLS.
struct Refusal {
    error: ProbeError,
    /// Whether the service ended it before anything was said to it.
    at_the_door: bool,
}

/// Asks on one connection.
async fn once(stream: &mut TcpStream, protocol: Starttls, dialer: &Dialer) -> Result<(), Refusal> {
    let mut clear = Clear::new(stream, protocol, dialer.deadline, Vec::new());
    let turned = match turn(&mut clear, dialer).await {
        Ok(()) => clear.nothing_behind().await,
        Err(error) => Err(error),
    };
    if turned.is_ok() {
        dialer.note_turned();
    }
    turned.map_err(|error| {
        let ended = [Reason::REFUSED_STARTTLS, Reason::CLOSED, Reason::RESET].contains(&error.reason);
        Refusal { error, at_the_door: ended && !clear.has_spoken() }
    })
}

/// Whether the service says in clear text, after it agreed to TLS, that it will not turn to it; MySQL's way to refuse.
///
/// To be asked when the first hello of a look was answered with something that is not TLS, or with the end of the
/// connection. It opens one more connection; `None` when no refusal came.
pub(crate) async fn late_refusal(dialer: &Dialer) -> Option<ProbeError> {
    let protocol = dialer.starttls?;
    let mut dialled = dialer.open_clear().await.ok()?;
    let mut clear = Clear::new(&mut dialled.stream, protocol, dialer.deadline, Vec::new());
    if let Err(error) = turn(&mut clear, dialer).await {
        return Some(error);
    }
    if protocol == Starttls::Mysql {
        tokio::time::timeout(LATE_REFUSAL_TIME_MAX, mysql::refusal(&mut clear)).await.ok().flatten()
    } else {
        clear.nothing_behind().await.err()
    }
}

/// Speaks the protocol up to its positive reply.
async fn turn(clear: &mut Clear<'_>, dialer: &Dialer) -> Result<(), ProbeError> {
    match clear.protocol() {
        Starttls::Smtp => smtp::turn(clear, "EHLO", &name::presented(&dialer.identification)).await,
        Starttls::Lmtp => smtp::turn(clear, "LHLO", &name::presented(&dialer.identification)).await,
        Starttls::Imap => {
            // Once a look is enough.
            let introduction = (dialer.opened() <= 1).then(|| name::quoted(&dialer.identification));
            imap::turn(clear, introduction.as_deref()).await
        }
        Starttls::Pop3 => pop3::turn(clear).await,
        Starttls::Ftp => ftp::turn(clear).await,
        Starttls::Ldap => ldap::turn(clear).await,
        Starttls::Xmpp => xmpp::turn(clear, &dialer.server_name, dialer.address.port()).await,
        Starttls::Sieve => sieve::turn(clear).await,
        Starttls::Nntp => nntp::turn(clear).await,
        Starttls::Postgres => postgres::turn(clear).await,
        Starttls::Mysql => mysql::turn(clear).await,
        Starttls::Rdp => rdp::turn(clear).await,
    }
}

/// The service does not offer TLS.
fn absent(protocol: Starttls, said: &str) -> ProbeError {
    ProbeError::new(STAGE, Reason::NO_STARTTLS, format!("{}: {said}", protocol.word()))
}

/// The service offers TLS, or may, and refuses it when asked.
fn refused(protocol: Starttls, said: &str) -> ProbeError {
    ProbeError::new(STAGE, Reason::REFUSED_STARTTLS, format!("{}: {said}", protocol.word()))
}

/// What was read is not of the protocol.
fn foreign(protocol: Starttls, said: &str) -> ProbeError {
    ProbeError::new(STAGE, Reason::NOT_THE_PROTOCOL, format!("{}: {said}", protocol.word()))
}
