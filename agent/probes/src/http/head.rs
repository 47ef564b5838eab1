//! The head of an HTTP/1 response (RFC 9112), read as browsers read it: broken servers too.
//!
//! A strict parser refuses what we came to see. This one takes a line feed alone, folded lines, a missing reason, bytes
//! that are no UTF-8 and lines without a colon, and keeps a word for each. Only an answer that does not begin as HTTP
//! is refused.

/// Longest head that is read, in bytes; browsers stop at 256 KiB, honest servers below 16 KiB.
pub const HEAD_BYTES_MAX: usize = 64 * 1024;
/// Most fields of one head; further ones are left out and told.
pub const FIELDS_MAX: usize = 256;

/// How a head deviates from RFC 9112, as a word.
pub const BARE_LINE_FEED: &str = "bare_line_feed";
/// A value that goes on in the next line (obs-fold, section 5.2).
pub const FOLDED_LINE: &str = "folded_line";
/// A line that is neither a field nor a continuation.
pub const LINE_WITHOUT_COLON: &str = "line_without_colon";
/// A blank between the name and the colon (section 5.1), which has been used to smuggle requests.
pub const SPACE_BEFORE_COLON: &str = "space_before_colon";
/// Bytes that are no UTF-8; they are shown as replacement characters.
pub const NOT_UTF8: &str = "not_utf8";
/// More than [`FIELDS_MAX`] fields.
pub const TOO_MANY_FIELDS: &str = "too_many_fields";
/// `Content-Length` twice with different values, or beside `Transfer-Encoding` (section 6.3).
pub const CONFLICTING_LENGTH: &str = "conflicting_length";

/// Why bytes are no head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// The answer does not begin with `HTTP/`.
    #[error("the answer does not begin as HTTP does")]
    NotHttp,
    /// It begins so, but no status from 100 to 999 follows.
    #[error("the first line of the answer has no status from 100 to 999")]
    NoStatus,
}

/// A head that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Status code, 100 to 999.
    pub status: u16,
    /// Fields in the order sent: name in lower case, value without blanks around it.
    pub fields: Vec<(String, String)>,
    /// Deviations, as sorted words.
    pub problems: Vec<&'static str>,
}

impl Head {
    /// Every value of a field, in the order sent; `name` in lower case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a field; `name` in lower case.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Every member of a field that is a list (RFC 9110 section 5.6.1), in the order sent; empty ones are left out.
    pub fn members<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.all(name).flat_map(|value| value.split(',')).map(str::trim).filter(|member| !member.is_empty())
    }
}

/// Whether the first bytes of an answer can still become a head; blank lines before it are passed over.
#[must_use]
pub fn may_be_head(bytes: &[u8]) -> bool {
    let begin = bytes.trim_ascii_start();
    begin.iter().zip(b"HTTP/").all(|(found, wanted)| found.to_ascii_uppercase() == *wanted)
}

/// The position after the empty line that ends the head, looked for from `from`; none when it has not come yet.
#[must_use]
pub fn end(bytes: &[u8], from: usize) -> Option<usize> {
    let begin = bytes.len() - bytes.trim_ascii_start().len();
    // An end may straddle the border between two reads.
    let from = from.saturating_sub(3).max(begin);
    let rest = bytes.get(from..)?;
    let feeds = rest.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(position, _)| position);
    for feed in feeds {
        let after = rest.get(feed + 1..).unwrap_or_default();
        let skipped = if after.starts_with(b"\n") {
            1
        } else if after.starts_with(b"\r\n") {
            2
        } else {
            continue;
        };
        return Some(from + feed + 1 + skipped);
    }
    None
}

/// Reads a head, with or without the empty line at its end.
///
/// # Errors
/// [`HeadError`] when the bytes do not begin as HTTP or name no status; anything else is read.
pub fn parse(bytes: &[u8]) -> Result<Head, HeadError> {
    let mut problems = Vec::new();
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            problems.push(NOT_UTF8);
            String::from_utf8_lossy(bytes).into_owned()
        }
    };
    let text = text.trim_start();
    let mut lines = text.split_inclusive('\n');
    let status = status(without_end(lines.next().unwrap_or_default(), &mut problems))?;
    let fields = fields(lines, &mut problems);
    let mut head = Head { status, fields, problems };
    if has_conflicting_length(&head) {
        head.problems.push(CONFLICTING_LENGTH);
    }
    head.problems.sort_unstable();
    head.problems.dedup();
    Ok(head)
}

/// A line without its end, which may be a line feed alone.
fn without_end<'a>(line: &'a str, problems: &mut Vec<&'static str>) -> &'a str {
    let Some(line) = line.strip_suffix('\n') else { return line };
    line.strip_suffix('\r').unwrap_or_else(|| {
        problems.push(BARE_LINE_FEED);
        line
    })
}

fn status(line: &str) -> Result<u16, HeadError> {
    let begins = line.get(..5).is_some_and(|begin| begin.eq_ignore_ascii_case("HTTP/"));
    if !begins {
        return Err(HeadError::NotHttp);
    }
    let code = line.split_ascii_whitespace().nth(1).and_then(|word| word.parse::<u16>().ok());
    code.filter(|code| (100..=999).contains(code)).ok_or(HeadError::NoStatus)
}

