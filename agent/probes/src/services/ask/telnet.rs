//! Telnet (RFC 854): what the server shows to somebody who has just come, behind the negotiation of options.

use std::time::Duration;

use vedetta_checks::word::Reason;

use super::heard::{Heard, Outcome, Silence};
use super::peer::{Conversation, Peer};

/// Longest wait for the prompt; the log-in program has to be started first.
const PROMPT_TIME_MAX: Duration = Duration::from_secs(3);
/// "Interpret as command", and the commands of the negotiation.
const COMMAND: u8 = 255;
const DO_NOT: u8 = 254;
const DO: u8 = 253;
const WILL_NOT: u8 = 252;
const WILL: u8 = 251;
const BEGIN: u8 = 250;
const END: u8 = 240;
/// What stands before the place where a name or a password is typed.
const LOG_IN_WORDS: [&str; 9] =
    ["login:", "username:", "user name:", "user:", "password:", "passcode:", "utente:", "accesso:", "log in:"];

/// Connects, refuses every option, and reads until a prompt.
pub(super) async fn ask(peer: &Peer) -> Outcome {
    go_on(&mut peer.connect().await?).await
}

/// The same on a connection whose first bytes were not taken.
pub(super) async fn go_on(conversation: &mut Conversation) -> Outcome {
    let mut shown = Shown::default();
    let outcome = tokio::time::timeout(PROMPT_TIME_MAX, until_prompt(conversation, &mut shown)).await;
    match (outcome, shown.has_negotiated) {
        (Ok(Ok(heard)), _) => Ok(heard),
        (Ok(Err(silence)), false) if silence.reason == Reason::TOO_LARGE => Err(Silence::foreign()),
        (Ok(Err(silence)), false) => Err(silence),
        (Err(_), false) if shown.text.is_empty() => Err(Silence::because(Reason::TIMEOUT)),
        (Err(_), false) => Err(Silence::foreign()),
        (_, true) => Ok(Heard::untold(Reason::TIMEOUT, "negotiates options, shows no prompt")),
    }
}

async fn until_prompt(conversation: &mut Conversation, shown: &mut Shown) -> Outcome {
    loop {
        let received = conversation.gather(|_| true).await?;
        let refusals = shown.take(&received);
        if !refusals.is_empty() {
            conversation.send(&refusals).await?;
        }
        if let Some(heard) = shown.prompt() {
            return Ok(heard);
        }
    }
}

/// What was shown so far.
#[derive(Debug, Default)]
struct Shown {
    text: Vec<u8>,
    has_negotiated: bool,
    /// Bytes of a command that has not come whole.
    rest: Vec<u8>,
}

impl Shown {
    /// Takes what was received; answers what must be said to refuse every option.
    fn take(&mut self, received: &[u8]) -> Vec<u8> {
        let bytes = [&std::mem::take(&mut self.rest), received].concat();
        let mut refusals = Vec::new();
        let mut left = bytes.as_slice();
        while let Some((&byte, after)) = left.split_first() {
            if byte != COMMAND {
                self.text.push(byte);
                left = after;
                continue;
            }
            left = match after {
                [DO, option, after @ ..] => {
                    refusals.extend([COMMAND, WILL_NOT, *option]);
                    after
                }
                [WILL, option, after @ ..] => {
                    refusals.extend([COMMAND, DO_NOT, *option]);
                    after
                }
                [DO_NOT | WILL_NOT, _, after @ ..] => after,
                [BEGIN, inner @ ..] => match inner.windows(2).position(|pair| pair == [COMMAND, END]) {
                    Some(end) => inner.get(end + 2..).unwrap_or_default(),
                    None => break,
                },
                [] | [DO | WILL | DO_NOT | WILL_NOT] => break,
                [_, after @ ..] => after,
            };
            self.has_negotiated = true;
        }
        self.rest = left.to_vec();
        refusals
    }

    /// Whether the server now waits for a log-in, or for commands. What stands before the prompt is not kept.
    fn prompt(&self) -> Option<Heard> {
        let text = String::from_utf8_lossy(&self.text).to_ascii_lowercase();
        let last = text.trim_end();
        if LOG_IN_WORDS.iter().any(|word| last.ends_with(word)) {
            Some(Heard::required("log-in asked, in clear text"))
        } else if last.ends_with(['$', '#', '>', '%']) {
            Some(Heard::open("a prompt for commands without a log-in"))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::heard::Authentication;
    use super::*;

    #[test]
    fn options_are_refused_even_when_they_come_in_pieces() {
        let mut shown = Shown::default();
        assert_eq!(shown.take(&[COMMAND, DO, 24, COMMAND, WILL, 1, COMMAND]), [255, 252, 24, 255, 254, 1]);
        assert_eq!(shown.take(&[DO, 32, COMMAND, BEGIN, 24, 1]), [255, 252, 32]);
        assert_eq!(shown.take(&[COMMAND, END, b'o', b'k']), [0_u8; 0]);
        assert_eq!((shown.text.as_slice(), shown.has_negotiated), (b"ok".as_slice(), true));
    }

    #[test]
    fn the_last_word_before_the_wait_tells() {
        for (text, expected) in [
            ("\r\nDebian GNU/Linux 12\r\nhost login: ", Some(Authentication::Required)),
            ("Password:", Some(Authentication::Required)),
            ("\r\nBusyBox v1.36\r\n/ # ", Some(Authentication::Open)),
            ("Welcome", None),
            ("", None),
        ] {
            let mut shown = Shown::default();
            shown.take(text.as_bytes());
            assert_eq!(shown.prompt().map(|heard| heard.authentication), expected, "{text}");
        }
    }
}
