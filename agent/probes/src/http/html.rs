//! The tags of a page, read leniently and once through; no tree is built and no script is run.

/// Elements whose content is text, not tags.
const RAW_TEXT: [&str; 5] = ["script", "style", "textarea", "title", "xmp"];
/// Most attributes of one tag that are kept.
const ATTRIBUTES_MAX: usize = 64;

/// One opening tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag {
    /// Name in lower case.
    pub(crate) name: String,
    /// Attributes in the order written: name in lower case, value without quotes.
    pub(crate) attributes: Vec<(String, String)>,
    /// Whether it counts only for readers without JavaScript.
    pub(crate) is_in_noscript: bool,
}

impl Tag {
    /// The first value of an attribute; `name` in lower case.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Whether an attribute has this value, whatever its case.
    pub(crate) fn is(&self, name: &str, value: &str) -> bool {
        self.attribute(name).is_some_and(|own| own.trim().eq_ignore_ascii_case(value))
    }
}

/// The opening tags of a page, in order.
#[derive(Debug)]
pub(crate) struct Tags<'a> {
    rest: &'a str,
    is_in_noscript: bool,
}

/// Reads the tags of a page.
pub(crate) const fn tags(page: &str) -> Tags<'_> {
    Tags { rest: page, is_in_noscript: false }
}

impl Iterator for Tags<'_> {
    type Item = Tag;

    fn next(&mut self) -> Option<Tag> {
        loop {
            let open = self.rest.find('<')?;
            let after = self.rest.get(open + 1..).unwrap_or_default();
            if let Some(comment) = after.strip_prefix("!--") {
                self.rest = after_first(comment, "-->");
            } else if let Some(closing) = after.strip_prefix('/') {
                if starts_with_name(closing, "noscript") {
                    self.is_in_noscript = false;
                }
                self.rest = after_first(closing, ">");
            } else if after.starts_with(|first: char| first.is_ascii_alphabetic()) {
                let (name, attributes, rest) = read_tag(after);
                self.rest = if RAW_TEXT.contains(&name.as_str()) { after_raw_text(rest, &name) } else { rest };
                let tag = Tag { name, attributes, is_in_noscript: self.is_in_noscript };
                self.is_in_noscript |= tag.name == "noscript";
                return Some(tag);
            } else {
                self.rest = after;
            }
        }
    }
}

/// Reads name and attributes behind a `<`; gives what follows the `>`.
fn read_tag(text: &str) -> (String, Vec<(String, String)>, &str) {
    let end = text.find(|character: char| character.is_ascii_whitespace() || matches!(character, '>' | '/'));
    let (name, mut rest) = text.split_at(end.unwrap_or(text.len()));
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|character: char| character.is_ascii_whitespace() || character == '/');
        if rest.is_empty() {
            break;
        }
        if let Some(after) = rest.strip_prefix('>') {
            rest = after;
            break;
        }
        // An equals sign in the first place belongs to the name.
        let begin = usize::from(rest.starts_with('='));
        let end = rest
            .get(begin..)
            .unwrap_or_default()
            .find(|character: char| character.is_ascii_whitespace() || matches!(character, '=' | '>' | '/'));
        let (attribute, after) = rest.split_at(end.map_or(rest.len(), |end| end + begin));
        let (value, after) = match after.trim_ascii_start().strip_prefix('=') {
            Some(value) => read_value(value.trim_ascii_start()),
            None => ("", after),
        };
        if attributes.len() < ATTRIBUTES_MAX {
            attributes.push((attribute.to_ascii_lowercase(), value.replace("&amp;", "&")));
        }
        rest = after;
    }
    (name.to_ascii_lowercase(), attributes, rest)
}

fn read_value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote) {
            return inner.split_once(quote).unwrap_or((inner, ""));
        }
    }
    let end = text.find(|character: char| character.is_ascii_whitespace() || character == '>');
    text.split_at(end.unwrap_or(text.len()))
}

fn after_first<'a>(text: &'a str, mark: &str) -> &'a str {
    text.split_once(mark).map_or("", |(_, rest)| rest)
}

fn after_raw_text<'a>(text: &'a str, name: &str) -> &'a str {
    let closing = text
        .match_indices("</")
        .find(|(at, mark)| text.get(at + mark.len()..).is_some_and(|rest| starts_with_name(rest, name)));
    closing.and_then(|(at, _)| text.get(at..)).unwrap_or("")
}

