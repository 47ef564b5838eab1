//! ManageSieve (RFC 5804 sections 1.7 and 2.2).

use vedetta_checks::catalogue::ProbeError;

use super::clear::Clear;
use super::imap::with_literals;
use super::reply::LINES_MAX;
use super::{absent, foreign, refused};

/// What a line of the server begins with: a string, or OK, NO, BYE.
const FIRST: &[u8] = b"\"{ONBonb";

/// Reads the capabilities that the server greets with, and asks for TLS if it is among them.
///
/// # Errors
/// See [`super::upgrade`].
pub(super) async fn turn(clear: &mut Clear<'_>) -> Result<(), ProbeError> {
    let (capabilities, ending) = answer(clear, "the greeting").await?;
    if !is_ok(&ending) {
        return Err(refused(clear.protocol(), &ending));
    }
    if !capabilities.iter().any(|line| names_starttls(line)) {
        return Err(absent(clear.protocol(), "STARTTLS is not among its capabilities"));
    }
    clear.request(b"STARTTLS\r\n").await?;
    let (_, ending) = answer(clear, "the answer to STARTTLS").await?;
    if is_ok(&ending) { Ok(()) } else { Err(refused(clear.protocol(), &ending)) }
}

/// The lines up to the one with the status, and that one.
async fn answer(clear: &mut Clear<'_>, what: &str) -> Result<(Vec<String>, String), ProbeError> {
    let mut lines = Vec::new();
    while lines.len() < LINES_MAX {
        let line = clear.line(what, FIRST).await?;
        let line = with_literals(clear, what, line).await?;
        if line.starts_with(['"', '{']) {
            lines.push(line);
            continue;
        }
        return match status(&line) {
            Some(_) => Ok((lines, line)),
            None => Err(foreign(clear.protocol(), &format!("`{line}`"))),
        };
    }
    Err(clear.too_much(what))
}

/// The status that a line begins with, in capital letters.
pub(super) fn status(line: &str) -> Option<&'static str> {
    let word = line.split([' ', '(']).next().unwrap_or_default();
    ["OK", "NO", "BYE"].into_iter().find(|status| status.eq_ignore_ascii_case(word))
}

fn is_ok(ending: &str) -> bool {
    status(ending) == Some("OK")
}

/// Whether the first string of a line, quoted or literal, is STARTTLS.
fn names_starttls(line: &str) -> bool {
    let name = match line.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next().unwrap_or_default(),
        None => line.split_once('}').map_or("", |(_, literal)| literal),
    };
    name.trim().eq_ignore_ascii_case("STARTTLS")
}
