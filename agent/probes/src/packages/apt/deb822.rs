//! Stanzas of `Field: value` lines, deb822(5), read as a stream with a few wanted fields.
//!
//! dpkg's status, apt's lists, release files, sources and preferences all have this form. A reader keeps one line and
//! the wanted values, never the file.

use std::io::{self, BufRead};

use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use crate::files::FileError;

/// Longest line, in bytes.
const LINE_BYTES_MAX: u64 = 256 * 1024;
/// Longest wanted value with its further lines, in bytes.
const VALUE_BYTES_MAX: usize = 64 * 1024;

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
            Self::Read { source, .. } if source.kind() == io::ErrorKind::Unsupported => {
                Unknown::new(Reason::UNREADABLE, self.to_string())
            }
            Self::Read { .. } | Self::Form { .. } => Unknown::new(Reason::CORRUPT, self.to_string()),
        }
    }
}

/// Reads stanzas one after the other.
pub(super) struct Stanzas<'a> {
    path: &'a str,
    reader: Box<dyn BufRead>,
    wanted: &'static [&'static str],
    values: Vec<String>,
    line: Vec<u8>,
    line_number: u64,
    must_end_in_line_break: bool,
}

/// The wanted fields of one stanza.
pub(super) struct Stanza<'a> {
    wanted: &'static [&'static str],
    values: &'a [String],
    /// Line on which the stanza begins, from 1.
    pub(super) first_line: u64,
}

impl Stanza<'_> {
    /// The value of a wanted field; empty when the stanza has none.
    #[must_use]
    pub(super) fn get(&self, field: &str) -> &str {
        let place = self.wanted.iter().position(|wanted| *wanted == field);
        place.and_then(|place| self.values.get(place)).map_or("", |value| value.trim())
    }
}

impl<'a> Stanzas<'a> {
    /// A reader that keeps the wanted fields; `path` is for errors only. Field names are given in lower case.
    pub(super) fn new(path: &'a str, reader: Box<dyn BufRead>, wanted: &'static [&'static str]) -> Self {
        let values = vec![String::new(); wanted.len()];
        Self { path, reader, wanted, values, line: Vec::new(), line_number: 0, must_end_in_line_break: false }
    }

    /// Takes a last line without a line break as the sign of a file that was cut: for files that programs write.
    pub(super) fn written_by_a_program(self) -> Self {
        Self { must_end_in_line_break: true, ..self }
    }

    /// The next stanza, or none at the end. Lines that begin with `#` are comments.
    ///
    /// # Errors
    /// [`StanzaError`] names the file and the line.
    pub(super) fn read_next(&mut self) -> Result<Option<Stanza<'_>>, StanzaError> {
        self.values.iter_mut().for_each(String::clear);
        let mut first_line = None;
        let mut current = None;
        while self.read_line()? {
            let line = self.line.trim_ascii_end();
            let Some(first) = line.first() else {
                if first_line.is_some() {
                    break;
                }
                continue;
            };
            if *first == b'#' {
                continue;
            }
            if matches!(*first, b' ' | b'\t') {
                if first_line.is_none() {
                    return Err(self.form("a further line without a field before it"));
                }
                if let Some(place) = current {
                    self.keep(place, b'\n')?;
                }
                continue;
            }
            first_line.get_or_insert(self.line_number);
            current = self.field()?;
            if let Some(place) = current {
                self.keep(place, b':')?;
            }
        }
        Ok(first_line.map(|first_line| Stanza { wanted: self.wanted, values: &self.values, first_line }))
    }

    /// An error about a line of this file.
    pub(super) fn form_at(&self, line: u64, problem: &'static str) -> StanzaError {
        StanzaError::Form { path: self.path.to_owned(), line, problem }
    }

    fn form(&self, problem: &'static str) -> StanzaError {
        self.form_at(self.line_number, problem)
    }

