//! Redis and Valkey (Redis serialization protocol): `PING`, which every server answers or says why not.

use vedetta_checks::word::Reason;

use super::heard::{Heard, Outcome, Silence, behind};
use super::peer::{Conversation, Peer};

/// The field of `INFO server` that names the version.
const VERSION: &str = "redis_version:";

/// Commands that read and change nothing: an ACL may allow a stranger any of them and not `PING`. One that forbids them all
/// may still allow others, which write: those are not tried.
const COMMANDS: &[&[u8]] =
    &[b"EXISTS vedetta-asks-for-nothing\r\n", b"GET vedetta-asks-for-nothing\r\n", b"DBSIZE\r\n"];

/// Asks whether a stranger may give commands. `NOAUTH` (a password or ACL) and `DENIED` (protected mode) turn strangers
/// away; `NOPERM` (an ACL) forbids one command, and the others are tried. Where it forbids them all, strangers are still let
/// in without a password, and what they may do is not told.
pub(super) async fn ask(peer: &Peer) -> Outcome {
    let mut conversation = peer.connect().await?;
    conversation.send(b"PING\r\n").await?;
    let line = conversation.line().await?;
    match line.split(' ').next().unwrap_or_default() {
        "+PONG" if peer.is_stand_in && is_protected(&mut conversation).await? => {
            Ok(Heard::required("protected mode: it serves this host alone"))
        }
        "+PONG" if !may_command(&mut conversation).await.unwrap_or(true) => {
            Ok(Heard::untold(Reason::NOT_ASKED, "PONG, then NOPERM: other commands may be allowed"))
        }
        "+PONG" => Ok(Heard::open("PONG").with_version(version(&mut conversation).await.as_deref())),
        "-NOAUTH" => Ok(Heard::required("NOAUTH")),
        "-NOPERM" if may_command(&mut conversation).await? => Ok(Heard::open("commands taken, PING alone refused")),
        "-NOPERM" => Ok(Heard::untold(Reason::NOT_ASKED, "NOPERM: other commands may be allowed")),
        "-DENIED" => Ok(Heard::required("DENIED: protected mode")),
        "-LOADING" | "-BUSY" => Ok(Heard::untold(Reason::BUSY, "busy")),
        "-ERR" if line.contains("max number of clients") => Ok(Heard::untold(Reason::BUSY, "too many clients")),
        _ => Err(Silence::foreign()),
    }
}

/// Whether a server that answers at a loopback address turns others away. Asked only where the host has no other address:
/// to loopback, protected mode is no obstacle.
async fn is_protected(conversation: &mut Conversation) -> Result<bool, Silence> {
    conversation.send(b"CONFIG GET protected-mode\r\n").await?;
    let answer = conversation.gather(|answer| answer.starts_with(b"-") || answer.ends_with(b"\r\n")).await?;
    Ok(String::from_utf8_lossy(&answer).contains("\r\nyes\r\n"))
}

/// Whether a stranger may give any of the commands, on whichever keys.
async fn may_command(conversation: &mut Conversation) -> Result<bool, Silence> {
    for command in COMMANDS {
        conversation.send(command).await?;
        let line = conversation.line().await?;
        if !(line.starts_with("-NOPERM") && line.contains(" to run ")) {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn version(conversation: &mut Conversation) -> Option<String> {
    conversation.send(b"INFO server\r\n").await.ok()?;
    let is_told = |answer: &[u8]| {
        let text = String::from_utf8_lossy(answer);
        text.starts_with('-') || behind(&text, VERSION).is_some_and(|rest| rest.contains('\n'))
    };
    let answer = conversation.gather(is_told).await.ok()?;
    behind(&String::from_utf8_lossy(&answer), VERSION).map(|rest| rest.lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::heard::Authentication;
    use super::*;

    #[tokio::test]
    async fn an_acl_that_forbids_what_is_asked_may_allow_what_is_not() {
        // As Redis 7.0 words it.
        const FORBIDDEN: &str = "-NOPERM User default has no permissions to run the 'x' command\r\n";
        let untold = Authentication::NotTested(Reason::NOT_ASKED);
        for (answers, expected) in [
            ("+PONG\r\n:0\r\n".to_owned(), Authentication::Open),
            (format!("+PONG\r\n{FORBIDDEN}:0\r\n"), Authentication::Open),
            (format!("+PONG\r\n{}", FORBIDDEN.repeat(3)), untold.clone()),
            (format!("{FORBIDDEN}:0\r\n"), Authentication::Open),
            (format!("{FORBIDDEN}{FORBIDDEN}$-1\r\n"), Authentication::Open),
            (format!("{FORBIDDEN}-NOPERM No permissions to access a key\r\n"), Authentication::Open),
            (FORBIDDEN.repeat(4), untold),
            ("-NOAUTH Authentication required.\r\n".to_owned(), Authentication::Required),
        ] {
            let heard = ask(&Peer::recorded(answers.as_bytes())).await.expect("an answer");
            assert_eq!(heard.authentication, expected, "{answers}");
        }
    }

    #[tokio::test]
    async fn protected_mode_is_asked_for_where_only_loopback_answers() {
        const PROTECTED: &[u8] = b"+PONG\r\n*2\r\n$14\r\nprotected-mode\r\n$3\r\nyes\r\n";
        let peer = Peer::recorded(PROTECTED);
        assert_eq!(ask(&peer).await.expect("an answer").authentication, Authentication::Open);
        let heard = ask(&peer.stand_in()).await.expect("an answer");
        assert_eq!(heard.authentication, Authentication::Required);
    }
}
