//! Services that speak first: what a greeting alone tells, and which service it is.
//!
//! Ports of a super-server (inetd, systemd, a forwarder) are asked like this too: whoever holds the socket is not who
//! answers.

use std::time::Duration;

use vedetta_checks::word::Reason;

use super::heard::{Heard, Outcome, Silence, behind};
use super::peer::{Conversation, Peer};
use super::{ftp, rsync, telnet, vnc};

/// Longest wait for a greeting of a service that nobody knows; who has not spoken by then waits to be spoken to.
const UNKNOWN_TIME_MAX: Duration = Duration::from_millis(700);
/// First byte of a negotiation of telnet.
const TELNET: u8 = 255;

/// Reads the greeting of a service that is known to speak first.
pub(super) async fn ask(peer: &Peer) -> Outcome {
    let mut conversation = peer.connect().await?;
    let line = conversation.line().await?;
    read(&mut conversation, line).await
}

/// Listens whether an unknown service speaks first, and goes on with what it turns out to be.
pub(super) async fn ask_unknown(peer: &Peer) -> Outcome {
    let mut conversation = peer.connect().await?;
    let greeting = tokio::time::timeout(UNKNOWN_TIME_MAX, conversation.peek()).await;
    let greeting =
        greeting.map_err(|_| Silence { reason: Reason::NOT_ASKED, detail: "it waits to be spoken to" })??;
    let identity = |name, kind| (name, kind);
    if greeting.first() == Some(&TELNET) {
        return Ok(telnet::go_on(&mut conversation).await?.of(identity("telnet", "clear_text_login")));
    }
    if greeting.starts_with(b"RFB ") {
        let greeting: [u8; vnc::GREETING_BYTES] = conversation.array().await?;
        return Ok(vnc::go_on(&mut conversation, &greeting).await?.of(identity("vnc", "remote_admin")));
    }
    if greeting.starts_with(b"@RSYNCD: ") {
        return Ok(rsync::ask(peer).await?.of(identity("rsync", "file_sharing")));
    }
    let line = conversation.line().await?;
    if line.starts_with("220") && line.to_ascii_uppercase().contains("FTP") {
        return Ok(ftp::go_on(&mut conversation, line).await?.of(identity("ftp", "clear_text_login")));
    }
    read(&mut conversation, line).await
}

/// What a first line tells.
async fn read(conversation: &mut Conversation, line: String) -> Outcome {
    if let Some(software) = line.strip_prefix("SSH-").and_then(|rest| behind(rest, "-")) {
        let version = software.split_once(['_', '-']).map_or(software, |(_, version)| version);
        return Ok(Heard::required("SSH: log-in by the protocol")
            .with_version(Some(version))
            .of(("ssh", "remote_admin")));
    }
    let upper = line.to_ascii_uppercase();
    if line.starts_with("220") && (upper.contains("SMTP") || upper.contains("MAIL")) {
        conversation.leave(b"QUIT\r\n").await;
        let version = ["Exim ", "Sendmail ", "OpenSMTPD "].iter().find_map(|mark| behind(&line, mark));
        let heard = Heard::untold(Reason::DOES_NOT_APPLY, "takes mail from others by its purpose");
        return Ok(heard.with_version(version).of(("smtp", "mail")));
    }
    if upper.starts_with("* BYE") || line.starts_with("421") {
        return Ok(Heard::untold(Reason::BUSY, "turned away"));
    }
    let (heard, identity, leave): (_, _, &[u8]) = if upper.starts_with("* OK") {
        (Heard::required("greeting before log-in"), ("imap", "mail"), b"z LOGOUT\r\n")
    } else if upper.starts_with("* PREAUTH") {
        (Heard::open("greeting after log-in"), ("imap", "mail"), b"z LOGOUT\r\n")
    } else if upper.starts_with("+OK") {
        (Heard::required("greeting before log-in"), ("pop3", "mail"), b"QUIT\r\n")
    } else {
        return Err(Silence::foreign());
    };
    conversation.leave(leave).await;
    Ok(heard.of(identity))
}
