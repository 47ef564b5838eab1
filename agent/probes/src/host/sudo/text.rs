//! The characters of sudoers(5): lines that go on, comments, quotes and backslashes.

/// The lines as sudo takes them: a backslash at the end joins the next one, comments are gone.
pub(super) fn lines(text: &str) -> Vec<String> {
    let joined = text.replace("\\\r\n", " ").replace("\\\n", " ");
    joined.lines().map(|line| without_comment(line).trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

/// A line up to its comment. `#include` and the number of a user (`#1000`) are none.
fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with("#include") {
        return line;
    }
    let is_comment = |position: usize| {
        let after = line.get(position + 1..).and_then(|rest| rest.chars().next());
        !after.is_some_and(|character| character.is_ascii_digit() || character == '-')
    };
    positions(line)
        .filter(|(_, character)| *character == '#')
        .map(|(position, _)| position)
        .find(|at| is_comment(*at))
        .map_or(line, |position| line.get(..position).unwrap_or(line))
}

/// The characters that stand neither within quotes nor after a backslash, with their positions.
fn positions(text: &str) -> impl Iterator<Item = (usize, char)> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    text.char_indices().filter(move |(_, character)| {
        if is_escaped {
            is_escaped = false;
            return false;
        }
        is_escaped = *character == '\\';
        if *character == '"' {
            is_quoted = !is_quoted;
            return false;
        }
        !is_quoted && !is_escaped
    })
}

/// Splits at the first of these characters that stands for itself; the character goes with the second half.
pub(super) fn split_before<'a>(text: &'a str, borders: &[char]) -> Option<(&'a str, &'a str)> {
    let (position, _) = positions(text).find(|(_, character)| borders.contains(character))?;
    text.split_at_checked(position)
}

/// The two halves around the first such character.
pub(super) fn split_around(text: &str, border: char) -> Option<(&str, &str)> {
    let (before, after) = split_before(text, &[border])?;
    Some((before.trim(), after.strip_prefix(border)?.trim()))
}

/// The parts between these characters, trimmed.
pub(super) fn parts(text: &str, border: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((part, after)) = split_before(rest, &[border]) {
        parts.push(part.trim());
        rest = after.strip_prefix(border).unwrap_or_default();
    }
    parts.push(rest.trim());
    parts
}

/// The items of a list: `bob, %admin`, without quotes; `! root` is one item.
pub(super) fn items(text: &str) -> Vec<String> {
    let clean = |item: &str| item.replace('"', "").replace("! ", "!");
    parts(text, ',').into_iter().map(clean).filter(|item| !item.is_empty()).collect()
}

/// Splits `bob, eve ALL` into the two lists: the first space that no comma touches lies between them.
pub(super) fn two_lists(text: &str) -> Option<(&str, &str)> {
    let is_space = |character: char| character.is_whitespace();
    positions(text).filter(|(_, character)| is_space(*character)).find_map(|(position, _)| {
        let (before, after) = text.split_at_checked(position)?;
        let touches = before.trim_end().ends_with([',', '!']) || after.trim_start().starts_with(',');
        (!touches && !before.trim().is_empty()).then(|| (before.trim(), after.trim()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_go_on_and_lose_their_comments() {
        let text =
            "# first\nbob ALL = \\\n  ALL # last\n#include /a\n@include /b\n#1000 ALL=ALL\n\n\"a#b\" ALL=x\\#y\n";
        assert_eq!(
            lines(text),
            ["bob ALL =    ALL", "#include /a", "@include /b", "#1000 ALL=ALL", "\"a#b\" ALL=x\\#y"]
        );
    }

    #[test]
    fn lists_are_told_apart_by_a_space_without_comma() {
        for (text, expected) in [
            ("bob ALL", Some(("bob", "ALL"))),
            ("bob, eve , %adm  HOST1 ,HOST2", Some(("bob, eve , %adm", "HOST1 ,HOST2"))),
            ("\"a b\" ALL", Some(("\"a b\"", "ALL"))),
            ("! bob ALL", Some(("! bob", "ALL"))),
            ("bob", None),
        ] {
            assert_eq!(two_lists(text), expected, "{text}");
        }
        assert_eq!(items("bob, \"a, b\" ,! eve,"), ["bob", "a, b", "!eve"]);
        assert_eq!(parts("a\\,b,c", ','), ["a\\,b", "c"]);
    }
}
