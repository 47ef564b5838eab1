//! Packing and unpacking of one file, line by line and within limits.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};

use flate2::bufread::GzDecoder;
use flate2::{Compression, GzBuilder};

use super::{FeedError, HEADER};
use crate::pack::files::FILE_BYTES_MAX;

/// Largest file once it is unpacked, in bytes; a file that unpacks to more is refused.
pub const UNPACKED_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// How much of an unpacked file is held at once, in bytes.
const BUFFER_BYTES: usize = 16 * 1024;

/// Packs a text; the same text gives the same bytes.
pub(super) fn pack(file: &str, text: &[u8]) -> Result<Vec<u8>, FeedError> {
    let failed = |problem: String| FeedError::File { file: file.to_owned(), problem };
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    let packed = encoder.write_all(text).and_then(|()| encoder.finish()).map_err(|error| failed(error.to_string()))?;
    if packed.len() > FILE_BYTES_MAX {
        return Err(failed(format!("has {} bytes once packed, the limit is {FILE_BYTES_MAX}", packed.len())));
    }
    Ok(packed)
}

/// A line of a file, which knows where it stands.
pub(super) struct Line<'a> {
    file: &'a str,
    number: usize,
    /// Its text without the end.
    pub(super) text: &'a str,
}

impl Line<'_> {
    /// The error that names this line.
    pub(super) fn wrong(&self, problem: impl Into<String>) -> FeedError {
        FeedError::Line { file: self.file.to_owned(), line: self.number, problem: problem.into() }
    }
}

/// Unpacks a file and hands over every line after the header.
pub(super) fn each_line(
    file: &str,
    packed: &[u8],
    mut take: impl FnMut(&Line<'_>) -> Result<(), FeedError>,
) -> Result<(), FeedError> {
    let whole = |problem: String| FeedError::File { file: file.to_owned(), problem };
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, GzDecoder::new(packed).take(UNPACKED_BYTES_MAX + 1));
    let (mut text, mut number, mut bytes) = (String::new(), 0, 0);
    loop {
        text.clear();
        let read = reader.read_line(&mut text).map_err(|error| whole(format!("cannot be unpacked: {error}")))?;
        bytes += u64::try_from(read).unwrap_or(u64::MAX);
        if bytes > UNPACKED_BYTES_MAX {
            return Err(whole(format!("unpacks to more than {UNPACKED_BYTES_MAX} bytes")));
        }
        if read == 0 {
            break;
        }
        number += 1;
        let line = Line { file, number, text: text.trim_end_matches('\n') };
        if number > 1 {
            take(&line)?;
        } else if line.text != HEADER {
            return Err(line.wrong(format!("the first line must be `{HEADER}`")));
        }
    }
    if number == 0 { Err(whole("is empty".to_owned())) } else { Ok(()) }
}
