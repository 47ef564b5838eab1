//! FTP (RFC 959): the log-in as `anonymous`, which is made for strangers (RFC 1635).

use vedetta_checks::word::Reason;

use super::heard::{Heard, Outcome, Silence};
use super::peer::{Conversation, Peer};

/// Most lines of one reply.
const LINES_MAX: usize = 100;

/// Logs in as a stranger is meant to, and leaves.
pub(super) async fn ask(peer: &Peer) -> Outcome {
    let mut conversation = peer.connect().await?;
    let greeting = conversation.line().await?;
    go_on(&mut conversation, greeting).await
}

/// The same after the first line of the greeting was read.
pub(super) async fn go_on(conversation: &mut Conversation, greeting: String) -> Outcome {
    let version = ["vsFTPd ", "ProFTPD ", "Pure-FTPd ", "FileZilla Server ", "Version "]
        .iter()
        .find_map(|mark| super::heard::behind(&greeting, mark))
        // Behind the name may stand that of the host, or its address.
        .filter(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit()))
        .map(str::to_owned);
    let (code, text) = reply(conversation, greeting).await?;
    let heard = match code {
        // Pure-FTPd lets whoever tries all the same wait for the refusal for longer than anybody should.
        220 if text.to_ascii_lowercase().contains("no anonymous login") => Heard::required("220: no anonymous login"),
        220 => log_in(conversation).await?,
        code @ 400..=499 => Heard::untold(Reason::BUSY, format!("greeting {code}")),
        _ => return Err(Silence::foreign()),
    };
    conversation.leave(b"QUIT\r\n").await;
    Ok(heard.with_version(version.as_deref()))
}

async fn log_in(conversation: &mut Conversation) -> Outcome {
    let (mut code, mut text) = command(conversation, b"USER anonymous\r\n").await?;
    if code == 331 {
        (code, text) = command(conversation, b"PASS vedetta@\r\n").await?;
    }
    Ok(match code {
        230 | 202 => Heard::open(format!("{code}: logged in")),
        400..=499 => Heard::untold(Reason::BUSY, format!("{code}")),
        // Refused in clear text for want of TLS (RFC 4217 section 4): what it does beneath TLS is not known.
        522 | 534 => Heard::untold(Reason::NOT_ASKED, format!("{code}: no log-in without TLS")),
        500..=599 if text.to_ascii_lowercase().contains("encrypt") => {
            Heard::untold(Reason::NOT_ASKED, format!("{code}: no log-in without TLS"))
        }
        331..=332 | 500..=599 => Heard::required(format!("{code}: not logged in")),
        _ => return Err(Silence::foreign()),
    })
}

async fn command(conversation: &mut Conversation, command: &[u8]) -> Result<(u16, String), Silence> {
    conversation.send(command).await?;
    let line = conversation.line().await?;
    reply(conversation, line).await
}

/// Code and text of a reply (section 4.2); a hyphen behind the code means that lines follow, up to one that begins with the
/// code and a space.
async fn reply(conversation: &mut Conversation, first: String) -> Result<(u16, String), Silence> {
    let (digits, rest) = first.split_at_checked(3).ok_or(Silence::foreign())?;
    let code = digits.parse().map_err(|_| Silence::foreign())?;
    if rest.starts_with('-') {
        let end = format!("{digits} ");
        let mut text = first;
        for _ in 0..LINES_MAX {
            let line = conversation.line().await?;
            text.push('\n');
            text.push_str(&line);
            if line.starts_with(&end) {
                return Ok((code, text));
            }
        }
        return Err(Silence::because(Reason::TOO_LARGE));
    }
    Ok((code, first))
}

#[cfg(test)]
mod tests {
    use super::super::heard::Authentication;
    use super::*;

    #[tokio::test]
    async fn what_a_greeting_alone_tells_is_not_asked_again() {
        let greeting = b"220---- Welcome to Pure-FTPd [privsep] ----\r\n220-This is a private system - No anonymous login\r\n220 Bye.\r\n";
        let heard = ask(&Peer::recorded(greeting)).await.expect("an answer");
        assert_eq!(heard.authentication, Authentication::Required);
    }

    #[tokio::test]
    async fn the_version_is_what_stands_at_once_behind_the_name() {
        for (greeting, expected) in [
            ("220 (vsFTPd 3.0.3)", Some("3.0.3")),
            ("220 ProFTPD 1.3.8 Server (Debian) [192.0.2.1]", Some("1.3.8")),
            ("220 ProFTPD Server (Comune) [2001:db8::1]", None),
            ("220 Welcome", None),
        ] {
            let answers = format!("{greeting}\r\n530 No.\r\n");
            let heard = ask(&Peer::recorded(answers.as_bytes())).await.expect("an answer");
            assert_eq!(
                (heard.authentication, heard.version.as_deref()),
                (Authentication::Required, expected),
                "{greeting}"
            );
        }
    }
}
