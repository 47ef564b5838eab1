//! Mixed content (W3C Mixed Content): what a page over HTTPS loads, or sends, in clear text.

use super::html::{self, Tag};

/// How many references in clear text a page holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Mixed {
    /// Scripts, styles, frames, plug-ins and forms: browsers block or warn.
    pub(crate) active: i64,
    /// Images, sound and film: browsers try HTTPS first.
    pub(crate) passive: i64,
}

/// Counts the references of a page. Links that a reader follows are none.
pub(crate) fn count(page: &str) -> Mixed {
    let mut mixed = Mixed::default();
    for tag in html::tags(page).filter(|tag| !tag.is_in_noscript) {
        if is_active(&tag) {
            mixed.active += 1;
        } else if is_passive(&tag) {
            mixed.passive += 1;
        }
    }
    mixed
}

fn is_active(tag: &Tag) -> bool {
    let clear = |attribute: &str| tag.attribute(attribute).is_some_and(is_clear);
    match tag.name.as_str() {
        "script" | "iframe" | "frame" | "embed" => clear("src"),
        "object" => clear("data"),
        "form" => clear("action"),
        "button" | "input" if clear("formaction") => true,
        // Every relative reference of the page goes there.
        "base" => clear("href"),
        "link" => {
            let kinds = tag.attribute("rel").unwrap_or_default().to_ascii_lowercase();
            let loads =
                kinds.split_ascii_whitespace().any(|kind| matches!(kind, "stylesheet" | "manifest" | "modulepreload"));
            loads && clear("href")
        }
        _ => false,
    }
}

fn is_passive(tag: &Tag) -> bool {
    let clear = |attribute: &str| tag.attribute(attribute).is_some_and(is_clear);
    let in_set = |attribute: &str| tag.attribute(attribute).is_some_and(|set| set.split(',').any(is_clear));
    match tag.name.as_str() {
        "img" | "source" => clear("src") || in_set("srcset"),
        "audio" | "track" => clear("src"),
        "video" => clear("src") || clear("poster"),
        "input" => tag.is("type", "image") && clear("src"),
        "link" => {
            let kinds = tag.attribute("rel").unwrap_or_default().to_ascii_lowercase();
            kinds.split_ascii_whitespace().any(|kind| kind == "icon") && clear("href")
        }
        _ => false,
    }
}

fn is_clear(reference: &str) -> bool {
    let reference = reference.trim_start();
    reference.get(..7).is_some_and(|begin| begin.eq_ignore_ascii_case("http://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_loads_is_counted_by_what_it_can_do() {
        for (page, active, passive) in [
            ("<script src='http://a.example/x.js'></script>", 1, 0),
            ("<script src='//a.example/x.js'></script><script src=/x.js></script>", 0, 0),
            ("<link rel='preload stylesheet' href=HTTP://a.example/x.css>", 1, 0),
            ("<link rel=canonical href=http://a.example/>", 0, 0),
            ("<form action=http://a.example/login>", 1, 0),
            ("<iframe src=http://a.example>", 1, 0),
            ("<img src=http://a.example/x.png><img srcset='/x 1x, http://a.example/y 2x'>", 0, 2),
            ("<a href=http://a.example>", 0, 0),
            ("<noscript><img src=http://a.example/x.png></noscript>", 0, 0),
            ("<script>var x = '<img src=http://a.example>'</script>", 0, 0),
        ] {
            assert_eq!(count(page), Mixed { active, passive }, "{page}");
        }
    }
}
