//! NNTP (RFC 4642).

use vedetta_checks::catalogue::ProbeError;

use super::clear::Clear;
use super::reply::{Lines, first_word_is, list, read};
use super::{absent, refused};

/// Asks for TLS if it is among the capabilities, or if the server has no list of them.
///
/// # Errors
/// See [`super::upgrade`].
pub(super) async fn turn(clear: &mut Clear<'_>) -> Result<(), ProbeError> {
    let greeting = read(clear, "the greeting", Lines::One).await?;
    if !greeting.is_positive() {
        return Err(refused(clear.protocol(), &greeting.said()));
    }
    let mut listed = capabilities(clear).await?;
    if listed.as_ref().is_some_and(|listed| !has(listed, "STARTTLS") && has(listed, "MODE-READER")) {
        // A server between servers shows its side for readers only when asked to (RFC 3977 section 5.3).
        clear.send(b"MODE READER\r\n").await?;
        if read(clear, "the answer to MODE READER", Lines::One).await?.is_positive() {
            listed = capabilities(clear).await?;
        }
    }
    if listed.as_ref().is_some_and(|listed| !has(listed, "STARTTLS")) {
        return Err(absent(clear.protocol(), "STARTTLS is not among its capabilities"));
    }
    clear.request(b"STARTTLS\r\n").await?;
    let answer = read(clear, "the answer to STARTTLS", Lines::One).await?;
    match answer.code {
        382 => Ok(()),
        500 | 501 | 503 if listed.is_none() => Err(absent(clear.protocol(), &answer.said())),
        _ => Err(refused(clear.protocol(), &answer.said())),
    }
}

/// What the server can do; `None` from one that does not know the question (before RFC 3977).
async fn capabilities(clear: &mut Clear<'_>) -> Result<Option<Vec<String>>, ProbeError> {
    clear.send(b"CAPABILITIES\r\n").await?;
    if read(clear, "its capabilities", Lines::One).await?.code != 101 {
        return Ok(None);
    }
    list(clear, "its capabilities").await.map(Some)
}

fn has(listed: &[String], capability: &str) -> bool {
    listed.iter().any(|line| first_word_is(line, capability))
}
