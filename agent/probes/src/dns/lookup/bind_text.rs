//! Trust anchors as BIND's configuration has them: `trust-anchors`, and the older `trusted-keys` and `managed-keys`.

use hickory_proto::rr::Name;

use super::anchors::{TrustAnchor, of_digest, of_key};
use super::zone_text::{TEXT_BYTES_MAX, Wrong, name};

/// Statements that hold anchors.
const STATEMENTS: [&str; 3] = ["trust-anchors", "trusted-keys", "managed-keys"];

/// Whether a text is a configuration of BIND rather than a zone file.
pub(super) fn is_configuration(text: &str) -> bool {
    text.contains('{') && STATEMENTS.iter().any(|statement| text.contains(statement))
}

/// A word with its line; a mark of punctuation is a word of its own, a quoted text never is one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    line: usize,
    text: String,
    is_mark: bool,
}

impl Word {
    fn is(&self, mark: &str) -> bool {
        self.is_mark && self.text == mark
    }
}

/// The anchors of every such statement; other statements are passed over.
pub(super) fn anchors(text: &str) -> Result<Vec<TrustAnchor>, Wrong> {
    if text.len() > TEXT_BYTES_MAX {
        return Err((0, format!("larger than {TEXT_BYTES_MAX} bytes")));
    }
    let words = words(text)?;
    let mut rest = words.as_slice();
    let mut anchors = Vec::new();
    while let [first, others @ ..] = rest {
        let opens = others.first().is_some_and(|next| next.is("{"));
        if !first.is_mark && opens && STATEMENTS.contains(&first.text.as_str()) {
            let inside = others.get(1..).unwrap_or_default();
            let unclosed = || (first.line, format!("`{}` is not closed", first.text));
            let end = inside.iter().position(|word| word.is("}")).ok_or_else(unclosed)?;
            let (entries, after) = inside.split_at(end);
            for entry in entries.split(|word| word.is(";")).filter(|entry| !entry.is_empty()) {
                anchors.extend(anchor(entry)?);
            }
            rest = after;
        } else {
            rest = others;
        }
    }
    Ok(anchors)
}

fn anchor(entry: &[Word]) -> Result<Option<TrustAnchor>, Wrong> {
    let [zone, parts @ ..] = entry else { return Ok(None) };
    let wrong = |problem: String| (zone.line, problem);
    let owner = name(&zone.text, &Name::root()).map_err(wrong)?;
    let texts = |words: &[Word]| words.iter().map(|word| word.text.clone()).collect::<Vec<String>>();
    let kind = parts.first().map(|word| word.text.as_str()).unwrap_or_default();
    let data = texts(parts.get(1..).unwrap_or_default());
    match kind {
        "static-ds" | "initial-ds" => of_digest(&owner, &data).map(Some).map_err(wrong),
        "static-key" | "initial-key" => of_key(&owner, &data).map_err(wrong),
        // The old form has no word there: the flags of the key come at once.
        _ if kind.starts_with(|first: char| first.is_ascii_digit()) => of_key(&owner, &texts(parts)).map_err(wrong),
        _ => Err(wrong(format!("`{kind}` is no kind of trust anchor"))),
    }
}

fn words(text: &str) -> Result<Vec<Word>, Wrong> {
    let mut words = Vec::new();
    let mut line = 1;
    let mut word = String::new();
    let mut rest = text.chars().peekable();
    let finish = |word: &mut String, line: usize, words: &mut Vec<Word>| {
        if !word.is_empty() {
            words.push(Word { line, text: std::mem::take(word), is_mark: false });
        }
    };
    while let Some(character) = rest.next() {
        match character {
            '"' => {
                let begin = line;
                loop {
                    match rest.next() {
                        Some('"') => break,
                        Some(inside) => {
                            line += usize::from(inside == '\n');
                            word.push(inside);
                        }
                        None => return Err((begin, "a quotation mark is not closed".to_owned())),
                    }
                }
                finish(&mut word, begin, &mut words);
            }
            '{' | '}' | ';' => {
                finish(&mut word, line, &mut words);
                words.push(Word { line, text: character.to_string(), is_mark: true });
            }
            '/' if word.is_empty() && rest.peek() == Some(&'*') => {
                let mut before = ' ';
                for inside in rest.by_ref() {
                    line += usize::from(inside == '\n');
                    if before == '*' && inside == '/' {
                        break;
                    }
                    before = inside;
                }
            }
            '#' | '/' if word.is_empty() && (character == '#' || rest.peek() == Some(&'/')) => {
                for inside in rest.by_ref() {
                    if inside == '\n' {
                        line += 1;
                        break;
                    }
                }
            }
            _ if character.is_whitespace() => {
                finish(&mut word, line, &mut words);
                line += usize::from(character == '\n');
            }
            _ => word.push(character),
        }
    }
    finish(&mut word, line, &mut words);
    Ok(words)
}
