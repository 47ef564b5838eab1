//! PostgreSQL (its documentation, "Message Formats"): the start of a session as `postgres`, and the end of it as soon as
//! the server has said whether it wants a password. None is ever sent.

use std::sync::Arc;

use rustls_pki_types::ServerName;
use tokio_rustls::TlsConnector;
use vedetta_checks::word::Reason;

use super::heard::{Authentication, Heard, Outcome, Silence};
use super::peer::{Conversation, Peer};
use crate::tls::any_certificate;

/// StartupMessage of protocol 3.0, without its length: as the administrator.
const STARTUP: &[u8] = b"\x00\x03\x00\x00user\0postgres\0database\0postgres\0application_name\0vedetta\0\0";
/// The same as somebody who is not known there, in the database that every server has: a server that trusts whoever comes
/// says so before it looks whether there is such a user.
const STARTUP_OF_NOBODY: &[u8] = b"\x00\x03\x00\x00user\0vedetta\0database\0template1\0application_name\0vedetta\0\0";
/// SSLRequest.
const TLS_REQUEST: &[u8] = &[0, 0, 0, 8, 4, 210, 22, 47];
/// Terminate.
const TERMINATE: &[u8] = b"X\x00\x00\x00\x04";
/// Most messages that are read on the way to the version.
const MESSAGES_MAX: usize = 64;
/// Longest message, in bytes.
const MESSAGE_BYTES_MAX: usize = 8 * 1024;
/// Refused by the list of who may connect from where.
const NOT_LISTED: &[u8] = b"28000";
/// Refused for its password.
const WRONG_PASSWORD: &[u8] = b"28P01";
/// Too many connections, or starting up, or shutting down.
const BUSY: [&[u8]; 3] = [b"53300", b"57P03", b"57P01"];

/// Asks whether a stranger may begin a session: as the administrator, whom a list may except, then as nobody.
pub(super) async fn ask(peer: &Peer) -> Outcome {
    let heard = ask_as(peer, STARTUP).await?;
    if heard.authentication != Authentication::Required {
        return Ok(heard);
    }
    let as_nobody = ask_as(peer, STARTUP_OF_NOBODY).await.ok();
    Ok(as_nobody.filter(|heard| heard.authentication == Authentication::Open).unwrap_or(heard))
}

/// Asks so, over TLS when the server lets nobody in without it.
async fn ask_as(peer: &Peer, startup: &[u8]) -> Outcome {
    let mut conversation = peer.connect().await?;
    let (heard, code) = start(&mut conversation, startup).await?;
    if code.as_deref() != Some(NOT_LISTED) {
        return Ok(heard);
    }
    Ok(encrypted(peer, startup).await.map_or(heard, |(heard, _)| heard))
}

/// The same question beneath TLS. Its certificate is judged by the probe `tls`, not here.
async fn encrypted(peer: &Peer, startup: &[u8]) -> Result<(Heard, Option<Vec<u8>>), Silence> {
    let mut conversation = peer.connect().await?;
    conversation.send(TLS_REQUEST).await?;
    let [b'S'] = conversation.array().await? else { return Err(Silence::foreign()) };
    let configuration = any_certificate::configuration().map_err(|_| Silence::because(Reason::PROBE_FAILED))?;
    let name = ServerName::try_from("localhost").map_err(|_| Silence::because(Reason::PROBE_FAILED))?;
    start(&mut conversation.encrypt(&TlsConnector::from(Arc::new(configuration)), name).await?, startup).await
}

/// Begins a session: what was heard, and the code of an error.
async fn start(conversation: &mut Conversation, startup: &[u8]) -> Result<(Heard, Option<Vec<u8>>), Silence> {
    let length = u32::try_from(startup.len() + 4).unwrap_or_default();
    conversation.send(&[&length.to_be_bytes(), startup].concat()).await?;
    match message(conversation).await? {
        (b'R', content) => match content.first_chunk::<4>().map(|code| u32::from_be_bytes(*code)) {
            Some(0) => {
                let version = version(conversation).await;
                conversation.leave(TERMINATE).await;
                Ok((Heard::open("session begun").with_version(version.as_deref()), None))
            }
            Some(method) => Ok((Heard::required(way_in(method)), None)),
            None => Err(Silence::foreign()),
        },
        (b'E', content) => {
            let code = content.split(|byte| *byte == 0).find_map(|field| field.strip_prefix(b"C"));
            let code = code.ok_or(Silence::foreign())?;
            let heard = if BUSY.contains(&code) {
                Heard::untold(Reason::BUSY, "busy")
            } else if code == NOT_LISTED || code == WRONG_PASSWORD {
                Heard::required("refused: not in the list of who may connect")
            } else {
                Heard::untold(Reason::NOT_FOUND, "refused")
            };
            Ok((heard, Some(code.to_vec())))
        }
        _ => Err(Silence::foreign()),
    }
}

/// What the server wants of a visitor, by the number in its request.
const fn way_in(method: u32) -> &'static str {
    match method {
        3 => "password asked, in clear text",
        5 => "password asked, MD5",
        10 => "password asked, SCRAM",
        2 | 7 | 9 => "Kerberos asked",
        _ => "log-in asked",
    }
}

/// The version among the parameters that the server tells at the beginning.
async fn version(conversation: &mut Conversation) -> Option<String> {
    for _ in 0..MESSAGES_MAX {
        match message(conversation).await.ok()? {
            (b'S', content) => {
                let mut texts = content.split(|byte| *byte == 0);
                if texts.next() == Some(b"server_version") {
                    return Some(String::from_utf8_lossy(texts.next()?).into_owned());
                }
            }
            (b'Z' | b'E', _) => return None,
            _ => {}
        }
    }
    None
}

/// One message: its kind and its content.
async fn message(conversation: &mut Conversation) -> Result<(u8, Vec<u8>), Silence> {
    let [kind, length @ ..] = conversation.array::<5>().await?;
    let size = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    match size.checked_sub(4) {
        Some(size) if size <= MESSAGE_BYTES_MAX => Ok((kind, conversation.exact(size).await?)),
        _ => Err(Silence::foreign()),
    }
}
