//! The words of a line that names a source, and the name of the file that apt makes of an address.

/// The words of a line. Spaces stand within quotes, within the brackets of the name of a disc, or as `%20`.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut is_quoted, mut is_name) = (String::new(), false, false);
    for character in text.chars() {
        match character {
            '"' => is_quoted = !is_quoted,
            space if space.is_ascii_whitespace() && !is_quoted && !is_name => {
                words.extend((!word.is_empty()).then(|| unescaped(&std::mem::take(&mut word))));
            }
            other => {
                is_name = (is_name || other == '[') && other != ']';
                word.push(other);
            }
        }
    }
    words.extend((!word.is_empty()).then(|| unescaped(&word)));
    words
}

/// A text with its `%20` and the like as what they stand for.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = digits.filter(|_| byte == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(escaped.unwrap_or(byte));
        rest = after.get(if escaped.is_some() { 2 } else { 0 }..).unwrap_or_default();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The name of the file that apt keeps an address in.
pub(super) fn file_name(address: &str) -> String {
    let mut name = String::with_capacity(address.len());
    for byte in address.bytes() {
        match byte {
            b'/' => name.push('_'),
            b'_' | b'~' | b'=' | b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'|' | b'\\' | b'{' | b'}'
            | b'[' | b']' | b'<' | b'>' | b'"' => name.push_str(&format!("%{byte:02x}")),
            0x21..=0x7e => name.push(char::from(byte)),
            other => name.push_str(&format!("%{other:02x}")),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_brackets_and_escapes_hold_a_word_together() {
        for (text, expected) in [
            (" http://a.example  s main\tx ", vec!["http://a.example", "s", "main", "x"]),
            ("cdrom:[Debian 12 _x_]/ s", vec!["cdrom:[Debian 12 _x_]/", "s"]),
            ("\"a b\" c%20d %zz %", vec!["a b", "c d", "%zz", "%"]),
            ("", vec![]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
        assert_eq!(file_name("a_b/c d~é"), "a%5fb_c%20d%7e%c3%a9");
    }
}
