//! Which part of a name anybody may register: names below one registration belong to one holder.
//!
//! The public suffix list (publicsuffix.org) as it was when the crate `psl` was released. It groups names, finds domains that
//! anybody could register, and gives the place of a policy where a standard still goes by the list (BIMI). DMARC does not: RFC
//! 9989 walks the tree.

/// Longest name of the DNS in its written form (RFC 1035 section 2.3.4), and more than any in Unicode needs.
const NAME_BYTES_MAX: usize = 1024;

/// The registrable domain of a name, in lower case without its last dot: `www.esempio.co.uk` gives
/// `esempio.co.uk`; none for a suffix itself, and for text that is no name.
pub(crate) fn registrable(name: &str) -> Option<String> {
    let name = canonical(name)?;
    psl::domain_str(&name).map(str::to_owned)
}

/// Whether names directly below this one are sold or given to different holders, as with `it`, `co.uk` and `gov.it`.
///
/// A top-level name that the list does not know counts as one, by the list's own rule `*`.
pub(crate) fn is_public_suffix(name: &str) -> bool {
    canonical(name).is_some_and(|name| psl::suffix_str(&name) == Some(name.as_str()))
}

/// Lower case without the last dot; none when a label is empty, as the list knows both Unicode and its ASCII form.
fn canonical(name: &str) -> Option<String> {
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.is_empty() || name.len() > NAME_BYTES_MAX || name.split('.').any(str::is_empty) {
        return None;
    }
    Some(name.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The list's own test lines; the source and the date stand in the file.
    const LINES: &str = include_str!("../tests/records/public_suffix_tests.txt");

    /// The two arguments of `checkPublicSuffix('a', 'b');`, none for `null`.
    fn arguments(line: &'static str) -> Option<(Option<&'static str>, Option<&'static str>)> {
        let inside = line.strip_prefix("checkPublicSuffix(")?.strip_suffix(");")?;
        let (name, expected) = inside.split_once(", ")?;
        let quoted = |text: &'static str| text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
        Some((quoted(name), quoted(expected)))
    }

    #[test]
    fn the_test_lines_of_the_list_hold() {
        let cases: Vec<_> = LINES.lines().filter_map(arguments).collect();
        assert_eq!(cases.len(), 78, "the file is whole");
        for (name, expected) in cases {
            let found = name.and_then(registrable);
            assert_eq!(found.as_deref(), expected, "{name:?}");
        }
    }

    #[test]
    fn case_and_the_last_dot_do_not_matter() {
        for name in ["comune.esempio.co.uk", "COMUNE.Esempio.CO.UK.", "esempio.co.uk."] {
            assert_eq!(registrable(name).as_deref(), Some("esempio.co.uk"), "{name}");
        }
    }

    #[test]
    fn a_suffix_is_told_from_a_registrable_domain() {
        for suffix in ["it", "IT.", "gov.it", "co.uk", "公司.cn", "xn--55qx5d.cn", "b.ck", "test"] {
            assert!(is_public_suffix(suffix), "{suffix}");
        }
        for domain in ["esempio.it", "www.ck", "www.gov.it", "", ".", "a..it"] {
            assert!(!is_public_suffix(domain), "{domain}");
        }
    }
}
