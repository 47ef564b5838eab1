//! The chances of exploitation of FIRST's EPSS: `cve,epss,percentile` after a line of comment with the day of the model,
//! plain or packed with gzip.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};

use flate2::read::MultiGzDecoder;
use jiff::civil::Date;
use vedetta_checks::feed::read::{CHANCE_MAX, is_id};

use super::BuildError;

/// Most lines that are read; the file of 2025 has some 300,000.
const LINES_MAX: usize = 5_000_000;
/// Longest line, in bytes.
const LINE_BYTES_MAX: u64 = 1024;
/// The line that names the columns.
const COLUMNS: &str = "cve,epss,percentile";
/// How a file packed with gzip begins (RFC 1952).
pub const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// What the file says.
#[derive(Debug, Default)]
pub struct Chances {
    /// The day of the scores, where the comment names it.
    pub day: Option<Date>,
    /// Chances in parts of 10,000, by vulnerability.
    pub parts: HashMap<String, u16>,
}

/// Reads the file, plain or packed.
///
/// # Errors
/// [`BuildError`] names the line.
pub fn read(file: &str, reader: impl Read) -> Result<Chances, BuildError> {
    let mut reader = BufReader::new(reader);
    let begin =
        reader.fill_buf().map_err(|error| BuildError::File { file: file.to_owned(), problem: error.to_string() })?;
    if begin.starts_with(&GZIP_MAGIC) {
        parse(file, BufReader::new(MultiGzDecoder::new(reader)))
    } else {
        parse(file, reader)
    }
}

fn parse(file: &str, mut reader: impl BufRead) -> Result<Chances, BuildError> {
    let wrong =
        |line: usize, problem: &str| BuildError::Line { file: file.to_owned(), line, problem: problem.to_owned() };
    let (mut chances, mut has_columns, mut text) = (Chances::default(), false, String::new());
    for number in 1..=LINES_MAX {
        text.clear();
        let read = (&mut reader).take(LINE_BYTES_MAX).read_line(&mut text);
        let read = read.map_err(|error| wrong(number, &error.to_string()))?;
        if read == 0 {
            return if chances.parts.is_empty() { Err(wrong(number, "il file finisce qui")) } else { Ok(chances) };
        }
        let line = text.trim_end();
        if line.starts_with('#') && !has_columns {
            chances.day = chances.day.or_else(|| score_day(line));
            continue;
        }
        if !has_columns {
            has_columns = line == COLUMNS;
            if !has_columns {
                return Err(wrong(number, "serve la riga `cve,epss,percentile`"));
            }
            continue;
        }
        let mut fields = line.split(',');
        let id = fields.next().filter(|id| is_id(id)).ok_or_else(|| wrong(number, "manca il numero CVE"))?;
        let chance = fields.next().and_then(parts).ok_or_else(|| wrong(number, "la probabilità va da 0 a 1"))?;
        chances.parts.insert(id.to_owned(), chance);
    }
    Err(wrong(LINES_MAX, "troppe righe"))
}

/// The day in `#model_version:v2025.03.14,score_date:2025-08-25T12:55:00Z`.
fn score_day(comment: &str) -> Option<Date> {
    comment.split_once("score_date:")?.1.get(..10)?.parse().ok()
}

/// A chance from 0 to 1 in parts of 10,000, rounded.
fn parts(text: &str) -> Option<u16> {
    let chance: f64 = text.parse().ok().filter(|chance| (0.0..=1.0).contains(chance))?;
    // Between 0 and 10,000 by the line above.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range was checked")]
    let parts = (chance * f64::from(CHANCE_MAX)).round() as u16;
    Some(parts)
}
