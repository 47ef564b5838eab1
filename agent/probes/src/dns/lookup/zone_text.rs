//! The text form of records (RFC 1035 section 5), as far as files of hints and anchors need it.

use hickory_proto::rr::Name;

/// Largest file that is read, in bytes.
pub(super) const TEXT_BYTES_MAX: usize = 1_048_576;

/// One record as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Line at which it begins, from 1.
    pub(super) line: usize,
    /// Its owner.
    pub(super) owner: Name,
    /// Its type, in capital letters.
    pub(super) kind: String,
    /// The words of its data.
    pub(super) data: Vec<String>,
    /// Comments behind it, for the programs that keep a state there.
    pub(super) comment: String,
}

/// What is wrong with a text: line, from 1, and problem.
pub(super) type Wrong = (usize, String);

/// Reads records; directives other than `$ORIGIN` are passed over.
pub(super) fn entries(text: &str) -> Result<Vec<Entry>, Wrong> {
    if text.len() > TEXT_BYTES_MAX {
        return Err((0, format!("larger than {TEXT_BYTES_MAX} bytes")));
    }
    let mut entries: Vec<Entry> = Vec::new();
    let mut origin = Name::root();
    let mut owner: Option<Name> = None;
    for logical in logical_lines(text)? {
        let line = logical.line;
        let wrong = |problem: String| (line, problem);
        let mut words = logical.words.into_iter();
        let Some(first) = words.next() else { continue };
        if first.starts_with('$') {
            if first.eq_ignore_ascii_case("$ORIGIN") {
                let text = words.next().ok_or_else(|| wrong("$ORIGIN without a name".to_owned()))?;
                origin = name(&text, &origin).map_err(wrong)?;
            }
            continue;
        }
        let mut rest: Vec<String> = words.collect();
        if logical.continues_owner {
            rest.insert(0, first);
        } else {
            owner = Some(name(&first, &origin).map_err(wrong)?);
        }
        let owner = owner.clone().ok_or_else(|| wrong("a record without an owner".to_owned()))?;
        let skipped = rest.iter().take_while(|word| is_class_or_time(word)).count();
        let mut data = rest.split_off(skipped).into_iter();
        let kind = data.next().ok_or_else(|| wrong("a record without a type".to_owned()))?.to_ascii_uppercase();
        entries.push(Entry { line, owner, kind, data: data.collect(), comment: logical.comment });
    }
    Ok(entries)
}

/// A name as a zone file writes it: relative ones end in the origin.
pub(super) fn name(text: &str, origin: &Name) -> Result<Name, String> {
    if text == "@" {
        return Ok(origin.clone());
    }
    let parsed = Name::parse(text, Some(origin)).map_err(|error| format!("`{text}` is no name: {error}"));
    parsed.map(|mut name| {
        name.set_fqdn(true);
        name
    })
}

fn is_class_or_time(word: &str) -> bool {
    let is_class = ["IN", "CH", "HS"].iter().any(|class| word.eq_ignore_ascii_case(class));
    let is_time = word.starts_with(|first: char| first.is_ascii_digit())
        && word.chars().all(|character| character.is_ascii_digit() || "smhdwSMHDW".contains(character));
    is_class || is_time
}

/// A record's words, over as many lines as its parentheses take.
struct Logical {
    line: usize,
    continues_owner: bool,
    words: Vec<String>,
    comment: String,
}

fn logical_lines(text: &str) -> Result<Vec<Logical>, Wrong> {
    let mut lines: Vec<Logical> = Vec::new();
    let mut open = 0_usize;
    for (number, physical) in text.lines().enumerate() {
        let line = number + 1;
        if open == 0 {
            let continues_owner = physical.starts_with([' ', '\t']);
            lines.push(Logical { line, continues_owner, words: Vec::new(), comment: String::new() });
        }
        let Some(current) = lines.last_mut() else { continue };
        read_line(physical, current, &mut open).map_err(|problem| (line, problem.to_owned()))?;
    }
    if open > 0 {
        return Err((lines.last().map_or(0, |last| last.line), "a parenthesis is not closed".to_owned()));
    }
    Ok(lines)
}

fn read_line(physical: &str, current: &mut Logical, open: &mut usize) -> Result<(), &'static str> {
    let mut word = String::new();
    let mut quoted = false;
    let mut characters = physical.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => quoted = !quoted,
            '\\' => {
                word.push(character);
                word.extend(characters.next().map(|(_, next)| next));
            }
            _ if quoted => word.push(character),
            ';' => {
                current.comment.push_str(physical.get(at..).unwrap_or_default());
                break;
            }
            '(' | ')' => {
                finish(&mut word, current);
                let changed = if character == '(' { open.checked_add(1) } else { open.checked_sub(1) };
                *open = changed.ok_or("a parenthesis is closed that was not opened")?;
            }
            _ if character.is_whitespace() => finish(&mut word, current),
            _ => word.push(character),
        }
    }
    if quoted {
        return Err("a quotation mark is not closed");
    }
    finish(&mut word, current);
    Ok(())
}

fn finish(word: &mut String, current: &mut Logical) {
    if !word.is_empty() {
        current.words.push(std::mem::take(word));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read = (usize, String, String, Vec<String>);

    fn read(text: &str) -> Result<Vec<Read>, Wrong> {
        let entries = entries(text)?;
        Ok(entries.into_iter().map(|entry| (entry.line, entry.owner.to_ascii(), entry.kind, entry.data)).collect())
    }

    #[test]
    fn owner_time_and_class_are_optional_and_parentheses_join_lines() {
        let text = "$TTL 1h\n$ORIGIN test.\n; comment\n@ 3600 IN a 192.0.2.1\n  IN 1h AAAA 2001:db8::1\nb DS 1 8 (\n 2 ; inside\n ab cd )\n";
        let expected = vec![
            (4, "test.".to_owned(), "A".to_owned(), vec!["192.0.2.1".to_owned()]),
            (5, "test.".to_owned(), "AAAA".to_owned(), vec!["2001:db8::1".to_owned()]),
            (6, "b.test.".to_owned(), "DS".to_owned(), ["1", "8", "2", "ab", "cd"].map(str::to_owned).to_vec()),
        ];
        assert_eq!(read(text), Ok(expected));
    }

    #[test]
    fn what_is_broken_is_told_with_its_line() {
        for (text, line) in [
            (". NS a.\n. DS ( 1 2", 2),
            ("\n)", 2),
            (" A 192.0.2.1", 1),
            ("a.\n", 1),
            ("a. TXT \"open", 1),
            ("a..b. A 192.0.2.1", 1),
        ] {
            assert_eq!(read(text).map_err(|(line, _)| line), Err(line), "{text}");
        }
    }
}
