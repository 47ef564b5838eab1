//! Replies that begin with three digits: SMTP and LMTP (RFC 5321 section 4.2), FTP (RFC 959 section 4.2), NNTP (RFC 3977 section 3.2).

use vedetta_checks::catalogue::ProbeError;

use super::clear::Clear;
use super::foreign;

/// Most lines of one reply or list; banners of FTP servers are the longest that there are.
pub(super) const LINES_MAX: usize = 200;
/// What a line with a code begins with.
const DIGITS: &[u8] = b"0123456789";

/// How a reply of several lines is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    /// Always one.
    One,
    /// A code before every line (SMTP).
    Coded,
    /// A code before the first and the last, anything between (FTP).
    Framed,
}

/// One reply.
#[derive(Debug)]
pub(super) struct Reply {
    /// Its code, 0 to 999.
    pub(super) code: u16,
    /// Its lines without code, at least one.
    pub(super) lines: Vec<String>,
}

impl Reply {
    /// Whether the first digit says that all is well.
    pub(super) const fn is_positive(&self) -> bool {
        self.code / 100 == 2
    }

    /// Whether a word stands first in a line after the first one: a keyword of an extension.
    pub(super) fn lists(&self, keyword: &str) -> bool {
        self.lines.iter().skip(1).any(|line| first_word_is(line, keyword))
    }

    /// For a message.
    pub(super) fn said(&self) -> String {
        format!("{} {}", self.code, self.lines.first().map_or("", |line| line.trim()))
    }
}

/// Whether a line begins with a word, in capital or small letters.
pub(super) fn first_word_is(line: &str, word: &str) -> bool {
    line.split_whitespace().next().is_some_and(|first| first.eq_ignore_ascii_case(word))
}

/// Reads one reply to its last line.
///
/// # Errors
/// As [`Clear::line`]; not the protocol where a code is missing.
pub(super) async fn read(clear: &mut Clear<'_>, what: &str, lines: Lines) -> Result<Reply, ProbeError> {
    let first = clear.line(what, DIGITS).await?;
    let (code, more, text) = parse(&first).ok_or_else(|| foreign(clear.protocol(), &format!("`{first}`")))?;
    let mut reply = Reply { code, lines: vec![text.to_owned()] };
    if !more || lines == Lines::One {
        return Ok(reply);
    }
    while reply.lines.len() < LINES_MAX {
        let line = clear.line(what, if lines == Lines::Coded { DIGITS } else { b"" }).await?;
        match (lines, parse(&line)) {
            (Lines::Coded, None) => return Err(foreign(clear.protocol(), &format!("`{line}`"))),
            (Lines::Framed, Some((other, false, text))) if other == code => {
                reply.lines.push(text.to_owned());
                return Ok(reply);
            }
            (Lines::Framed | Lines::One, _) => reply.lines.push(line),
            (Lines::Coded, Some((code, more, text))) => {
                reply.code = code;
                reply.lines.push(text.to_owned());
                if !more {
                    return Ok(reply);
                }
            }
        }
    }
    Err(clear.too_much(what))
}

/// Reads the lines of a list that ends with a point on a line of its own (RFC 3977 section 3.1.1, RFC 1939 section 3).
///
/// # Errors
/// As [`Clear::line`].
pub(super) async fn list(clear: &mut Clear<'_>, what: &str) -> Result<Vec<String>, ProbeError> {
    let mut lines = Vec::new();
    while lines.len() < LINES_MAX {
        let line = clear.line(what, b"").await?;
        if line == "." {
            return Ok(lines);
        }
        lines.push(line);
    }
    Err(clear.too_much(what))
}

/// Code, whether more lines follow, and text of a line.
fn parse(line: &str) -> Option<(u16, bool, &str)> {
    let (code, rest) = line.split_at_checked(3)?;
    let code = code.bytes().all(|byte| byte.is_ascii_digit()).then(|| code.parse().ok())??;
    match rest.split_at_checked(1) {
        None => Some((code, false, "")),
        Some(("-", text)) => Some((code, true, text)),
        Some((" ", text)) => Some((code, false, text)),
        Some(_) => None,
    }
}
