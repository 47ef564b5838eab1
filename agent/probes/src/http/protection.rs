//! Small fields that switch a browser's protections on: framing, content types, referrer, permissions.

use super::head::Head;
use super::html;

/// Every policy of Referrer Policy (section 3), in lower case.
const REFERRER_POLICIES: [&str; 8] = [
    "no-referrer",
    "no-referrer-when-downgrade",
    "same-origin",
    "origin",
    "strict-origin",
    "origin-when-cross-origin",
    "strict-origin-when-cross-origin",
    "unsafe-url",
];

/// `X-Frame-Options` (RFC 7034) as a word. Browsers ignore what they do not know, and values that contradict each other.
pub(crate) fn frame_options(head: &Head) -> &'static str {
    let mut words: Vec<String> = head.members("x-frame-options").map(str::to_ascii_lowercase).collect();
    words.sort();
    words.dedup();
    match words.as_slice() {
        [] => "missing",
        [one] if one == "deny" => "deny",
        [one] if one == "sameorigin" => "sameorigin",
        _ => "invalid",
    }
}

/// Whether `X-Content-Type-Options` is `nosniff`: browsers look at the first member only (Fetch, section 3.6).
pub(crate) fn no_sniff(head: &Head) -> bool {
    head.members("x-content-type-options").next().is_some_and(|first| first.eq_ignore_ascii_case("nosniff"))
}

/// The policy in effect: the last known word of the field, unless the page's own `<meta>` comes after it.
pub(crate) fn referrer_policy(head: &Head, page: &str) -> String {
    let known = |word: &str| {
        let word = word.trim().to_ascii_lowercase();
        REFERRER_POLICIES.contains(&word.as_str()).then_some(word)
    };
    let is_said = head.first("referrer-policy").is_some();
    let in_field = head.members("referrer-policy").filter_map(known).last();
    let metas = html::tags(page).filter(|tag| tag.name == "meta" && tag.is("name", "referrer"));
    let in_page = metas.filter_map(|tag| tag.attribute("content").and_then(known)).last();
    match in_page.or(in_field) {
        Some(policy) => policy,
        None if is_said => "invalid".to_owned(),
        None => "missing".to_owned(),
    }
}

/// Whether `Permissions-Policy` says anything.
pub(crate) fn permissions_policy(head: &Head) -> bool {
    head.all("permissions-policy").any(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::head;

    fn answer(fields: &str) -> Head {
        head::parse(format!("HTTP/1.1 200 OK\r\n{fields}\r\n").as_bytes()).expect("a head")
    }

    #[test]
    fn frame_options_are_read_as_browsers_do() {
        for (fields, expected) in [
            ("X-Frame-Options: DENY\r\n", "deny"),
            ("X-Frame-Options: SameOrigin\r\nX-Frame-Options: SAMEORIGIN\r\n", "sameorigin"),
            ("X-Frame-Options: DENY, SAMEORIGIN\r\n", "invalid"),
            ("X-Frame-Options: ALLOW-FROM https://example.it\r\n", "invalid"),
            ("", "missing"),
        ] {
            assert_eq!(frame_options(&answer(fields)), expected, "{fields}");
        }
    }

    #[test]
    fn only_the_first_word_switches_guessing_off() {
        for (fields, expected) in [
            ("X-Content-Type-Options: NoSniff\r\n", true),
            ("X-Content-Type-Options: nosniff, nosniff\r\n", true),
            ("X-Content-Type-Options: yes, nosniff\r\n", false),
            ("", false),
        ] {
            assert_eq!(no_sniff(&answer(fields)), expected, "{fields}");
        }
    }

    #[test]
    fn the_last_known_referrer_policy_counts() {
        for (fields, page, expected) in [
            (
                "Referrer-Policy: no-referrer, strict-origin-when-cross-origin\r\n",
                "",
                "strict-origin-when-cross-origin",
            ),
            ("Referrer-Policy: Same-Origin, new-word\r\n", "", "same-origin"),
            ("Referrer-Policy: never\r\n", "", "invalid"),
            ("Referrer-Policy: no-referrer\r\n", "<meta name=referrer content=unsafe-url>", "unsafe-url"),
            ("", "", "missing"),
        ] {
            assert_eq!(referrer_policy(&answer(fields), page), expected, "{fields}");
        }
    }
}
