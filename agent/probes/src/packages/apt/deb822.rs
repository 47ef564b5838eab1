//! Stanzas of `Field: value` lines, deb822(5), read as a stream.
//!
//! dpkg's status, apt's lists, sources and preferences all have this form. The reader holds one stanza and what the
//! file gave with it, never the file; a stanza that nobody asks is never turned into text.

use std::io::{self, Read};

use memchr::memchr;
use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use crate::files::FileError;

/// Longest stanza, in bytes; Debian's longest has some 100 KB.
const STANZA_BYTES_MAX: usize = 1024 * 1024;
/// Most bytes of one file, unpacked; the largest list of Debian sid has some 60 MB.
const FILE_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// How much is read at once, in bytes.
const CHUNK_BYTES: u64 = 64 * 1024;

/// Why a file of stanzas could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum StanzaError {
    /// The file could not be opened or read.
    #[error(transparent)]
    File(#[from] FileError),
    /// Reading or unpacking broke off.
    #[error("{path}, line {line}: {source}")]
    Read {
        /// The path as on the host.
        path: String,
        /// The line after which it broke off.
        line: u64,
        /// What the system or the unpacker said.
        source: io::Error,
    },
    /// The content breaks the form.
    #[error("{path}, line {line}: {problem}")]
    Form {
        /// The path as on the host.
        path: String,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        problem: &'static str,
    },
}

impl StanzaError {
    /// The same as a reason why a fact is unknown.
    #[must_use]
    pub(super) fn to_unknown(&self) -> Unknown {
        match self {
            Self::File(error) => error.to_unknown(),
            Self::Read { .. } | Self::Form { .. } => Unknown::new(Reason::CORRUPT, self.to_string()),
        }
    }
}

/// Reads stanzas one after the other.
pub(super) struct Stanzas<'a> {
    path: &'a str,
    reader: Box<dyn Read + 'a>,
    /// What was read and not yet handed out, from `begin` on.
    buffer: Vec<u8>,
    begin: usize,
    bytes_read: u64,
    /// Number of the line that begins at `begin`, less one.
    lines: u64,
    finished: bool,
    must_end_in_line_break: bool,
}

/// One stanza as it stands in the file.
#[derive(Clone, Copy)]
pub(super) struct Stanza<'a> {
    path: &'a str,
    bytes: &'a [u8],
    /// Line on which the stanza begins, from 1.
    pub(super) first_line: u64,
}

/// What a line is within a stanza.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Blank,
    Comment,
    Further,
    Field,
}

impl Line {
    fn parse(line: &[u8]) -> Result<Self, &'static str> {
        match line.first() {
            None => Ok(Self::Blank),
            Some(b'\r') if line.len() == 1 => Ok(Self::Blank),
            Some(b' ' | b'\t') => Ok(Self::Further),
            Some(b'#') => Ok(Self::Comment),
            Some(_) => {
                for byte in line {
                    match byte {
                        b':' => return Ok(Self::Field),
                        0x21..=0x7e => {}
                        _other => return Err("no field name: a line is `Field: value`"),
                    }
                }
                Err("no field name: a line is `Field: value`")
            }
        }
    }
}

impl<'a> Stanzas<'a> {
    /// A reader of stanzas; `path` is for errors only.
    pub(super) fn new(path: &'a str, reader: Box<dyn Read + 'a>) -> Self {
        Self {
            path,
            reader,
            buffer: Vec::new(),
            begin: 0,
            bytes_read: 0,
            lines: 0,
            finished: false,
            must_end_in_line_break: false,
        }
    }

    /// Takes a last line without a line break as the sign of a file that was cut: for files that programs write.
    pub(super) fn written_by_a_program(self) -> Self {
        Self { must_end_in_line_break: true, ..self }
    }

