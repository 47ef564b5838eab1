//! SPF records (RFC 7208): which text records are one, whether one's syntax holds, what it says of all other senders.
//!
//! Pure reading of one domain's own record. Included and redirected domains are not followed here.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The text records that are SPF records: version `v=spf1`, then a space or the end (RFC 7208 section 4.5).
pub(crate) fn select(texts: &[String]) -> Vec<String> {
    texts.iter().filter(|text| terms_of(text).is_some()).cloned().collect()
}

/// What one record says of every sender that it does not name, as the word of `spf_all`.
///
/// Terms behind an `all` are ignored (RFC 7208 section 5.1), so the first one decides.
pub(crate) fn all_word(record: &str) -> &'static str {
    let terms = || terms_of(record).unwrap_or_default().split(' ');
    for term in terms() {
        let (qualifier, mechanism) = split_qualifier(term);
        if mechanism.eq_ignore_ascii_case("all") {
            return qualifier;
        }
    }
    let redirects = terms().any(|term| modifier(term).is_some_and(|(name, _)| name.eq_ignore_ascii_case("redirect")));
    if redirects { "redirect" } else { "none" }
}

/// Whether the syntax of one record holds (RFC 7208 section 12).
pub(crate) fn is_valid(record: &str) -> bool {
    let Some(terms) = terms_of(record) else { return false };
    let mut redirects = 0;
    let mut explanations = 0;
    for term in terms.split(' ').filter(|term| !term.is_empty()) {
        match modifier(term) {
            Some((name, value)) => {
                redirects += usize::from(name.eq_ignore_ascii_case("redirect"));
                explanations += usize::from(name.eq_ignore_ascii_case("exp"));
                let names_a_domain = name.eq_ignore_ascii_case("redirect") || name.eq_ignore_ascii_case("exp");
                if !macro_string_holds(value) || (names_a_domain && !domain_holds(value)) {
                    return false;
                }
            }
            None if !mechanism_holds(split_qualifier(term).1) => return false,
            None => {}
        }
    }
    // Each of the two stands at most once (RFC 7208 section 6).
    redirects <= 1 && explanations <= 1
}

/// The part behind the version, or `None` when the text is no SPF record.
fn terms_of(text: &str) -> Option<&str> {
    const VERSION: &str = "v=spf1";
    let (version, rest) = text.split_at_checked(VERSION.len())?;
    (version.eq_ignore_ascii_case(VERSION) && (rest.is_empty() || rest.starts_with(' '))).then_some(rest)
}

fn split_qualifier(term: &str) -> (&'static str, &str) {
    const QUALIFIERS: [&str; 4] = ["-", "~", "?", "+"];
    let found = QUALIFIERS.iter().find_map(|qualifier| Some((*qualifier, term.strip_prefix(qualifier)?)));
    found.unwrap_or(("+", term))
}

/// Name and value of a modifier; a `=` behind a `:` or `/` belongs to a mechanism's domain.
fn modifier(term: &str) -> Option<(&str, &str)> {
    let (name, value) = term.split_once('=')?;
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    is_name.then_some((name, value))
}

fn mechanism_holds(mechanism: &str) -> bool {
    let (name, rest) = match mechanism.find([':', '/']) {
        Some(position) => mechanism.split_at(position),
        None => (mechanism, ""),
    };
    let argument = rest.strip_prefix(':');
    match name.to_ascii_lowercase().as_str() {
        "all" => rest.is_empty(),
        "include" | "exists" => argument.is_some_and(domain_holds),
        "ptr" => rest.is_empty() || argument.is_some_and(domain_holds),
        "a" | "mx" => {
            let body = argument.unwrap_or(rest);
            let (domain, lengths) = body.find('/').map_or((body, ""), |position| body.split_at(position));
            (if argument.is_some() { domain_holds(domain) } else { domain.is_empty() }) && lengths_hold(lengths)
        }
        "ip4" => argument.is_some_and(|network| network_holds::<Ipv4Addr>(network, 32)),
        "ip6" => argument.is_some_and(|network| network_holds::<Ipv6Addr>(network, 128)),
        _ => false,
    }
}

/// `/24`, `//64`, `/24//64` or nothing (RFC 7208 section 5.6).
fn lengths_hold(text: &str) -> bool {
    let (four, six) = match text.find("//") {
        Some(position) => (text.get(..position).unwrap_or_default(), text.get(position..).unwrap_or_default()),
        None => (text, ""),
    };
    let four_holds = four.is_empty() || four.strip_prefix('/').is_some_and(|bits| length_holds(bits, 32));
    let six_holds = six.is_empty() || six.strip_prefix("//").is_some_and(|bits| length_holds(bits, 128));
    four_holds && six_holds
}

fn network_holds<A: std::str::FromStr>(text: &str, bits_max: u8) -> bool {
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    address.parse::<A>().is_ok() && bits.is_none_or(|bits| length_holds(bits, bits_max))
}