fn fields<'a>(lines: impl Iterator<Item = &'a str>, problems: &mut Vec<&'static str>) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in lines {
        let bare = without_end(line, problems);
        if bare.is_empty() {
            break;
        }
        if bare.starts_with([' ', '\t']) {
            problems.push(FOLDED_LINE);
            if let Some((_, value)) = fields.last_mut() {
                value.push(' ');
                value.push_str(bare.trim());
            }
        } else if fields.len() == FIELDS_MAX {
            problems.push(TOO_MANY_FIELDS);
            break;
        } else if let Some((name, value)) = bare.split_once(':') {
            if name.ends_with([' ', '\t']) {
                problems.push(SPACE_BEFORE_COLON);
            }
            fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        } else {
            problems.push(LINE_WITHOUT_COLON);
        }
    }
    fields
}

fn has_conflicting_length(head: &Head) -> bool {
    let mut lengths = head.members("content-length");
    let first = lengths.next();
    first.is_some() && (lengths.any(|other| Some(other) != first) || head.first("transfer-encoding").is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Head {
        parse(text.as_bytes()).expect("a head")
    }

    #[test]
    fn fields_keep_their_order_and_lose_their_case() {
        let head = read("HTTP/1.1 200 OK\r\nServer: nginx\r\nSet-Cookie: a=1\r\nset-cookie:b=2 \r\n\r\nbody: no\r\n");
        assert_eq!((head.status, head.first("server")), (200, Some("nginx")));
        assert_eq!(head.all("set-cookie").collect::<Vec<_>>(), ["a=1", "b=2"]);
        assert_eq!(head.first("body"), None);
        assert!(head.problems.is_empty(), "{:?}", head.problems);
    }

    #[test]
    fn broken_heads_are_read_and_told() {
        let cases: [(&[u8], u16, &[&str]); 9] = [
            (b"HTTP/1.1 200\r\n\r\n", 200, &[]),
            (b"HTTP/1.0 404 Non trovato\r\n\r\n", 404, &[]),
            (b"\r\nhttp/1.1 301 x\r\n\r\n", 301, &[]),
            (b"HTTP/1.1 200 OK\nA: b\n\n", 200, &[BARE_LINE_FEED]),
            (b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", 200, &[FOLDED_LINE]),
            (b"HTTP/1.1 200 OK\r\nnothing\r\n\r\n", 200, &[LINE_WITHOUT_COLON]),
            (b"HTTP/1.1 200 OK\r\nA : b\r\n\r\n", 200, &[SPACE_BEFORE_COLON]),
            (b"HTTP/1.1 200 OK\r\nA: citt\xe0\r\n\r\n", 200, &[NOT_UTF8]),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 200, &[CONFLICTING_LENGTH]),
        ];
        for (bytes, status, problems) in cases {
            let head = parse(bytes).expect("a head");
            assert_eq!((head.status, head.problems.as_slice()), (status, problems), "{bytes:?}");
        }
    }

    #[test]
    fn a_folded_value_is_joined_with_a_blank() {
        assert_eq!(read("HTTP/1.1 200 OK\r\nA: b\r\n\tc\r\n\r\n").first("a"), Some("b c"));
    }

    #[test]
    fn what_is_no_http_is_refused() {
        for bytes in [&b"220 mail.example.it ESMTP\r\n"[..], b"", b"<html>", b"HTT", &[0xff, 0xfe]] {
            assert_eq!(parse(bytes), Err(HeadError::NotHttp), "{bytes:?}");
        }
        for bytes in [&b"HTTP/1.1\r\n\r\n"[..], b"HTTP/1.1 OK\r\n\r\n", b"HTTP/1.1 99 x\r\n", b"HTTP/1.1 -1\r\n"] {
            assert_eq!(parse(bytes), Err(HeadError::NoStatus), "{bytes:?}");
        }
    }

    #[test]
    fn the_end_of_the_head_is_found_with_any_line_end_and_over_the_border_of_reads() {
        for (bytes, from, expected) in [
            (&b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody"[..], 0, Some(25)),
            (b"HTTP/1.1 200 OK\nA: b\n\nbody", 0, Some(22)),
            (b"HTTP/1.1 200 OK\r\n\r\n", 18, Some(19)),
            (b"\r\n\r\nHTTP/1.1 200 OK\r\n", 0, None),
            (b"HTTP/1.1 200 OK\r\n\r", 0, None),
            (b"", 0, None),
        ] {
            assert_eq!(end(bytes, from), expected, "{bytes:?}");
        }
    }

    #[test]
    fn every_part_of_a_head_can_be_read() {
        let bytes = b"\r\nHTTP/1.1 200 Citt\xe0\r\nA: b\r\n c\n: \r\nd\r\nContent-Length: 1, 2\r\n\r\n\xff";
        for position in 0..bytes.len() {
            for part in [&bytes[position..], &bytes[..position]] {
                let _head = parse(part);
                let _end = (end(part, 0), end(part, position), may_be_head(part));
            }
        }
    }

    #[test]
    fn only_the_first_fields_are_kept() {
        let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(FIELDS_MAX + 1));
        let head = read(&many);
        assert_eq!((head.fields.len(), head.problems.as_slice()), (FIELDS_MAX, &[TOO_MANY_FIELDS][..]));
    }

    #[test]
    fn the_members_of_a_list_come_one_by_one() {
        let head = read("HTTP/1.1 200 OK\r\nA: b, c\r\nA: ,d\r\n\r\n");
        assert_eq!(head.members("a").collect::<Vec<_>>(), ["b", "c", "d"]);
    }
}