    /// The next stanza, or none at the end.
    ///
    /// # Errors
    /// [`StanzaError`] names the file and the line.
    pub(super) fn read_next(&mut self) -> Result<Option<Stanza<'_>>, StanzaError> {
        let mut at = self.begin;
        let mut first: Option<(usize, u64)> = None;
        loop {
            let rest = self.buffer.get(at..).unwrap_or_default();
            let length = match memchr(b'\n', rest) {
                Some(length) => length,
                None if !self.finished => {
                    let keep = first.map_or(at, |(begin, _)| begin);
                    self.fill(keep)?;
                    at -= keep;
                    first = first.map(|(_, line)| (0, line));
                    continue;
                }
                None if rest.is_empty() => break,
                None if self.must_end_in_line_break => {
                    self.lines += 1;
                    return Err(self.form("the file is cut in this line"));
                }
                None => rest.len(),
            };
            let line = rest.get(..length).unwrap_or_default();
            self.lines += 1;
            let kind = Line::parse(line).map_err(|problem| self.form(problem))?;
            let after = (at + length + 1).min(self.buffer.len());
            match (kind, first) {
                (Line::Blank, Some(_)) => {
                    self.begin = after;
                    return Ok(self.stanza(first, at));
                }
                (Line::Field, None) => first = Some((at, self.lines)),
                (Line::Further, None) if !line.trim_ascii().is_empty() => {
                    return Err(self.form("a further line without a field before it"));
                }
                (Line::Field | Line::Further | Line::Comment, _) | (Line::Blank, None) => {}
            }
            at = after;
            if first.is_some_and(|(begin, _)| at - begin > STANZA_BYTES_MAX) {
                return Err(self.form("the stanza around this line is longer than 1 MiB"));
            }
        }
        self.begin = at;
        Ok(self.stanza(first, at))
    }

    fn stanza(&self, first: Option<(usize, u64)>, end: usize) -> Option<Stanza<'_>> {
        let (begin, first_line) = first?;
        Some(Stanza { path: self.path, bytes: self.buffer.get(begin..end)?, first_line })
    }

    /// Reads on, after dropping what lies before `keep`.
    fn fill(&mut self, keep: usize) -> Result<(), StanzaError> {
        self.buffer.drain(..keep.min(self.buffer.len()));
        self.begin = 0;
        if self.buffer.len() > STANZA_BYTES_MAX {
            self.lines += 1;
            return Err(self.form("the line is longer than 1 MiB"));
        }
        let read = (&mut self.reader)
            .take(CHUNK_BYTES)
            .read_to_end(&mut self.buffer)
            .map_err(|source| StanzaError::Read { path: self.path.to_owned(), line: self.lines, source })?;
        self.bytes_read += read as u64;
        if self.bytes_read > FILE_BYTES_MAX {
            return Err(self.form("the file is longer than 512 MiB"));
        }
        self.finished = read == 0;
        Ok(())
    }

    fn form(&self, problem: &'static str) -> StanzaError {
        StanzaError::Form { path: self.path.to_owned(), line: self.lines, problem }
    }

    /// How many bytes of the file were read by now, unpacked.
    pub(super) fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// An error about the end of this file.
    pub(super) fn at_end(&self, problem: &'static str) -> StanzaError {
        self.form(problem)
    }
}

