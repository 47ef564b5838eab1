//! Lists of tags and values, `v=DKIM1; k=rsa; p=...`: the form that DKIM, DMARC, BIMI and TLS-RPT share (RFC 6376 section 3.2).
//!
//! The list is only taken apart here. What an unknown tag, a doubled one or a part that is no tag means, each standard says
//! for itself.

use std::collections::BTreeSet;

/// Most problems that are told of one record: a person needs the first few, and a stranger can write thousands.
pub(crate) const PROBLEMS_MAX: usize = 32;

/// One tag with its value, both without the spaces around them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag<'a> {
    /// Its name as written.
    pub(crate) name: &'a str,
    /// Its value; may be empty, and may hold spaces and folds inside.
    pub(crate) value: &'a str,
}

/// A list of tags, in the order of the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TagList<'a> {
    /// Parts that are tags.
    pub(crate) tags: Vec<Tag<'a>>,
    /// Parts that are none: no `=`, or a name that is no name. Empty parts are neither: a `;` too many harms nobody.
    pub(crate) strays: Vec<&'a str>,
}

impl<'a> TagList<'a> {
    /// Takes a text apart; every text can be.
    pub(crate) fn parse(text: &'a str) -> Self {
        let mut list = Self::default();
        for part in text.split(';').map(trim).filter(|part| !part.is_empty()) {
            match part.split_once('=').map(|(name, value)| (trim(name), trim(value))) {
                Some((name, value)) if is_name(name) => list.tags.push(Tag { name, value }),
                Some(_) | None => list.strays.push(part),
            }
        }
        list
    }

    /// The value of a tag, whatever the case of its name; the first where it stands twice.
    pub(crate) fn value(&self, name: &str) -> Option<&'a str> {
        self.tags.iter().find(|tag| tag.name.eq_ignore_ascii_case(name)).map(|tag| tag.value)
    }

    /// The first tag that stands twice, whatever the case: the whole list is invalid then (RFC 6376 section 3.2).
    pub(crate) fn doubled(&self) -> Option<&'a str> {
        let mut seen = BTreeSet::new();
        self.tags.iter().find(|tag| !seen.insert(tag.name.to_ascii_lowercase())).map(|tag| tag.name)
    }
}

/// Without the spaces and line folds around it.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r', '\n'])
}

/// Whether a text could be meant as a record of a kind: `v=DMARC` in any case, with any spaces, anywhere in it.
///
/// Finds the records that a person wrote and no receiver reads: the version is misspelt, not first, or stands in quotes.
pub(crate) fn mentions(text: &str, version: &str) -> bool {
    let dense: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    dense.to_ascii_lowercase().contains(&format!("v={}", version.to_ascii_lowercase()))
}

fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_taken_apart() {
        for (text, tags, strays) in [
            ("v=DKIM1; k=rsa; p=AB", &[("v", "DKIM1"), ("k", "rsa"), ("p", "AB")][..], &[][..]),
            ("v=DKIM1;p=AB;", &[("v", "DKIM1"), ("p", "AB")], &[]),
            (" v =\tDKIM1 ;\r\n p = A B ; ; ", &[("v", "DKIM1"), ("p", "A B")], &[]),
            ("p=", &[("p", "")], &[]),
            ("p==;n=a=b", &[("p", "="), ("n", "a=b")], &[]),
            ("what; 1a=b; =c; a b=c; ü=d; x_1=y", &[("x_1", "y")], &["what", "1a=b", "=c", "a b=c", "ü=d"]),
            ("", &[], &[]),
            (";;;", &[], &[]),
        ] {
            let list = TagList::parse(text);
            let found: Vec<(&str, &str)> = list.tags.iter().map(|tag| (tag.name, tag.value)).collect();
            assert_eq!((found.as_slice(), list.strays.as_slice()), (tags, strays), "{text:?}");
        }
    }

    #[test]
    fn a_doubled_tag_is_found_in_any_case() {
        for (text, doubled) in
            [("p=a; p=b", Some("p")), ("p=a; P=b", Some("P")), ("p=a; sp=b", None), ("", None), ("x=;y=;x=", Some("x"))]
        {
            assert_eq!(TagList::parse(text).doubled(), doubled, "{text}");
        }
    }

    #[test]
    fn a_record_that_was_meant_is_recognised() {
        for text in ["v=DMARC1; p=none", "p=none; v=dmarc1", " V = Dmarc 1", "\"v=DMARC1\"", "v=DMARC2;"] {
            assert!(mentions(text, "DMARC"), "{text}");
        }
        for text in ["", "v=spf1 -all", "dmarc", "verification=dmarc-v"] {
            assert!(!mentions(text, "DMARC"), "{text}");
        }
    }
}