fn starts_with_name(text: &str, name: &str) -> bool {
    text.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name))
}

/// The content of the first `<meta http-equiv="refresh">` that a browser with JavaScript would obey.
pub(crate) fn refresh(page: &[u8]) -> Option<String> {
    let page = String::from_utf8_lossy(page);
    let found = tags(&page).find(|tag| tag.name == "meta" && tag.is("http-equiv", "refresh") && !tag.is_in_noscript);
    found.and_then(|tag| tag.attribute("content").map(str::to_owned))
}

/// Reads `5; url=/next`: the wait in seconds and the place; none without a place.
pub(crate) fn read_refresh(content: &str) -> Option<(u32, String)> {
    let content = content.trim();
    let digits = content.find(|character: char| !character.is_ascii_digit()).unwrap_or(content.len());
    let (seconds, rest) = content.split_at(digits);
    let rest = rest.trim_start_matches(|character: char| {
        character.is_ascii_digit() || matches!(character, '.' | ';' | ',') || character.is_ascii_whitespace()
    });
    let place = match rest.get(..3) {
        Some(word) if word.eq_ignore_ascii_case("url") => {
            rest.get(3..)?.trim_start().strip_prefix('=').unwrap_or(rest).trim()
        }
        _ => rest,
    };
    let place = place.trim_matches(['"', '\'']).trim();
    let seconds = if seconds.is_empty() { 0 } else { seconds.parse().unwrap_or(u32::MAX) };
    (!place.is_empty()).then(|| (seconds, place.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_as_they_are_written() {
        let page =
            "<!doctype html><!-- <a href=x> --><IMG Src='a.png' alt=\"a > b\" hidden><a href=/x?a=1&amp;b=2>x</a><br/>";
        let found: Vec<Tag> = tags(page).collect();
        let names: Vec<&str> = found.iter().map(|tag| tag.name.as_str()).collect();
        assert_eq!(names, ["img", "a", "br"]);
        assert_eq!(found[0].attributes.len(), 3);
        assert_eq!(found[0].attribute("alt"), Some("a > b"));
        assert_eq!(found[1].attribute("href"), Some("/x?a=1&b=2"));
    }

    #[test]
    fn what_stands_in_a_script_is_no_tag() {
        let page = "<script src=a>document.write('<img src=b>')</SCRIPT><p>";
        assert_eq!(tags(page).map(|tag| tag.name).collect::<Vec<_>>(), ["script", "p"]);
    }

    #[test]
    fn pages_that_break_off_are_read_to_their_end() {
        for page in [
            "<",
            "<a",
            "<a href",
            "<a href=",
            "<a href='x",
            "<a =b>",
            "<!--",
            "<script>",
            "</",
            "<é a=\u{20ac}>",
            "<a/",
        ] {
            assert!(tags(page).count() <= 1, "{page}");
        }
    }

    #[test]
    fn every_part_of_a_page_can_be_read() {
        let page = "<!--x--><p a='\u{20ac}' b=\"c\" d=e f>\u{e0}</p><script>a</b</script><noscript><img src=x></noscript><meta http-equiv=refresh content='1;url=\u{20ac}'>";
        for (position, _) in page.char_indices() {
            let _tags = tags(&page[position..]).count();
            let _tags = tags(&page[..position]).count();
            let _refresh = read_refresh(&page[position..]);
        }
    }

    #[test]
    fn a_refresh_is_found_and_read() {
        for (page, expected) in [
            ("<meta http-equiv=Refresh content='0; url=/x'>", Some((0, "/x"))),
            ("<META HTTP-EQUIV=\"refresh\" CONTENT=\"5;URL='https://example.it/'\">", Some((5, "https://example.it/"))),
            ("<meta http-equiv=refresh content='3,next'>", Some((3, "next"))),
            ("<meta http-equiv=refresh content='300'>", None),
            ("<noscript><meta http-equiv=refresh content='0;url=/x'></noscript>", None),
            ("<!--<meta http-equiv=refresh content='0;url=/x'>-->", None),
            ("<meta name=refresh content='0;url=/x'>", None),
        ] {
            let found = refresh(page.as_bytes()).as_deref().and_then(read_refresh);
            assert_eq!(found, expected.map(|(seconds, place)| (seconds, place.to_owned())), "{page}");
        }
    }
}