impl<'a> Stanza<'a> {
    /// The value of the first line, when that is the wanted field: the cheap way to pass over a stanza.
    pub(super) fn leading(&self, field: &str) -> Option<&'a [u8]> {
        let end = memchr(b'\n', self.bytes).unwrap_or(self.bytes.len());
        let (name, value) = self.bytes.get(..end)?.split_at_checked(field.len())?;
        let value = value.strip_prefix(b":")?;
        name.eq_ignore_ascii_case(field.as_bytes()).then(|| value.trim_ascii())
    }

    /// The values of the wanted fields, trimmed; empty where the stanza has none. A further line keeps its line break.
    ///
    /// # Errors
    /// [`StanzaError`] names the line of a wanted field that stands twice or is no text.
    pub(super) fn read<const N: usize>(&self, wanted: [&str; N]) -> Result<[&'a str; N], StanzaError> {
        let mut values = [None; N];
        let (mut open, mut at, mut line_number) = (None, 0, self.first_line);
        while let Some(rest) = self.bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let length = memchr(b'\n', rest).unwrap_or(rest.len());
            let line = rest.get(..length).unwrap_or_default();
            if !matches!(line.first(), Some(b' ' | b'\t' | b'#')) {
                self.close(&mut values, open, at)?;
                let name = line.get(..memchr(b':', line).unwrap_or(length)).unwrap_or_default();
                let place = wanted.iter().position(|field| name.eq_ignore_ascii_case(field.as_bytes()));
                open = place.map(|place| (place, at + name.len() + 1, line_number));
            }
            at += length + 1;
            line_number += 1;
        }
        self.close(&mut values, open, self.bytes.len())?;
        Ok(values.map(Option::unwrap_or_default))
    }

    /// Keeps the value of the field that ends before `end`.
    fn close(
        &self,
        values: &mut [Option<&'a str>],
        open: Option<(usize, usize, u64)>,
        end: usize,
    ) -> Result<(), StanzaError> {
        let Some((place, begin, line)) = open else { return Ok(()) };
        let problem = |problem| StanzaError::Form { path: self.path.to_owned(), line, problem };
        let bytes = self.bytes.get(begin..end.min(self.bytes.len())).unwrap_or_default();
        let text = std::str::from_utf8(bytes).map_err(|_| problem("not UTF-8 text"))?;
        if memchr(0, bytes).is_some() {
            return Err(problem("a zero byte in the text"));
        }
        match values.get_mut(place) {
            Some(Some(_)) => Err(problem("the field stands twice in one stanza")),
            Some(value) => {
                *value = Some(text.trim());
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// An error about this stanza.
    pub(super) fn problem(&self, problem: &'static str) -> StanzaError {
        StanzaError::Form { path: self.path.to_owned(), line: self.first_line, problem }
    }
}

/// A text of people, with its comment lines blanked so that they part no value; the lines keep their numbers.
pub(super) fn without_comments(text: &str) -> String {
    let lines = text.lines().map(|line| if line.starts_with('#') { " " } else { line });
    lines.flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, String, u64)>, String> {
        let mut stanzas = Stanzas::new("/file", Box::new(text.as_bytes()));
        let mut all = Vec::new();
        while let Some(stanza) = stanzas.read_next().map_err(|error| error.to_string())? {
            let [package, status] = stanza.read(["package", "status"]).map_err(|error| error.to_string())?;
            all.push((package.to_owned(), status.to_owned(), stanza.first_line));
        }
        Ok(all)
    }

    #[test]
    fn stanzas_are_parted_by_blank_lines_and_name_their_first_line() {
        let text = "\n# comment\nPackage: a\nDescription: x\n more\n\n\nPACKAGE:b\nStatus:  install\n  ok\n";
        let expected = vec![("a".to_owned(), String::new(), 3), ("b".to_owned(), "install\n  ok".to_owned(), 8)];
        assert_eq!(read(text), Ok(expected.clone()));
        assert_eq!(read(text.trim_end()), Ok(expected), "without the last line break");
        let with_carriage_returns = read(&text.replace('\n', "\r\n")).expect("readable");
        assert_eq!(with_carriage_returns[1].2, 8);
        assert_eq!(with_carriage_returns[0].0, "a");
    }

    #[test]
    fn stanzas_across_the_borders_of_what_is_read_at_once_stay_whole() {
        let filler = format!(" {}\n", "x".repeat(700)).repeat(60);
        let text: String = (0..50).map(|number| format!("Package: p{number}\nFill:\n{filler}\n")).collect();
        let names: Vec<String> = read(&text).expect("readable").into_iter().map(|(name, _, _)| name).collect();
        assert_eq!(names, (0..50).map(|number| format!("p{number}")).collect::<Vec<_>>());
        let last = read(&text).expect("readable").pop().expect("fifty");
        assert_eq!(last.2, 49 * 63 + 1);
    }

    #[test]
    fn a_broken_line_is_named_by_file_and_line() {
        for (text, expected) in [
            ("Package: a\nrubbish\n", "/file, line 2: no field name"),
            (" Package: a\n", "/file, line 1: a further line"),
            ("Package: a\nPa ckage: b\n", "/file, line 2: no field name"),
            ("Package: a\nPackage: b\n", "/file, line 2: the field stands twice"),
            ("Package: a\0b\n", "/file, line 1: a zero byte"),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_matter_only_in_a_wanted_field() {
        let read = |bytes: &'static [u8]| {
            let mut stanzas = Stanzas::new("/file", Box::new(bytes));
            let stanza = stanzas.read_next().expect("readable").expect("one");
            stanza.read(["package"]).map(|[name]| name.to_owned()).map_err(|error| error.to_string())
        };
        assert_eq!(read(b"Package: a\nMaintainer: \xff\n"), Ok("a".to_owned()));
        assert_eq!(read(b"Maintainer: x\nPackage: \xff\n"), Err("/file, line 2: not UTF-8 text".to_owned()));
    }

    #[test]
    fn an_endless_line_and_an_endless_stanza_are_refused_at_the_limit() {
        let endless = io::Read::chain(&b"Package: "[..], io::repeat(b'a'));
        let mut stanzas = Stanzas::new("/file", Box::new(endless));
        let error = stanzas.read_next().map(|_| ()).expect_err("endless").to_string();
        assert_eq!(error, "/file, line 1: the line is longer than 1 MiB");
        let lines = "Field: value\n".repeat(100_000);
        let error = read(&lines).expect_err("endless");
        assert!(error.ends_with("longer than 1 MiB"), "{error}");
    }

    #[test]
    fn a_cut_file_of_a_program_is_refused() {
        let mut stanzas = Stanzas::new("/file", Box::new(&b"Package: a\nVers"[..])).written_by_a_program();
        let error = stanzas.read_next().map(|_| ()).expect_err("cut").to_string();
        assert_eq!(error, "/file, line 2: the file is cut in this line");
    }
}
