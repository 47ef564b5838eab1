//! What one page says of itself, as facts.

use std::borrow::Cow;

use jiff::Timestamp;
use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::facts::HttpFacts;
use super::response::Response;
use super::url::{Scheme, Url};
use super::{banners, cms, csp, mixed, protection};

/// Tells everything that the page and its head say. A page that was not read whole says no "none".
pub(crate) fn tell(facts: &mut HttpFacts, url: &Url, response: &Response, now: Timestamp) {
    let head = &response.head;
    facts.final_url = Fact::Known(url.shown());
    facts.status = Fact::Known(i64::from(head.status));
    facts.head_problems = Fact::Known(head.problems.iter().map(|word| (*word).to_owned()).collect());
    facts.banners = Fact::Known(banners::read(head));
    if head.status >= 500 {
        let detail = format!("the server answered {} with an error of its own", head.status);
        let why = vedetta_checks::fact::Unknown::new(Reason::UNREADABLE, detail);
        super::told::unseen_page(facts, &why);
        return;
    }
    let text: Cow<'_, str> = String::from_utf8_lossy(&response.body);
    let policy = csp::read(head, &text);
    let frame_options = protection::frame_options(head);
    let is_framing_limited = policy.limits_framing || matches!(frame_options, "deny" | "sameorigin");
    // A policy on framing makes browsers ignore the older field.
    let overrules = !policy.frame_ancestors.is_empty() && !policy.limits_framing;
    facts.framing_limited = Fact::Known(is_framing_limited && !overrules);
    facts.frame_options = Fact::Known(frame_options.to_owned());
    facts.no_sniff = Fact::Known(protection::no_sniff(head));
    facts.referrer_policy = Fact::Known(protection::referrer_policy(head, &text));
    facts.permissions_policy = Fact::Known(protection::permissions_policy(head));
    facts.cms = whole(response, cms::read(head, &text, now), |found| found.is_empty());
    facts.templates = whole(response, cms::templates(&text), |found| found.is_empty());
    (facts.mixed_active, facts.mixed_passive) = match url.scheme {
        Scheme::Http => {
            let none = || Fact::unknown(Reason::DOES_NOT_APPLY, "the page comes in clear text");
            (none(), none())
        }
        Scheme::Https => {
            let count = if policy.upgrades_requests { mixed::Mixed::default() } else { mixed::count(&text) };
            let is_settled = policy.upgrades_requests;
            let fact =
                |number: i64| if is_settled { Fact::Known(0) } else { whole(response, number, |number| *number == 0) };
            (fact(count.active), fact(count.passive))
        }
    };
    facts.csp = Fact::Known(policy);
}

/// A finding of the whole page: nothing found in a part of it proves nothing.
fn whole<T>(response: &Response, found: T, is_nothing: impl Fn(&T) -> bool) -> Fact<T> {
    match &response.cut {
        Some(reason) if is_nothing(&found) => {
            Fact::unknown(reason.clone(), format!("{} bytes of the page were read, not all", response.body.len()))
        }
        Some(_) | None => Fact::Known(found),
    }
}

#[cfg(test)]
mod tests {
    use vedetta_checks::fact::Unknown;

    use super::*;
    use crate::http::{head, html, security_txt, told};

    /// Pieces of heads and pages, whole and broken.
    const PIECES: [&str; 44] = [
        "<",
        ">",
        "</",
        "<!--",
        "-->",
        "script",
        "meta ",
        "noscript",
        " http-equiv=refresh",
        " content='",
        "'",
        "\"",
        "=",
        "url=",
        "http://",
        "//",
        "/",
        "..",
        "?",
        "#",
        ":",
        ";",
        ",",
        " ",
        "\r\n",
        "\n",
        "img srcset=",
        "base href=",
        "Content-Security-Policy: script-src 'nonce-",
        "Set-Cookie: a=b; max-age",
        "Strict-Transport-Security: max-age=",
        "9999999999999999999",
        "\u{20ac}",
        "\u{0}",
        "name=generator content=\"wordpress 6.",
        "?ver=",
        "Expires: 2026",
        "-----BEGIN PGP SIGNED MESSAGE-----\n\n",
        "Contact: mailto:",
        "[",
        "]",
        "@",
        "\\",
        "/wp-includes/js/wp-embed.min.js",
    ];

    #[test]
    fn whatever_a_server_sends_is_read_without_a_panic() {
        let now = "2026-01-01T00:00:00Z".parse().expect("a moment");
        let base = Url::new(Scheme::Https, "www.example.it", 443, "/");
        // A fixed sequence (xorshift), so that a failure comes back.
        let mut state: u32 = 0x2545_f491;
        for _ in 0..5_000 {
            let mut soup = String::new();
            for _ in 0..40 {
                state ^= state << 13;
                state ^= state >> 17;
                state ^= state << 5;
                soup.push_str(PIECES[usize::try_from(state).expect("a size") % PIECES.len()]);
            }
            let head = head::parse(format!("HTTP/1.1 200 OK\r\n{soup}").as_bytes()).expect("a head");
            let response = Response { head, body: soup.clone().into_bytes(), cut: None };
            let mut facts = told::unseen(String::new(), Fact::Known(true), &Unknown::new(Reason::TIMEOUT, ""));
            tell(&mut facts, &base, &response, now);
            assert_eq!(facts.status, Fact::Known(200));
            let _file = security_txt::read(&response, false, now);
            let _refresh = html::refresh(&response.body).as_deref().and_then(html::read_refresh);
            if let Ok(url) = base.join(&soup) {
                assert!(url.path.starts_with('/') && url.path.bytes().all(|byte| byte.is_ascii_graphic()), "{soup:?}");
                assert!(!url.authority().contains(char::is_whitespace), "{soup:?}");
            }
        }
    }
}
