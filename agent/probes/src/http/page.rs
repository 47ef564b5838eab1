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
