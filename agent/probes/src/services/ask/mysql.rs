//! MySQL and MariaDB (MySQL Internals, "Connection Phase"): the server greets, and is told `root` without a password.
//!
//! To hang up after the greeting would be less harmless: the server counts visitors who do so and in the end shuts out the
//! host from which they come (`max_connect_errors`). A log-in that is refused is not counted.

use vedetta_checks::word::Reason;

use super::heard::{Authentication, Heard, Outcome, Silence};
use super::peer::{Conversation, Peer};

/// Longest packet that is read, in bytes; greetings have about 100.
const PACKET_BYTES_MAX: usize = 4096;
/// First byte of a greeting.
const VERSION_10: u8 = 10;
/// First byte of an error.
const ERROR: u8 = 0xFF;
/// First byte of the wish for another way to log in.
const OTHER_WAY: u8 = 0xFE;
/// What the client can: `LONG_PASSWORD`, `PROTOCOL_41`, `SECURE_CONNECTION`, `PLUGIN_AUTH`.
const CAPABILITIES: u32 = 1 | 1 << 9 | 1 << 15 | 1 << 19;
/// Most steps of a log-in.
const STEPS_MAX: usize = 4;
/// The client leaves.
const QUIT: &[u8] = &[1, 0, 0, 0, 1];
/// Character set utf8.
const UTF8: u8 = 33;
/// Errors that mean that there is no room now: too many connections, of all or of one user, or the server goes down.
const BUSY: [u16; 3] = [1040, 1203, 1053];
/// What is told of the error that lets nobody in from this host, whoever it is.
const UNWANTED_HOST: &str = "error 1130";
/// Error: this host has hung up too often.
const HOST_BLOCKED: u16 = 1129;
/// Error: no log-in without TLS.
const NEEDS_TLS: u16 = 3159;
/// What MariaDB puts before its version for the sake of old clients.
const REPLICATION_PREFIX: &str = "5.5.5-";

/// Whom the server is told to let in: its administrator, and nobody by name, whom an anonymous account lets in.
const ADMINISTRATOR: &[u8] = b"root";
const NOBODY: &[u8] = b"";

/// Asks whether a stranger may begin a session.
pub(super) async fn ask(peer: &Peer) -> Outcome {
    let heard = ask_as(peer, ADMINISTRATOR).await?;
    if heard.authentication != Authentication::Required || heard.answer == UNWANTED_HOST {
        return Ok(heard);
    }
    let as_nobody = ask_as(peer, NOBODY).await.ok();
    Ok(as_nobody.filter(|heard| heard.authentication == Authentication::Open).unwrap_or(heard))
}

async fn ask_as(peer: &Peer, user: &[u8]) -> Outcome {
    let mut conversation = peer.connect().await?;
    let (_, greeting) = packet(&mut conversation).await?;
    let version = match greeting.split_first() {
        Some((&VERSION_10, rest)) => {
            let text = String::from_utf8_lossy(rest.split(|byte| *byte == 0).next().unwrap_or_default()).into_owned();
            text.strip_prefix(REPLICATION_PREFIX).unwrap_or(&text).to_owned()
        }
        Some((&ERROR, rest)) => return error(rest),
        _ => return Err(Silence::foreign()),
    };
    Ok(log_in(&mut conversation, user).await?.with_version(Some(&version)))
}

/// Asks to be let in without a password, in whatever way the server likes.
async fn log_in(conversation: &mut Conversation, user: &[u8]) -> Outcome {
    let mut wish = CAPABILITIES.to_le_bytes().to_vec();
    wish.extend((1_u32 << 24).to_le_bytes());
    wish.push(UTF8);
    wish.extend([0; 23]);
    // The user, an empty answer to the challenge, and the way to log in.
    wish.extend(user);
    wish.extend(b"\0\0mysql_native_password\0");
    send(conversation, 1, &wish).await?;
    for _ in 0..STEPS_MAX {
        let (sequence, answer) = packet(conversation).await?;
        match answer.split_first() {
            Some((0, _)) => {
                conversation.leave(QUIT).await;
                return Ok(Heard::open(if user.is_empty() { "session begun without a name" } else { "session begun" }));
            }
            Some((&ERROR, rest)) => return error(rest),
            Some((&OTHER_WAY, _)) => send(conversation, sequence.wrapping_add(1), &[]).await?,
            Some((1, _)) => return Ok(Heard::required("password asked")),
            _ => return Err(Silence::foreign()),
        }
    }
    Ok(Heard::required("password asked"))
}

/// What an error means, by its number.
fn error(rest: &[u8]) -> Outcome {
    let number = rest.first_chunk::<2>().map(|number| u16::from_le_bytes(*number)).ok_or(Silence::foreign())?;
    let answer = format!("error {number}");
    Ok(match number {
        HOST_BLOCKED => Heard::untold(Reason::NOT_ALLOWED, answer),
        NEEDS_TLS => Heard::untold(Reason::NOT_ASKED, "no log-in without TLS"),
        number if BUSY.contains(&number) => Heard::untold(Reason::BUSY, answer),
        // 1045 and 1698 (access denied), 1130 (host not in the list), 1251 (no such way) and the like.
        _ => Heard::required(answer),
    })
}

async fn send(conversation: &mut Conversation, sequence: u8, content: &[u8]) -> Result<(), Silence> {
    let [low, middle, high, _] = u32::try_from(content.len()).unwrap_or_default().to_le_bytes();
    conversation.send(&[&[low, middle, high, sequence], content].concat()).await
}

/// One packet with its number.
async fn packet(conversation: &mut Conversation) -> Result<(u8, Vec<u8>), Silence> {
    let [low, middle, high, sequence] = conversation.array().await?;
    let size = usize::try_from(u32::from_le_bytes([low, middle, high, 0])).unwrap_or(usize::MAX);
    if size > PACKET_BYTES_MAX {
        return Err(Silence::foreign());
    }
    Ok((sequence, conversation.exact(size).await?))
}