    fn read_line(&mut self) -> Result<bool, StanzaError> {
        self.line.clear();
        let mut limited = io::Read::take(&mut self.reader, LINE_BYTES_MAX);
        let read = limited.read_until(b'\n', &mut self.line).map_err(|source| StanzaError::Read {
            path: self.path.to_owned(),
            line: self.line_number,
            source,
        })?;
        self.line_number += u64::from(read > 0);
        if read as u64 == LINE_BYTES_MAX && self.line.last() != Some(&b'\n') {
            return Err(self.form("the line is longer than 256 KiB"));
        }
        if self.must_end_in_line_break && read > 0 && self.line.last() != Some(&b'\n') {
            return Err(self.form("the file is cut in this line"));
        }
        Ok(read > 0)
    }

    /// Which wanted field the line begins, after checking that it begins a field at all.
    fn field(&self) -> Result<Option<usize>, StanzaError> {
        let Some(colon) = self.line.iter().position(|byte| *byte == b':') else {
            return Err(self.form("no field name: a line is `Field: value`"));
        };
        let name = self.line.get(..colon).unwrap_or_default();
        if name.is_empty() || !name.iter().all(u8::is_ascii_graphic) {
            return Err(self.form("the field name holds a character that no field name has"));
        }
        Ok(self.wanted.iter().position(|wanted| name.eq_ignore_ascii_case(wanted.as_bytes())))
    }

    /// Appends what follows `border` in the line to a wanted value; a further line keeps its line break.
    fn keep(&mut self, place: usize, border: u8) -> Result<(), StanzaError> {
        let begin =
            if border == b':' { self.line.iter().position(|byte| *byte == b':').map_or(0, |at| at + 1) } else { 0 };
        let bytes = self.line.get(begin..).unwrap_or_default();
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Err(self.form("not UTF-8 text"));
        };
        if text.contains('\0') {
            return Err(self.form("a zero byte in the text"));
        }
        let Some(value) = self.values.get_mut(place) else { return Ok(()) };
        if border == b':' && !value.is_empty() {
            return Err(self.form("the field stands twice in one stanza"));
        }
        if value.len() + text.len() > VALUE_BYTES_MAX {
            return Err(self.form("the value is longer than 64 KiB"));
        }
        value.push_str(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &'static str) -> Result<Vec<(String, String, u64)>, String> {
        let mut stanzas = Stanzas::new("/file", Box::new(text.as_bytes()), &["package", "status"]);
        let mut all = Vec::new();
        while let Some(stanza) = stanzas.read_next().map_err(|error| error.to_string())? {
            all.push((stanza.get("package").to_owned(), stanza.get("status").to_owned(), stanza.first_line));
        }
        Ok(all)
    }

    #[test]
    fn stanzas_are_parted_by_blank_lines_and_name_their_first_line() {
        let text = "\n# comment\nPackage: a\nDescription: x\n more\n\n\nPACKAGE:b\nStatus:  install\n  ok\n";
        let expected = vec![("a".to_owned(), String::new(), 3), ("b".to_owned(), "install\n  ok".to_owned(), 8)];
        assert_eq!(read(text), Ok(expected));
    }

    #[test]
    fn a_broken_line_is_named_by_file_and_line() {
        for (text, expected) in [
            ("Package: a\nrubbish\n", "/file, line 2: no field name"),
            (" Package: a\n", "/file, line 1: a further line"),
            ("Package: a\nPa ckage: b\n", "/file, line 2: the field name"),
            ("Package: a\nPackage: b\n", "/file, line 2: the field stands twice"),
            ("Package: a\0b\n", "/file, line 1: a zero byte"),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn an_endless_line_is_refused_at_the_limit() {
        let endless = io::Read::chain(&b"Package: "[..], io::BufReader::new(io::repeat(b'a')));
        let mut stanzas = Stanzas::new("/file", Box::new(endless), &["package"]);
        let error = stanzas.read_next().map(|_| ()).expect_err("endless").to_string();
        assert_eq!(error, "/file, line 1: the line is longer than 256 KiB");
    }
}