fn length_holds(bits: &str, bits_max: u8) -> bool {
    let is_plain = bits == "0" || (!bits.starts_with('0') && bits.bytes().all(|byte| byte.is_ascii_digit()));
    is_plain && bits.parse::<u8>().is_ok_and(|number| number <= bits_max)
}

/// A domain with macros, at its end a macro or a top label that is not all digits (RFC 7208 section 7.1).
fn domain_holds(text: &str) -> bool {
    if text.is_empty() || !macro_string_holds(text) {
        return false;
    }
    if text.ends_with('}') {
        return true;
    }
    let Some((_, top)) = text.strip_suffix('.').unwrap_or(text).rsplit_once('.') else { return false };
    !top.is_empty()
        && top.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !top.bytes().all(|byte| byte.is_ascii_digit())
        && !top.starts_with('-')
        && !top.ends_with('-')
}

/// Visible characters and well-formed macros: `%{` letter digits `r` delimiters `}`, `%%`, `%_`, `%-`.
fn macro_string_holds(text: &str) -> bool {
    let mut rest = text;
    while let Some(position) = rest.find('%') {
        let (before, macro_text) = rest.split_at(position);
        if !is_visible(before) {
            return false;
        }
        let after = macro_text.get(1..).unwrap_or_default();
        rest = match after.strip_prefix('{') {
            Some(inner) => match inner.split_once('}') {
                Some((body, behind)) if macro_body_holds(body) => behind,
                Some(_) | None => return false,
            },
            None => match after.strip_prefix(['%', '_', '-']) {
                Some(behind) => behind,
                None => return false,
            },
        };
    }
    is_visible(rest)
}

fn macro_body_holds(body: &str) -> bool {
    const LETTERS: &str = "slodiphcrtv";
    const DELIMITERS: [char; 7] = ['.', '-', '+', ',', '/', '_', '='];
    let Some(rest) = body.strip_prefix(|first: char| LETTERS.contains(first.to_ascii_lowercase())) else {
        return false;
    };
    let behind_digits = rest.trim_start_matches(|character: char| character.is_ascii_digit());
    let digits = rest.strip_suffix(behind_digits).unwrap_or_default();
    // A count of labels of zero is an error (RFC 7208 section 7.3).
    let count_holds = digits.is_empty() || digits.bytes().any(|digit| digit != b'0');
    let behind_order = behind_digits.strip_prefix(['r', 'R']).unwrap_or(behind_digits);
    count_holds && behind_order.chars().all(|character| DELIMITERS.contains(&character))
}

fn is_visible(text: &str) -> bool {
    text.bytes().all(|byte| (0x21..=0x7e).contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_version_makes_an_spf_record() {
        let texts = ["v=spf1", "V=SPF1 -all", "v=spf10 -all", "v=spf1-all", "spf1", " v=spf1 -all", "à"];
        let texts: Vec<String> = texts.map(str::to_owned).to_vec();
        assert_eq!(select(&texts), ["v=spf1", "V=SPF1 -all"]);
    }

    #[test]
    fn the_first_all_decides() {
        for (record, word) in [
            ("v=spf1 mx -all", "-"),
            ("v=spf1 mx ~ALL", "~"),
            ("v=spf1 ?all -all", "?"),
            ("v=spf1 all", "+"),
            ("v=spf1 +all", "+"),
            ("v=spf1 redirect=_spf.example.it", "redirect"),
            ("v=spf1 redirect=_spf.example.it -all", "-"),
            ("v=spf1 mx", "none"),
            ("v=spf1", "none"),
        ] {
            assert_eq!(all_word(record), word, "{record}");
        }
    }

    #[test]
    fn well_formed_records_hold() {
        for record in [
            "v=spf1",
            "v=spf1  mx   -all ",
            "v=spf1 a mx ptr include:_spf.example.it ~all",
            "v=spf1 a:mail.example.it/24//64 mx/28 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all",
            "v=spf1 exists:%{ir}.%{v}._spf.%{d2} -all",
            "v=spf1 redirect=_spf.example.it unknown=value",
            "v=spf1 mx exp=explain._spf.%{d} -all",
        ] {
            assert!(is_valid(record), "{record}");
        }
    }

    #[test]
    fn broken_records_do_not_hold() {
        for record in [
            "v=spf1 include -all",
            "v=spf1 include: -all",
            "v=spf1 ip4:192.0.2.300 -all",
            "v=spf1 ip4:192.0.2.0/33 -all",
            "v=spf1 ip6:192.0.2.1 -all",
            "v=spf1 a/33 -all",
            "v=spf1 all: ",
            "v=spf1 -al",
            "v=spf1 exists:%{x}.example.it -all",
            "v=spf1 exists:%{d0}.example.it -all",
            "v=spf1 exists:%a.example.it -all",
            "v=spf1 redirect=a.example.it redirect=b.example.it",
            "v=spf1 include:192.0.2.1 -all",
            "v=spf1 mx\u{2014}all",
        ] {
            assert!(!is_valid(record), "{record}");
        }
    }
}
