//! POP3 (RFC 2595 section 4, RFC 2449).

use vedetta_checks::catalogue::ProbeError;

use super::clear::{Clear, beginning};
use super::reply::{first_word_is, list};
use super::{absent, foreign, refused};

/// Asks for TLS if it is among the capabilities, or if the server has no list of them.
///
/// # Errors
/// See [`super::upgrade`].
pub(super) async fn turn(clear: &mut Clear<'_>) -> Result<(), ProbeError> {
    if let Err(said) = status(clear, "the greeting").await? {
        return Err(refused(clear.protocol(), &said));
    }
    clear.send(b"CAPA\r\n").await?;
    let listed = match status(clear, "its capabilities").await? {
        Ok(_) => Some(list(clear, "its capabilities").await?),
        Err(_) => None,
    };
    if listed.as_ref().is_some_and(|listed| !listed.iter().any(|line| first_word_is(line, "STLS"))) {
        return Err(absent(clear.protocol(), "STLS is not among its capabilities"));
    }
    clear.request(b"STLS\r\n").await?;
    match (status(clear, "the answer to STLS").await?, listed) {
        (Ok(_), _) => Ok(()),
        (Err(said), Some(_)) => Err(refused(clear.protocol(), &said)),
        (Err(said), None) => Err(absent(clear.protocol(), &said)),
    }
}

/// Reads a line with a status: what it says, as `Err` when it is the negative one.
async fn status(clear: &mut Clear<'_>, what: &str) -> Result<Result<String, String>, ProbeError> {
    let line = clear.line(what, b"+-").await?;
    let begins = |word: &str| line.get(..word.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(word));
    if begins("+OK") {
        return Ok(Ok(line));
    }
    if begins("-ERR") {
        return Ok(Err(line));
    }
    Err(foreign(clear.protocol(), &beginning(line.as_bytes())))
}
