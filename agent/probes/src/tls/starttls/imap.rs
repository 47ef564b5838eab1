//! IMAP (RFC 9051 section 6.2.1; RFC 3501 before it).

use vedetta_checks::catalogue::ProbeError;

use super::clear::{Clear, beginning};
use super::reply::{LINES_MAX, first_word_is};
use super::{absent, foreign, refused};

/// What a line of the server begins with: untagged, or one of our tags.
const FIRST: &[u8] = b"*aA";
/// Tag of the introduction.
const ID_TAG: &str = "a0";
/// Tag of the question for capabilities.
const ASK_TAG: &str = "a1";
/// Tag of the request for TLS.
const TLS_TAG: &str = "a2";

/// Asks for TLS if it is among the capabilities of the greeting or, when they are not there, of the answer.
///
/// `introduction` is how the probe names itself to a server that takes names (RFC 2971); `None` where it did already.
///
/// # Errors
/// See [`super::upgrade`].
pub(super) async fn turn(clear: &mut Clear<'_>, introduction: Option<&str>) -> Result<(), ProbeError> {
    let greeting = line(clear, "the greeting").await?;
    match greeting.split_whitespace().nth(1).map(str::to_ascii_uppercase).as_deref() {
        Some("OK" | "PREAUTH") if greeting.starts_with('*') => {}
        Some("BYE") => return Err(refused(clear.protocol(), &greeting)),
        _ => return Err(foreign(clear.protocol(), &beginning(greeting.as_bytes()))),
    }
    let mut told = vec![greeting];
    if !told.iter().any(|line| lists(line, "STARTTLS")) {
        clear.send(format!("{ASK_TAG} CAPABILITY\r\n").as_bytes()).await?;
        let (lines, ending) = answer(clear, ASK_TAG, "its capabilities").await?;
        if !is_ok(&ending) {
            return Err(absent(clear.protocol(), &ending));
        }
        told.extend(lines);
        told.push(ending);
        if !told.iter().any(|line| lists(line, "STARTTLS")) {
            return Err(absent(clear.protocol(), "STARTTLS is not among its capabilities"));
        }
    }
    if let Some(name) = introduction
        && told.iter().any(|line| lists(line, "ID"))
    {
        clear.send(format!("{ID_TAG} ID (\"name\" \"{name}\")\r\n").as_bytes()).await?;
        answer(clear, ID_TAG, "the answer to ID").await?;
    }
    clear.request(format!("{TLS_TAG} STARTTLS\r\n").as_bytes()).await?;
    let (_, ending) = answer(clear, TLS_TAG, "the answer to STARTTLS").await?;
    if is_ok(&ending) { Ok(()) } else { Err(refused(clear.protocol(), &ending)) }
}

/// Untagged lines up to the tagged one, and that one.
async fn answer(clear: &mut Clear<'_>, tag: &str, what: &str) -> Result<(Vec<String>, String), ProbeError> {
    let mut lines = Vec::new();
    while lines.len() < LINES_MAX {
        let line = line(clear, what).await?;
        if first_word_is(&line, tag) {
            return Ok((lines, line));
        }
        if line.split_whitespace().nth(1).is_some_and(|word| word.eq_ignore_ascii_case("BYE")) {
            return Err(refused(clear.protocol(), &line));
        }
        lines.push(line);
    }
    Err(clear.too_much(what))
}

/// A line with the literals in it (RFC 9051 section 4.3).
async fn line(clear: &mut Clear<'_>, what: &str) -> Result<String, ProbeError> {
    let first = clear.line(what, FIRST).await?;
    with_literals(clear, what, first).await
}

/// Reads on where a line ends with the size of a literal: so many bytes, then the rest of the line.
///
/// # Errors
/// As [`Clear::line`].
pub(super) async fn with_literals(clear: &mut Clear<'_>, what: &str, first: String) -> Result<String, ProbeError> {
    let mut whole = first;
    for _ in 0..LINES_MAX {
        let Some(size) = literal_size(&whole) else { return Ok(whole) };
        let literal = clear.exact(what, size).await?;
        whole.push_str(&String::from_utf8_lossy(&literal));
        whole.push_str(&clear.line(what, b"").await?);
    }
    Err(clear.too_much(what))
}

/// The size in `{12}` or `{12+}` at the end of a line.
fn literal_size(line: &str) -> Option<usize> {
    let (_, size) = line.strip_suffix('}')?.rsplit_once('{')?;
    size.strip_suffix('+').unwrap_or(size).parse().ok()
}

fn is_ok(ending: &str) -> bool {
    ending.split_whitespace().nth(1).is_some_and(|word| word.eq_ignore_ascii_case("OK"))
}

/// Whether a line has a list of capabilities, as data or as the code of a status, with this one in it.
fn lists(line: &str, capability: &str) -> bool {
    let line = line.to_ascii_uppercase();
    let Some((_, list)) = line.split_once("CAPABILITY ") else { return false };
    list.split(']').next().unwrap_or_default().split_whitespace().any(|word| word == capability)
}
